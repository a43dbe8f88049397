"""How far it is in a straight line: circles around facilities, in metres of the city's projected zone.

The zone errs by a few centimetres per 1,000 m (Gauss-Krüger, within 50 km of its meridian), so that its circles are geodesic
circles for every purpose here. A detour factor makes straight lines longer, as streets do.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from gis.records import Floats, Ints
from gis.rules.walking_network import ReachTable


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
    found = cKDTree(points_m).sparse_distance_matrix(cKDTree(targets_m), limit_m / detour, output_type="ndarray")
    found = found[np.lexsort((found["j"], found["i"]))]
    np.cumsum(np.bincount(found["i"], minlength=len(points_m)), out=first[1:])
    return ReachTable(first, found["j"].astype(np.int32), (found["v"] * detour).astype(np.float32), len(targets_m))
