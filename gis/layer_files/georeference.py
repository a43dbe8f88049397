"""Coordinates of a delivered layer, carried to longitude and latitude in WGS 84."""

from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyproj
import shapely

from gis.errors import BadFile
from gis.records import Floats, Shapes
from gis.rules.borders import polygons_of
from gis.rules.datums import Datum, to_wgs84

WGS84 = pyproj.CRS.from_epsg(4326)
EQUAL_DATUMS = ("World Geodetic System 1984", "China 2000", "China Geodetic Coordinate System 2000", "WGS_1984", "D_WGS_1984",
                "CGCS2000", "D_China_2000")
"""CGCS2000 equals WGS 84 to within centimetres; both are taken as they are, so that no coordinate changes a bit."""
_DECLARE = "Declare EPSG:4490 or EPSG:4547, for example."


def crs_of(text: str | None) -> tuple[str | None, str | None]:
    """The code (or the text itself) and the name of what a file says of its coordinates. Raises BadFile for nonsense."""
    if not text:
        return None, None
    if _parsed(text).is_engineering:  # a drawing's own system: it says nothing of a place on the earth
        return None, None
    crs = _crs(text)
    code = crs.to_authority(min_confidence=70)
    return (":".join(code) if code else text), crs.name


@lru_cache(maxsize=64)
def _parsed(text: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise BadFile(f"{text[:80]!r} is no coordinate system. {_DECLARE}") from error


@lru_cache(maxsize=64)
def _crs(text: str) -> pyproj.CRS:
    """A system of degrees or of a map, without its heights. Raises BadFile for any other."""
    crs = _parsed(text)
    flat = crs.to_2d() if len(crs.axis_info) > 2 else crs
    if not (flat.is_geographic or flat.is_projected) or len(flat.axis_info) != 2:
        raise BadFile(f"{crs.name} is no system of longitude and latitude or of a map. {_DECLARE}")
    return flat


def located(shapes: Shapes, *, crs: str | None, datum: Datum, name: str) -> tuple[Shapes, list[str]]:
    """Shapes in EPSG:4326 without Z, polygons taken out of collections, and notes on what was assumed.

    Raises BadFile if nothing says what the coordinates are and they are no degrees, or a shifted datum is declared for metres.
    """
    flat = shapes.copy()
    solid = shapely.has_z(shapes)
    flat[solid] = shapely.force_2d(shapes[solid])
    mixed = np.flatnonzero(
        (shapely.get_type_id(flat) == shapely.GeometryType.GEOMETRYCOLLECTION) & (shapely.get_dimensions(flat) == 2)
    )
    flat[mixed] = polygons_of(flat[mixed])
    notes = [f"Polygons were taken out of {len(mixed)} geometry collections."] if len(mixed) else []
    if crs is None:
        _require_degrees(flat, name)
        notes.append("The file does not say its coordinate system; longitude and latitude in WGS 84 are assumed.")
    else:
        flat, notes = _carried(flat, _crs(crs)), notes + _accuracy_notes(_crs(crs))
    if datum in (Datum.GCJ02, Datum.BD09):
        if crs is not None and not _crs(crs).is_geographic:
            raise BadFile(f"{name} is in {_crs(crs).name}; {datum.value} can be declared for degrees only.")
        unshift: Any = partial(to_wgs84, datum=datum)
        flat = shapely.transform(flat, unshift, interleaved=False)
    return flat, notes


def _carried(shapes: Shapes, crs: pyproj.CRS) -> Shapes:
    equal = _datum_name(crs).removesuffix(" ensemble") in EQUAL_DATUMS
    if crs.is_geographic and equal:
        return shapes
    transform: Any = _transformer(crs, crs.geodetic_crs if equal and crs.geodetic_crs else WGS84).transform
    with np.errstate(invalid="ignore"):
        carried: Shapes = shapely.transform(shapes, transform, interleaved=False)
    return carried


def _datum_name(crs: pyproj.CRS) -> str:
    geodetic = crs.geodetic_crs
    return geodetic.datum.name if geodetic is not None and geodetic.datum is not None else "an unknown datum"


@lru_cache(maxsize=32)
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _accuracy_notes(crs: pyproj.CRS) -> list[str]:
    datum = _datum_name(crs)
    if datum.removesuffix(" ensemble") in EQUAL_DATUMS:
        return []
    accuracy_m = _transformer(crs, WGS84).accuracy
    how = f"to about {accuracy_m:g} m" if accuracy_m > 0 else "with unknown accuracy"
    return [f"{crs.name} stands on {datum}; it is carried to WGS 84 {how}."]


def _require_degrees(shapes: Shapes, name: str) -> None:
    xy: Floats = shapely.get_coordinates(shapes)
    xy = xy[np.isfinite(xy).all(axis=1)]
    metres = np.flatnonzero((np.abs(xy) > 180.0).any(axis=1))
    if len(metres):
        x, y = xy[metres[0]].tolist()
        raise BadFile(f"{name} does not say its coordinate system, and {x:,.1f}, {y:,.1f} are no degrees. Declare it{_hint(x)}.")


def _hint(easting_m: float) -> str:
    """The zone that an easting with the zone's number in front points at."""
    zone = int(easting_m // 1e6)
    if 25 <= zone <= 45:
        return f"; it looks like zone {zone} of CGCS2000 / 3-degree Gauss-Kruger, EPSG:{4513 + zone - 25}"
    if 13 <= zone <= 23:
        return f"; it looks like zone {zone} of CGCS2000 / Gauss-Kruger, EPSG:{4491 + zone - 13}"
    return ", for example EPSG:4547 (CGCS2000 / 3-degree Gauss-Kruger CM 114E)"
