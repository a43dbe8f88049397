"""A search for sites from end to end: measured, laid out as candidates and residents, solved, and told in figures."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from gis.coverage_changing import come_to
from gis.coverage_ground import in_metres
from gis.coverage_measuring import MOST_PAIRS, MOST_PAIRS_SEARCHED, Measured, measure, table_of
from gis.coverage_records import FacilityChange, ReachQuestion, SitingWish
from gis.errors import NothingToReach
from gis.records import Floats, Ints
from gis.rules import cover, radius, walking
from gis.rules.reach_standards import LEG_AT_MOST_M
from gis.rules.siting import Placed, glance, place
from gis.rules.siting_candidates import from_cells, spread
from gis.rules.siting_ground import Candidates, Demand
from gis.rules.siting_solver import Progress, Stop, Watch
from gis.rules.siting_wishes import means_of
from gis.rules.siting_words import in_one

BY_WALK: Final = ("least_walking", "fairest")
WIDER, SPARE = 3.0, 1.25
"""Ways are searched up to so many limits, and so much farther than somebody has it at the very least."""
TRIES: Final = 4


@dataclass(frozen=True)
class Ground:
    """A wish laid out: `spot` (c, 2) in degrees and `spot_m` in metres are the candidates, `cell` (c,) the cells they lie in."""

    measured: Measured
    wish: SitingWish
    spot: Floats
    spot_m: Floats
    cell: Ints
    candidates: Candidates
    demand: Demand
    keeps: bool


def search(
    conn: Connection, question: ReachQuestion, wish: SitingWish, *, folder: Path,
    glimpsed: Callable[[dict[str, Any]], None] | None, tell: Progress | None, stop: Stop | None,
) -> tuple[dict[str, Any], bool]:  # fmt: skip
    """The outcome of a search, and whether it was stopped before its end. Raises BadQuestion, NoNetwork, SearchStopped."""
    measured, keeps = _measured(conn, question, keep=wish.keep, folder=folder, stop=stop)
    laid = _laid_out(measured, wish, keeps=keeps)
    means = means_of(wish, len(laid.spot))
    if glimpsed is not None and wish.aim == "most":
        glimpsed(_told(laid, glance(laid.candidates, laid.demand, means)))
    watch = Watch(wish.seconds)
    watch = replace(watch, stop=stop or watch.stop, tell=tell or watch.tell)
    placed = _placed(laid, watch=watch)
    return _told(laid, placed), watch.stopped


def _measured(
    conn: Connection, question: ReachQuestion, *, keep: bool, folder: Path, stop: Stop | None
) -> tuple[Measured, bool]:
    """The question measured, and whether its facilities stay. Where there are none yet, the first ones are looked for."""
    try:
        return measure(conn, question, folder=folder, stop=stop), keep
    except NothingToReach:
        anything = replace(question, kinds=(), services=(), levels=(), floor_area_m2=None, open_at=None)
        return measure(conn, anything, folder=folder, stop=stop), False


def _laid_out(measured: Measured, wish: SitingWish, *, keeps: bool) -> Ground:
    ground = measured.ground
    residents = np.where(measured.scope, ground.population, 0)
    demand = Demand.of(residents, within=cover.counts(measured.table) if keeps else None, k=measured.question.k)
    if wish.aim in BY_WALK:
        demand = replace(demand, kept_m=_kept_m(measured) if keeps else demand.kept_m)
    if wish.candidates == "cells":
        cell = _from_cells(measured, wish, demand)
        spot, spot_m = ground.point[cell], ground.point_m[cell]
    else:
        spot = np.asarray(wish.candidates, np.float64).reshape(-1, 2)
        spot_m, cell = in_metres(spot, srid=ground.metric_srid), ground.cell_at(spot)
    table = table_of(measured, spot_m)
    return Ground(measured, wish, spot, spot_m, cell, Candidates(table, means_of(wish, len(spot)).cost), demand, keeps)


def _from_cells(measured: Measured, wish: SitingWish, demand: Demand) -> Ints:
    points_m = measured.ground.point_m
    if wish.aim in BY_WALK:
        far = np.where(np.isfinite(demand.kept_m), demand.kept_m, measured.limit_m * WIDER)
        return spread(points_m, np.asarray(demand.residents * far, np.float64), most=wish.most_candidates)
    lacking = _some(measured, np.flatnonzero(demand.lacking))
    return from_cells(points_m, lacking, table_of(measured, points_m[lacking]), demand.residents, most=wish.most_candidates)


def _some(measured: Measured, lacking: Ints) -> Ints:
    """Cells that lack a facility; every so manieth where a limit is so long that their ways to each other have no room."""
    points_m = measured.ground.point_m
    pairs = radius.pairs_about(points_m[lacking], points_m, limit_m=measured.limit_m)
    return lacking[:: max(1, -(-pairs // MOST_PAIRS))]


def _kept_m(measured: Measured, *, spots_m: Floats | None = None) -> Floats:
    """Metres from each cell to the nearest facility, or to the nearest of other places, however far."""
    ground = measured.ground
    if measured.network is None or measured.cells is None:
        points_m = measured.facilities.point_m if spots_m is None else spots_m
        return radius.nearest(points_m, ground.point_m, detour=measured.question.detour)[0]
    sources = measured.sources if spots_m is None else walking.snap(measured.network, spots_m, reach_m=LEG_AT_MOST_M)
    assert sources is not None, "who walks starts from a street"
    return walking.nearest(measured.network, sources, measured.cells)[0]


def _placed(laid: Ground, *, watch: Watch) -> Placed:
    """The answer; ways are searched farther and farther until nobody's is cut off."""
    means = means_of(laid.wish, len(laid.spot))
    if laid.wish.aim not in BY_WALK or not len(laid.spot):
        return place(laid.wish.aim, laid.candidates, laid.demand, means, watch=watch)
    nearest = np.minimum(laid.demand.kept_m, _kept_m(laid.measured, spots_m=laid.spot_m))
    counted = (laid.demand.residents > 0) & np.isfinite(nearest)
    beyond_m = max(WIDER * laid.measured.limit_m, SPARE * float(nearest[counted].max(initial=0.0)))
    for attempt in range(TRIES):
        table = table_of(replace(laid.measured, limit_m=beyond_m), laid.spot_m)
        wide = Candidates(table, laid.candidates.cost)
        placed = place(laid.wish.aim, laid.candidates, laid.demand, means, wide=wide, beyond_m=beyond_m, watch=watch)
        if not _is_cut_off(placed) or watch.is_over() or attempt + 1 == TRIES or 4 * len(table.cell) > MOST_PAIRS_SEARCHED:
            break
        beyond_m *= 2
    return placed


