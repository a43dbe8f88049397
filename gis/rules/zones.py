"""Coordinate systems that a city is measured in: CGCS2000 in zones of three degrees, and the way into and out of them."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from gis.feature_records import Bbox
from gis.records import Floats, Shapes

WGS84 = 4326
CORNERS_PER_SIDE = 32  # the sagitta of a side of 100 km is then below a metre
FARTHEST_M = 1e8  # no system has ground there, not even a zone's number before its easting; beyond it numbers lose their metres
SHORTEST_SIDE_M = 1e-6  # less is a point
# CGCS2000, 3-degree Gauss-Kruger zones by central meridian: EPSG 4534 is 75° E, 4554 is 135° E.
FIRST_SRID, FIRST_MERIDIAN_DEG, ZONE_DEG, ZONES = 4534, 75, 3, 21


def zone_of(lon: float) -> int:
    """EPSG code of the CGCS2000 3-degree Gauss-Kruger zone that a longitude lies in."""
    zone = round((lon - FIRST_MERIDIAN_DEG) / ZONE_DEG)
    return FIRST_SRID + min(max(zone, 0), ZONES - 1)


def is_in_degrees(srid: int) -> bool:
    """Whether a coordinate system counts in degrees, not in metres."""
    return _system(srid).is_geographic


def is_north_first(srid: int) -> bool:
    """Whether the northing or latitude stands first, by the authority's definition."""
    return bool(_system(srid).axis_info[0].direction == "north")


@lru_cache(maxsize=16)
def _system(srid: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(srid)


def ground_of_box(box: Bbox, *, srid: int) -> shapely.Geometry:
    """The ground, in degrees of WGS 84, that a box of another coordinate system covers; `box` is west, south, east, north.

    A straight side in one system is a curve in the other: corners are set along it. Of degrees, a west beyond the east goes the
    other way round the globe: both lie within ±180. What has no place on the globe covers nothing.
    """
    west, south, east, north = box
    if is_in_degrees(srid) and west > east:
        halves = ((west, south, 180.0, north), (-180.0, south, east, north))
        return shapely.union_all([ground_of_box(half, srid=srid) for half in halves])
    outline = shapely.box(west, south, east, north) if is_in_degrees(srid) else _with_corners(box)
    ground: shapely.Geometry = project(np.array([outline]), to=WGS84, source=srid)[0]
    return ground if np.isfinite(shapely.get_coordinates(ground)).all() else shapely.Polygon()


def _with_corners(box: Bbox) -> shapely.Geometry:
    """A box in metres with corners along its sides; a point if it has no size, empty if it lies off every system."""
    if min(box[2:]) < -FARTHEST_M or max(box[:2]) > FARTHEST_M:
        return shapely.Polygon()
    west, south, east, north = (min(max(side, -FARTHEST_M), FARTHEST_M) for side in box)
    side = max(east - west, north - south)
    if side < SHORTEST_SIDE_M:
        return shapely.Point(west, south)
    outline: shapely.Geometry = shapely.segmentize(shapely.box(west, south, east, north), side / CORNERS_PER_SIDE)
    return outline


def project(shapes: Shapes, *, to: int, source: int = WGS84) -> Shapes:
    """Shapes carried from one coordinate system to another; x is always the easting or longitude."""
    carry: Any = _carrier(source, to).transform
    carried: Shapes = shapely.transform(np.asarray(shapes, dtype=np.object_), carry, interleaved=False)
    return carried


def centres_m(shapes: Shapes, *, srid: int) -> Floats:
    """The middle of each shape of degrees in metres of a zone, as eastings and northings: shape (n, 2)."""
    middles: Floats = shapely.get_coordinates(shapely.centroid(shapes))
    if not len(middles):
        return middles
    return np.column_stack(_carrier(WGS84, srid).transform(middles[:, 0], middles[:, 1]))


@lru_cache(maxsize=16)
def _carrier(source: int, to: int) -> pyproj.Transformer:
    # Finding the way between two systems takes a third of a second; a transformer may be shared between threads.
    return pyproj.Transformer.from_crs(source, to, always_xy=True)
