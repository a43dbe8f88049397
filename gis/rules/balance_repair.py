"""Compiled repair of plans: every grid in one piece, none empty, every cell in a grid.

Works on one community of the streets of balance_kernels at a time; ``label`` is the grid of each of its cells, -1 for none.
A locked grid is left as it is.
"""

from __future__ import annotations

import numpy as np

from gis.rules.balance_kernels import NOBODY, Flags, Streets
from gis.rules.placing_kernels import Int32s, Int64s, compiled

ROOTS = 30
"""At most so many trees are tried to cut a grid in two."""


@compiled
def flood(streets: Streets, first: int, cell: int, label: Int32s, seen: Flags, queue: Int64s) -> int:
    """Mark the piece of a grid around a cell and list it in ``queue``; returns how many cells it has."""
    queue[0] = cell
    seen[cell] = True
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for edge in range(streets.edge_start[first + here], streets.edge_start[first + here + 1]):
            other = streets.neighbour[edge] - first
            if not seen[other] and label[other] == label[cell]:
                seen[other] = True
                queue[tail] = other
                tail += 1
    return tail


@compiled
def keep_main_pieces(streets: Streets, community: int, label: Int32s, locked: Flags) -> None:
    """Leave every grid its heaviest piece and let the cells of the others go."""
    first, m = streets.cell_start[community], label.size
    heaviest, main = np.full(locked.size, -1.0), np.full(locked.size, NOBODY)
    piece, hours = np.empty(m, np.int64), 0.0
    seen, queue = np.zeros(m, np.bool_), np.empty(m, np.int64)
    for cell in range(m):
        if seen[cell]:
            continue
        size = flood(streets, first, cell, label, seen, queue)
        piece[queue[:size]] = cell
        hours = streets.hours[first + queue[:size]].sum()
        if label[cell] >= 0 and hours > heaviest[label[cell]]:
            heaviest[label[cell]], main[label[cell]] = hours, cell
    for cell in range(m):
        if label[cell] >= 0 and not locked[label[cell]] and piece[cell] != main[label[cell]]:
            label[cell] = NOBODY


@compiled
def absorb(streets: Streets, community: int, label: Int32s, locked: Flags) -> None:
    """Give cells that have no grid to their neighbours' grids, the lightest grid first, as far as grids reach."""
    first, m = streets.cell_start[community], label.size
    load = np.zeros(locked.size)
    left = 0
    for cell in range(m):
        if label[cell] >= 0:
            load[label[cell]] += streets.hours[first + cell]
        else:
            left += 1
    while left:
        taker, taken = NOBODY, NOBODY
        for cell in range(m):
            if label[cell] >= 0:
                continue
            for edge in range(streets.edge_start[first + cell], streets.edge_start[first + cell + 1]):
                grid = label[streets.neighbour[edge] - first]
                if grid >= 0 and not locked[grid] and (taker < 0 or load[grid] < load[taker]):
                    taker, taken = grid, cell
        if taker < 0:
            return
        label[taken] = taker
        load[taker] += streets.hours[first + taken]
        left -= 1


@compiled
def best_branch(streets: Streets, first: int, root: int, label: Int32s, share: float, room: Int64s) -> tuple[float, int]:
    """Hang the piece around ``root`` up as a tree, nearest first, and find the branch whose hours are nearest to ``share`` of
    the piece, or, counted the other way round, whose rest is: (miss, topmost cell of the branch)."""
    parent, queue = room[0], room[1]
    m = label.size
    parent[:] = NOBODY
    below_h = np.zeros(m)
    queue[0] = root
    parent[root] = root
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        below_h[here] = streets.hours[first + here]
        for edge in range(streets.edge_start[first + here], streets.edge_start[first + here + 1]):
            other = streets.neighbour[edge] - first
            if parent[other] < 0 and label[other] == label[root]:
                parent[other] = here
                queue[tail] = other
                tail += 1
    for i in range(tail - 1, 0, -1):
        below_h[parent[queue[i]]] += below_h[queue[i]]
    least, top = np.inf, NOBODY
    for i in range(1, tail):
        miss = abs(below_h[queue[i]] - share * below_h[root])
        if miss < least:
            least, top = miss, queue[i]
    return least, top


