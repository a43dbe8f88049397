"""What is wrong with a delivered coordinate, in words that tell the sender what to do."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

CHINA_WEST_DEG, CHINA_EAST_DEG = 72.004, 137.8347
CHINA_SOUTH_DEG, CHINA_NORTH_DEG = 0.8293, 55.8271
"""The box in which GCJ-02 is defined by convention; it holds the country and some of its neighbours."""

Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]


class CoordinateFault(IntEnum):
    """One verdict per point. The numbers are stored with rejected rows: never reuse one."""

    OK = 0
    MISSING = 1
    NOT_FINITE = 2
    SWAPPED = 3
    OUT_OF_RANGE = 4
    OUTSIDE_CHINA = 5

    @property
    def message(self) -> str:
        """What to do about it; empty for a good coordinate."""
        return _MESSAGES[self]


_MESSAGES = {
    CoordinateFault.OK: "",
    CoordinateFault.MISSING: "Longitude or latitude is missing. Send both as numbers, in degrees.",
    CoordinateFault.NOT_FINITE: "Longitude or latitude is infinite. Check the device or the conversion, send degrees.",
    CoordinateFault.SWAPPED: "Longitude and latitude are swapped. Send longitude (72-138), then latitude (1-56).",
    CoordinateFault.OUT_OF_RANGE: "No such place: longitude goes from -180 to 180 and latitude from -90 to 90. "
    "Send degrees; large numbers are often metres of a projected system.",
    CoordinateFault.OUTSIDE_CHINA: "Outside China. Check sign, decimal point and whether the device had a fix.",
}


def coordinate_faults(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Codes:
    """Judge points in degrees, two arrays of one shape (None counts as missing); int8 codes of CoordinateFault in that
    shape.

    The first that applies wins, in the order of the codes: a swapped pair is called swapped although its latitude is
    also out of range, because that is what the sender can mend. The bounds themselves are good. Datum shifts (at most
    1.5 km) do not matter.
    """
    lons, lats = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    tests = {
        CoordinateFault.MISSING: np.isnan(lons) | np.isnan(lats),
        CoordinateFault.NOT_FINITE: np.isinf(lons) | np.isinf(lats),
        CoordinateFault.SWAPPED: in_china_box(lats, lons),
        CoordinateFault.OUT_OF_RANGE: (np.abs(lons) > 180.0) | (np.abs(lats) > 90.0),
        CoordinateFault.OUTSIDE_CHINA: ~in_china_box(lons, lats),
    }
    return np.select(list(tests.values()), [np.int8(fault) for fault in tests], np.int8(CoordinateFault.OK))


def in_china_box(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Flags:
    """Whether points lie in the box in which GCJ-02 is defined, its bounds included; False for NaN."""
    east_west = (lon >= CHINA_WEST_DEG) & (lon <= CHINA_EAST_DEG)
    return east_west & (lat >= CHINA_SOUTH_DEG) & (lat <= CHINA_NORTH_DEG)
