"""A made-up city to balance: irregular cells, communities, heavy-tailed work, and grids that were once drawn by heads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import Voronoi

from gis.rules.balance import Wish, propose
from gis.rules.balance_counts import by_hours
from gis.rules.balance_ground import Grids, Ground
from gis.rules.placing_kernels import Floats, Int64s

ROWS, COLUMNS = 174, 255
TOWNS, COMMUNITIES, GRIDS = 33, 593, 2_958
CELL_M = 235.0
MONTH_H = 150.0
"""Mean hours a month of a grid."""
JITTER = 0.35
BENT = 1.05
"""How much longer real borders are than straight ones."""


@dataclass(frozen=True)
class City:
    """The ground, the grids that are there, and what roundness is measured by."""

    ground: Ground
    grids: Grids
    perimeter_m: Floats

    def polsby_popper(self, of_cell: Int64s) -> float:
        """Mean roundness of the grids: 4 pi area / perimeter²."""
        n = int(of_cell.max()) + 1
        border, length = self.ground.border, self.ground.border_m
        inner = of_cell[border[:, 0]] == of_cell[border[:, 1]]
        perimeter = np.bincount(of_cell, self.perimeter_m, n) - 2 * np.bincount(of_cell[border[inner, 0]], length[inner], n)
        area = np.bincount(of_cell, self.ground.area_m2, n)
        return float((4 * np.pi * area[area > 0] / perimeter[area > 0] ** 2).mean())


def a_city(*, seed: int) -> City:
    """44,370 cells in 593 communities with 2,958 grids, the same for the same seed.

    Work is log-normal by community and cell, with a Pareto tail: the heaviest cells outweigh a fair grid. The grids of today
    divide people, not work.
    """
    random = np.random.default_rng(seed)
    at_m, area_m2, perimeter_m, border, border_m = _cells(random)
    community = _divided(at_m, area_m2, border, border_m, random.uniform(0.5, 1.5, len(at_m)), seed=seed)
    tail = 1 + random.pareto(2.4, len(at_m))
    hours = np.exp(random.normal(0, 0.5, COMMUNITIES))[community] * np.exp(random.normal(0, 0.5, len(at_m))) * tail
    ground = Ground(
        hours * MONTH_H * GRIDS / hours.sum(), at_m[:, 0], at_m[:, 1], area_m2, community, border, border_m
    )
    counts = by_hours(np.bincount(community).astype(float), n_grids=GRIDS)
    people = Ground(np.exp(random.normal(0, 1.0, len(at_m))), *at_m.T, area_m2, community, border, border_m)
    empty = Grids.unlocked(np.full(len(at_m), -1), np.repeat(np.arange(COMMUNITIES), counts))
    drawn = propose(people, empty, wish=Wish(compactness=0.3, seed=seed), from_scratch=True, threads=2)
    return City(ground, Grids.unlocked(drawn.of_cell, empty.community), perimeter_m)


def _cells(random: np.random.Generator) -> tuple[Floats, Floats, Floats, Int64s, Floats]:
    """Centres, areas and perimeters of cells (a Voronoi diagram cut off at the city's edge), borders and their lengths."""
    row, column = (part.ravel().astype(float) for part in np.mgrid[0:ROWS, 0:COLUMNS])
    at_m = (np.column_stack([column, row]) + 0.5 + random.uniform(-JITTER, JITTER, (len(row), 2))) * CELL_M
    n = len(at_m)
    diagram = Voronoi(_mirrored(at_m))
    ends = diagram.vertices[np.array(diagram.ridge_vertices)]
    length = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    pairs = diagram.ridge_points.astype(np.int64)
    kept = (pairs < n).any(axis=1) & (length > 1e-6)
    pairs, length = pairs[kept], length[kept]
    height = np.linalg.norm(diagram.points[pairs[:, 0]] - diagram.points[pairs[:, 1]], axis=1) / 2
    area, perimeter = np.zeros(n), np.zeros(n)
    for side in (0, 1):
        mine = pairs[:, side] < n
        area += np.bincount(pairs[mine, side], (length * height / 2)[mine], n)
        perimeter += np.bincount(pairs[mine, side], length[mine] * BENT, n)
    inner = (pairs < n).all(axis=1)
    return at_m, area, perimeter, pairs[inner], length[inner] * BENT


def _mirrored(at_m: Floats) -> Floats:
    """The points, and those near an edge of the city once more beyond it: the edge becomes a border."""
    out = at_m
    for axis, extent in ((0, COLUMNS * CELL_M), (1, ROWS * CELL_M)):
        found = [out]
        for wall in (0.0, extent):
            twin = out[np.abs(out[:, axis] - wall) < 3 * CELL_M].copy()
            twin[:, axis] = 2 * wall - twin[:, axis]
            found.append(twin)
        out = np.concatenate(found)
    return out


def _divided(at_m: Floats, area_m2: Floats, border: Int64s, border_m: Floats, weight: Floats, *, seed: int) -> Int64s:
    """Communities of like weight, inside towns."""
    home = np.zeros(len(at_m), np.int64)
    for k in (TOWNS, COMMUNITIES):
        ground = Ground(weight, at_m[:, 0], at_m[:, 1], area_m2, home, border, border_m)
        counts = by_hours(np.bincount(home, weight), n_grids=k)
        empty = Grids.unlocked(np.full(len(at_m), -1), np.repeat(np.arange(len(counts)), counts))
        wish = Wish(tolerance_fraction=0.5, compactness=0.3, restarts=1, sweeps=5, seed=seed)
        home = propose(ground, empty, wish=wish, from_scratch=True).of_cell
    return home
