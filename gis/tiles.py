"""Vector tiles of the city's layers."""

from sqlalchemy import Connection, Engine

from gis.errors import NotFound
from gis.records import DrawnLayers, DrawnTile, Reach
from gis.rules.coverage import band_of_zoom
from gis.store import incident_tiles
from gis.store import tiles as store
from gis.store.drawing import DrawingConnection, DrawingPool

STEADY_LAYERS = ("areas", "grids", "cells", "facilities")
LAYERS_OF_PLANS = ("grids", "cells")  # another for every plan
LAYERS = (*STEADY_LAYERS, "incidents")
GREATEST_ZOOM = 22
FROM_ZOOM = {"grids": 8, "cells": 9, "facilities": 13}
PERIODS_D = incident_tiles.PERIODS_D
Draws = Connection | DrawingConnection


def drawing_pool(engine: Engine) -> DrawingPool:
    """Connections for drawing tiles and nothing else, where an engine leads; they open when the first tile is drawn."""
    return DrawingPool(engine)


def layers_now(conn: Draws) -> DrawnLayers:
    """The plan in force and the version of every layer."""
    return store.layers_now(conn)


def is_place(*, z: int, x: int, y: int) -> bool:
    """Whether there is such a tile in the pyramid."""
    return 0 <= z <= GREATEST_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def refuse_outside(layer: str, *, z: int, x: int, y: int) -> None:
    """Raise NotFound for a layer that there is not, or a place outside the pyramid."""
    if layer not in LAYERS or not is_place(z=z, x=x, y=y):
        raise NotFound(f"There is no tile {layer}/{z}/{x}/{y}; layers: {', '.join(LAYERS)}.")


def refuse_unpublished(conn: Connection, plan_id: int) -> None:
    """Raise NotFound for a plan that is not, was not and will not be in force."""
    if not store.is_published(conn, plan_id):
        raise NotFound(f"There is no published plan {plan_id}.")


def draw(conn: Draws, layer: str, *, z: int, x: int, y: int, plan_id: int | None) -> DrawnTile:
    """One tile of a steady layer, with the version that it shows; grids and cells are those of a plan."""
    if z < FROM_ZOOM.get(layer, 0) or (layer == "grids" and plan_id is None):
        return DrawnTile(b"", store.layers_now(conn).versions.get(layer, ""))
    if layer == "areas":
        return store.areas(conn, z=z, x=x, y=y, band=band_of_zoom(z))
    if layer == "grids":
        assert plan_id is not None
        return store.grids(conn, z=z, x=x, y=y, band=band_of_zoom(z), plan_id=plan_id)
    if layer == "cells":
        return store.cells(conn, z=z, x=x, y=y, plan_id=plan_id)
    return store.facilities(conn, z=z, x=x, y=y)


def draw_incidents(conn: Draws, *, z: int, x: int, y: int, days: int, reach: Reach) -> bytes:
    """One tile of the incidents of a reach in a period of `PERIODS_D`; b"" where there are none."""
    return incident_tiles.draw(conn, z=z, x=x, y=y, days=days, reach=reach)


def fold_counts(conn: Connection) -> None:
    """Take what changed into the counts of incidents, and put the marks of changed layers together."""
    incident_tiles.fold_counts(conn)
    store.fold_marks(conn)
