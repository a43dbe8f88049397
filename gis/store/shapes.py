"""Shapes in and out of PostGIS: the one place that knows how a geometry travels."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

from gis.records import Floats, Shapes, Texts
from gis.store.tables import SRID


def as_ewkb(shapes: Shapes, *, srid: int = SRID) -> list[str]:
    """Hex EWKB with its SRID, ready for COPY or a bound parameter."""
    marked = shapely.set_srid(np.asarray(shapes, dtype=object), srid)
    # GEOS writes hex itself, but in four times the time.
    return [written.hex() for written in shapely.to_wkb(marked, include_srid=True).tolist()]


def ewkb(shape: shapely.Geometry, *, srid: int = SRID) -> str:
    """One shape as hex EWKB with its SRID."""
    return as_ewkb(np.array([shape], dtype=object), srid=srid)[0]


def from_wkb(column: Iterable[Any]) -> Shapes:
    """Shapes from a column of `ST_AsBinary`."""
    return np.asarray(shapely.from_wkb([bytes(value) for value in column]), dtype=object)


def from_hex(column: Texts) -> Shapes:
    """Shapes from a column of `encode(ST_AsBinary(…), 'hex')`."""
    # GEOS reads hex itself, but in six times the time.
    return np.asarray(shapely.from_wkb([bytes.fromhex(value) for value in column]), dtype=object)


def as_multi(shapes: Shapes) -> Shapes:
    """Polygons as multipolygons of one part; multipolygons as they are."""
    shapes = np.asarray(shapes, dtype=object)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    out = shapes.copy()
    out[single] = shapely.multipolygons(shapes[single], indices=np.arange(int(single.sum())))
    return out


def label_points(shapes: Shapes) -> Shapes:
    """A point well inside each shape, for its label."""
    return np.asarray(shapely.point_on_surface(np.asarray(shapes, dtype=object)), dtype=object)


def boxes(shapes: Shapes) -> Floats:
    """West, south, east, north of each shape: (n, 4)."""
    return np.asarray(shapely.bounds(np.asarray(shapes, dtype=object)), dtype=np.float64)
