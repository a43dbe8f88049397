"""Places where something could be built, made from cells: where most residents would gain, and spread over the city."""

from __future__ import annotations

import numpy as np

from gis.records import Floats, Ints
from gis.rules.siting_greedy import pick
from gis.rules.siting_ground import Candidates, Demand, ends_of, grouped
from gis.rules.walking_network import ReachTable

HALVINGS = 24


def from_cells(points_m: Floats, lacking: Ints, table: ReachTable, residents: Ints, *, most: int) -> Ints:
    """At most `most` cells as candidates, ascending. `lacking` are cells whose residents are not covered, `table` leads from these
    to all cells that they reach: whom they reach, reaches them.

    First those that cover everybody greedily, then the cell of each square of a lattice that would gain most.
    """
    source = np.repeat(lacking, np.diff(table.first))
    gains = np.bincount(table.cell, residents[source], len(points_m)).astype(np.float64)
    useful = np.flatnonzero(gains > 0)
    if len(useful) <= most:
        return useful
    covering = _covering(table, lacking, residents, useful, most=most)
    gains[covering] = 0
    return np.union1d(covering, spread(points_m, gains, most=most - len(covering)))


def spread(points_m: Floats, gains: Floats, *, most: int) -> Ints:
    """At most `most` cells with a gain, one of each square of a lattice: the one with the largest gain."""
    useful = np.flatnonzero(gains > 0)
    if len(useful) <= most or most <= 0:
        return useful[: max(most, 0)]
    low, high = 0.0, float(np.ptp(points_m[useful], axis=0).max()) + 1.0
    for _ in range(HALVINGS):
        side = (low + high) / 2
        low, high = (low, side) if len(np.unique(_square(points_m[useful], side))) <= most else (side, high)
    order = np.lexsort((-gains[useful], _square(points_m[useful], high)))
    squares = _square(points_m[useful], high)[order]
    return np.sort(useful[order][np.concatenate([[True], squares[1:] != squares[:-1]])])


def _square(points_m: Floats, side_m: float) -> Ints:
    column, row = np.floor((points_m - points_m.min(axis=0)) / side_m).astype(np.int64).T
    return np.asarray(row * (column.max() + 1) + column, np.int64)


def _covering(table: ReachTable, lacking: Ints, residents: Ints, useful: Ints, *, most: int) -> Ints:
    """Cells from which all that lack are reached, picked greedily."""
    order = np.argsort(table.cell, kind="stable")
    source = np.repeat(np.arange(len(lacking)), np.diff(table.first))[order]
    reached = np.bincount(table.cell, minlength=table.n_cells)[useful]
    turned = ReachTable(ends_of(reached), source.astype(np.int32), table.metres[order], len(lacking))
    groups = grouped(Candidates(turned, np.ones(len(useful))), Demand.of(residents[lacking]))
    return useful[pick(groups, np.ones(len(useful)), sites=most)[0]]
