"""Vector tiles."""

from flask import Blueprint, Response, request

from gis import tiles
from server import problems
from server.auth import reach
from server.database import reading

bp = Blueprint("tiles", __name__)

MVT = "application/vnd.mapbox-vector-tile"
PERIODS = (7, 30, 365)
FRESH_S = {"incidents": 10, "facilities": 60}
STEADY_S = 60


@bp.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
def draw(layer: str, z: int, x: int, y: int) -> Response:
    """One tile; 204 where nothing is drawn."""
    days = request.args.get("days", default=30, type=int)
    if days not in PERIODS:
        return problems.answer(422, f"days is one of {', '.join(map(str, PERIODS))}, not {days}.")
    with reading() as conn:
        tile = tiles.draw(conn, layer, z=z, x=x, y=y, days=days, reach=reach())
    answered = Response(tile, 200 if tile else 204, content_type=MVT)
    answered.headers["Cache-Control"] = f"private, max-age={FRESH_S.get(layer, STEADY_S)}"
    return answered
