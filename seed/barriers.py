"""Rivers and expressways among the streets of a made-up city: banks on either side, bridges and underpasses from bank to bank.

A river takes the place of the borders that it follows. Streets that came to it end on its banks; bridges join the banks every so
often, and wherever a part of the city would be cut off without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from gis.coverage_records import StreetLines
from seed.routes import Route

if TYPE_CHECKING:
    from seed.streets import Borders

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]


class Manner(NamedTuple):
    """How a kind of barrier lies in the city. `bank` and `bridge` are the classes of the streets along and across it."""

    half_width_m: float
    bridge_every_m: float
    bank: str
    bridge: str


MANNERS = {
    "river": Manner(25.0, 1_600.0, "footway", "bridge"),
    "expressway": Manner(15.0, 900.0, "service", "underpass"),
}
MOST_OF_A_STEP = 0.45
"""A street ends on a bank by giving up less than half of its first stretch, so that one between two banks keeps some."""


class _Streets(NamedTuple):
    """k streets that are left, and their 2k ends: first the k beginnings, then the k ends.

    `vertex` is where an end was, `xy_m` where it is now, `leaves_rad` the way it leads, `point` a number of that place.
    """

    coords_m: Floats
    street: Longs
    vertex: Longs
    xy_m: Floats
    leaves_rad: Floats
    point: Longs


class _Bank(NamedTuple):
    """One side of a route: points as one walks along it, each beside place `at` of the route; `of_street` where a street ends."""

    at: Longs
    xy_m: Floats
    point: Longs
    of_street: Flags


class _Bridges(NamedTuple):
    """Where the banks of a route can be joined: from left to right over its middle, `along_m` from its beginning."""

    lines_m: Floats
    left: Longs
    right: Longs
    of_street: Flags
    along_m: Floats


def barred(borders: Borders, routes: list[Route], vertices_m: Floats, *, classes: Shapes) -> StreetLines:
    """The streets that are left of borders where routes run, with banks and bridges, and the barriers; in metres as they are."""
    free = np.ones(len(borders.rank), dtype=bool)
    passing = np.zeros(len(vertices_m), dtype=np.int64)
    width_m = np.zeros(len(vertices_m))
    for route in routes:
        free[route.border] = False
        passing[np.unique(route.vertex)] += 1
        width_m[route.vertex] = np.maximum(width_m[route.vertex], MANNERS[route.kind].half_width_m)
    streets = _left(borders, free, width_m, vertices_m)
    lines, kinds = [shapely.linestrings(streets.coords_m, indices=streets.street)], [classes[free]]
    joined, ways = [streets.point.reshape(2, -1).T], []
    numbers = len(vertices_m) + len(streets.point)
    barriers = np.array([shapely.LineString(vertices_m[route.vertex]) for route in routes], dtype=object)
    barred_ground = shapely.union_all(barriers)
    shapely.prepare(barred_ground)
    for route in routes:
        banks = [_bank(route, streets, passing, vertices_m, left=left, numbers=numbers + left * len(route.vertex))
                 for left in (True, False)]  # fmt: skip
        numbers += 2 * len(route.vertex)
        for bank in banks:
            runs, steps = _runs(bank, barred_ground)
            lines.append(runs)
            kinds.append(np.full(len(runs), MANNERS[route.kind].bank, dtype=object))
            joined.append(steps)
        ways.append(_bridges(route, *banks, vertices_m))
    for route, way, built in zip(routes, ways, _built(routes, ways, np.concatenate(joined), numbers), strict=True):
        lines.append(np.asarray(shapely.linestrings(way.lines_m[built]), dtype=object))
        kinds.append(np.full(int(built.sum()), MANNERS[route.kind].bridge, dtype=object))
    named = np.array([route.kind for route in routes], dtype=object)
    return StreetLines(np.concatenate(lines), np.concatenate(kinds), barriers, named)


def _left(borders: Borders, free: Flags, width_m: Floats, vertices_m: Floats) -> _Streets:
    """The streets where no route runs, drawn back from the middle of the routes that they come to."""
    size = np.diff(borders.first)
    vertex = borders.vertex[np.repeat(free, size)]
    begins = np.append(0, np.cumsum(size[free]))
    coords = vertices_m[vertex]
    ends, inward = np.concatenate([begins[:-1], begins[1:] - 1]), np.repeat([1, -1], len(begins) - 1)
    way = coords[ends + inward] - coords[ends]
    length_m = np.hypot(*way.T)
    back = np.minimum(width_m[vertex[ends]], MOST_OF_A_STEP * length_m) / length_m
    coords[ends] += back[:, None] * way
    point = np.where(back > 0, len(vertices_m) + np.arange(len(ends)), vertex[ends])
    street = np.repeat(np.arange(len(begins) - 1), size[free])
    return _Streets(coords, street, vertex[ends], coords[ends], np.arctan2(way[:, 1], way[:, 0]), point)


def _bank(route: Route, streets: _Streets, passing: Longs, vertices_m: Floats, *, left: bool, numbers: int) -> _Bank:
    """The left or right side of a route. It breaks where another route crosses, and leaves out both ends at the city's edge."""
    middle, sign = vertices_m[route.vertex], 1.0 if left else -1.0
    onward = np.gradient(middle, axis=0)
    aside = np.column_stack([-onward[:, 1], onward[:, 0]]) / np.hypot(*onward.T)[:, None]
    beside = middle + sign * MANNERS[route.kind].half_width_m * aside
    open_here = passing[route.vertex] == 1
    open_here[[0, -1]] = False
    place = np.full(len(vertices_m), -1, dtype=np.int64)
    place[route.vertex[open_here]] = np.flatnonzero(open_here)
    come = np.flatnonzero(place[streets.vertex] >= 0)
    at = place[streets.vertex[come]]
    came = _bearing(middle[at - 1] - middle[at])
    turned = sign * (came - streets.leaves_rad[come]) % (2 * np.pi)
    ours = turned < sign * (came - _bearing(middle[at + 1] - middle[at])) % (2 * np.pi)
    come, at, turned = come[ours], at[ours], turned[ours]
    bare = np.setdiff1d(np.flatnonzero(open_here), at)
    at_all, order = np.concatenate([at, bare]), np.lexsort((np.append(turned, np.zeros(len(bare))), np.concatenate([at, bare])))
    return _Bank(
        at=at_all[order], xy_m=np.concatenate([streets.xy_m[come], beside[bare]])[order],
        point=np.concatenate([streets.point[come], numbers + bare])[order], of_street=(np.arange(len(at_all)) < len(at))[order],
    )  # fmt: skip


