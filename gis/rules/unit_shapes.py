"""Each unit's shape by itself: is it there, a polygon, in China, valid, in one piece, drawn only once?"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import shapely
from shapely import GeometryType

from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.findings import ERROR, NOTICE, REPAIRED, Finding

LATTICE_DECIMALS = 8
"""Degrees are kept to 1e-8, about a millimetre: shared corners are equal to the bit."""
PARTS_NAMED = 10

ToMetres = Callable[[Shapes], Shapes]


def unit_findings(shapes: Shapes, *, rows: Ints, names: Sequence[str], to_metres: ToMetres) -> list[Finding]:
    """Everything that is wrong with a unit taken alone. Shapes are in EPSG:4326, `to_metres` takes them to the city's zone.

    A unit without usable coordinates gets that one finding only; the shapes are not changed.
    """
    found = list(_unusable(shapes, rows=rows, names=names))
    good = usable(shapes)
    found += _invalid(shapes, good, rows=rows, names=names, to_metres=to_metres)
    found += _multipart(shapes, good, rows=rows, names=names, to_metres=to_metres)
    found += _duplicates(shapes, good, rows=rows, names=names)
    return found


def usable(shapes: Shapes) -> Flags:
    """Whether each is a polygon or multipolygon with coordinates that name a place in China."""
    polygon = _is_polygon(shapes) & ~shapely.is_empty(shapes)
    good: Flags = polygon & (_vertex_faults(only(shapes, polygon))[0] == 0)
    return good


def only(shapes: Shapes, kept: Flags) -> Shapes:
    """The shapes that are kept, None in the place of the others."""
    left = shapes.copy()
    left[~kept] = None
    return left


def mended(shapes: Shapes) -> Shapes:
    """Shapes on the lattice and valid, as polygons or multipolygons; None where nothing with an area is left.

    A shape that is on the lattice and valid stays the very same object.
    """
    mend = shapes.copy()
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    rounded = np.round(xy, LATTICE_DECIMALS)
    off = np.unique(owner[(rounded != xy).any(axis=1)])
    mend[off] = shapely.transform(shapes[off], lambda part: np.round(part, LATTICE_DECIMALS))
    for _ in range(4):
        bad = np.flatnonzero(~shapely.is_valid(mend) & ~shapely.is_missing(mend))
        if not len(bad):
            break
        repaired = shapely.make_valid(mend[bad], method="structure", keep_collapsed=False)
        mend[bad] = shapely.transform(repaired, lambda part: np.round(part, LATTICE_DECIMALS))
    mend[~(_is_polygon(mend) & shapely.is_valid(mend) & (shapely.area(mend) > 0))] = None
    return mend


def areas_m2(shapes: Shapes, *, to_metres: ToMetres) -> Floats:
    """Areas in the city's zone; 0 for a missing shape."""
    measured: Floats = np.nan_to_num(shapely.area(to_metres(shapes)))
    return measured


def places_of(shapes: Shapes) -> list[tuple[float, float]]:
    """A place inside each polygon or on each line, longitude and latitude."""
    points = shapely.point_on_surface(shapes)
    return list(zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True))


def _is_polygon(shapes: Shapes) -> Flags:
    flags: Flags = np.isin(shapely.get_type_id(shapes), (GeometryType.POLYGON, GeometryType.MULTIPOLYGON))
    return flags


def _vertex_faults(shapes: Shapes) -> tuple[Ints, Floats]:
    """Per shape the worst verdict on its vertices that names what to do, and the vertex; (0, NaN) for good ones."""
    verdict, place = np.zeros(len(shapes), np.int64), np.full((len(shapes), 2), np.nan)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    fault = coordinate_faults(xy[:, 0], xy[:, 1]).astype(np.int64)
    wrong = np.flatnonzero(fault)
    first, at = np.unique(owner[wrong], return_index=True)
    verdict[first], place[first] = fault[wrong[at]], xy[wrong[at]]
    return verdict, place


_RULE_OF_FAULT = {
    CoordinateFault.MISSING: "not_finite",
    CoordinateFault.NOT_FINITE: "not_finite",
    CoordinateFault.SWAPPED: "swapped",
    CoordinateFault.OUT_OF_RANGE: "out_of_range",
    CoordinateFault.OUTSIDE_CHINA: "outside_china",
}


