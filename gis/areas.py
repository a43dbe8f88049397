"""The administrative tree: founded from a list, described node by node."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.errors import DivisionInvalid, NoCity, NotFound
from gis.records import AreaNode, AreaRow, City, Floats, Name, Reach, Shapes, Unit
from gis.rules.coverage import BAND_TOLERANCE_M, coverage_faults, generalise, nesting_faults, united
from gis.rules.zones import project
from gis.store import areas as store
from gis.store import city, journal, plans, shapes
from gis.store.tables import WEB_MERCATOR

DRAWN_LEVELS = ("district", "town", "community")


def found(conn: Connection, rows: Sequence[AreaRow], *, by: str) -> dict[str, int]:
    """Found the tree of areas, parents listed before children; returns id by code.

    Raises DivisionInvalid when the areas of a level overlap, leave gaps, or do not fill their parents.
    """
    held = _city(conn)
    geoms = shapes.as_multi(np.array([row.geom for row in rows], dtype=object))
    in_metres = project(geoms, to=held.metric_srid)
    areas_m2 = shapely.area(in_metres)
    faults = _tree_faults(rows, geoms, areas_m2)
    if faults:
        raise DivisionInvalid(f"The areas break {len(faults)} rules; the first: {faults[0]}", findings=faults)
    ids = store.save(conn, rows, geoms=geoms, areas_m2=areas_m2)
    for level in dict.fromkeys(row.level for row in rows):
        members = [i for i, row in enumerate(rows) if row.level == level]
        _draw(conn, level, [ids[rows[i].code] for i in members], in_metres[members], metric_srid=held.metric_srid)
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


def _city(conn: Connection) -> City:
    held = city.get(conn)
    if held is None:
        raise NoCity("Found the city before its areas.")
    return held


def _draw(conn: Connection, level: str, ids: Sequence[int], in_metres: Shapes, *, metric_srid: int) -> None:
    if level not in DRAWN_LEVELS:
        return
    plans.remove_map_shapes(conn, level)
    for band in range(len(BAND_TOLERANCE_M) + 1):
        drawn = project(generalise(in_metres, band=band), to=WEB_MERCATOR, source=metric_srid)
        plans.save_map_shapes(conn, level, band=band, ref_ids=ids, geoms=drawn)


def refine(conn: Connection, rows: Sequence[AreaRow], *, by: str) -> dict[str, int]:
    """Divide every area of the finest level into the areas listed, all of one level; returns their ids by code.

    The finer border counts: the areas above are drawn anew as what their parts cover together, up to the city. Raises
    DivisionInvalid when the parts overlap, leave gaps, or leave an area without a part.
    """
    held = _city(conn)
    geoms = shapes.as_multi(np.array([row.geom for row in rows], dtype=object))
    faults = coverage_faults(geoms, names=[row.code for row in rows], kind=rows[0].level)
    divided = {row.parent_code for row in rows}
    finest = [node for node in tree(conn) if node.level == _finest(conn)]
    faults += [f"{node.level} {node.code}: none of the parts lies in it" for node in finest if node.code not in divided]
    if faults:
        raise DivisionInvalid(f"The areas break {len(faults)} rules; the first: {faults[0]}", findings=faults)
    in_metres = project(geoms, to=held.metric_srid)
    ids = store.save(conn, rows, geoms=geoms, areas_m2=shapely.area(in_metres), parents={node.code: node for node in finest})
    _draw(conn, rows[0].level, list(ids.values()), in_metres, metric_srid=held.metric_srid)
    parents, index = np.unique([str(row.parent_code) for row in rows], return_inverse=True)
    fit(conn, dict(zip(parents.tolist(), united(geoms, index, len(parents)), strict=True)), by=by)
    journal.append(conn, "areas.refined", subject=rows[0].level, actor=by, areas=len(rows))
    return ids


def fit(conn: Connection, outlines: dict[str, Any], *, by: str) -> None:
    """Draw every area of one level as given (code → multipolygon), and all above as what their parts cover together."""
    held = _city(conn)
    nodes = {node.code: node for node in tree(conn)}
    while outlines:
        own = [nodes[code] for code in outlines]
        geoms = shapes.as_multi(np.array(list(outlines.values()), dtype=object))
        in_metres = project(geoms, to=held.metric_srid)
        store.redraw(conn, [node.id for node in own], geoms=geoms, areas_m2=shapely.area(in_metres))
        _draw(conn, own[0].level, [node.id for node in own], in_metres, metric_srid=held.metric_srid)
        above = [str(node.parent_code) for node in own if node.parent_code]
        parents, index = np.unique(above, return_inverse=True)
        outlines = dict(zip(parents.tolist(), united(geoms, index, len(parents)), strict=True)) if above else {}
    journal.append(conn, "areas.fitted", subject="areas", actor=by)


def state_population(conn: Connection, official: Mapping[str, int], *, by: str) -> int:
    """Set the official residents of areas by their codes; returns how many areas were found."""
    found = store.state_population(conn, official)
    journal.append(conn, "areas.counted", subject="areas", actor=by, areas=found)
    return found


def tree(conn: Connection) -> list[AreaNode]:
    """Every area as it stands, parents before children."""
    return store.nodes(conn)


def _finest(conn: Connection) -> str:
    return store.nodes(conn)[-1].level


def describe(conn: Connection, code: str, *, at: datetime | None = None) -> dict[str, Any]:
    """One area with its sums and the areas and grids right under it, at a moment, now if None. Raises NotFound."""
    area = store.describe(conn, code, at=at)
    if area is None:
        raise NotFound(f"There is no area with the code {code}.")
    return area | {"children": store.children(conn, area["id"], at=at) + store.grids(conn, area["id"], at=at)}


def choices(conn: Connection, reach: Reach) -> list[Unit]:
    """What somebody may choose among: the towns of her part, and then her part as a whole."""
    code = reach.area_path.rpartition(".")[2]
    own = store.describe(conn, code)
    if own is None:
        raise NotFound(f"There is no area with the code {code}.")
    towns = [unit for unit in store.inside(conn, reach.area_path, "town") if unit.code != code]
    return [*towns, Unit(code, Name(own["name_zh"], own["name_en"]))]


def labels(conn: Connection, level: str, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """Name and label point of every area of a level, or of every grid in force at a moment, now if None."""
    return plans.labels(conn, at=at) if level == "grid" else store.labels(conn, level)
