"""Cutting tables of reach: the pairs of some targets, the pairs of some facilities."""

import numpy as np
from numpy.typing import NDArray

from gis.records import Ints
from gis.rules.walking_network import ReachTable


def parted(both: ReachTable, *, n_cells: int) -> tuple[ReachTable, ReachTable]:
    """The table of the first `n_cells` targets, and that of what comes after them, counted from 0 again."""
    owner = np.repeat(np.arange(len(both.first) - 1), np.diff(both.first))
    is_cell = both.cell < n_cells
    return (
        _table(owner[is_cell], both.cell[is_cell], both.metres[is_cell], len(both.first), n_cells),
        _table(owner[~is_cell], both.cell[~is_cell] - n_cells, both.metres[~is_cell], len(both.first), both.n_cells - n_cells),
    )


def of_facilities(table: ReachTable, chosen: Ints) -> ReachTable:
    """The table of some facilities alone, by their positions, ascending."""
    counts = np.diff(table.first)
    is_mine = np.zeros(len(counts), np.bool_)
    is_mine[chosen] = True
    kept = np.repeat(is_mine, counts)
    first = np.concatenate([[0], np.cumsum(counts[is_mine])]).astype(np.int64)
    return ReachTable(first, table.cell[kept], table.metres[kept], table.n_cells)


def _table(owner: Ints, cell: NDArray[np.int32], metres: NDArray[np.float32], firsts: int, n_cells: int) -> ReachTable:
    first = np.zeros(firsts, np.int64)
    np.cumsum(np.bincount(owner, minlength=firsts - 1), out=first[1:])
    return ReachTable(first, cell.astype(np.int32), metres, n_cells)
