"""The nearest grid and its distance."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gis.rules.nearest import NearestGrids

ZONE = "EPSG:4547"
TWO_GRIDS = np.array([shapely.box(113.75, 23.02, 113.76, 23.03), shapely.box(113.76, 23.02, 113.77, 23.03)], object)


@pytest.fixture(scope="module")
def index() -> NearestGrids:
    return NearestGrids.build(TWO_GRIDS, metric_crs=ZONE)


@settings(deadline=None)
@given(st.floats(113.7, 113.7499), st.floats(22.95, 23.1))
def test_the_distance_is_the_geodesic_one_to_two_decimetres_per_kilometre(
    index: NearestGrids, lon: float, lat: float
) -> None:
    grids, distances_m = index.nearest([lon], [lat])
    to_lat = min(max(lat, 23.02), 23.03)
    expected_m = Geod(ellps="WGS84").inv(lon, lat, 113.75, to_lat)[2]
    assert grids.tolist() == [0]
    assert distances_m[0] == pytest.approx(expected_m, rel=2e-4, abs=0.01)


def test_inside_it_is_zero_and_a_tie_goes_to_the_first(index: NearestGrids) -> None:
    grids, distances_m = index.nearest([113.765, 113.76], [23.025, 23.025])
    assert (grids.tolist(), grids.dtype) == ([1, 0], np.int32)
    assert distances_m.tolist() == pytest.approx([0.0, 0.0], abs=1e-6)


def test_no_points_give_no_answers(index: NearestGrids) -> None:
    grids, distances_m = index.nearest([], [])
    assert (len(grids), len(distances_m)) == (0, 0)


def test_a_place_without_metres_is_refused_by_its_row(index: NearestGrids) -> None:
    with pytest.raises(ValueError, match="Row 1: "):
        index.nearest([113.75, np.nan], [23.0, 23.0])


def test_a_system_in_degrees_and_a_plan_without_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="metres"):
        NearestGrids.build(TWO_GRIDS, metric_crs="EPSG:4490")
    with pytest.raises(ValueError, match="no grid"):
        NearestGrids.build(np.array([], object), metric_crs=ZONE)
