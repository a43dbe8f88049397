"""The plan before the present one: some of today's grids were two, so that the demo city has a past to ask about."""

import numpy as np
import shapely
from numpy.typing import NDArray

from seed.shares import Ints

LEAST_CELLS = 6


def split_grids(
    cell_grid: Ints, cell_shape: NDArray[np.object_], neighbours: tuple[Ints, Ints], *, count: int, rng: np.random.Generator
) -> Ints:
    """A cell→grid table in which `count` grids are cut in two connected halves; the second halves get new positions at the end.

    Positions 0..G-1 stay those of today's grids. Fewer are cut where no more can be.
    """
    grids = int(cell_grid.max()) + 1
    members = np.split(np.argsort(cell_grid, kind="stable"), np.cumsum(np.bincount(cell_grid))[:-1])
    beside = _beside(cell_grid, neighbours)
    area = shapely.area(cell_shape)
    before = cell_grid.copy()
    cut = 0
    for grid in rng.permutation([grid for grid in range(grids) if len(members[grid]) >= LEAST_CELLS]):
        half = _connected_half(members[grid], beside, area)
        if half and cut < count:
            before[list(half)] = grids + cut
            cut += 1
    return before


def _beside(cell_grid: Ints, neighbours: tuple[Ints, Ints]) -> dict[int, list[int]]:
    """Neighbours of each cell inside its own grid."""
    found: dict[int, list[int]] = {}
    inside = cell_grid[neighbours[0]] == cell_grid[neighbours[1]]
    for a, b in zip(neighbours[0][inside].tolist(), neighbours[1][inside].tolist(), strict=True):
        found.setdefault(a, []).append(b)
        found.setdefault(b, []).append(a)
    return found


def _connected_half(cells: Ints, beside: dict[int, list[int]], area: NDArray[np.float64]) -> set[int] | None:
    """About half of the cells such that both halves hang together; None where the first few tries find none."""
    whole = area[cells].sum()
    for start in cells[:LEAST_CELLS].tolist():
        half, queue, taken = set[int](), [start], 0.0
        while queue and taken < whole / 2:
            cell = queue.pop(0)
            if cell not in half:
                half.add(cell)
                taken += area[cell]
                queue += [other for other in beside.get(cell, []) if other not in half]
        rest = set(cells.tolist()) - half
        if rest and _hangs_together(rest, beside):
            return half
    return None


def _hangs_together(cells: set[int], beside: dict[int, list[int]]) -> bool:
    seen, queue = set[int](), [next(iter(cells))]
    while queue:
        cell = queue.pop()
        if cell not in seen:
            seen.add(cell)
            queue += [other for other in beside.get(cell, []) if other in cells]
    return seen == cells


def union_by_grid(cell_grid: Ints, cell_shape: NDArray[np.object_], wanted: Ints) -> NDArray[np.object_]:
    """The shapes of the wanted grids, as exact unions of their cells."""
    return np.array([shapely.coverage_union_all(cell_shape[cell_grid == grid]) for grid in wanted], dtype=object)
