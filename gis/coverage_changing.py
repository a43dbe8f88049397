"""What changes of facilities would come to: the same question, with some opened, moved, closed or given other capacities.

The question is measured once and kept; of a change only the places that changed are searched anew, and only the cells that are
gained or lost are counted again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gis.coverage_ground import Units, in_metres
from gis.coverage_measuring import Measured, reached_of
from gis.coverage_records import FacilityChange
from gis.errors import BadQuestion
from gis.keeping import Keeper
from gis.records import Flags, Floats, Ints, Name
from gis.rules import cover, what_if
from gis.rules.facility_changes import Stand, faults, rebuilt
from gis.rules.reach_findings import finding
from gis.rules.reach_standards import LEG_AT_MOST_M
from gis.rules.walking_network import Small

BASELINES_KEPT, PLACES_KEPT, ONE_BY_ONE = 12, 256, 20
LEVELS = ("communities", "grids")


@dataclass(frozen=True, eq=False)
class Baseline:
    """How a measured question stands: cells, sums by community and by grid, and how many reach the centre of each unit."""

    standing: what_if.Standing
    households: Ints
    area_m2: Floats
    units: dict[str, cover.UnitCover]
    centres: Ints


@dataclass(frozen=True, eq=False)
class Changed:
    """What changes come to, in the form that the API and the record use."""

    before: dict[str, Any]
    after: dict[str, Any]
    gained: Ints
    lost: Ints
    gained_residents: int
    lost_residents: int
    communities: list[dict[str, Any]]
    findings: list[dict[str, Any]]

    def outcome(self) -> dict[str, Any]:
        """All but the cells."""
        names = ("before", "after", "gained_residents", "lost_residents", "communities", "findings")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, eq=False)
class Spot:
    """The cells that would reach a place, and the centres of units; `is_off`: no street is near it."""

    cells: Small
    centres: Small
    is_off: bool


_baselines: Keeper[Baseline] = Keeper(BASELINES_KEPT)
_places: Keeper[Spot] = Keeper(PLACES_KEPT)


def changed(measured: Measured, changes: Sequence[FacilityChange]) -> Changed:
    """What these changes, one after the other, come to. Raises BadQuestion, naming each field at fault."""
    check(measured, changes)
    return come_to(measured, changes)


def come_to(measured: Measured, changes: Sequence[FacilityChange]) -> Changed:
    """The same of changes that are known to be possible, however many."""
    held = _baselines.get(measured, lambda: _baseline(measured))
    stands = rebuilt(changes)
    spots = _spots(measured, stands)
    parts = _parts(measured, stands, spots)
    k = measured.question.k
    difference = _in_scope(what_if.change(held.standing, [part for part, _ in parts], k=k), measured.scope)
    centres = held.centres.copy()
    for part, at in parts:
        centres[at] += part.sign
    units = {level: _recounted(held, measured, level, difference) for level in LEVELS}
    new = sum(stand.place is not None for stand in stands if stand.facility < 0)
    closed = sum(stand.place is None and not stand.stays for stand in stands if stand.facility > 0)
    return Changed(
        before=_totals(measured, held.units, held.standing, held.centres, facilities=len(measured.facilities)),
        after=_totals(measured, units, difference.after, centres, facilities=len(measured.facilities) + new - closed)
        | _better(held.standing, difference.after),
        gained=measured.ground.cell_id[difference.gained], lost=measured.ground.cell_id[difference.lost],
        gained_residents=difference.residents_of(difference.gained), lost_residents=difference.residents_of(difference.lost),
        communities=_communities(measured, held, units["communities"], centres),
        findings=_findings(measured, spots),
    )  # fmt: skip


def check(measured: Measured, changes: Sequence[FacilityChange]) -> None:
    """Refuse changes that cannot be. Raises BadQuestion, naming each field at fault."""
    wrong = faults(changes, known=set(measured.facilities.id.tolist()))
    placed = [(i, each) for i, each in enumerate(changes) if each.lon is not None and each.lat is not None]
    if placed and not wrong:
        points = np.array([(each.lon, each.lat) for _, each in placed], np.float64)
        outside = measured.ground.cell_at(points) < 0
        wrong = [
            {"field": f"changes.{i}.lon", "message": f"{each.lon:g}, {each.lat:g} lies outside the city."}
            for (i, each), away in zip(placed, outside, strict=True)
            if away
        ]
    if wrong:
        raise BadQuestion(" ".join(f"{each['field']}: {each['message']}" for each in wrong), errors=wrong)


def _baseline(measured: Measured) -> Baseline:
    ground, scope = measured.ground, measured.scope
    residents = np.where(scope, ground.population, 0)
    standing = what_if.standing(measured.table, residents, ground.population, measured.facilities.capacity)
    metres, _ = cover.nearest(measured.table)
    covered = (standing.within >= measured.question.k).astype(np.float64)
    cells = cover.CellCover(ground.population, ground.households, ground.area_m2, covered, metres)
    units = {
        level: cover.by_unit(cells, np.where(scope, _home(measured, level), -1), n_units=len(_units(measured, level)))
        for level in LEVELS
    }
    return Baseline(standing, ground.households, ground.area_m2, units, cover.counts(measured.centres))


def _home(measured: Measured, level: str) -> Ints:
    return measured.ground.community if level == "communities" else measured.ground.grid


def _units(measured: Measured, level: str) -> Units:
    return measured.ground.communities if level == "communities" else measured.ground.grids


def _spots(measured: Measured, stands: Sequence[Stand]) -> dict[int, Spot]:
    """Who would reach the facilities that are new or moved: a few one by one, kept while others are dragged, many at once."""
    places = {stand.facility: stand.place for stand in stands if stand.place is not None}
    if len(places) <= ONE_BY_ONE:
        return {
            facility: _places.get((measured, place), lambda place=place: _searched(measured, [place])[0])  # type: ignore[misc]
            for facility, place in places.items()
        }
    return dict(zip(places, _searched(measured, list(places.values())), strict=True))


def _searched(measured: Measured, places: Sequence[tuple[float, float]]) -> list[Spot]:
    found = reached_of(measured, in_metres(np.array(places, np.float64), srid=measured.ground.metric_srid))
    cells, centres = (np.split(table.cell, table.first[1:-1]) for table in (found.table, found.centres))
    off = np.zeros(len(places), np.bool_) if found.sources is None else found.sources.edge < 0
    return [Spot(*spot) for spot in zip(cells, centres, off.tolist(), strict=True)]


def _parts(measured: Measured, stands: Sequence[Stand], spots: Mapping[int, Spot]) -> list[tuple[what_if.Change, Small]]:
    """What goes and what comes, each with the centres of units that it reaches."""
    parts = []
    for stand in stands:
        old, new = _old(measured, stand.facility), spots.get(stand.facility)
        capacity = np.nan
        if old is not None:
            spot, capacity = old
            parts.append((what_if.Change(spot.cells, capacity, -1), spot.centres))
            new = spot if stand.stays else new
        if new is not None:
            capacity = capacity if stand.capacity is None else float(stand.capacity)
            parts.append((what_if.Change(new.cells, capacity, 1), new.centres))
    return parts


def _old(measured: Measured, facility: int) -> tuple[Spot, float] | None:
    """Who reaches a facility as it stands, and its capacity; None for one that a change opens."""
    if facility < 0:
        return None
    at = int(np.searchsorted(measured.facilities.id, facility))
    cells, centres = (table.cell[table.first[at] : table.first[at + 1]] for table in (measured.table, measured.centres))
    return Spot(cells, centres, False), float(measured.facilities.capacity[at])


def _in_scope(difference: what_if.Difference, scope: Flags) -> what_if.Difference:
    """Only the cells whose residents count."""
    gained, lost = (cells[scope[cells]] for cells in (difference.gained, difference.lost))
    return replace(difference, gained=gained, lost=lost)


def _recounted(held: Baseline, measured: Measured, level: str, difference: what_if.Difference) -> cover.UnitCover:
    """The sums of a level with the cells that are gained and lost counted anew."""
    was, home = held.units[level], _home(measured, level)
    turned = np.concatenate([difference.gained, difference.lost])
    sign = np.concatenate([np.ones(len(difference.gained)), -np.ones(len(difference.lost))])

    def more(amount: Ints | Floats) -> Floats:
        return cover.sums(home[turned], sign * amount[turned], count=len(was.cells))

    return replace(
        was,
        covered_residents=was.covered_residents + more(held.standing.residents),
        covered_households=was.covered_households + more(held.households),
        covered_area_m2=was.covered_area_m2 + more(held.area_m2),
        covered_cells=was.covered_cells + more(np.ones(len(home))).astype(np.int64),
    )


def _totals(
    measured: Measured, units: dict[str, cover.UnitCover], standing: what_if.Standing, centres: Ints, *, facilities: int
) -> dict[str, Any]:
    whole = units["communities"]
    sums: dict[str, Any] = {"facilities": facilities}
    for name in ("residents", "households", "area_m2", "cells"):
        sums |= {name: _plain(getattr(whole, name).sum()), f"covered_{name}": _plain(getattr(whole, f"covered_{name}").sum())}
    sums["covered_fraction"] = sums["covered_residents"] / sums["residents"] if sums["residents"] else None
    for level in LEVELS:
        there = units[level].cells > 0
        sums |= {level: int(there.sum()), f"covered_{level}": int(_verdicts(measured, level, units[level], centres)[there].sum())}
    return sums | {"places_per_1000": what_if.mean_places(standing)}


def _verdicts(measured: Measured, level: str, units: cover.UnitCover, centres: Ints) -> Any:
    n = len(measured.ground.communities)
    within = centres[:n] if level == "communities" else centres[n : n + len(measured.ground.grids)]
    question = measured.question
    return cover.units_covered(question.rule, units, centre_within=within, k=question.k, share=question.share)


def _plain(amount: Any) -> int | float:
    return int(amount) if float(amount).is_integer() else float(amount)


def _better(before: what_if.Standing, after: what_if.Standing) -> dict[str, int]:
    better, worse = what_if.better_and_worse(before, after)
    return {"residents_with_more_places": better, "residents_with_fewer_places": worse}


def _communities(measured: Measured, held: Baseline, after: cover.UnitCover, centres: Ints) -> list[dict[str, Any]]:
    """The communities where something changes, before and after."""
    was = held.units["communities"]
    verdicts = (_verdicts(measured, "communities", was, held.centres), _verdicts(measured, "communities", after, centres))
    turned = (was.covered_cells != after.covered_cells) | (was.covered_residents != after.covered_residents)
    units = measured.ground.communities
    return [
        {"code": units.code[i], "name": units.name[i].as_dict(), **{
            when: _stands(sums, i, covered=bool(verdict[i]))
            for when, sums, verdict in (("before", was, verdicts[0]), ("after", after, verdicts[1]))
        }}
        for i in np.flatnonzero((turned | (verdicts[0] != verdicts[1])) & (was.cells > 0)).tolist()
    ]  # fmt: skip


def _stands(sums: cover.UnitCover, at: int, *, covered: bool) -> dict[str, Any]:
    residents, reached = int(sums.residents[at]), _plain(sums.covered_residents[at])
    fraction = reached / residents if residents else None
    return {"residents": residents, "covered_residents": reached, "covered_fraction": fraction, "covered": covered}


def _findings(measured: Measured, spots: Mapping[int, Spot]) -> list[dict[str, Any]]:
    """Places of the changes from which no street is near, and that ground is not cut here."""
    found = [finding("counted_by_points").as_dict()] if measured.question.by_ground else []
    far = tuple(facility for facility, spot in spots.items() if spot.is_off)
    if not far:
        return found
    names = Name("、".join(map(str, far)), ", ".join(map(str, far)))
    return [*found, finding("far_from_streets", names=names, ids=far, count=len(far), metres=int(LEG_AT_MOST_M)).as_dict()]
