"""What is blurred is always at the same place of its neighbourhood."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.blurring import SQUARE_DEG, neighbourhood

LON = st.floats(112, 115)
LAT = st.floats(22, 24)
WITHIN_DEG = SQUARE_DEG / 2 + 1e-6


def _at(lon: float, lat: float) -> tuple[float, float]:
    x, y = neighbourhood(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


@given(LON, LAT)
def test_the_place_that_is_told_is_in_the_neighbourhood_and_stays_there(lon: float, lat: float) -> None:
    told = _at(lon, lat)
    assert max(abs(told[0] - lon), abs(told[1] - lat)) <= WITHIN_DEG
    assert _at(*told) == told


@given(LON, LAT, st.floats(-0.499, 0.499), st.floats(-0.499, 0.499))
def test_all_of_a_neighbourhood_is_told_the_same(lon: float, lat: float, east: float, north: float) -> None:
    middle = _at(lon, lat)
    assert _at(middle[0] + east * SQUARE_DEG, middle[1] + north * SQUARE_DEG) == middle
