"""Counting coverage: from what was measured to cells, units, facilities and the sums that an audit states."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from gis.coverage_ground import Units
from gis.coverage_measuring import Measured
from gis.coverage_records import AuditRow
from gis.keeping import Keeper
from gis.records import Flags, Floats, Ints
from gis.rules import accessibility, cover, radius
from gis.rules.reach_findings import ReachFinding, finding
from gis.rules.reach_standards import limit_m, minutes_for, speed_kmh

K_SHOWN, COUNTED_KEPT = 3, 4
BAND_MINUTES, MOST_BANDS = 5.0, 6
PER_RESIDENTS = 1_000.0
"""Accessibility is places per thousand residents."""


@dataclass(frozen=True, eq=False)
class Counted:
    """What a question comes to. Columns of cells have the ground's order, those of facilities that of `measured.facilities`.

    `metres` (n,) to the nearest facility, infinite beyond the limit; `within` (n,) the facilities within it; `covered` (n,) from 0
    to 1; `accessibility` (n,) places per 1,000 residents, None where no facility's capacity is on record.
    """

    measured: Measured
    metres: Floats
    within: Ints
    covered: Floats
    nearest: Ints
    accessibility: Floats | None
    graded: Floats | None

    @cached_property
    def rows(self) -> list[AuditRow]:
        """Communities, grids, towns and districts in scope, by code."""
        return _rows(self)

    @cached_property
    def totals(self) -> dict[str, Any]:
        """The sums over the scope."""
        return _totals(self)

    @property
    def findings(self) -> tuple[ReachFinding, ...]:
        """What is odd about the question's facilities, places and network."""
        unknown = int(np.isnan(self.measured.facilities.capacity).sum())
        if self.accessibility is None or not unknown:
            return self.measured.findings
        return (*self.measured.findings, finding("capacity_unknown", count=unknown))

    @property
    def residents_within(self) -> Floats:
        """Residents in scope within the limit of each facility."""
        return cover.within_facility(self.measured.table, self._people)

    @property
    def residents_nearest(self) -> Floats:
        """Residents in scope whom each facility is the nearest of."""
        return cover.nearest_to_facility(self.nearest, self._people, n_facilities=len(self.measured.facilities))

    @property
    def _people(self) -> Ints:
        return np.where(self.measured.scope, self.measured.ground.population, 0)


_counted: Keeper[Counted] = Keeper(COUNTED_KEPT)


def count(measured: Measured) -> Counted:
    """Count what was measured; what was counted last is kept."""
    return _counted.get(measured, lambda: _count(measured))


def _count(measured: Measured) -> Counted:
    metres, nearest = cover.nearest(measured.table)
    within = cover.counts(measured.table)
    capacity, people = measured.facilities.capacity, measured.ground.population
    even = graded = None
    if not np.isnan(capacity).all():
        even = accessibility.two_step(measured.table, places=capacity, residents=people) * PER_RESIDENTS
        graded = PER_RESIDENTS * accessibility.graded_two_step(
            measured.table, places=capacity, residents=people, limit_m=measured.limit_m
        )
    covered = _ground_covered(measured) if measured.question.by_ground else (within >= measured.question.k).astype(np.float64)
    return Counted(measured, metres, within, covered, nearest, even, graded)


def _ground_covered(measured: Measured) -> Floats:
    question = measured.question
    radius_m = measured.limit_m / question.detour
    return radius.ground(measured.ground.shape_m, measured.facilities.point_m, radius_m=radius_m, k=question.k)


def bands_of(measured: Measured) -> list[tuple[float | None, float]]:
    """Every five minutes up to the limit where these come out even, else thirds of it: (minutes, metres)."""
    question, limit = measured.question, measured.limit_m
    if question.metres is not None or question.minutes is None:
        kmh = speed_kmh(question)
        by_walk = question.method == "walk"
        return [(minutes_for(limit * i / 3, kmh=kmh) if by_walk else None, limit * i / 3) for i in (1, 2, 3)]
    steps = question.minutes / BAND_MINUTES
    even = steps.is_integer() and steps <= MOST_BANDS
    ends = [BAND_MINUTES * i for i in range(1, int(steps) + 1)] if even else [question.minutes * i / 3 for i in (1, 2, 3)]
    return [(minutes, limit_m(replace(question, minutes=minutes))) for minutes in ends]


def _totals(counted: Counted) -> dict[str, Any]:
    measured = counted.measured
    scope, ground = measured.scope, measured.ground
    people, homes = ground.population[scope], ground.households[scope]
    share, metres, within = counted.covered[scope], counted.metres[scope], counted.within[scope]
    area = ground.area_m2[scope]
    reached = np.isfinite(metres)
    walkers = people[reached].sum()
    sums: dict[str, Any] = {
        **_pair("residents", int(people.sum()), float((people * share).sum())),
        **_pair("households", int(homes.sum()), float((homes * share).sum())),
        **_pair("area_m2", float(area.sum()), float((area * share).sum())),
        **_pair("cells", int(scope.sum()), int(cover.is_covered(share).sum())),
    }
    for plural, level in _PLURALS.items():
        mine = [row for row in counted.rows if row.level == level]
        sums |= _pair(plural, len(mine), sum(row.covered for row in mine))
    return sums | {
        "covered_fraction": float((people * share).sum() / people.sum()) if people.sum() else None,
        "mean_m": float((people[reached] * metres[reached]).sum() / walkers) if walkers else None,
        "k": [int(people[within >= k].sum()) for k in range(1, max(K_SHOWN, measured.question.k) + 1)],
        "bands": _bands(counted, people, metres),
        "accessibility": _accessibility(counted, people, scope),
        "facilities": len(measured.facilities),
    }