@compiled
def split(streets: Streets, community: int, label: Int32s, grid: int, new: int, share: float) -> None:
    """Cut a grid of two or more cells in two pieces; the new one has about ``share`` of its hours.

    Tries the tree from every cell of the grid, of a large one from some; the side away from the tree's root becomes the new grid.
    """
    first, m = streets.cell_start[community], label.size
    room = np.empty((2, m), np.int64)
    least, from_root, at = np.inf, NOBODY, NOBODY
    stride, met = (label == grid).sum() // ROOTS + 1, 0
    for root in range(m):
        if label[root] != grid:
            continue
        met += 1
        if (met - 1) % stride == 0:
            miss, top = best_branch(streets, first, root, label, share, room)
            if miss < least:
                least, from_root, at = miss, root, top
    if at < 0:  # no two of its cells are neighbours: one of them goes
        for cell in range(m):
            if label[cell] == grid:
                label[cell] = new
                return
    best_branch(streets, first, from_root, label, share, room)
    parent, queue = room[0], room[1]
    reached = (parent >= 0).sum()
    label[at] = new
    for i in range(1, reached):
        if label[parent[queue[i]]] == new and label[queue[i]] == grid:
            label[queue[i]] = new


@compiled
def cut_up(streets: Streets, community: int, label: Int32s, locked: Flags) -> None:
    """Divide a community that has no grids but locked ones: every piece of free ground gets as many of the free grids as its
    hours deserve (at least one, while they last), and is halved, in proportion, until each has its own."""
    first, m = streets.cell_start[community], label.size
    free = np.flatnonzero(~locked)
    seen, queue = np.zeros(m, np.bool_), np.empty(m, np.int64)
    root, cells, hours = np.empty(m, np.int64), np.empty(m, np.int64), np.empty(m)
    pieces = 0
    for cell in range(m):
        if label[cell] < 0 and not seen[cell]:
            size = flood(streets, first, cell, label, seen, queue)
            root[pieces], cells[pieces] = cell, size
            hours[pieces] = streets.hours[first + queue[:size]].sum()
            pieces += 1
    owed = np.zeros(free.size, np.int64)
    order = np.argsort(-hours[:pieces])
    given = min(pieces, free.size)
    owed[:given] = 1
    rest = free.size - given
    while rest > 0:
        best, claim = NOBODY, -1.0
        for i in range(given):
            if owed[i] < cells[order[i]] and hours[order[i]] / (2 * owed[i] + 1) > claim:
                best, claim = i, hours[order[i]] / (2 * owed[i] + 1)
        if best < 0:
            return
        owed[best] += 1
        rest -= 1
    taken = given
    for i in range(given):
        seen[:] = False
        size = flood(streets, first, root[order[i]], label, seen, queue)
        for j in range(size):
            label[queue[j]] = free[i]
    for i in range(free.size):
        while owed[i] > 1:
            half = owed[i] // 2
            split(streets, community, label, free[i], free[taken], half / owed[i])
            owed[i] -= half
            owed[taken] = half
            taken += 1


@compiled
def fill_empty(streets: Streets, community: int, label: Int32s, locked: Flags) -> None:
    """Give every empty grid half of the heaviest one that can be cut."""
    first, k = streets.cell_start[community], locked.size
    held, load = np.zeros(k, np.int64), np.zeros(k)
    for cell in range(label.size):
        if label[cell] >= 0:
            held[label[cell]] += 1
            load[label[cell]] += streets.hours[first + cell]
    for grid in range(k):
        if held[grid] or locked[grid]:
            continue
        heaviest = NOBODY
        for other in range(k):
            if held[other] > 1 and not locked[other] and (heaviest < 0 or load[other] > load[heaviest]):
                heaviest = other
        if heaviest < 0:
            return
        split(streets, community, label, heaviest, grid, 0.5)
        held[grid] = (label == grid).sum()
        held[heaviest] -= held[grid]
        load[grid] = streets.hours[first : first + label.size][label == grid].sum()
        load[heaviest] -= load[grid]
