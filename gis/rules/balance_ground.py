"""The ground that is to be divided: cells, their borders and communities, and the grids that are there today.

Everything in metres and hours. The compiled search wants communities one behind the other and borders as lists of
neighbours; ``lay_out`` does that, and ``Layout`` leads back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.rules.balance_kernels import NOBODY, Flags, Streets
from gis.rules.placing_kernels import Floats, Int32s, Int64s


@dataclass(frozen=True, slots=True)
class Ground:
    """C cells and the B borders between them. Borders of no length (two cells that touch in a corner) do not join."""

    hours: Floats
    """Working hours a month in each cell, shape (C,), none negative."""
    x_m: Floats
    y_m: Floats
    """Cell centres, shape (C,)."""
    area_m2: Floats
    community: Int64s
    """0 to N - 1 for each cell, shape (C,)."""
    border: Int64s
    """The two cells of each border, shape (B, 2)."""
    border_m: Floats
    barrier: Floats = field(default_factory=lambda: np.empty(0))
    """For each border how much a grid should not straddle it: 0 freely, 1 not at all if it can be helped; none given,
    none there."""
    spread_h_per_m: float = 0.0
    """Hours of walking per metre of a grid's radius of gyration (area-weighted, of its cells' centres)."""


@dataclass(frozen=True, slots=True)
class Grids:
    """G grids and who is in them."""

    of_cell: Int64s
    """The grid of each cell, shape (C,), -1 for none."""
    community: Int64s
    """The community of each grid, shape (G,)."""
    fixed_h: Floats
    """Hours a grid needs whatever its cells are, shape (G,)."""
    locked: Flags
    """Grids that no cell may leave or enter, shape (G,)."""

    @classmethod
    def unlocked(cls, of_cell: npt.ArrayLike, community: npt.ArrayLike) -> Grids:
        """Grids without locks and fixed hours."""
        home = np.asarray(community, np.int64)
        return cls(np.asarray(of_cell, np.int64), home, np.zeros(len(home)), np.zeros(len(home), bool))


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells and grids in the order of the compiled search, and the way back."""

    streets: Streets
    cells: Int64s
    """Which cell of the ground stands at each place."""
    grids: Int64s
    """Which grid stands at each place."""
    linked: Flags
    """Communities whose ground is in several pieces, which stand joined by imagined links of no length."""

    def local(self, of_cell: Int64s) -> Int32s:
        """Grids of the ground's cells as numbers inside their communities, in the order of the search."""
        most = max(self.grids.max(initial=NOBODY), of_cell.max(initial=NOBODY))
        rank = np.full(most + 2, NOBODY, np.int32)  # the last stands for no grid
        starts = self.streets.grid_start
        rank[self.grids] = np.arange(len(self.grids)) - np.repeat(starts[:-1], np.diff(starts))
        return rank[of_cell[self.cells]]

    def back(self, label: Int32s) -> Int64s:
        """The other way round: the grid of each cell of the ground."""
        streets = self.streets
        offset = np.repeat(streets.grid_start[:-1], np.diff(streets.cell_start))
        out = np.empty(len(label), np.int64)
        out[self.cells] = np.where(label >= 0, self.grids[np.where(label >= 0, label + offset, 0)], NOBODY)
        return out


def faults(ground: Ground, grids: Grids) -> list[str]:
    """What makes an input no input; empty when it can be divided."""
    found = []
    n_cells, n_grids = len(ground.hours), len(grids.community)
    for name, array, length in (
        ("x_m", ground.x_m, n_cells),
        ("y_m", ground.y_m, n_cells),
        ("area_m2", ground.area_m2, n_cells),
        ("community", ground.community, n_cells),
        ("of_cell", grids.of_cell, n_cells),
        ("border_m", ground.border_m, len(ground.border)),
        ("fixed_h", grids.fixed_h, n_grids),
        ("locked", grids.locked, n_grids),
    ):
        if len(array) != length:
            found.append(f"{name} has {len(array)} entries, not {length}.")
    if found:
        return found
    for name, numbers in (("hours", ground.hours), ("area_m2", ground.area_m2), ("fixed_h", grids.fixed_h)):
        wrong = np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0)))
        found += [f"{name}[{i}] is {numbers[i]}, not a number from 0." for i in wrong[:3]]
    held = grids.of_cell >= 0
    strays = np.flatnonzero(held)[grids.community[grids.of_cell[held]] != ground.community[held]]
    found += [f"Cell {i} is in a grid of another community." for i in strays[:3]]
    return found


