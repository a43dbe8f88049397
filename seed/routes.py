"""Where rivers and expressways run through a made-up city: from edge to edge, along borders, of towns rather than of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

if TYPE_CHECKING:
    from seed.streets import Borders

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

LEAST_BORDERS = 300  # a smaller city has no river
KM2_PER_RIVER, KM2_PER_EXPRESSWAY, MOST_ROUTES = 1_000.0, 600.0, 8
LEANING = np.array([1.0, 0.9, 0.65, 0.5, 6.0])
"""How long a metre seems along the border of a cell, grid, community, town, and along the edge of the city."""
BEND_RAD = 0.9  # a route does not lead quite across the middle


class Route(NamedTuple):
    """A river or expressway: the vertices that it runs along, and the borders whose place it takes."""

    kind: str
    vertex: Longs
    border: Longs


def choose_routes(borders: Borders, vertices_m: Floats, *, rng: np.random.Generator) -> list[Route]:
    """Rivers first, then expressways, so many for so much ground; they may cross but do not share a border."""
    if len(borders.rank) < LEAST_BORDERS:
        return []
    graph = _Graph(borders, vertices_m)
    km2 = float(np.ptp(vertices_m[:, 0]) * np.ptp(vertices_m[:, 1])) / 2e6
    kinds = [kind for kind, each in (("river", KM2_PER_RIVER), ("expressway", KM2_PER_EXPRESSWAY))
             for _ in range(int(np.clip(round(km2 / each), 1, MOST_ROUTES)))]  # fmt: skip
    turn = rng.uniform(0, 2 * np.pi)
    found = []
    for number, kind in enumerate(kinds):
        # The golden angle keeps any number of routes apart.
        bearing = turn + number * np.pi * (3 - 5**0.5)
        route = graph.route(kind, bearing, bearing + np.pi + rng.uniform(-BEND_RAD, BEND_RAD))
        if route is not None:
            found.append(route)
            graph.taken[route.border] = True
    return found


class _Graph:
    """Borders as ways between junctions; those that are taken are not gone again."""

    def __init__(self, borders: Borders, vertices_m: Floats) -> None:
        self.borders, self.vertices_m = borders, vertices_m
        self.start, self.end = borders.ends
        steps = np.append(np.hypot(*np.diff(vertices_m[borders.vertex], axis=0).T), 0.0)
        steps[borders.first[1:] - 1] = 0.0
        self.length_m = np.add.reduceat(steps, borders.first[:-1])
        self.taken = np.zeros(len(borders.rank), dtype=bool)
        _, part = connected_components(coo_array((np.ones(len(self.start)), (self.start, self.end)), shape=(len(vertices_m),) * 2))
        mainland = part == np.bincount(part[self.start]).argmax()
        self.gates = np.unique(self.start[(borders.rank == len(LEANING) - 1) & mainland[self.start]])
        self.bearing = np.arctan2(*(vertices_m[self.gates] - vertices_m[self.gates].mean(axis=0)).T[::-1])

    def gate(self, bearing: float) -> int:
        """The junction at the edge of the city that lies in a direction from its middle."""
        return int(self.gates[np.argmax(np.cos(self.bearing - bearing))])

    def route(self, kind: str, there: float, back: float) -> Route | None:
        """The way that seems shortest between the edges in two directions, or None."""
        start, end = self.gate(there), self.gate(back)
        free = np.flatnonzero(~self.taken & (self.start != self.end))
        seems = self.length_m[free] * LEANING[self.borders.rank[free]]
        keys = self._key(self.start[free], self.end[free])
        # Of two borders between the same junctions the one that seems shorter.
        order = np.argsort(seems, kind="stable")
        keys, first = np.unique(keys[order], return_index=True)
        use = free[order[first]]
        graph = coo_array((seems[order[first]], (self.start[use], self.end[use])), shape=(len(self.vertices_m),) * 2)
        _, before = dijkstra(graph.tocsr(), directed=False, indices=start, return_predecessors=True)
        junctions = _walked_back(before, start=start, end=end)
        if len(junctions) < 2:
            return None
        steps = use[np.searchsorted(keys, self._key(junctions[:-1], junctions[1:]))]
        runs = [self._run(border, begins=at) for border, at in zip(steps.tolist(), junctions[:-1].tolist(), strict=True)]
        return Route(kind, np.concatenate([*(run[:-1] for run in runs), runs[-1][-1:]]), steps)

    def _key(self, here: Longs, there: Longs) -> Longs:
        return np.minimum(here, there) * len(self.vertices_m) + np.maximum(here, there)

    def _run(self, border: int, *, begins: int) -> Longs:
        run = self.borders.vertex[self.borders.first[border] : self.borders.first[border + 1]]
        return run if run[0] == begins else run[::-1]


def _walked_back(before: Longs, *, start: int, end: int) -> Longs:
    """The junctions from the end back to the start; none where there is no way."""
    junctions = [end]
    while junctions[-1] != start:
        if before[junctions[-1]] < 0:
            return np.empty(0, dtype=np.int64)
        junctions.append(int(before[junctions[-1]]))
    return np.array(junctions, dtype=np.int64)
