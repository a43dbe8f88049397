"""The walking network as arrays: what the compiled searches read, and what is kept on disk.

Lengths of arcs are whole decimetres, so that a bucket queue (Dial 1969, Communications of the ACM 12:11) finds shortest ways
without comparing fractions. Coordinates are metres of the city's projected zone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.records import Floats, Ints, Shapes

Small = NDArray[np.int32]
DM_PER_M = 10


@dataclass(frozen=True)
class WalkingNetwork:
    """n nodes and m edges, walked in both directions.

    `xy_m` (n, 2); edge e runs from node `start[e]` to `end[e]` along `vertices_m[first_vertex[e]:first_vertex[e + 1]]` and is
    `length_dm[e]` long. Node u's arcs are `first_arc[u]` to `first_arc[u + 1]` of `arc_node` and `arc_dm` (CSR, 2m of them).
    `island` (n,) numbers the connected parts, 0 the one with the most length of street. `barriers_m` (b,) are lines that no way
    off the network may cross.
    """

    xy_m: Floats
    start: Small
    end: Small
    length_dm: Small
    first_vertex: Ints
    vertices_m: Floats
    first_arc: Ints
    arc_node: Small
    arc_dm: Small
    island: Small
    barriers_m: Shapes
    metric_srid: int


@dataclass(frozen=True)
class Snapped:
    """k points on their nearest edges. `edge` (k,) is -1 where none is near enough; `along_dm` from the edge's start; `leg_dm`
    the straight way between point and edge; `island` of that edge, -1 where there is none."""

    edge: Ints
    along_dm: Small
    leg_dm: Small
    island: Small


@dataclass(frozen=True)
class ReachTable:
    """Who reaches what within the limit: the one table that coverage, accessibility, what-if and siting count from.

    Facility f is reached from cells `cell[first[f]:first[f + 1]]` (ascending) over `metres` of the same places (float32, legs
    and detour included). `n_cells` are there in all.
    """

    first: Ints
    cell: Small
    metres: NDArray[np.float32]
    n_cells: int
