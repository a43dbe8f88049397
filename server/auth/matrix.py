"""The table of rights as a page: every route and method against every role.

    python -m server.auth.matrix > docs/reference/rights.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flask import Flask

from server.auth.rights import PUBLIC, RIGHTS, Over, Right

ROLES: Final = ("administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer")
HEAD: Final = """# Rights

Made from the one table that every request is held against (`server/auth/rights.py`), by `python -m server.auth.matrix`; a test
keeps it true. A route that the table does not know is closed to everybody.

- **any**: the whole answer. Borders, facilities and sums are held back from nobody who is logged in.
- **own**: cut to the account's own part of the city: its area and all under it, and for a department its own matters.
- **city**: only for accounts that have the whole city.
- **open**: without log-in too. –: refused.

With a temporary password nothing opens but `/me`, the change of the password, the log-out and the public pages.

"""


@dataclass(frozen=True)
class Route:
    """A path with one method, and who may."""

    path: str
    method: str
    endpoint: str
    right: Right

    def cell(self, role: str | None) -> str:
        """What a role meets, in a word; None is somebody who is not logged in."""
        if self.right is PUBLIC:
            return "open"
        return self.right.over.value if role in self.right.roles else "–"


def routes(app: Flask) -> list[Route]:
    """Every route and method of the application, by path; one that the table does not know is closed."""
    found = [
        Route(rule.rule.replace("<int:", "<").replace("<path:", "<"), method, rule.endpoint, _right(rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda route: (route.path, route.method))


def _right(endpoint: str) -> Right:
    return RIGHTS.get(endpoint, Right(frozenset(), Over.ANY))


def size(app: Flask) -> str:
    """How large the matrix is, in a sentence."""
    count = len(routes(app))
    return f"{count} routes × {len(ROLES)} roles + logged out = {count * (len(ROLES) + 1)} cells"


def page(app: Flask) -> str:
    """The whole page in Markdown."""
    return HEAD + "\n".join(_lines(app)) + "\n"


def _lines(app: Flask) -> Iterator[str]:
    yield f"{size(app)}.\n"
    yield f"| route | {' | '.join(ROLES)} | logged out |"
    yield "| --- |" + " --- |" * (len(ROLES) + 1)
    for route in routes(app):
        cells = " | ".join(route.cell(role) for role in (*ROLES, None))
        yield f"| {route.method} `{route.path}` | {cells} |"


if __name__ == "__main__":
    from server.app import create_app
    from server.config import Settings

    # No question is put to the database: the routes are in the code.
    print(page(create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing"))), end="")
