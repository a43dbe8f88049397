"""What a search for sites is laid out on: candidates with their costs, residents with what they lack, and cells counted together.

Cells that the same candidates reach are one group: 44,000 cells are some 4,500 groups, and the answer is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.records import Flags, Floats, Ints
from gis.rules.walking_network import ReachTable

_SEED = 41_900_358
"""Of the marks by which sets of candidates are told apart: two sets with the same two 64-bit marks are the same set."""


@dataclass(frozen=True)
class Candidates:
    """c places where something could be built: who would reach each within the limit, and what each costs."""

    table: ReachTable
    cost: Floats

    def __len__(self) -> int:
        return len(self.cost)

    def of_pairs(self) -> Ints:
        """The candidate of every pair of the table."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.table.first))


@dataclass(frozen=True)
class Demand:
    """n cells. `residents` (n,) whole numbers, 0 where nobody counts; `need` (n,) how many more places must be within the limit
    before they are covered, 0 if they are; `kept_m` (n,) metres to the nearest facility that stays, inf without one."""

    residents: Ints
    need: Ints
    kept_m: Floats

    @classmethod
    def of(cls, residents: Ints, *, within: Ints | None = None, k: int = 1, kept_m: Floats | None = None) -> Demand:
        """Residents that `k` places must reach, of which `within` are there already."""
        n = len(residents)
        there = np.zeros(n, np.int64) if within is None else within
        far = np.full(n, np.inf) if kept_m is None else kept_m
        return cls(np.asarray(residents, np.int64), np.maximum(k - there, 0), np.asarray(far, np.float64))

    @property
    def lacking(self) -> Flags:
        """The cells where somebody lives who is not covered."""
        return (self.residents > 0) & (self.need > 0)

    @property
    def covered_residents(self) -> int:
        """Residents that what stays covers already."""
        return int(self.residents[self.need == 0].sum())


@dataclass(frozen=True)
class Groups:
    """g groups of cells that the same candidates reach, and that need as many.

    Candidates of group i are `place[first[i]:first[i + 1]]`, ascending; `of_cell` (n,) is -1 for cells without a group: nobody
    lives there, they are covered, or (`hopeless`) fewer candidates reach them than they need.
    """

    first: Ints
    place: Ints
    residents: Ints
    need: Ints
    of_cell: Ints
    hopeless: Ints

    def __len__(self) -> int:
        return len(self.residents)

    def by_place(self, places: int) -> tuple[Ints, Ints]:
        """The same turned round: the groups that each candidate reaches, as (first, group)."""
        group = np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.first))
        order = np.argsort(self.place, kind="stable")
        return ends_of(np.bincount(self.place, minlength=places)), group[order]


def grouped(candidates: Candidates, demand: Demand) -> Groups:
    """The cells that lack something, those that the same candidates reach taken together."""
    table = candidates.table
    counted = demand.lacking[table.cell]
    cell, place = table.cell[counted].astype(np.int64), candidates.of_pairs()[counted]
    order = np.argsort(cell, kind="stable")
    cell, place = cell[order], place[order]
    reached = np.bincount(cell, minlength=table.n_cells)
    enough = demand.lacking & (reached >= demand.need)
    kept = enough[cell]
    hopeless = np.flatnonzero(demand.lacking & ~enough)
    return _together(np.flatnonzero(enough), reached[enough], place[kept], demand, hopeless=hopeless, places=len(candidates))


def _together(cells: Ints, reached: Ints, place: Ints, demand: Demand, *, hopeless: Ints, places: int) -> Groups:
    first = ends_of(reached)
    group, example = _alike(first, place, demand.need[cells], places=places)
    of_cell = np.full(len(demand.residents), -1, np.int64)
    of_cell[cells] = group
    sizes = reached[example]
    starts = np.repeat(first[example] - ends_of(sizes)[:-1], sizes)
    residents = np.bincount(group, demand.residents[cells], len(example)).round().astype(np.int64)
    taken = place[np.arange(int(sizes.sum())) + starts]
    return Groups(ends_of(sizes), taken, residents, demand.need[cells][example], of_cell, hopeless)


def _alike(first: Ints, place: Ints, need: Ints, *, places: int) -> tuple[Ints, Ints]:
    """The group of each cell, and one cell of each group."""
    if not len(need):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    marks = np.random.default_rng(_SEED).integers(0, 2**64, (2, places), np.uint64)
    one, other = (np.add.reduceat(mark[place], first[:-1]) for mark in marks)
    order = np.lexsort((need, other, one))
    same = (np.diff(one[order]) == 0) & (np.diff(other[order]) == 0) & (np.diff(need[order]) == 0)
    group = np.empty(len(need), np.int64)
    group[order] = np.concatenate([[0], np.cumsum(~same)])
    return group, order[np.concatenate([[True], ~same])]


def ends_of(sizes: Ints) -> Ints:
    """Where each of several stretches, laid one behind the other, begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


@dataclass(frozen=True)
class Means:
    """What there is to build with: at most so many sites, so much money; `room` (c,) residents that each candidate can take."""

    cost: Floats
    sites: int | None = None
    budget: float | None = None
    room: Floats | None = None

    @property
    def places(self) -> int:
        """Number of candidates."""
        return len(self.cost)


@dataclass(frozen=True)
class Answer:
    """The chosen candidates, what they come to, and what none can be better than. `proven`: the two are the same."""

    chosen: Ints
    value: float
    bound: float
    proven: bool
