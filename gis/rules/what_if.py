"""What a change of facilities comes to: who gains, who loses. Only what changed is counted anew.

Each facility stands for itself, in the counts of who reaches how many as in the places per resident (two-step floating catchment
areas, Luo and Wang 2003): a moved one is taken away where it was and added where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.records import Floats, Ints
from gis.rules.accessibility import two_step
from gis.rules.cover import counts
from gis.rules.walking_network import ReachTable, Small

NOTHING = 1e-12
"""Places per resident: a smaller difference is rounding."""


@dataclass(frozen=True)
class Standing:
    """How n cells stand: `within` (n,) facilities reach each, `places` (n,) are there per resident (of known capacities).

    `residents` (n,) are those who count, `people` (n,) those who share the places, whether they count or not.
    """

    residents: Ints
    people: Ints
    within: Ints
    places: Floats


@dataclass(frozen=True)
class Change:
    """A facility that comes, goes or gets another capacity: who would reach it, and residents that it takes (NaN: unknown).

    `sign` is 1 for what is added, -1 for what is taken away.
    """

    cell: Small
    capacity: float
    sign: int


@dataclass(frozen=True)
class Difference:
    """The cells that become covered and those that no longer are, ascending, and how all stand then."""

    after: Standing
    gained: Ints
    lost: Ints

    def residents_of(self, cells: Ints) -> int:
        """Who lives in these cells."""
        return int(self.after.residents[cells].sum())


def standing(table: ReachTable, residents: Ints, people: Ints, capacity: Floats) -> Standing:
    """How cells stand with the facilities of a table; `capacity` (f,), NaN where it is not known."""
    return Standing(residents, people, counts(table), two_step(table, places=capacity, residents=people))


def change(before: Standing, changes: list[Change], *, k: int = 1) -> Difference:
    """How cells stand after these changes; a cell is covered by `k` facilities or more."""
    within, places = before.within.copy(), before.places.copy()
    for one in changes:
        within[one.cell] += one.sign
        people = float(before.people[one.cell].sum())
        if people > 0 and not np.isnan(one.capacity):
            places[one.cell] += one.sign * one.capacity / people
    was, then = before.within >= k, within >= k
    after = Standing(before.residents, before.people, within, places)
    return Difference(after, np.flatnonzero(then & ~was), np.flatnonzero(was & ~then))


def mean_places(held: Standing) -> float:
    """Places per 1,000 residents, the residents' mean."""
    people = float(held.residents.sum())
    in_all = float((held.places * held.residents).sum())  # a matrix product would wake every core for this
    return 1000.0 * in_all / people if people else 0.0


def better_and_worse(before: Standing, after: Standing) -> tuple[int, int]:
    """Residents who have more places in reach than before, and those who have fewer."""
    by = after.places - before.places
    return int(before.residents[by > NOTHING].sum()), int(before.residents[by < -NOTHING].sum())
