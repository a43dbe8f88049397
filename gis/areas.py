"""The administrative tree: founded from a list, described node by node."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.errors import DivisionInvalid, NoCity, NotFound
from gis.records import AreaRow, Floats, Shapes
from gis.rules.coverage import BAND_TOLERANCE_M, coverage_faults, generalise, nesting_faults
from gis.store import areas as store
from gis.store import city, journal, plans, shapes
from gis.store.tables import WEB_MERCATOR

DRAWN_LEVELS = ("district", "town", "community")


def found(conn: Connection, rows: Sequence[AreaRow], *, by: str) -> dict[str, int]:
    """Found the tree of areas, parents listed before children; returns id by code.

    Raises DivisionInvalid when the areas of a level overlap, leave gaps, or do not fill their parents.
    """
    held = city.get(conn)
    if held is None:
        raise NoCity("Found the city before its areas.")
    geoms = shapes.as_multi(np.array([row.geom for row in rows], dtype=object))
    in_metres = shapes.project(geoms, to=held.metric_srid)
    areas_m2 = shapely.area(in_metres)
    faults = _tree_faults(rows, geoms, areas_m2)
    if faults:
        raise DivisionInvalid(f"The areas break {len(faults)} rules; the first: {faults[0]}", findings=faults)
    ids = store.save(conn, rows, geoms=geoms, areas_m2=areas_m2)
    _draw(conn, rows, in_metres, ids, metric_srid=held.metric_srid)
    journal.append(conn, "areas.founded", subject=rows[0].code, actor=by, areas=len(rows))
    return ids


def _tree_faults(rows: Sequence[AreaRow], geoms: Shapes, areas_m2: Floats) -> list[str]:
    position = {row.code: i for i, row in enumerate(rows)}
    orphans = [
        f"area {row.code}: its parent {row.parent_code} is not listed before it"
        for i, row in enumerate(rows) if row.parent_code and position.get(row.parent_code, i) >= i
    ]
    if orphans:
        return orphans
    faults = []
    for level in dict.fromkeys(row.level for row in rows):
        members = [i for i, row in enumerate(rows) if row.level == level]
        faults += coverage_faults(geoms[members], names=[rows[i].code for i in members], kind=level)
    return faults + _filling_faults(rows, position, areas_m2)


def _filling_faults(rows: Sequence[AreaRow], position: dict[str, int], areas_m2: Floats) -> list[str]:
    child = np.array([i for i, row in enumerate(rows) if row.parent_code], dtype=np.int64)
    parent = np.array([position[rows[i].parent_code or ""] for i in child], dtype=np.int64)
    parents, index = np.unique(parent, return_inverse=True)
    return nesting_faults(areas_m2[child], index, areas_m2[parents], names=[rows[i].code for i in parents], kind="area")


def _draw(conn: Connection, rows: Sequence[AreaRow], in_metres: Shapes, ids: dict[str, int], *, metric_srid: int) -> None:
    for level in DRAWN_LEVELS:
        members = [i for i, row in enumerate(rows) if row.level == level]
        if not members:
            continue
        for band in range(len(BAND_TOLERANCE_M) + 1):
            drawn = shapes.project(generalise(in_metres[members], band=band), to=WEB_MERCATOR, source=metric_srid)
            plans.save_map_shapes(conn, level, band=band, ref_ids=[ids[rows[i].code] for i in members], geoms=drawn)


def describe(conn: Connection, code: str) -> dict[str, Any]:
    """One area with its sums and the areas and grids right under it. Raises NotFound."""
    area = store.describe(conn, code)
    if area is None:
        raise NotFound(f"There is no area with the code {code}.")
    return area | {"children": store.children(conn, area["id"]) + store.grids(conn, area["id"])}


def labels(conn: Connection, level: str) -> list[dict[str, Any]]:
    """Name and label point of every area of a level, or of every grid in force."""
    return plans.labels(conn) if level == "grid" else store.labels(conn, level)
