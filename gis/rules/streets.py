"""Streets as lines become a walking network: cut where they share a vertex, numbered, and sorted into islands.

Lines that merely cross (a bridge over a street) do not join: only a vertex that both have is a junction. All coordinates are
metres of the city's projected zone. Which streets are walked at all is asked of `street_classes` before.
"""

from typing import NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.records import Floats, Ints, Shapes
from gis.rules.walking_network import DM_PER_M, Small, WalkingNetwork

MM_PER_M = 1_000
"""Vertices are rounded to the millimetre; those that agree then are one place, and stay so when they are written and read."""
CURVE_STEP_M = 10.0
"""Nodes are numbered along a curve through squares of this side, so that neighbours lie near each other in memory."""


class Laid(NamedTuple):
    """A network, and for each of its edges the line (its position) that it is a part of: (m,) ascending."""

    network: WalkingNetwork
    line: Ints


class _Vertices(NamedTuple):
    """The vertices of all lines, one line after the other; `place` is one number for all that agree to the millimetre."""

    xy_m: Floats
    part: Ints
    place: Ints


def lay(lines_m: Shapes, *, barriers_m: Shapes | None = None, metric_srid: int) -> Laid:
    """The walking network of LineStrings (k,). Edges keep the order of the lines and run their way.

    MultiLineStrings count as their parts; what is empty, has no length or no finite coordinate is left out. An edge may run from
    a node to itself (a closed lane), two may join the same nodes. Raises ValueError where no line has a length.
    """
    parts, line = _parts(np.asarray(lines_m, dtype=object))
    vertices = _vertices(parts)
    if not len(vertices.part):
        raise ValueError("There is no line with a length among the streets.")
    first, last = _cuts(vertices)
    along, first_vertex = _ranges(first, last + 1)
    vertices_m = vertices.xy_m[along]
    xy_m, (start, end) = _nodes(vertices, first, last)
    length_dm = lengths_dm(vertices_m, first_vertex)
    first_arc, arc_node, arc_dm = _arcs(start, end, length_dm, n_nodes=len(xy_m))
    network = WalkingNetwork(
        xy_m=xy_m, start=start, end=end, length_dm=length_dm, first_vertex=first_vertex, vertices_m=vertices_m,
        first_arc=first_arc, arc_node=arc_node, arc_dm=arc_dm, island=islands(start, end, length_dm, n_nodes=len(xy_m)),
        barriers_m=_barriers(barriers_m), metric_srid=metric_srid,
    )  # fmt: skip
    return Laid(network, np.asarray(line[vertices.part[first]], dtype=np.int64))


def edges_m(network: WalkingNetwork) -> Shapes:
    """The edges as LineStrings (m,) in metres."""
    edge = np.repeat(np.arange(len(network.start)), np.diff(network.first_vertex))
    return np.asarray(shapely.linestrings(network.vertices_m, indices=edge), dtype=object)


def islands(start: Small, end: Small, length_dm: Small, *, n_nodes: int) -> Small:
    """The island of each node (n,): connected parts numbered by their length of street, the longest 0."""
    graph = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(n_nodes, n_nodes))
    count, part = connected_components(graph, directed=False)
    length = np.bincount(part[start], weights=length_dm, minlength=count)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(-length, kind="stable")] = np.arange(count, dtype=np.int32)
    return np.asarray(rank[part], dtype=np.int32)


def lengths_dm(vertices_m: Floats, first_vertex: Ints) -> Small:
    """The length of each edge (m,) in decimetres, at least one."""
    steps = np.append(np.hypot(*np.diff(vertices_m, axis=0).T), 0.0)
    steps[first_vertex[1:] - 1] = 0.0
    length_m = np.add.reduceat(steps, first_vertex[:-1])
    return np.asarray(np.maximum(np.rint(length_m * DM_PER_M), 1), dtype=np.int32)


def _parts(lines: Shapes) -> tuple[Shapes, Ints]:
    """The single lines, and which line each is of."""
    # GEOS copies what it takes apart: half the time of the whole, where there is nothing to take apart.
    if (shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING).all():
        return lines, np.arange(len(lines))
    return shapely.get_parts(lines, return_index=True)


