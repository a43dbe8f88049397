"""Plans: a whole division of the city, published from a moment on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.errors import DivisionInvalid, NoCity, NotFound
from gis.records import City, Division, Floats, Ints, Name, PlanInForce, Reach, Shapes
from gis.rules import codes as code_rules
from gis.rules.coverage import (
    BAND_TOLERANCE_M,
    communities_of,
    coverage_faults,
    generalise,
    membership_faults,
    named_sums,
    nesting_faults,
)
from gis.rules.zones import project
from gis.store import cells, incidents, journal, staff
from gis.store import city as cities
from gis.store import plans as store
from gis.store.reach import holds_area
from gis.store.tables import WEB_MERCATOR


def publish_division(
    conn: Connection, division: Division, *, name: Name, since: datetime, decision: str, by: str
) -> tuple[PlanInForce, list[str]]:
    """Publish a division of the whole city from `since` on; returns the plan and the code of each grid.

    The plan in force until then is superseded, and the lineage of every changed grid is written by its cells. The
    first division also founds the cells, unless the city has some; any other must be made of the cells there are, in their order.
    Raises DivisionInvalid when the division breaks a rule (findings ride along).
    """
    city = _city(conn)
    store.lock_publishing(conn)
    before = store.in_force(conn, since)
    grid_m, cell_m = (project(part, to=city.metric_srid) for part in (division.grid_shape, division.cell_shape))
    known_cells = cells.ids(conn) or None
    _refuse_faults(division, shapely.area(grid_m), shapely.area(cell_m), known_cells=known_cells)
    if before is not None:
        store.supersede(conn, before.id, at=since)
    codes = _number(conn, division, grid_m, scheme=city.code_scheme)
    plan_id = store.save_plan(conn, name=name, since=since, parent_id=before.id if before else None, decision=decision)
    _save(conn, division, plan_id=plan_id, codes=codes, since=since, grid_m=grid_m, cell_m=cell_m, known_cells=known_cells)
    _draw(conn, plan_id, grid_m, metric_srid=city.metric_srid)
    if before is not None:
        store.trace_lineage(conn, plan_id=plan_id, parent_id=before.id)
        store.end_postings(conn, plan_id, at=since)
    journal.append(conn, "plan.published", subject=str(plan_id), actor=by, grids=len(codes), since=since.isoformat())
    return PlanInForce(plan_id, 1, name, since, None), codes


def _city(conn: Connection) -> City:
    city = cities.get(conn)
    if city is None:
        raise NoCity("Found the city before its plans.")
    return city


def _refuse_faults(division: Division, grid_m2: Floats, cell_m2: Floats, *, known_cells: Sequence[int] | None) -> None:
    faults = division_faults(division, grid_m2=grid_m2, cell_m2=cell_m2)
    if known_cells is None:
        faults += coverage_faults(division.cell_shape, names=[str(i) for i in range(len(cell_m2))], kind="cell")
    elif len(known_cells) != len(cell_m2):
        faults.append(f"the division has {len(cell_m2)} cells, the city {len(known_cells)}")
    if faults:
        raise DivisionInvalid(f"The division breaks {len(faults)} rules; the first: {faults[0]}", findings=faults)


def division_faults(division: Division, *, grid_m2: Floats, cell_m2: Floats) -> list[str]:
    """Every grid that breaks a rule; areas in square metres of the city's zone."""
    names = [f"{i} of community {code}" for i, code in enumerate(division.grid_community)]
    members = membership_faults(division.cell_grid, len(names))
    if members:
        return members
    return [
        *coverage_faults(division.grid_shape, names=names, kind="grid"),
        *nesting_faults(cell_m2, division.cell_grid, grid_m2, names=names, kind="grid"),
    ]


def _number(conn: Connection, division: Division, grid_m: Shapes, *, scheme: str) -> list[str]:
    ever = store.codes_ever(conn)
    centre = shapely.get_coordinates(shapely.centroid(grid_m))
    communities, home = communities_of(division.grid_community)
    codes = [""] * len(home)
    by_home = np.split(np.argsort(home, kind="stable"), np.cumsum(np.bincount(home))[:-1])
    for community, members in zip(communities, by_home, strict=True):
        order = code_rules.reading_order(*centre[members].T)
        keeps = [division.keeps_code[i] for i in members]
        for i, code in zip(
            members, code_rules.number_grids(community, keeps=keeps, order=order, ever=ever, scheme=scheme), strict=True
        ):
            codes[i] = code
    return codes


def _save(
    conn: Connection,
    division: Division,
    *,
    plan_id: int,
    codes: Sequence[str],
    since: datetime,
    grid_m: Shapes,
    cell_m: Shapes,
    known_cells: Sequence[int] | None,
) -> None:
    known = store.codes_ever(conn)
    ids = store.save_grids(conn, [code for code in codes if code not in known])
    grid_ids = np.array([ids[code] for code in codes], dtype=np.int64)
    sums = _sums(division, len(codes))
    store.save_versions(conn, division, plan_id=plan_id, since=since, grid_ids=grid_ids, areas_m2=shapely.area(grid_m), sums=sums)
    made_of = known_cells if known_cells is not None else cells.save_of(conn, division, areas_m2=shapely.area(cell_m))
    store.assign_cells(conn, plan_id=plan_id, cells=made_of, grid_ids=grid_ids[division.cell_grid].tolist())


def _sums(division: Division, grids: int) -> list[Ints]:
    ones = np.ones_like(division.cell_population)
    return named_sums(division.cell_grid, grids, division.cell_population, division.cell_households, ones)


def _draw(conn: Connection, plan_id: int, grid_m: Shapes, *, metric_srid: int) -> None:
    versions = store.versions_written(conn, plan_id)
    for band in range(len(BAND_TOLERANCE_M) + 1):
        drawn = project(generalise(grid_m, band=band), to=WEB_MERCATOR, source=metric_srid)
        store.save_grid_shapes(conn, plan_id, band=band, versions=versions, geoms=drawn)


def describe_grid(
    conn: Connection, code: str, *, reach: Reach, at: datetime | None = None, incidents_shown: int = 10
) -> dict[str, Any]:
    """One grid in force at a moment, now if None: its facts, origin and, inside the reach, officers and latest incidents.

    Raises NotFound.
    """
    grid = store.describe_grid(conn, code, at=at)
    if grid is None:
        raise NotFound(f"There is no grid with the code {code} in the plan {'in force' if at is None else 'of that moment'}.")
    within = holds_area(reach, grid["path"])
    recent = incidents.latest_in_grid(conn, grid["id"], reach=reach, limit=incidents_shown, until=at) if within else []
    return grid | {
        "within_reach": within,
        "officers": staff.of_grid(conn, grid["id"], at=at) if within else [],
        "recent_incidents": recent,
        "predecessors": store.predecessors(conn, grid["id"], at=at),
    }


def list_plans(conn: Connection) -> list[PlanInForce]:
    """Every plan that is or was in force, newest first."""
    return store.published(conn)
