"""The short way for tiles that were drawn before: answered without the application, to those whom it has just admitted.

The gate judges nobody. A request passes it only with the very cookie and token that the application admitted to the tiles less than
two seconds ago, by the table of rights; whoever is unknown, closed, logged out or refused comes before the application, and after
two seconds everybody does again.
"""

import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from gis.records import Reach
from gis.tiles import PERIODS_D
from server.tiles.cache import Of, TileCache
from server.tiles.packed import PackedTile

ADMITTED_FOR_S = 2.0
MOST_ADMITTED = 10_000
DEFAULT_DAYS = 30
_PATH = re.compile(r"/tiles/([a-z]+)/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})\.mvt", re.ASCII)
_STATUS = {code: f"{code} {HTTPStatus(code).phrase}" for code in (200, 204, 304)}
_PERIODS = {f"days={days}": days for days in PERIODS_D} | {"": DEFAULT_DAYS}
_ALWAYS = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin")]

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
Credential = tuple[str | None, str | None]


class TileGate:
    """WSGI middleware before the application."""

    def __init__(self, application: Application, cache: TileCache) -> None:
        """`application` answers whatever the cache cannot."""
        self._application = application
        self._cache = cache
        self._admitted: dict[Credential, tuple[float, Reach]] = {}

    def admit(self, environ: Environ, reach: Reach) -> None:
        """Remember whom the application has just admitted to the tiles, and to which part of the city."""
        if len(self._admitted) >= MOST_ADMITTED:
            self._admitted.clear()
        self._admitted[_credential(environ)] = (time.monotonic() + ADMITTED_FOR_S, reach)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer from the cache, or let the request through."""
        tile = self._find(environ) if environ["PATH_INFO"].startswith("/tiles/") else None
        if tile is None:
            return self._application(environ, start_response)
        status, headers, body = tile.answer(
            accepted=environ.get("HTTP_ACCEPT_ENCODING"), known=environ.get("HTTP_IF_NONE_MATCH")
        )
        start_response(_STATUS[status], headers + _ALWAYS)
        return [body]

    def _find(self, environ: Environ) -> PackedTile | None:
        until, reach = self._admitted.get(_credential(environ), (0.0, None))
        place = _PATH.fullmatch(environ["PATH_INFO"])
        if environ["REQUEST_METHOD"] != "GET" or place is None or reach is None or time.monotonic() > until:
            return None
        layer, asked, layers = place[1], environ.get("QUERY_STRING", ""), self._cache.layers()
        if layers is None or layer not in layers.versions:
            return None
        which: Of = None
        if layer == "incidents":
            which = (reach, _PERIODS.get(asked, 0))
        elif asked:
            return None
        elif layer == "grids":
            which = layers.plan_id
        return self._cache.find((layer, which, layers.versions[layer], int(place[2]), int(place[3]), int(place[4])), on_disk=False)


def _credential(environ: Environ) -> Credential:
    return environ.get("HTTP_COOKIE"), environ.get("HTTP_AUTHORIZATION")
