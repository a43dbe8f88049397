"""Coordinate systems by the names that the standard gives them (Part 2)."""

from gis.errors import BadQuery
from gis.rules import zones

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WGS84, CGCS2000, WEB_MERCATOR = 4326, 4490, 3857


def uris(metric_srid: int) -> list[str]:
    """The systems that a collection is answered in: the city's projected zone is the one to measure in."""
    return [CRS84, *(f"{_EPSG}{srid}" for srid in (WGS84, CGCS2000, WEB_MERCATOR, metric_srid))]


def of(parameter: str, uri: str, *, metric_srid: int) -> tuple[int, bool]:
    """The EPSG code behind a name, and whether north stands first. Raises BadQuery."""
    known = uris(metric_srid)
    if uri not in known:
        raise BadQuery(f"{parameter}: there is no {uri!r}; there are {', '.join(known)}.", field=parameter, known=known)
    if uri == CRS84:
        return WGS84, False
    srid = int(uri.removeprefix(_EPSG))
    return srid, zones.is_north_first(srid)
