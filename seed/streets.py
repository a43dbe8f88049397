"""The streets of a made-up city: the borders between its cells, since its blocks were cut along streets."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.coverage_records import StreetLines
from gis.rules.streets import Laid, islands, lay, lengths_dm
from gis.rules.walking_network import Small
from seed.barriers import barred
from seed.ground import Ground
from seed.ground.rings import Rings
from seed.routes import choose_routes

HOLDS = 0.99
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

CELL, GRID, COMMUNITY, TOWN, EDGE_OF_CITY = range(5)
CLASSES = np.array(["residential", "tertiary", "secondary", "primary", "unclassified"], dtype=object)
"""Of the borders of cells, grids, communities and towns, and of the edge of the city."""


class Borders(NamedTuple):
    """Borders from junction to junction: border b runs along `vertex[first[b]:first[b + 1]]` and divides what `rank[b]` says."""

    first: Longs
    vertex: Longs
    rank: Longs

    @property
    def ends(self) -> tuple[Longs, Longs]:
        """The vertices that borders begin and end at."""
        return self.vertex[self.first[:-1]], self.vertex[self.first[1:] - 1]


def lay_streets(ground: Ground, *, rng: np.random.Generator) -> tuple[Laid, StreetLines]:
    """The network of a city with its rivers and expressways, and the streets in metres that it was laid of.

    A route that would cut off more than a hundredth of the streets, as in a city of a few blocks, is not taken.
    """
    borders = borders_of(ground)
    routes = choose_routes(borders, ground.vertices_m, rng=rng)
    length_dm = lengths_dm(ground.vertices_m[borders.vertex], borders.first)
    start, end = (ends.astype(np.int32) for ends in borders.ends)
    whole = _mainland(start, islands(start, end, length_dm, n_nodes=len(ground.vertices)), length_dm)
    while True:
        streets = barred(borders, routes, ground.vertices_m, classes=CLASSES[borders.rank])
        laid = lay(streets.lines, barriers_m=streets.barriers, metric_srid=ground.metric_crs)
        network = laid.network
        if not routes or _mainland(network.start, network.island, network.length_dm) >= HOLDS * whole:
            return laid, streets
        routes.pop()


def _mainland(start: Small, island: Small, length_dm: Small) -> float:
    """The share of all street that hangs together."""
    return float(length_dm[island[start] == 0].sum(dtype=np.int64) / length_dm.sum(dtype=np.int64))


def borders_of(ground: Ground) -> Borders:
    """The borders of the cells, each once."""
    size = len(ground.vertices)
    first, vertex, cell = _runs(ground.cell_rings, _junctions(ground.cell_rings, size))
    last = first[1:] - 1
    # A border lies in the rings of both its cells, once in each direction; the step out of a junction tells it from all others.
    there = vertex[first[:-1]] * size + vertex[first[:-1] + 1]
    back = vertex[last] * size + vertex[last - 1]
    _, once, which = np.unique(np.minimum(there, back), return_index=True, return_inverse=True)
    rank = _ranks(ground, cell, once, which)
    along, begins = _ranges(first[:-1][once], first[1:][once])
    return Borders(begins, vertex[along], rank)


def _junctions(rings: Rings, size: int) -> Flags:
    """Vertices (V,) where more than two borders meet; of a ring without one, its first."""
    tail, head = rings.members.astype(np.int64), rings.following.astype(np.int64)
    steps = np.unique(np.minimum(tail, head) * size + np.maximum(tail, head))
    degree = np.bincount(np.concatenate(np.divmod(steps, size)), minlength=size)
    junction = degree > 2
    lonely = np.logical_or.reduceat(junction[tail], rings.starts[:-1])
    junction[rings.members[rings.starts[:-1][~lonely]]] = True
    return junction


def _runs(rings: Rings, junction: Flags) -> tuple[Longs, Longs, Longs]:
    """Every ring cut at its junctions: where runs begin (+ 1), their vertices with both ends, and the ring of each run."""
    starts, length = rings.starts[:-1].astype(np.int64), np.diff(rings.starts).astype(np.int64)
    place = np.arange(len(rings.members))
    offset = np.minimum.reduceat(np.where(junction[rings.members], place, len(place)), starts) - starts
    # Each ring begins at a junction and ends there again.
    step, begins = _ranges(np.zeros_like(length), length + 1)
    ring = np.repeat(np.arange(len(length)), length + 1)
    walked = rings.members[starts[ring] + (step + offset[ring]) % length[ring]].astype(np.int64)
    at = junction[walked]
    at_end = np.zeros(len(walked), dtype=bool)
    at_end[begins[1:] - 1] = True
    at_start = np.zeros(len(walked), dtype=bool)
    at_start[begins[:-1]] = True
    leave, arrive = np.flatnonzero(at & ~at_end), np.flatnonzero(at & ~at_start)
    along, first = _ranges(leave, arrive + 1)
    return first, walked[along], ring[leave]


def _ranks(ground: Ground, cell: Longs, once: Longs, which: Longs) -> Longs:
    """What each border divides: towns, communities, grids or cells; the edge of the city has nobody on its other side."""
    cells = cell[once]
    other = np.full(len(once), -1, dtype=np.int64)
    second = np.ones(len(cell), dtype=bool)
    second[once] = False
    other[which[second]] = cell[second]
    grids, beyond = ground.cell_grid[cells], ground.cell_grid[other]
    communities, next_community = ground.grid_community[grids], ground.grid_community[beyond]
    divides = (grids != beyond, communities != next_community,
               ground.community_town[communities] != ground.community_town[next_community])  # fmt: skip
    return np.where(other < 0, EDGE_OF_CITY, np.sum(divides, axis=0))


def _ranges(first: Longs, beyond: Longs) -> tuple[Longs, Longs]:
    """The numbers from each first up to each beyond (half-open), one range after the other, and where each begins (+ 1)."""
    size = beyond - first
    begins = np.append(0, np.cumsum(size)).astype(np.int64)
    return np.arange(begins[-1]) + np.repeat(first - begins[:-1], size), begins
