"""Coordinate systems that a city is measured in: CGCS2000 in zones of three degrees, and the way into and out of them."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from gis.records import Shapes

WGS84 = 4326
# CGCS2000, 3-degree Gauss-Kruger zones by central meridian: EPSG 4534 is 75° E, 4554 is 135° E.
FIRST_SRID, FIRST_MERIDIAN_DEG, ZONE_DEG, ZONES = 4534, 75, 3, 21


def zone_of(lon: float) -> int:
    """EPSG code of the CGCS2000 3-degree Gauss-Kruger zone that a longitude lies in."""
    zone = round((lon - FIRST_MERIDIAN_DEG) / ZONE_DEG)
    return FIRST_SRID + min(max(zone, 0), ZONES - 1)


def project(shapes: Shapes, *, to: int, source: int = WGS84) -> Shapes:
    """Shapes carried from one coordinate system to another; x is always the easting or longitude."""
    carry: Any = _carrier(source, to).transform
    carried: Shapes = shapely.transform(np.asarray(shapes, dtype=np.object_), carry, interleaved=False)
    return carried


@lru_cache(maxsize=16)
def _carrier(source: int, to: int) -> pyproj.Transformer:
    # Finding the way between two systems takes a third of a second; a transformer may be shared between threads.
    return pyproj.Transformer.from_crs(source, to, always_xy=True)
