"""Views that people save of a page and take up again: filters under a name, for nobody but themselves."""

from typing import Any, Final

from sqlalchemy import Connection

from gis.errors import BadQuery, NotFound
from gis.store import views as store

NAME_LIMIT: Final = 60
VIEWS_AT_MOST: Final = 40


def saved(conn: Connection, account_id: int, *, page: str) -> list[dict[str, Any]]:
    """The views that somebody saved of a page, by name."""
    return store.of_page(conn, account_id, page=page)


def save(conn: Connection, account_id: int, *, page: str, name: str, settings: dict[str, Any]) -> int:
    """Save a view under a name; one of the same name is replaced. Returns its id. Raises BadQuery."""
    if store.count(conn, account_id, page=page, but=name) >= VIEWS_AT_MOST:
        raise BadQuery(f"At most {VIEWS_AT_MOST} views are kept of a page. Remove one first.", field="name")
    return store.save(conn, account_id, page=page, name=name, settings=settings)


def remove(conn: Connection, account_id: int, view_id: int) -> None:
    """Drop one of one's own views. Raises NotFound."""
    if not store.remove(conn, account_id, view_id):
        raise NotFound(f"You have no saved view with the id {view_id}.")
