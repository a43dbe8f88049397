"""What a grid has to do in a month."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.workload import deviation_fractions, spread_m, variation_fractions, walking_h


@given(st.integers(1, 50), st.floats(1, 500), st.floats(1e3, 1e6))
def test_walking_through_even_ground_does_not_depend_on_how_it_is_cut(parts: int, visits: float, area_m2: float) -> None:
    whole = walking_h(np.array([visits]), np.array([area_m2]), rounds=22, walking_kmh=4)[0]
    cut = walking_h(np.full(parts, visits / parts), np.full(parts, area_m2 / parts), rounds=22, walking_kmh=4).sum()
    assert np.isclose(whole, cut)


def test_spread_is_how_far_the_ground_lies_from_its_middle() -> None:
    centres = np.array([[500_000.0, 0.0], [500_200.0, 0.0], [500_900.0, 40.0]])
    found = spread_m(np.array([0, 0, 1]), 2, area_m2=np.array([5.0, 5.0, 7.0]), centre_m=centres)
    assert np.allclose(found, [100, 0], atol=1e-3)


def test_a_deviation_is_told_against_the_mean_of_the_own_community() -> None:
    hours, community = np.array([50.0, 150.0, 10.0]), np.array([7, 7, 9])
    assert deviation_fractions(hours, community).tolist() == [-0.5, 0.5, 0.0]
    homes, variation = variation_fractions(hours, community)
    assert (homes.tolist(), variation.tolist()) == ([7, 9], [0.5, 0.0])