def _bearing(way: Floats) -> Floats:
    return np.arctan2(way[:, 1], way[:, 0])


def _runs(bank: _Bank, barriers: shapely.Geometry) -> tuple[Shapes, Longs]:
    """A bank as lines, and the pairs of points that they join. It breaks where it would cross a barrier at a sharp bend."""
    steps = shapely.linestrings(np.stack([bank.xy_m[:-1], bank.xy_m[1:]], axis=1))
    breaks = (np.diff(bank.at) > 1) | shapely.intersects(barriers, steps)
    run = np.append(0, np.cumsum(breaks)).astype(np.int64)[: len(bank.at)]
    keep = np.bincount(run, minlength=1)[run] > 1
    _, number = np.unique(run[keep], return_inverse=True)
    lines = shapely.linestrings(bank.xy_m[keep], indices=number)
    point, follows = bank.point[keep], np.diff(number) == 0
    return np.asarray(lines, dtype=object), np.column_stack([point[:-1][follows], point[1:][follows]])


def _bridges(route: Route, left: _Bank, right: _Bank, vertices_m: Floats) -> _Bridges:
    at, one, other = np.intersect1d(left.at, right.at, return_indices=True)
    middle = vertices_m[route.vertex]
    along_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(middle, axis=0).T)))
    return _Bridges(
        lines_m=np.stack([left.xy_m[one], middle[at], right.xy_m[other]], axis=1), left=left.point[one], right=right.point[other],
        of_street=left.of_street[one] | right.of_street[other], along_m=along_m[at],
    )  # fmt: skip


def _built(routes: list[Route], ways: list[_Bridges], joined: Longs, points: int) -> list[Flags]:
    """Which bridges stand: one where a street ends in every so many metres, and those without which a part would be cut off."""
    wanted = []
    for route, way in zip(routes, ways, strict=True):
        _, first = np.unique((way.along_m // MANNERS[route.kind].bridge_every_m)[way.of_street], return_index=True)
        stands = np.zeros(len(way.left), dtype=bool)
        stands[np.flatnonzero(way.of_street)[first]] = True
        wanted.append(stands)
    if not ways:
        return []
    stands = np.concatenate(wanted)
    ends = np.column_stack([np.concatenate([way.left for way in ways]), np.concatenate([way.right for way in ways])])
    stands[_needed(np.concatenate([joined, ends[stands]]), ends, points)] = True
    return np.split(stands, np.cumsum([len(way.left) for way in ways])[:-1])


def _needed(joined: Longs, ends: Longs, points: int) -> Longs:
    """The fewest bridges that connect all parts that bridges can connect."""
    graph = coo_array((np.ones(len(joined), dtype=np.int8), joined.T), shape=(points, points))
    parts, part = connected_components(graph, directed=False)
    low, high = np.sort(part[ends], axis=1).T
    pairs, first = np.unique(low.astype(np.int64) * parts + high, return_index=True)
    apart = low[first] != high[first]
    bridge = first[apart]
    table = coo_array((bridge + 1.0, np.divmod(pairs[apart], parts)), shape=(parts, parts))
    return np.asarray(minimum_spanning_tree(table.tocsr()).data, dtype=np.int64) - 1