def _vertices(parts: Shapes) -> _Vertices:
    """The vertices of sound lines to the millimetre, without those that repeat the one before."""
    xy_m, part = shapely.get_coordinates(parts, return_index=True)
    sound = np.ones(len(parts), dtype=bool)
    sound[part[~np.isfinite(xy_m).all(axis=1)]] = False
    xy_m, part = np.rint(xy_m[sound[part]] * MM_PER_M) / MM_PER_M, part[sound[part]]
    place = _places(xy_m)
    fresh = np.ones(len(part), dtype=bool)
    fresh[1:] = (part[1:] != part[:-1]) | (place[1:] != place[:-1])
    long_enough = np.bincount(part[fresh], minlength=len(parts)) > 1
    keep = fresh & long_enough[part]
    return _Vertices(xy_m[keep], np.asarray(part[keep], dtype=np.int64), place[keep])


def _places(xy_m: Floats) -> Ints:
    """A number for each vertex, the same for those of the same millimetre."""
    if not len(xy_m):
        return np.empty(0, dtype=np.int64)
    mm = np.rint((xy_m - xy_m.min(axis=0)) * MM_PER_M).astype(np.int64)
    _, place = np.unique(mm[:, 0] * (mm[:, 1].max() + 1) + mm[:, 1], return_inverse=True)
    return np.asarray(place, dtype=np.int64)


def _cuts(vertices: _Vertices) -> tuple[Ints, Ints]:
    """The first and last vertex of each edge: lines end there, or share the place with another line or their own further on."""
    _, part, place = vertices
    starts = np.append(True, part[1:] != part[:-1])
    ends = np.append(starts[1:], True)
    junction = starts | ends | (np.bincount(place)[place] > 1)
    return np.flatnonzero(junction & ~ends), np.flatnonzero(junction & ~starts)


def _ranges(first: Ints, beyond: Ints) -> tuple[Ints, Ints]:
    """The numbers from each first up to each beyond (half-open), one range after the other, and where each begins (+ 1)."""
    size = beyond - first
    begins = np.append(0, np.cumsum(size)).astype(np.int64)
    return np.arange(begins[-1]) + np.repeat(first - begins[:-1], size), begins


def _nodes(vertices: _Vertices, first: Ints, last: Ints) -> tuple[Floats, tuple[Small, Small]]:
    """Coordinates of the nodes (n, 2), numbered along a curve through the city, and those at which edges start and end."""
    at = np.concatenate([first, last])
    _, seen, node = np.unique(vertices.place[at], return_index=True, return_inverse=True)
    xy_m = vertices.xy_m[at[seen]]
    order = _along_a_curve(xy_m)
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    start, end = np.split(number[node], 2)
    return xy_m[order], (start, end)


def _along_a_curve(xy_m: Floats) -> Ints:
    """The order of points along Morton's curve (1966): the bits of both coordinates taken in turn."""
    step = ((xy_m - xy_m.min(axis=0)) / CURVE_STEP_M).astype(np.uint64)
    spread = step.copy()
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F), (2, 0x3333333333333333),
                        (1, 0x5555555555555555)):  # fmt: skip
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return np.argsort(spread[:, 0] | (spread[:, 1] << np.uint64(1)), kind="stable")


def _arcs(start: Small, end: Small, length_dm: Small, *, n_nodes: int) -> tuple[Ints, Small, Small]:
    """Each edge both ways, by the node it leaves (CSR)."""
    leaves, reaches = np.concatenate([start, end]), np.concatenate([end, start])
    order = np.argsort(leaves, kind="stable")
    first_arc = np.append(0, np.cumsum(np.bincount(leaves, minlength=n_nodes))).astype(np.int64)
    return first_arc, reaches[order], np.concatenate([length_dm, length_dm])[order]


def _barriers(lines_m: Shapes | None) -> Shapes:
    if lines_m is None:
        return np.empty(0, dtype=object)
    parts = shapely.get_parts(shapely.force_2d(np.asarray(lines_m, dtype=object)))
    return np.asarray(parts[shapely.length(parts) > 0], dtype=object)
