"""Grids: a whole division of the city, published as the plan in force from a day on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import areas, cells, city, plans
from gis.errors import ImportRefused
from gis.records import AreaNode, CellColumns, City, Division, Ints, Name, PlanInForce
from gis.rules import codes as code_rules
from gis.rules.coverage import united
from gis.rules.findings import ERROR, REPAIRED, Finding
from gis.rules.homes import NOWHERE, homes_by_overlap
from gis.rules.zones import project
from seed.importing.cells import communities_of_city, unions_by_parent
from seed.importing.incoming import Incoming
from seed.importing.request import Checked, Options, Tell
from seed.importing.units import (
    CHANGED_M2,
    Units,
    at_unit,
    clean_units,
    duplicate_findings,
    find_parents,
    fit_findings,
    given_code,
    place_of,
)


@dataclass(frozen=True)
class _Ground:
    """What the city holds that a division must fit: communities, cells if there are any, the plan in force."""

    city: City
    communities: list[AreaNode]
    cells: CellColumns
    plan: PlanInForce | None


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell, *, now: datetime) -> Checked:
    """Judge grids against each other, the communities and the cells."""
    ground = _Ground(city.get(conn), communities_of_city(conn), cells.every(conn), _newest(conn))
    since = _since(options, ground, now)
    labels = incoming.labels("code")
    tell("Cleaning the outlines", 0, len(labels))
    units = clean_units(
        incoming.geoms,
        rows=incoming.rows,
        labels=labels,
        metric_srid=ground.city.metric_srid,
        gap_max_m2=options.gap_max_m2,
    )
    tell("Matching communities", 0, len(labels))
    given = [code or "" for code in incoming.texts("code")]
    home, faults = find_parents(units, incoming.texts("community"), given, ground.communities)
    keeps, code_faults = _keeps(units, given, home, ground)
    findings = [*incoming.findings, *units.findings, *faults, *duplicate_findings(units, given), *code_faults]
    tell("Fitting the cells", 0, len(ground.cells.ids))
    division, fit_faults = _division(ground, units, incoming, home, keeps, options)
    findings += fit_faults
    name = options.plan_name or Name(f"{since:%Y}年网格方案", f"Grid plan {since:%Y}")
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=findings,
        counts={"grids": len(division.grid_shape), "cells": len(division.cell_shape)},
        write=lambda conn, by: _write(conn, ground, division, name, since, options.decision, by),
        shapes=units.shapes, labels=labels, rows=units.rows, changes=units.changes,
    )  # fmt: skip


def _newest(conn: Connection) -> PlanInForce | None:
    return next(iter(plans.list_plans(conn)), None)


def _since(options: Options, ground: _Ground, now: datetime) -> datetime:
    """The day from which the plan is in force: today for the first, otherwise tomorrow, at midnight of the city."""
    zone = ZoneInfo(ground.city.timezone)
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = options.since or (today if ground.plan is None else today + timedelta(days=1))
    if ground.plan is not None and since <= ground.plan.since:
        raise ImportRefused(
            f"The newest plan is in force from {ground.plan.since.astimezone(zone):%Y-%m-%d}; give a later day (`--since`).",
            field="since",
        )
    return since


def _keeps(units: Units, given: Sequence[str], home: Ints, ground: _Ground) -> tuple[list[str], list[Finding]]:
    """The code that each grid keeps; "" for one that has none or one that does not fit, which gets the next free."""
    scheme = ground.city.code_scheme
    keeps, findings = [], []
    for i, (code, at) in enumerate(zip(given, home.tolist(), strict=True)):
        fits = at != NOWHERE and code_rules.grid_code_fits(code, community=ground.communities[at].code, scheme=scheme)
        keeps.append(code if fits else "")
        if not fits:
            findings.append(given_code(units, i, code, "the next free one of its community"))
    return keeps, findings


def _division(
    ground: _Ground, units: Units, incoming: Incoming, home: Ints, keeps: Sequence[str], options: Options
) -> tuple[Division, list[Finding]]:
    use = np.flatnonzero(~shapely.is_missing(units.shapes) & (home != NOWHERE))
    if not len(ground.cells.ids):
        return _of_whole_grids(ground, units, incoming, home, keeps, use, options)
    return _of_cells(ground, units, incoming, home, keeps, use, options)


def _of_whole_grids(
    ground: _Ground, units: Units, incoming: Incoming, home: Ints, keeps: Sequence[str], use: Ints, options: Options
) -> tuple[Division, list[Finding]]:
    """Each grid is one cell; communities are drawn as their grids cover them."""
    parts, owner = shapely.get_parts(units.shapes[use], return_index=True)
    share = shapely.area(parts) / shapely.area(units.shapes[use])[owner]
    outlines = unions_by_parent(units.shapes, home, ground.communities)
    fits = fit_findings(ground.communities, outlines, metric_srid=ground.city.metric_srid, most=options.fit_max_fraction)
    division = Division(
        grid_shape=units.shapes[use],
        grid_community=_codes(ground.communities, home[use]),
        grid_unit_type=incoming.unit_types()[use],
        keeps_code=np.array(keeps, dtype=object)[use],
        cell_grid=owner,
        cell_shape=parts,
        cell_population=incoming.shared("population", use, owner, share),
        cell_households=incoming.shared("households", use, owner, share),
        cell_unit_type=incoming.unit_types()[use][owner],
        synthetic=False,
    )
    return division, list(fits)


def _of_cells(
    ground: _Ground, units: Units, incoming: Incoming, home: Ints, keeps: Sequence[str], use: Ints, options: Options
) -> tuple[Division, list[Finding]]:
    """Each cell goes to the grid of its community that has most of it; a grid is what its cells cover."""
    blocks = ground.cells
    place = {node.code: at for at, node in enumerate(ground.communities)}
    block_home = np.array([place[code] for code in blocks.community], dtype=np.int64)
    found = homes_by_overlap(blocks.shape, units.shapes[use], unit_group=block_home, parent_group=home[use])
    faults = list(_lost_cells(ground, blocks, found.home))
    held = np.unique(found.home[found.home != NOWHERE])
    faults += [
        at_unit(
            units, int(i), "no_cell", ERROR, f"{units.labels[i]}: it has most of no cell of its community; cells are never cut."
        )
        for i in np.delete(use, held)
    ]
    cell_grid = np.where(found.home == NOWHERE, 0, np.searchsorted(held, found.home))
    shapes = united(blocks.shape, cell_grid, max(len(held), 1))
    kept = use[held]
    faults += list(_moved(ground, units, kept, shapes[: len(kept)], options.fit_max_fraction))
    division = Division(
        grid_shape=shapes[: len(kept)],
        grid_community=_codes(ground.communities, home[kept]),
        grid_unit_type=incoming.unit_types()[kept],
        keeps_code=np.array(keeps, dtype=object)[kept],
        cell_grid=cell_grid,
        cell_shape=blocks.shape,
        cell_population=blocks.population,
        cell_households=blocks.households,
        cell_unit_type=blocks.unit_type,
        synthetic=False,
    )
    return division, faults


def _codes(communities: Sequence[AreaNode], home: Ints) -> Any:
    return np.array([communities[at].code for at in home.tolist()], dtype=object)


def _lost_cells(ground: _Ground, blocks: CellColumns, home: Ints) -> Iterator[Finding]:
    for i in np.flatnonzero(home == NOWHERE).tolist():
        message = f"No grid of community {blocks.community[i]} covers the cell {blocks.ids[i]}: a grid is missing there."
        yield Finding("lost_cell", ERROR, (), (blocks.community[i],), message, None, *place_of(blocks.shape[i]), blocks.shape[i])


def _moved(ground: _Ground, units: Units, kept: Ints, shapes: Any, most: float) -> Iterator[Finding]:
    """How much of each grid's ground changed hands because cells are not cut."""
    metric = ground.city.metric_srid
    moved = shapely.symmetric_difference(units.shapes[kept], shapes)
    moved_m2, whole_m2 = (shapely.area(project(part, to=metric)) for part in (moved, shapes))
    for i, m2, whole in zip(kept.tolist(), moved_m2.tolist(), whole_m2.tolist(), strict=True):
        if m2 < CHANGED_M2:
            continue
        severity = REPAIRED if m2 <= most * whole else ERROR
        advice = (
            "it will be drawn along them" if severity == REPAIRED else f"more than {most:.0%}: its border does not follow the cells"
        )
        message = (
            f"{units.labels[i]}: its border cuts cells, which are never cut: {m2:,.0f} m² change hands, {m2 / whole:.1%}; {advice}."
        )
        yield at_unit(units, i, "along_cells", severity, message, amount=m2)


def _write(
    conn: Connection, ground: _Ground, division: Division, name: Name, since: datetime, decision: str, by: str
) -> dict[str, int]:
    if not len(ground.cells.ids):
        communities = {node.code: at for at, node in enumerate(ground.communities)}
        home = np.array([communities[code] for code in division.grid_community], dtype=np.int64)
        areas.fit(conn, unions_by_parent(division.grid_shape, home, ground.communities), by=by)  # type: ignore[arg-type]
    plan, codes = plans.publish_division(conn, division, name=name, since=since, decision=decision, by=by)
    return {"plan": plan.id, "grids": len(codes), "cells": len(division.cell_shape)}
