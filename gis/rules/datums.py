"""Coordinates delivered in the shifted Chinese datums, to WGS 84 and back.

GCJ-02 ("Mars coordinates", on most Chinese web maps) moves WGS 84 by 100 to 700 m; BD-09 (Baidu) moves GCJ-02 by about
1 km more. Both formulas were never published officially; these are the ones that circulate since 2013 and on which all
converters agree (e.g. googollee/eviltransform, wandergis/coordTransform), with the Krasovsky 1940 ellipsoid. CGCS2000
differs from WGS 84 by centimetres and is taken as equal.

Longitude and latitude are degrees, arrays of one shape, kept; NaN stays NaN. Outside the box of ``coordinates`` GCJ-02
is WGS 84 by convention; the box is asked about the given coordinate, so that within 1.5 km of its bounds (abroad or at
sea) there is no way back.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from gis.rules.coordinates import in_china_box

KRASOVSKY_RADIUS_M = 6_378_245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_EAST_DEG, BAIDU_NORTH_DEG = 0.0065, 0.006
_BAIDU_TURNS = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 10
"""Each step of the inverse divides the error by 50 or more: from 1.5 km to far below a millimetre."""

Floats = npt.NDArray[np.float64]
Places = tuple[Floats, Floats]


class Datum(StrEnum):
    """What the numbers of a delivered coordinate mean."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, *, datum: Datum) -> Places:
    """Longitude and latitude in WGS 84 of places given in ``datum``; exact to less than a millimetre."""
    return _moved(lon, lat, datum=datum, by=_unshifted)


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, *, datum: Datum) -> Places:
    """Longitude and latitude in ``datum`` of places given in WGS 84."""
    return _moved(lon, lat, datum=datum, by=_shifted)


def _moved(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, datum: Datum, by: Callable[[Floats, Floats, Datum], Places]
) -> Places:
    lons, lats = np.array(lon, np.float64), np.array(lat, np.float64)
    if Datum(datum) in (Datum.WGS84, Datum.CGCS2000):
        return lons, lats
    inside = in_china_box(lons, lats)
    lons[inside], lats[inside] = by(lons[inside], lats[inside], datum)
    return lons, lats


def _shifted(lon: Floats, lat: Floats, datum: Datum) -> Places:
    gcj_lon, gcj_lat = _gcj02(lon, lat)
    return _bd09(gcj_lon, gcj_lat) if datum == Datum.BD09 else (gcj_lon, gcj_lat)


def _unshifted(lon: Floats, lat: Floats, datum: Datum) -> Places:
    """The place whose shifted place is given: guess, shift, take the miss off the guess, again."""
    guess_lon, guess_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = _shifted(guess_lon, guess_lat, datum)
        guess_lon, guess_lat = guess_lon + (lon - there_lon), guess_lat + (lat - there_lat)
    return guess_lon, guess_lat


def _gcj02(lon: Floats, lat: Floats) -> Places:
    """GCJ-02 of WGS 84: a polynomial and waves in metres around 105 E, 35 N, turned into degrees on the ellipsoid."""
    x, y = lon - 105.0, lat - 35.0
    common = 0.1 * x * y + 40.0 / 3.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y**2 + 0.2 * np.sqrt(np.abs(x)) + common + _waves(y, 160.0, 320.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x**2 + 0.1 * np.sqrt(np.abs(x)) + common + _waves(x, 150.0, 300.0)
    phi = np.radians(lat)
    flattened = 1.0 - KRASOVSKY_E2 * np.sin(phi) ** 2
    prime_m = KRASOVSKY_RADIUS_M / np.sqrt(flattened)
    meridian_m = prime_m * (1.0 - KRASOVSKY_E2) / flattened
    return lon + np.degrees(east_m / (prime_m * np.cos(phi))), lat + np.degrees(north_m / meridian_m)


def _waves(t: Floats, twelve_m: float, thirty_m: float) -> Floats:
    """Waves of 2, 6, 24 and 60 degrees; the two long ones have the given weights in metres."""
    short = 20.0 * np.sin(np.pi * t) + 40.0 * np.sin(np.pi * t / 3.0)
    long = twelve_m * np.sin(np.pi * t / 12.0) + thirty_m * np.sin(np.pi * t / 30.0)
    return np.asarray(2.0 / 3.0 * (short + long))


def _bd09(lon: Floats, lat: Floats) -> Places:
    """BD-09 of GCJ-02: polar coordinates around 0 E, 0 N, ruffled and moved."""
    reach = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BAIDU_TURNS)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BAIDU_TURNS)
    return reach * np.cos(angle) + BAIDU_EAST_DEG, reach * np.sin(angle) + BAIDU_NORTH_DEG
