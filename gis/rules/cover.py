"""Who is covered: from the table of who reaches what to residents, households, ground and units.

Every figure counts cells: the residents of a cell live at its point. Where circles cut the ground of cells, a cell counts by the
share of its ground inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gis.coverage_records import Rule
from gis.records import Flags, Floats, Ints
from gis.rules.walking_network import ReachTable

ROUNDING: Final = 1e-9


def sums(group: NDArray[np.integer[Any]], amount: Floats | Ints | Flags, *, count: int) -> Floats:
    """Sum of an amount by group 0 to `count` - 1."""
    return np.asarray(np.bincount(group, weights=amount, minlength=count), np.float64)


def facility_of_pair(table: ReachTable) -> Ints:
    """Which facility each pair of a table belongs to."""
    return np.repeat(np.arange(len(table.first) - 1), np.diff(table.first))


def counts(table: ReachTable, *, limit_m: float = np.inf) -> Ints:
    """How many facilities each cell reaches within the limit (that of the table if none is given)."""
    cells = table.cell if np.isinf(limit_m) else table.cell[table.metres <= np.float32(limit_m)]
    return np.bincount(cells, minlength=table.n_cells)


def nearest(table: ReachTable) -> tuple[Floats, Ints]:
    """Metres from each cell to the nearest facility that it reaches, and which that is; infinite and -1 where it reaches none.

    Of facilities as near the first.
    """
    metres = np.full(table.n_cells, np.inf, np.float32)
    np.minimum.at(metres, table.cell, table.metres)
    shortest = np.flatnonzero(table.metres == metres[table.cell])[::-1]
    facility = np.full(table.n_cells, -1)
    facility[table.cell[shortest]] = facility_of_pair(table)[shortest]
    return metres.astype(np.float64), facility


def within_facility(table: ReachTable, amount: Floats | Ints) -> Floats:
    """Sum of an amount of cells (residents, say) within the limit of each facility."""
    return sums(facility_of_pair(table), amount[table.cell], count=len(table.first) - 1)


def nearest_to_facility(facility: Ints, amount: Floats | Ints, *, n_facilities: int) -> Floats:
    """Sum of an amount of the cells that each facility is the nearest of; `facility` as `nearest` gives it."""
    served = facility >= 0
    return sums(facility[served], amount[served], count=n_facilities)


@dataclass(frozen=True)
class CellCover:
    """What is known of n cells: amounts, `covered` (n,) from 0 to 1, and `metres` to the nearest facility (infinite: none)."""

    residents: Ints
    households: Ints
    area_m2: Floats
    covered: Floats
    metres: Floats


@dataclass(frozen=True)
class UnitCover:
    """The same summed over u units. `mean_m` is the mean of the residents who reach a facility; NaN where nobody does."""

    residents: Ints
    covered_residents: Floats
    households: Ints
    covered_households: Floats
    area_m2: Floats
    covered_area_m2: Floats
    cells: Ints
    covered_cells: Ints
    mean_m: Floats


def by_unit(cells: CellCover, unit: Ints, *, n_units: int) -> UnitCover:
    """Sums over units; `unit` (n,) is the position of each cell's own, -1 for a cell that is out of scope."""
    inside = unit >= 0
    home = unit[inside]

    def summed(amount: Floats | Ints | Flags) -> Floats:
        return sums(home, amount[inside], count=n_units)

    reach = np.isfinite(cells.metres)
    walkers = np.where(reach, cells.residents, 0)
    with np.errstate(invalid="ignore"):
        mean_m = summed(walkers * np.where(reach, cells.metres, 0.0)) / summed(walkers)
    return UnitCover(
        _whole(summed(cells.residents)), summed(cells.residents * cells.covered),
        _whole(summed(cells.households)), summed(cells.households * cells.covered),
        summed(cells.area_m2), summed(cells.area_m2 * cells.covered),
        np.bincount(home, minlength=n_units), _whole(summed(is_covered(cells.covered))), mean_m,
    )  # fmt: skip


def is_covered(covered: Floats) -> Flags:
    """Whether cells are covered wholly."""
    return covered >= 1.0 - ROUNDING


def units_covered(rule: Rule, cover: UnitCover, *, centre_within: Ints, k: int = 1, share: float = 1.0) -> Flags:
    """Whether each unit is covered, by the rule that the audit names.

    "centre": its label point reaches `k` facilities (`centre_within` (u,) counts them). "everyone": all residents are covered, or
    all cells of a unit where nobody lives. "share": at least that share of its residents is; of cells where nobody lives.
    """
    if rule == "centre":
        return centre_within >= k
    asked = 1.0 if rule == "everyone" else share
    lived_in = cover.residents > 0
    part = np.where(lived_in, cover.covered_residents, cover.covered_cells)
    whole = np.where(lived_in, cover.residents, cover.cells)
    return (whole > 0) & (part >= asked * whole - ROUNDING * whole)


def _whole(amount: Floats) -> Ints:
    return amount.round().astype(np.int64)