_PLURALS: Mapping[str, str] = {"communities": "community", "grids": "grid", "towns": "town"}


def _pair(name: str, whole: Any, covered: Any) -> dict[str, Any]:
    return {name: whole, f"covered_{name}": covered}


def _bands(counted: Counted, people: Ints, metres: Floats) -> list[dict[str, Any]]:
    """Residents by how far they have it; the last band, without metres, is of those beyond the limit."""
    told, before = [], -1.0
    for minutes, end in bands_of(counted.measured):
        mine = (metres > before) & (metres <= np.float32(end))
        told.append({"minutes": minutes, "metres": end, "residents": int(people[mine].sum())})
        before = float(np.float32(end))
    beyond = int(people[~(metres <= before)].sum())
    return [*told, {"minutes": None, "metres": None, "residents": beyond}]


def _accessibility(counted: Counted, people: Ints, scope: Flags) -> dict[str, Any] | None:
    """Places per 1,000 residents by both methods, the residents' mean, and how many have none at all."""
    if counted.accessibility is None or counted.graded is None:
        return None
    known = counted.measured.facilities.capacity
    weights = people if people.sum() else None
    return {
        "places": int(np.nansum(known)),
        "two_step": float(np.average(counted.accessibility[scope], weights=weights)),
        "graded": float(np.average(counted.graded[scope], weights=weights)),
        "residents_without": int(people[counted.accessibility[scope] <= 0].sum()),
    }


def _rows(counted: Counted) -> list[AuditRow]:
    measured = counted.measured
    ground, question = measured.ground, measured.question
    centre = np.split(cover.counts(measured.centres), np.cumsum([len(ground.communities), len(ground.grids)]))
    levels: Sequence[tuple[Units, Ints, Ints]] = (
        (ground.communities, ground.community, centre[0]), (ground.grids, ground.grid, centre[1]),
        (ground.towns, ground.town, centre[2]),
    )  # fmt: skip
    found: list[AuditRow] = []
    for units, home, within in levels:
        sums = _by_unit(counted, home, len(units))
        verdict = cover.units_covered(question.rule, sums, centre_within=within, k=question.k, share=question.share)
        found += _told(counted, units, home, sums, verdict)
    return found + _districts(counted, {row.code for row in found if row.level == "community" and not row.covered})


def _districts(counted: Counted, uncovered: Collection[str]) -> list[AuditRow]:
    """A district is covered when each of its communities is."""
    ground = counted.measured.ground
    units = ground.districts
    if not len(units):
        return []
    home = ground.district
    missed = home[np.isin(ground.communities.code.astype(str), list(uncovered))[ground.community] & counted.measured.scope]
    verdict = np.ones(len(units), np.bool_)
    verdict[missed[missed >= 0]] = False
    return _told(counted, units, home, _by_unit(counted, home, len(units)), verdict)


def _by_unit(counted: Counted, home: Ints, n_units: int) -> cover.UnitCover:
    ground = counted.measured.ground
    cells = cover.CellCover(ground.population, ground.households, ground.area_m2, counted.covered, counted.metres)
    return cover.by_unit(cells, np.where(counted.measured.scope, home, -1), n_units=n_units)


def _told(counted: Counted, units: Units, home: Ints, sums: cover.UnitCover, verdict: Flags) -> list[AuditRow]:
    access = _access_by_unit(counted, home, len(units))
    amounts = ("residents", "households", "area_m2", "cells")
    columns = {name: getattr(sums, name).tolist() for amount in amounts for name in (amount, f"covered_{amount}")}
    mean_m, covered = sums.mean_m.tolist(), verdict.tolist()
    return [
        AuditRow(
            level=units.level, code=units.code[i], name=units.name[i], parent_code=units.parent[i] or None, covered=covered[i],
            mean_m=None if np.isnan(mean_m[i]) else mean_m[i], accessibility=None if access is None else access[i],
            **{name: column[i] for name, column in columns.items()},
        )
        for i in np.flatnonzero(sums.cells).tolist()
    ]  # fmt: skip


def _access_by_unit(counted: Counted, home: Ints, n_units: int) -> list[float] | None:
    """Places per 1,000 residents, the mean of a unit's residents, of its cells where nobody lives."""
    if counted.accessibility is None:
        return None
    mine = np.where(counted.measured.scope, home, -1)
    inside = mine >= 0
    people = counted.measured.ground.population[inside].astype(np.float64)
    living = cover.sums(mine[inside], people, count=n_units)
    weight = np.where(living[mine[inside]] > 0, people, 1.0)
    whole = cover.sums(mine[inside], weight, count=n_units)
    total = cover.sums(mine[inside], weight * counted.accessibility[inside], count=n_units)
    mean: list[float] = np.divide(total, whole, out=np.zeros(n_units), where=whole > 0).tolist()
    return mean
