"""Circles for the map: the ground reached within so many metres, in bands. For display only: figures count cells.

On foot, the ground is looked at in a raster: every pixel is a place of its own, put on its nearest street and measured over the
network like a cell, and contours are drawn between. So a band ends at a river where there is no bridge, and ground further than
`leg_m` from every street is in no band but is shown as what it is, off the network. A contour may be off by a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import contourpy
import numpy as np
import shapely

from gis.records import Floats, Shapes
from gis.rules import radius, walking
from gis.rules.remembering import remembered
from gis.rules.walking_network import Snapped, WalkingNetwork

FINEST_M: Final = 10.0
MOST_PIXELS: Final = 1_000_000
LEG_M: Final = 150.0
"""Ground further from every street than this is shown as off the network."""
CORNERS_PER_QUARTER: Final = 16


@dataclass(frozen=True)
class Bands:
    """Polygons in metres: `shape_m[i]` is the ground beyond `limits_m[i - 1]` and up to `limits_m[i]`; empty shapes for bands
    without ground. `off_network_m` is the ground in straight reach that is too far from every street to be walked to."""

    limits_m: Floats
    shape_m: Shapes
    off_network_m: shapely.Geometry
    pixel_m: float


@dataclass(frozen=True)
class Raster:
    """Pixels of a window on their streets; x and y of their middles."""

    x_m: Floats
    y_m: Floats
    pixel_m: float
    snapped: Snapped


def walked(network: WalkingNetwork, points_m: Floats, *, limits_m: Sequence[float], leg_m: float = LEG_M) -> Bands:
    """The ground that facilities at `points_m` (f, 2) reach on foot, all of them together, in bands up to each limit."""
    points_m, limits = np.asarray(points_m, float).reshape(-1, 2), np.sort(np.asarray(limits_m, float))
    if not len(points_m):
        return Bands(limits, np.full(len(limits), shapely.MultiPolygon(), object), shapely.MultiPolygon(), FINEST_M)
    raster = _raster(network, _window(points_m, limits[-1]), leg_m)
    sources = walking.snap(network, points_m, reach_m=leg_m)
    metres = walking.nearest(network, sources, raster.snapped, limit_m=limits[-1])[0]
    shape = (len(raster.y_m), len(raster.x_m))
    drawn = _contours(raster, np.where(np.isfinite(metres), metres, 2 * limits[-1]).reshape(shape), [-1.0, *limits])
    return Bands(limits, drawn, _off_network(raster, points_m, limits[-1]), raster.pixel_m)


def straight(points_m: Floats, *, limits_m: Sequence[float], detour: float = 1.0) -> Bands:
    """The ground within straight circles of facilities, all of them together, in bands up to each limit."""
    limits = np.sort(np.asarray(limits_m, float))
    points = np.asarray(shapely.points(np.asarray(points_m, float).reshape(-1, 2)))
    discs = [shapely.union_all(shapely.buffer(points, m / detour, quad_segs=CORNERS_PER_QUARTER)) for m in limits]
    rings = discs[:1] + [shapely.difference(outer, inner) for inner, outer in pairwise(discs)]
    return Bands(limits, np.array([_multi(ring) for ring in rings], object), shapely.MultiPolygon(), 0.0)


def _window(points_m: Floats, limit_m: float) -> tuple[float, float, float, float]:
    west, south = np.floor(points_m.min(axis=0) - limit_m)
    east, north = np.ceil(points_m.max(axis=0) + limit_m)
    return float(west), float(south), float(east), float(north)


def _raster(network: WalkingNetwork, window: tuple[float, float, float, float], leg_m: float) -> Raster:
    """The pixels of a window, one behind the edge all around. The last window asked for is kept: its bands are often asked for
    again, with other facilities in the same place or other limits."""
    kept: dict[object, Raster] = remembered(network, "raster", dict)
    raster = kept.get((window, leg_m))
    if raster is None:
        west, south, east, north = window
        pixel_m = max(FINEST_M, float(np.sqrt((east - west) * (north - south) / MOST_PIXELS)))
        x_m, y_m = np.arange(west - pixel_m, east + 2 * pixel_m, pixel_m), np.arange(south - pixel_m, north + 2 * pixel_m, pixel_m)
        middles = np.stack(np.meshgrid(x_m, y_m), axis=-1).reshape(-1, 2)
        raster = Raster(x_m, y_m, pixel_m, walking.snap(network, middles, reach_m=leg_m))
        kept.clear()
        kept[window, leg_m] = raster
    return raster


def _contours(raster: Raster, values: Floats, levels: Sequence[float]) -> Shapes:
    """What lies between each two levels, as multipolygons."""
    drawing = contourpy.contour_generator(raster.x_m, raster.y_m, values, fill_type=contourpy.FillType.OuterOffset)
    return np.array([_shaped(*drawing.filled(low, high)) for low, high in pairwise(levels)], object)


def _shaped(corners: Sequence[Floats], offsets: Sequence[Floats]) -> shapely.Geometry:
    """Polygons with holes from contourpy's corners and where their rings begin."""
    parts = []
    for points, starts in zip(corners, offsets, strict=True):
        rings = [points[begin:end] for begin, end in pairwise(starts)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return _multi(shapely.make_valid(shapely.MultiPolygon(parts)))


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))


def _off_network(raster: Raster, points_m: Floats, limit_m: float) -> shapely.Geometry:
    middles = np.stack(np.meshgrid(raster.x_m, raster.y_m), axis=-1).reshape(-1, 2)
    near = np.isfinite(radius.nearest(points_m, middles, limit_m=limit_m)[0])
    off = ((raster.snapped.edge < 0) & near).astype(float).reshape(len(raster.y_m), len(raster.x_m))
    drawn: shapely.Geometry = _contours(raster, off, [0.5, 1.5])[0]
    return drawn
