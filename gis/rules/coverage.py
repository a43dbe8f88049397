"""What makes a division a division: no gap, no overlap, neighbours sharing their vertices to the bit.

Topology is judged by GEOS (`coverage_is_valid`): PostGIS 3.3 has no coverage functions.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely

from gis.records import Floats, Ints, Shapes, Texts

NAMED_AT_MOST = 20
AREA_TOLERANCE_FRACTION = 1e-9
# Zoom bands of generalised shapes: up to this zoom a border may stray by so many metres; beyond the last it is exact.
BAND_UPTO_ZOOM = (9, 11, 13)
BAND_TOLERANCE_M = (80.0, 25.0, 8.0)


def coverage_faults(shapes: Shapes, *, names: Sequence[str], kind: str) -> list[str]:
    """Every unit whose edges overlap or do not match a neighbour's, with a place; empty for a valid coverage."""
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if len(invalid):
        return [f"{kind} {names[i]}: {shapely.is_valid_reason(shapes[i])}" for i in invalid[:NAMED_AT_MOST]]
    edges = shapely.coverage_invalid_edges(shapes)
    found = np.flatnonzero(~(shapely.is_empty(edges) | shapely.is_missing(edges)))
    return [_edge_fault(kind, names[i], edges[i]) for i in found[:NAMED_AT_MOST]]


def _edge_fault(kind: str, name: str, edge: shapely.Geometry) -> str:
    lon, lat = shapely.get_coordinates(edge)[0]
    return f"{kind} {name}: its border overlaps or misses a neighbour's at {lon:.6f}, {lat:.6f}"


def nesting_faults(child_m2: Floats, parent: Ints, parent_m2: Floats, *, names: Sequence[str], kind: str) -> list[str]:
    """Every parent whose children do not fill it exactly; areas in square metres."""
    filled = np.bincount(parent, weights=child_m2, minlength=len(parent_m2))
    off = np.flatnonzero(np.abs(filled - parent_m2) > AREA_TOLERANCE_FRACTION * parent_m2 + 0.01)
    return [f"{kind} {names[i]}: its parts cover {filled[i]:.2f} of {parent_m2[i]:.2f} m²" for i in off[:NAMED_AT_MOST]]


def membership_faults(cell_grid: Ints, grids: int) -> list[str]:
    """Every cell without a grid of the division and every grid without a cell."""
    lost = np.flatnonzero((cell_grid < 0) | (cell_grid >= grids))
    empty = np.setdiff1d(np.arange(grids), cell_grid)
    return [f"cell {i}: it belongs to no grid" for i in lost[:NAMED_AT_MOST]] + [
        f"grid {i}: it has no cell" for i in empty[:NAMED_AT_MOST]
    ]


def united(shapes: Shapes, group: Ints, count: int) -> Shapes:
    """The ground of each group 0..count-1 of units that share their corners; empty for a group without any."""
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(count + 1))
    return np.array([shapely.coverage_union_all(shapes[order[start:end]]) for start, end in pairwise(ends)], dtype=object)


def generalise(shapes_m: Shapes, *, band: int) -> Shapes:
    """Shapes for a band of zoom, with borders still shared; given and returned in metres of the city's zone."""
    if band >= len(BAND_TOLERANCE_M):
        return shapes_m
    return np.asarray(shapely.coverage_simplify(shapes_m, tolerance=BAND_TOLERANCE_M[band]), dtype=object)


def band_of_zoom(zoom: int) -> int:
    """The band that a map at this zoom draws."""
    return sum(zoom > upto for upto in BAND_UPTO_ZOOM)


def named_sums(groups: Ints, count: int, *columns: Ints) -> list[Ints]:
    """Sums of integer columns by group 0..count-1."""
    return [np.bincount(groups, weights=column, minlength=count).round().astype(np.int64) for column in columns]


def communities_of(codes: Texts) -> tuple[Texts, Ints]:
    """The communities named, and for each grid the position of its own."""
    named, position = np.unique(codes.astype(str), return_inverse=True)
    return named.astype(object), position.astype(np.int64)
