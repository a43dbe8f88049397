"""Vector tiles of the city's layers."""

from collections.abc import Callable

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import Reach
from gis.rules.coverage import band_of_zoom
from gis.store import tiles as store

LAYERS = ("areas", "grids", "facilities", "incidents")
GREATEST_ZOOM = 22
FACILITIES_FROM_ZOOM = 13


def draw(conn: Connection, layer: str, *, z: int, x: int, y: int, days: int, reach: Reach) -> bytes:
    """One tile as a Mapbox vector tile, b"" where nothing is drawn; incidents of the reach only.

    Raises NotFound outside the pyramid.
    """
    if layer not in LAYERS or not 0 <= z <= GREATEST_ZOOM or not (0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(f"There is no tile {layer}/{z}/{x}/{y}; layers: {', '.join(LAYERS)}.")
    drawn: dict[str, Callable[[], bytes]] = {
        "areas": lambda: store.areas(conn, z=z, x=x, y=y, band=band_of_zoom(z)),
        "grids": lambda: store.grids(conn, z=z, x=x, y=y, band=band_of_zoom(z)),
        "facilities": lambda: store.facilities(conn, z=z, x=x, y=y) if z >= FACILITIES_FROM_ZOOM else b"",
        "incidents": lambda: store.incidents(conn, z=z, x=x, y=y, days=days, reach=reach),
    }
    return drawn[layer]()
