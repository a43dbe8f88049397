"""How far it is in a straight line: circles around facilities, in metres of the city's projected zone.

The zone errs by a few centimetres per 1,000 m (Gauss-Krüger, within 50 km of its meridian), so that its circles are geodesic
circles for every purpose here. A detour factor makes straight lines longer, as streets do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gis.records import Floats, Ints, Shapes
from gis.rules.ground_kernels import ground_within
from gis.rules.remembering import remembered
from gis.rules.walking_network import ReachTable

FEW = 8
AT_A_TIME = 1_024
"""Points whose pairs are sorted together: a pair takes three times the room until then."""
SAMPLED = 200


def nearest(points_m: Floats, targets_m: Floats, *, limit_m: float = np.inf, detour: float = 1.0) -> tuple[Floats, Ints]:
    """Metres to the nearest of `points_m` (f, 2) of every target (n, 2), and which it is; infinite and -1 beyond the limit."""
    if not len(points_m):
        return np.full(len(targets_m), np.inf), np.full(len(targets_m), -1)
    metres, point = cKDTree(points_m).query(targets_m)
    metres = metres * detour
    within = metres <= limit_m
    return np.where(within, metres, np.inf), np.where(within, point, -1)


def pairs(points_m: Floats, targets_m: Floats, *, limit_m: float, detour: float = 1.0) -> ReachTable:
    """All pairs of a facility of `points_m` (f, 2) and a target (n, 2) that are at most `limit_m` apart, detour counted."""
    points_m, targets_m = np.asarray(points_m, float).reshape(-1, 2), np.asarray(targets_m, float).reshape(-1, 2)
    first = np.zeros(len(points_m) + 1, np.int64)
    if not len(points_m) or not len(targets_m):
        return ReachTable(first, np.empty(0, np.int32), np.empty(0, np.float32), len(targets_m))
    if len(points_m) <= FEW:
        return _one_by_one(points_m, targets_m, limit_m=limit_m, detour=detour)
    tree, within_m = cKDTree(targets_m), limit_m / detour
    parts = [_sorted_pairs(points_m[at : at + AT_A_TIME], tree, within_m=within_m) for at in range(0, len(points_m), AT_A_TIME)]
    counts, cells, metres = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    np.cumsum(counts, out=first[1:])
    return ReachTable(first, cells, (metres * detour).astype(np.float32), len(targets_m))


def pairs_about(points_m: Floats, targets_m: Floats, *, limit_m: float, detour: float = 1.0) -> int:
    """How many pairs there are within a limit, judged by some of the points; along streets there are fewer, never more."""
    if not len(points_m) or not len(targets_m):
        return 0
    some = points_m[:: max(1, len(points_m) // SAMPLED)]
    near = cKDTree(targets_m).query_ball_point(some, limit_m / detour, return_length=True)
    return round(float(np.mean(near)) * len(points_m))


def _sorted_pairs(points_m: Floats, tree: cKDTree, *, within_m: float) -> tuple[Ints, NDArray[np.int32], Floats]:
    """Targets within reach of each point: how many, which, by point and target, and how far."""
    found = cKDTree(points_m).sparse_distance_matrix(tree, within_m, output_type="ndarray")
    found = found[np.lexsort((found["j"], found["i"]))]
    return np.bincount(found["i"], minlength=len(points_m)), found["j"].astype(np.int32), found["v"]


def _one_by_one(points_m: Floats, targets_m: Floats, *, limit_m: float, detour: float) -> ReachTable:
    """The same for a few points, whom all targets are measured from: a tree of the targets would take a hundred times as long."""
    x, y = targets_m.T
    metres = [np.sqrt((x - east) ** 2 + (y - north) ** 2) for east, north in points_m.tolist()]
    cells = [np.flatnonzero(each <= limit_m / detour) for each in metres]
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(near) for near in cells], dtype=np.int64)])
    ways = np.concatenate([each[near] for each, near in zip(metres, cells, strict=True)]) * detour
    return ReachTable(first, np.concatenate(cells).astype(np.int32), ways.astype(np.float32), len(targets_m))


def ground(shapes_m: Shapes, points_m: Floats, *, radius_m: float, k: int = 1) -> Floats:
    """The share of each cell's ground that lies within `k` circles or more, from 0 to 1, shape (n,); exact.

    Cells that lie wholly within or without are told by a tree; only those on the edge of a circle are measured (ground_kernels).
    The outlines of `shapes_m` are kept as long as the array lives: don't change it in place.
    Facilities in the same place, to the millimetre, are as many circles.
    """
    places, times = np.unique(np.round(np.asarray(points_m, float).reshape(-1, 2), 3), axis=0, return_counts=True)
    share = np.zeros(len(shapes_m))
    if not len(places) or not len(shapes_m):
        return share
    outline = remembered(shapes_m, "outline", lambda: _outline(shapes_m))
    tree, around_m = cKDTree(places), outline.around_m
    apart_m = tree.query(outline.centre_m, k=[1, k])[0]
    share[apart_m[:, 1] + around_m <= radius_m] = 1.0
    edge = np.flatnonzero((apart_m[:, 1] + around_m > radius_m) & (apart_m[:, 0] - around_m < radius_m))
    if len(edge):
        near = tree.query_ball_point(outline.centre_m[edge], radius_m + around_m[edge])
        first_circle = np.concatenate([[0], np.cumsum([len(circles) for circles in near])])
        area = ground_within(
            edge, outline.first_side, outline.sides, first_circle, np.concatenate(near).astype(np.int64), places, times,
            float(radius_m), k, outline.area_m2,
        )  # fmt: skip
        share[edge] = np.clip(area / outline.area_m2[edge], 0.0, 1.0)
    return share


class _Outline(NamedTuple):
    """Cells as the measuring of ground wants them: a circle around each, and its sides with the ground on their left."""

    centre_m: Floats
    around_m: Floats
    first_side: Ints
    sides: Floats
    area_m2: Floats


def _outline(shapes_m: Shapes) -> _Outline:
    centre = shapely.get_coordinates(shapely.centroid(shapes_m))
    parts, cell = shapely.get_parts(shapely.orient_polygons(shapes_m), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    home = cell[part[ring[:-1][joined]]]
    sides = np.column_stack([corners[:-1], corners[1:]])[joined]
    first_side = np.searchsorted(home, np.arange(len(shapes_m) + 1))
    around = np.maximum.reduceat(np.hypot(*(sides[:, :2] - centre[home]).T), first_side[:-1])
    return _Outline(centre, around, first_side, sides, np.asarray(shapely.area(shapes_m)))


def compile_kernels() -> None:
    """Compile the measuring of ground now, so that no question waits for it."""
    ground(np.array([shapely.box(0, 0, 10, 10)], object), np.zeros((1, 2)), radius_m=5.0)