def _is_cut_off(placed: Placed) -> bool:
    return not np.isfinite(placed.value) or any(note.code == "far_from_all" for note in placed.notes)


def _told(laid: Ground, placed: Placed) -> dict[str, Any]:
    """An answer in the form that the record and the API use; what is not finite is not known or cannot be had."""
    ground = laid.measured.ground
    return {
        "sites": [
            {
                "order": number, "lon": float(laid.spot[at, 0]), "lat": float(laid.spot[at, 1]),
                "cell_id": int(ground.cell_id[laid.cell[at]]), "cost": float(laid.candidates.cost[at]),
                "gained_residents": int(gained), "candidate": at,
            }
            for number, (at, gained) in enumerate(zip(placed.chosen.tolist(), placed.gained.tolist(), strict=True), 1)
        ],
        "value": _finite(placed.value), "bound": _finite(placed.bound), "gap": _finite(placed.gap), "unit": placed.unit,
        "proven": placed.proven, "solver": placed.solver, "seconds": placed.seconds, "candidates": len(laid.spot),
        "limit_m": laid.measured.limit_m, **_before_and_after(laid, placed),
        "note": in_one(placed.notes), "notes": [note.as_dict() for note in placed.notes],
        "findings": [finding.as_dict() for finding in laid.measured.findings],
    }  # fmt: skip


def _before_and_after(laid: Ground, placed: Placed) -> dict[str, Any]:
    """Who is covered without and with the sites. Where what is there does not stay, before is nobody."""
    chosen = placed.chosen
    if laid.keeps:
        opened = [
            FacilityChange("open", -number, float(laid.spot[at, 0]), float(laid.spot[at, 1]), laid.wish.capacity)
            for number, at in enumerate(chosen.tolist(), 1)
        ]
        found = come_to(laid.measured, opened)
        return {"before": found.before, "after": found.after}
    table, residents = laid.candidates.table, laid.demand.residents
    within = np.zeros(len(residents), np.int64)
    for at in chosen.tolist():
        within[table.cell[table.first[at] : table.first[at + 1]]] += 1
    return {
        "before": _covered(residents, within * 0, k=laid.measured.question.k),
        "after": _covered(residents, within, k=laid.measured.question.k),
    }


def _covered(residents: Ints, within: Ints, *, k: int) -> dict[str, Any]:
    total, covered = int(residents.sum()), int(residents[within >= k].sum())
    return {"residents": total, "covered_residents": covered, "covered_fraction": covered / total if total else None}


def _finite(amount: float) -> float | None:
    return float(amount) if np.isfinite(amount) else None
