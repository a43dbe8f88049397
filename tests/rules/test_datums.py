"""Shifted datums: round trips, and an independent converter as judge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.datums import Datum, from_wgs84, to_wgs84

METRES_PER_DEGREE = 111_320.0
SHIFTED = [Datum.GCJ02, Datum.BD09]
LON, LAT = st.floats(73.0, 135.0), st.floats(3.0, 54.0)


def miss_m(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Distance in metres between two lists of places."""
    return np.hypot((a[0] - b[0]) * np.cos(np.radians(a[1])), a[1] - b[1]) * METRES_PER_DEGREE


@given(st.sampled_from(list(Datum)), st.lists(st.tuples(LON, LAT), min_size=1, max_size=30))
def test_there_and_back_is_the_same_place_to_a_tenth_of_a_millimetre(
    datum: Datum, places: list[tuple[float, float]]
) -> None:
    lon, lat = np.array(places).T
    there = from_wgs84(lon, lat, datum=datum)
    assert miss_m((lon, lat), to_wgs84(*there, datum=datum)).max() < 1e-4
    back = to_wgs84(lon, lat, datum=datum)
    assert miss_m((lon, lat), from_wgs84(*back, datum=datum)).max() < 1e-4


def test_another_converter_agrees_to_centimetres() -> None:
    judge = pytest.importorskip("eviltransform")
    random = np.random.default_rng(1)
    lon, lat = random.uniform(73, 135, 500), random.uniform(3, 54, 500)
    pairs = list(zip(lat.tolist(), lon.tolist(), strict=True))
    for datum, forward in ((Datum.GCJ02, judge.wgs2gcj), (Datum.BD09, judge.wgs2bd)):
        expected = np.array([forward(*pair) for pair in pairs]).T[::-1]
        # The judge divides by the radius of WGS 84 instead of Krasovsky's: 1.7e-5 of the shift.
        assert miss_m(from_wgs84(lon, lat, datum=datum), (expected[0], expected[1])).max() < 0.03
    exact = np.array([judge.gcj2wgs_exact(*pair) for pair in pairs]).T[::-1]
    # And stops its search at 1e-6 degree on each axis.
    assert miss_m(to_wgs84(lon, lat, datum=Datum.GCJ02), (exact[0], exact[1])).max() < 0.2


def test_the_shift_in_dongguan_is_the_known_one() -> None:
    gcj = from_wgs84([113.75], [23.02], datum=Datum.GCJ02)
    bd = from_wgs84([113.75], [23.02], datum=Datum.BD09)
    here = (np.array([113.75]), np.array([23.02]))
    assert 400 < miss_m(here, gcj)[0] < 700
    assert 700 < miss_m(gcj, bd)[0] < 1_100


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_plain_datums_are_left_alone_but_copied(datum: Datum) -> None:
    lon, lat = np.array([113.75]), np.array([23.02])
    moved = to_wgs84(lon, lat, datum=datum)
    assert (moved[0].tolist(), moved[1].tolist()) == ([113.75], [23.02])
    assert not np.shares_memory(moved[0], lon)


@pytest.mark.parametrize("datum", SHIFTED)
def test_abroad_nothing_moves_and_nan_stays_nan(datum: Datum) -> None:
    lon, lat = to_wgs84([2.35, -70.0, np.nan], [48.86, -33.0, 23.0], datum=datum)
    np.testing.assert_array_equal(lon, [2.35, -70.0, np.nan])
    np.testing.assert_array_equal(lat, [48.86, -33.0, 23.0])


def test_the_datum_may_be_given_by_its_name_and_only_a_known_one() -> None:
    assert to_wgs84([113.75], [23.02], datum=Datum("gcj02"))[0][0] < 113.75
    with pytest.raises(ValueError, match="mars"):
        to_wgs84([113.75], [23.02], datum="mars")  # type: ignore[arg-type]
