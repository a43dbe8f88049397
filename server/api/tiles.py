"""Vector tiles."""

import time
from typing import cast

from flask import Blueprint, Flask, Response, current_app, request

from gis import tiles
from gis.records import DrawnLayers, Reach
from server import problems
from server.auth import reach
from server.database import reading
from server.tiles.cache import TileCache
from server.tiles.gate import DEFAULT_DAYS, TileGate
from server.tiles.packed import PackedTile

bp = Blueprint("tiles", __name__)


@bp.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
def draw(layer: str, z: int, x: int, y: int) -> Response:
    """One tile; 204 where nothing is drawn."""
    judged_at = time.monotonic()
    days = request.args.get("days", default=DEFAULT_DAYS, type=int)
    plan_id = request.args.get("plan", type=int)
    if days not in tiles.PERIODS_D:
        return problems.answer(422, f"days is one of {', '.join(map(str, tiles.PERIODS_D))}, not {days}.")
    if plan_id is None and "plan" in request.args:
        return problems.answer(422, "plan is the number of a published plan.")
    tiles.refuse_outside(layer, z=z, x=x, y=y)
    within = reach()
    place = (z, x, y)
    tile = _incidents(place, days=days, within=within) if layer == "incidents" else _steady(layer, place, plan_id=plan_id)
    _gate().admit(request.environ, within, judged_at=judged_at)
    status, headers, body = tile.answer(
        accepted=request.headers.get("Accept-Encoding"), known=request.headers.get("If-None-Match")
    )
    return Response(body, status, headers)


def _incidents(place: tuple[int, int, int], *, days: int, within: Reach) -> PackedTile:
    z, x, y = place
    # The version was read before the tile is drawn: what is kept under it may be newer, never older.
    key = ("incidents", (within, days), _layers(None).versions.get("incidents", ""), z, x, y)
    found = _cache().find(key)
    if found is None:
        with reading() as conn:
            found = PackedTile.of(tiles.draw_incidents(conn, z=z, x=x, y=y, days=days, reach=within))
        _cache().keep(key, found)
    return found


def _steady(layer: str, place: tuple[int, int, int], *, plan_id: int | None) -> PackedTile:
    layers = _layers(plan_id)
    shown = plan_id or layers.plan_id if layer in tiles.LAYERS_OF_PLANS else None
    found = _cache().find((layer, shown, layers.versions.get(layer, ""), *place))
    return found or _drawn(layer, place, plan_id=shown)


def _layers(plan_id: int | None) -> DrawnLayers:
    """The versions as of less than half a second ago; a plan that is asked for by its number must be a published one."""
    layers = _cache().layers()
    if layers is None or plan_id not in (None, layers.plan_id):
        looked_at = time.monotonic()
        with reading() as conn:
            layers = tiles.layers_now(conn)
            if plan_id is not None:
                tiles.refuse_unpublished(conn, plan_id)
        _cache().learn(layers, looked_at=looked_at)
    return layers


def _drawn(layer: str, place: tuple[int, int, int], *, plan_id: int | None) -> PackedTile:
    z, x, y = place
    with reading() as conn:
        drawn = tiles.draw(conn, layer, z=z, x=x, y=y, plan_id=plan_id)
    packed = PackedTile.of(drawn.data)
    _cache().keep((layer, plan_id, drawn.version, z, x, y), packed)
    return packed


def _cache() -> TileCache:
    return cast(TileCache, current_app.extensions["wangge-tiles"])


def _gate() -> TileGate:
    return cast(TileGate, current_app.extensions["wangge-tile-gate"])


def init_app(app: Flask) -> None:
    """Keep tiles below the server's folder, and put the short way to them before the application."""
    cache = TileCache(app.config["SETTINGS"].var_dir / "tiles")
    gate = TileGate(app.wsgi_app, cache, app.extensions["wangge-engine"])
    app.extensions |= {"wangge-tiles": cache, "wangge-tile-gate": gate}
    app.wsgi_app = gate  # type: ignore[method-assign]
