"""The short way to tiles: answered without the application, to those whom it has just admitted.

A tile that was drawn before is taken from the cache; one that was not is drawn here, for the part of the city that the application
found with the account. The gate judges nobody. A request passes it only with the very cookie and token that the application
admitted to the tiles less than two seconds ago, by the table of rights; whoever is unknown, closed, logged out or refused comes
before the application, and after two seconds everybody does again. Whatever the gate cannot answer goes to the application too: an
address that is not plainly a tile, an error of the database. So every refusal and every
problem is worded in one place.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import psycopg2
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from gis import tiles
from gis.records import DrawnLayers, DrawnTile, Reach
from server.tiles.cache import Key, Of, TileCache
from server.tiles.packed import PackedTile

log = logging.getLogger(__name__)

ADMITTED_FOR_S = 2.0
MOST_ADMITTED = 10_000
DEFAULT_DAYS = 30
RESTS_FOR_S = 1.0  # after an error of the database, until the gate draws again
_PATH = re.compile(r"/tiles/([a-z]+)/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})\.mvt", re.ASCII)
_STATUS = {code: f"{code} {HTTPStatus(code).phrase}" for code in (200, 204, 304)}
_PERIODS = {f"days={days}": days for days in tiles.PERIODS_D} | {"": DEFAULT_DAYS}
_ALWAYS = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin")]

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
Credential = tuple[str | None, str | None]
Answer = TypeVar("Answer")


class TileGate:
    """WSGI middleware before the application."""

    def __init__(self, application: Application, cache: TileCache, engine: Engine) -> None:
        """`application` answers whatever the gate does not; tiles are drawn where `engine` leads."""
        self._application = application
        self._cache = cache
        self._drawing = tiles.drawing_pool(engine)
        self._rests_until = 0.0
        self._admitted: dict[Credential, tuple[float, Reach]] = {}

    def admit(self, environ: Environ, reach: Reach, *, judged_at: float) -> None:
        """Remember whom the application admitted to the tiles at a moment of the monotonic clock, and to which part of the city."""
        if len(self._admitted) >= MOST_ADMITTED:
            self._admitted.clear()
        self._admitted[_credential(environ)] = (judged_at + ADMITTED_FOR_S, reach)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer from the cache or by drawing, or let the request through."""
        key = self._asked(environ) if environ["PATH_INFO"].startswith("/tiles/") else None
        tile = None if key is None else self._cache.find(key) or self._drawn(key)
        if tile is None:
            return self._application(environ, start_response)
        status, headers, body = tile.answer(
            accepted=environ.get("HTTP_ACCEPT_ENCODING"), known=environ.get("HTTP_IF_NONE_MATCH")
        )
        start_response(_STATUS[status], headers + _ALWAYS)
        return [body]

    def _asked(self, environ: Environ) -> Key | None:
        """The tile that a request of somebody admitted asks for, or None when the application must look at it."""
        until, reach = self._admitted.get(_credential(environ), (0.0, None))
        address = _PATH.fullmatch(environ["PATH_INFO"])
        if environ["REQUEST_METHOD"] != "GET" or address is None or reach is None or time.monotonic() > until:
            return None
        layer, z, x, y = address[1], int(address[2]), int(address[3]), int(address[4])
        layers = self._cache.layers() or self._looked()
        if layers is None or layer not in layers.versions or not tiles.is_place(z=z, x=x, y=y):
            return None
        days = _PERIODS.get(environ.get("QUERY_STRING", ""))
        if days is None or (layer != "incidents" and environ.get("QUERY_STRING")):
            return None
        of_plan: dict[str, Of] = dict.fromkeys(tiles.LAYERS_OF_PLANS, layers.plan_id)
        which = (of_plan | {"incidents": (reach, days)}).get(layer)
        return layer, which, layers.versions[layer], z, x, y

    def _looked(self) -> DrawnLayers | None:
        """Plan in force and versions as of now."""
        looked_at = time.monotonic()
        layers = self._ask(tiles.layers_now)
        if layers is not None:
            self._cache.learn(layers, looked_at=looked_at)
        return layers

    def _drawn(self, key: Key) -> PackedTile | None:
        """Draw a tile and keep it under the version that it shows."""
        found = self._ask(lambda conn: _draw(conn, key))
        if found is None:
            return None
        layer, which, _, z, x, y = key
        packed = PackedTile.of(found.data)
        self._cache.keep((layer, which, found.version, z, x, y), packed)
        return packed

    def _ask(self, question: Callable[[tiles.Draws], Answer]) -> Answer | None:
        """The database's answer, or None when it gives none: the application then meets the same error, and says it."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            with self._drawing.lent() as conn:
                return question(conn)
        except (psycopg2.Error, SQLAlchemyError) as error:
            log.warning("the application answers instead of the gate: %s", error)
            self._rests_until = time.monotonic() + RESTS_FOR_S
            return None


def _draw(conn: tiles.Draws, key: Key) -> DrawnTile:
    layer, which, version, z, x, y = key
    if isinstance(which, tuple):
        reach, days = which
        # The version was read before the tile is drawn: what is kept under it may be newer, never older.
        return DrawnTile(tiles.draw_incidents(conn, z=z, x=x, y=y, days=days, reach=reach), version)
    return tiles.draw(conn, layer, z=z, x=x, y=y, plan_id=which)


def _credential(environ: Environ) -> Credential:
    return environ.get("HTTP_COOKIE"), environ.get("HTTP_AUTHORIZATION")
