"""Faults of delivered coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.coordinates import CoordinateFault, coordinate_faults

CASES = [
    (113.75, 23.02, CoordinateFault.OK),
    (72.004, 0.8293, CoordinateFault.OK),
    (np.nan, 23.02, CoordinateFault.MISSING),
    (None, np.inf, CoordinateFault.MISSING),
    (np.inf, 23.02, CoordinateFault.NOT_FINITE),
    (113.75, -np.inf, CoordinateFault.NOT_FINITE),
    (23.02, 113.75, CoordinateFault.SWAPPED),
    (45.0, 75.0, CoordinateFault.SWAPPED),
    (113.75, 95.0, CoordinateFault.OUT_OF_RANGE),
    (38_475_000.0, 2_547_000.0, CoordinateFault.OUT_OF_RANGE),
    (-180.1, 10.0, CoordinateFault.OUT_OF_RANGE),
    (0.0, 0.0, CoordinateFault.OUTSIDE_CHINA),
    (-113.75, 23.02, CoordinateFault.OUTSIDE_CHINA),
    (180.0, 90.0, CoordinateFault.OUTSIDE_CHINA),
]
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(("lon", "lat", "expected"), CASES)
def test_each_fault_is_named(lon: float | None, lat: float, expected: CoordinateFault) -> None:
    assert coordinate_faults([lon], [lat]).tolist() == [expected]


def test_all_points_are_judged_at_once() -> None:
    lon, lat, expected = zip(*CASES, strict=True)
    codes = coordinate_faults(lon, lat)
    assert (codes.dtype, codes.tolist()) == (np.int8, list(expected))


@given(st.lists(st.tuples(ANY_FLOAT, ANY_FLOAT), max_size=20))
def test_every_point_has_a_verdict_and_a_good_one_is_a_place_in_china(places: list[tuple[float, float]]) -> None:
    lon, lat = np.array(places, float).reshape(-1, 2).T
    codes = coordinate_faults(lon, lat)
    assert codes.shape == lon.shape
    good = codes == CoordinateFault.OK
    assert ((lon[good] >= 72) & (lon[good] <= 138) & (lat[good] >= 0) & (lat[good] <= 56)).all()


@given(st.floats(73, 135), st.floats(18, 54))
def test_what_is_good_is_called_swapped_the_other_way_round(lon: float, lat: float) -> None:
    assert (coordinate_faults([lon], [lat])[0], coordinate_faults([lat], [lon])[0]) == (
        CoordinateFault.OK,
        CoordinateFault.SWAPPED,
    )


def test_every_fault_tells_what_to_do() -> None:
    messages = [fault.message for fault in CoordinateFault if fault]
    assert len(set(messages)) == len(messages) == 5
    assert all(". " in message for message in messages)
    assert not CoordinateFault.OK.message
