"""The one table of rights: which roles may reach which endpoint. A route that is not listed is closed to everybody."""

from typing import Final

Roles = frozenset[str]

PUBLIC: Final[Roles] = frozenset({"public"})
EVERYBODY: Final[Roles] = frozenset({"administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer"})
REPORTERS: Final[Roles] = EVERYBODY - {"viewer", "auditor"}

RIGHTS: Final[dict[str, Roles]] = {
    "static": PUBLIC,
    "health.alive": PUBLIC,
    "health.ready": PUBLIC,
    "pages.login": PUBLIC,
    "pages.log_out": EVERYBODY,
    "pages.language": PUBLIC,
    "pages.overview": EVERYBODY,
    "pages.api_docs": PUBLIC,
    "openapi_document": PUBLIC,
    "city.describe": EVERYBODY,
    "city.plans": EVERYBODY,
    "areas.describe": EVERYBODY,
    "areas.labels": EVERYBODY,
    "grids.describe": EVERYBODY,
    "facilities.describe": EVERYBODY,
    "facilities.kinds": EVERYBODY,
    "figures.measure": EVERYBODY,
    "search.find": EVERYBODY,
    "locate.points": EVERYBODY,
    "locate.file": EVERYBODY,
    "incidents.report": REPORTERS,
    "incidents.read": EVERYBODY,
    "incidents.matters": EVERYBODY,
    "tiles.draw": EVERYBODY,
}