def _unusable(shapes: Shapes, *, rows: Ints, names: Sequence[str]) -> Iterator[Finding]:
    gone = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    polygon = _is_polygon(shapes)
    for i in np.flatnonzero(gone).tolist():
        message = f"{names[i]} (feature {rows[i]}): it has no geometry. Draw it, or take the feature out of the layer."
        yield Finding("missing_geometry", ERROR, (int(rows[i]),), (names[i],), message)
    for i in np.flatnonzero(~gone & ~polygon).tolist():
        message = f"{names[i]} (feature {rows[i]}): it is a {shapes[i].geom_type}, not a polygon. Draw its area."
        yield Finding("not_polygon", ERROR, (int(rows[i]),), (names[i],), message, geom=shapes[i])
    verdict, place = _vertex_faults(only(shapes, polygon & ~gone))
    for i in np.flatnonzero(verdict).tolist():
        fault, (x, y) = CoordinateFault(int(verdict[i])), place[i].tolist()
        told = "A coordinate is no number. Draw the vertex again." if fault == CoordinateFault.MISSING else fault.message
        message = f"{names[i]} (feature {rows[i]}), vertex {x:.6f}, {y:.6f}: {told}"
        lon, lat = (y, x) if fault == CoordinateFault.SWAPPED else (x, y)
        at = (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else (None, None)
        yield Finding(_RULE_OF_FAULT[fault], ERROR, (int(rows[i]),), (names[i],), message, None, *at)


def _invalid(shapes: Shapes, good: Flags, *, rows: Ints, names: Sequence[str], to_metres: ToMetres) -> Iterator[Finding]:
    bad = np.flatnonzero(good & ~shapely.is_valid(shapes))
    repaired = mended(shapes[bad])
    before, after = areas_m2(shapes[bad], to_metres=to_metres), areas_m2(repaired, to_metres=to_metres)
    for at, i in enumerate(bad.tolist()):
        kind, lon, lat = _reason(shapes[i])
        where = f"{names[i]} (feature {rows[i]}): {kind} at {lon:.6f}, {lat:.6f}"
        point = shapely.Point(lon, lat)
        if repaired[at] is None:
            message = f"{where}; nothing with an area is left once it is made valid. Draw it again."
            yield Finding("collapsed", ERROR, (int(rows[i]),), (names[i],), message, None, lon, lat, point)
            continue
        changed_m2 = abs(after[at] - before[at])
        message = f"{where}; made valid, its area goes from {before[at]:,.1f} to {after[at]:,.1f} m²."
        yield Finding("invalid_ring", REPAIRED, (int(rows[i]),), (names[i],), message, changed_m2, lon, lat, point)


def _reason(shape: shapely.Geometry) -> tuple[str, float, float]:
    """What GEOS says is invalid, and where."""
    kind, _, place = shapely.is_valid_reason(shape).partition("[")
    x, y = (place.rstrip("]").split() if place else shapely.get_coordinates(shape)[0])[:2]
    return kind, float(x), float(y)


def _multipart(shapes: Shapes, good: Flags, *, rows: Ints, names: Sequence[str], to_metres: ToMetres) -> Iterator[Finding]:
    for i in np.flatnonzero(good & (shapely.get_num_geometries(shapes) > 1)).tolist():
        parts = shapely.get_parts(shapes[i])
        m2 = areas_m2(parts, to_metres=to_metres)
        order = np.argsort(-m2)
        sizes = ", ".join(f"{m2[part]:,.0f}" for part in order[:PARTS_NAMED])
        more = f" and {len(parts) - PARTS_NAMED} more" if len(parts) > PARTS_NAMED else ""
        lon, lat = places_of(parts[order[1:2]])[0]
        message = f"{names[i]} (feature {rows[i]}): {len(parts)} parts of {sizes}{more} m². Join them, if it should be one piece."
        yield Finding("multipart", NOTICE, (int(rows[i]),), (names[i],), message, float(len(parts)), lon, lat, shapes[i])


def _duplicates(shapes: Shapes, good: Flags, *, rows: Ints, names: Sequence[str]) -> Iterator[Finding]:
    where = np.flatnonzero(good)
    first: dict[bytes, int] = {}
    for i, key in zip(where.tolist(), shapely.to_wkb(shapely.normalize(shapes[where])), strict=True):
        j = first.setdefault(key, i)
        if j != i:
            lon, lat = shapely.get_coordinates(shapes[i])[0].tolist()
            message = (
                f"{names[i]} (feature {rows[i]}) has the same geometry as {names[j]} (feature {rows[j]}). Take one of them out."
            )
            yield Finding(
                "duplicate", ERROR, (int(rows[j]), int(rows[i])), (names[j], names[i]), message, None, lon, lat, shapes[i]
            )