def lay_out(ground: Ground, grids: Grids, *, n_communities: int, compactness: float, barrier_cost: float) -> Layout:
    """Sort cells and grids by community and price the borders: ``compactness`` per length of one side of a square grid of
    the community, minus ``barrier_cost`` where a barrier runs."""
    cells = np.argsort(ground.community, kind="stable")
    grid_order = np.argsort(grids.community, kind="stable")
    cell_start = np.searchsorted(ground.community[cells], np.arange(n_communities + 1))
    grid_start = np.searchsorted(grids.community[grid_order], np.arange(n_communities + 1))
    grid_order = grid_order[: grid_start[-1]]  # those that ended belong to no community
    at = np.empty(len(cells), np.int64)
    at[cells] = np.arange(len(cells))
    pairs, lengths, barriers = _inner_borders(ground, at)
    links = _links(ground, cells, cell_start, pairs)
    area = np.bincount(ground.community, ground.area_m2, n_communities)
    side_m = np.sqrt(np.maximum(area / np.maximum(np.diff(grid_start), 1), 1.0))
    cost = (compactness * lengths - barrier_cost * barriers) / side_m[ground.community[cells[pairs[:, 0]]]]
    edge_start, neighbour, both = _both_ways(np.vstack([pairs, links]), np.append(cost, np.zeros(len(links))), len(cells))
    centre = [_from_the_middle(axis_m, ground.community, n_communities)[cells] for axis_m in (ground.x_m, ground.y_m)]
    streets = Streets(
        cell_start, grid_start, ground.hours[cells], ground.area_m2[cells], centre[0], centre[1],
        edge_start, neighbour, both, grids.fixed_h[grid_order], grids.locked[grid_order],
    )  # fmt: skip
    linked = np.bincount(ground.community[cells[links[:, 0]]], minlength=n_communities) > 0
    return Layout(streets, cells, grid_order, linked)


def _from_the_middle(axis_m: Floats, community: Int64s, n: int) -> Floats:
    """Metres from the middle of each cell's community: squares of whole coordinates would eat up the digits."""
    middle = np.bincount(community, axis_m, n) / np.maximum(np.bincount(community, minlength=n), 1)
    return np.asarray(axis_m - middle[community], np.float64)


def _inner_borders(ground: Ground, at: Int64s) -> tuple[Int64s, Floats, Floats]:
    """Borders inside communities, each pair of cells once, by places of the layout: pairs, metres, metres of barrier."""
    border, length = ground.border.reshape(-1, 2), ground.border_m
    barrier = ground.barrier * length if len(ground.barrier) else np.zeros(len(length))
    inner = (ground.community[border[:, 0]] == ground.community[border[:, 1]]) & (length > 0) & (border[:, 0] != border[:, 1])
    ends = np.sort(at[border[inner]], axis=1)
    pairs, which = np.unique(ends, axis=0, return_inverse=True)
    lengths, barriers = (np.bincount(which, column[inner], len(pairs)).astype(np.float64) for column in (length, barrier))
    return pairs, lengths, barriers


def _both_ways(pairs: Int64s, cost: Floats, n: int) -> tuple[Int64s, Int64s, Floats]:
    """Lists of neighbours from pairs: where each cell's list starts, the neighbours, their costs."""
    source, target = np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])
    order = np.lexsort((target, source))
    starts = np.searchsorted(source[order], np.arange(n + 1))
    return starts, target[order], np.concatenate([cost, cost])[order]


def _links(ground: Ground, cells: Int64s, cell_start: Int64s, pairs: Int64s) -> Int64s:
    """The shortest links between the pieces of communities that lie in several (an island, ground beyond a river)."""
    n = len(cells)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    n_pieces, piece = connected_components(graph, directed=False)
    found = []
    home = ground.community[cells]
    several = np.flatnonzero(np.bincount(home[np.unique(piece, return_index=True)[1]], minlength=len(cell_start) - 1) > 1)
    for community in several if n_pieces else []:
        members = np.arange(cell_start[community], cell_start[community + 1])
        found += _joined(members, piece[members], ground.x_m[cells[members]], ground.y_m[cells[members]])
    return np.array(found, np.int64).reshape(-1, 2)


def _joined(members: Int64s, piece: Int64s, x: Floats, y: Floats) -> list[tuple[int, int]]:
    """Links that make one of the pieces, the nearest first."""
    links = []
    reached = piece == piece[0]
    while not reached.all():
        inside, outside = np.flatnonzero(reached), np.flatnonzero(~reached)
        gap = (x[inside, None] - x[outside]) ** 2 + (y[inside, None] - y[outside]) ** 2
        i, j = np.unravel_index(np.argmin(gap), gap.shape)
        links.append((int(members[inside[i]]), int(members[outside[j]])))
        reached |= piece == piece[outside[j]]
    return links
