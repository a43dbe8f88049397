"""Ground laid from real district outlines: districts are exact unions of towns, whatever their shape."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from seed.ground import CommunityShare, DistrictShare, Ground, TownShare, lay_districts

WEST, SOUTH = 113.70, 22.90
TOWNS = (
    TownShare(3.0, None, None, (CommunityShare(1.0, 2, 14), CommunityShare(0.7, 1, 8))),
    TownShare(2.0, None, None, (CommunityShare(1.0, 1, 7),)),
)


def box(west: float, south: float, east: float, north: float) -> Any:
    """A box in hundredths of a degree from the corner."""
    return shapely.box(*np.round([WEST + west / 100, SOUTH + south / 100, WEST + east / 100, SOUTH + north / 100], 6))


INNER = box(2, 2, 4, 4)
LAKE = box(0.5, 0.5, 1.5, 1.5)
AROUND = box(0, 0, 6, 6).difference(INNER).difference(LAKE)
BESIDE = shapely.MultiPolygon([box(6, 0, 8, 6), box(9, 0, 11, 4), box(12, 0, 12.2, 0.2)])
SHARES = [DistrictShare(INNER, TOWNS), DistrictShare(AROUND, TOWNS * 2), DistrictShare(BESIDE, TOWNS * 2)]
NUMBERS = [len(share.towns) for share in SHARES]


@pytest.fixture(scope="module")
def ground() -> Ground:
    return lay_districts(SHARES, seed=7, metric_crs=4547)


def districts(ground: Ground) -> np.ndarray:
    bounds = np.cumsum([0, *NUMBERS])
    return np.array([shapely.coverage_union_all(ground.towns()[a:b]) for a, b in pairwise(bounds)], dtype=object)


def test_every_level_is_an_exact_coverage(ground: Ground) -> None:
    for level in (districts(ground), ground.towns(), ground.communities(), ground.grids(), ground.cells()):
        assert shapely.is_valid(level).all()
        assert shapely.coverage_is_valid(level)


def test_counts_are_exactly_those_asked_for(ground: Ground) -> None:
    assert [len(ground.town_rings), len(ground.community_rings)] == [10, 15]
    assert np.bincount(ground.community_town).tolist() == [2, 1] * 5
    assert len(ground.cell_rings) == 29 * 5


def test_a_district_inside_another_lies_in_its_hole(ground: Ground) -> None:
    inner, around, _ = districts(ground)
    assert shapely.symmetric_difference(inner, INNER).area < 1e-3 * INNER.area
    assert shapely.symmetric_difference(around, shapely.union(AROUND, LAKE)).area < 1e-3 * AROUND.area
    assert len(around.interiors) == 1


def test_islands_get_towns_if_they_are_large_enough_for_one(ground: Ground) -> None:
    beside = districts(ground)[2]
    large = shapely.get_parts(BESIDE)[:2]
    assert len(shapely.get_parts(beside)) == 2
    assert shapely.symmetric_difference(beside, shapely.MultiPolygon(list(large))).area < 1e-3 * BESIDE.area


def test_the_same_seed_lays_the_same_ground_to_the_bit(ground: Ground) -> None:
    again = lay_districts(SHARES, seed=7, metric_crs=4547)
    assert np.array_equal(again.vertices, ground.vertices)
    assert np.array_equal(again.cell_rings.members, ground.cell_rings.members)
