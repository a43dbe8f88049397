"""The order of a patrol: each place once, and never longer than going to the nearest one each time."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.walking_order import distances, improved, length_m, nearest_first, walking_order

METRES = st.floats(-2_000, 2_000).map(lambda metres: round(metres, 1))
PLACES = st.lists(st.tuples(METRES, METRES), min_size=1, max_size=24)
START = np.zeros(2)


@given(PLACES)
def test_every_place_is_visited_once_and_the_way_is_never_longer_than_by_the_nearest(places: list[tuple[float, float]]) -> None:
    order = walking_order(np.array(places), start_m=START)
    assert sorted(order.tolist()) == list(range(len(places)))
    way = distances(np.vstack([START, np.array(places)]))
    assert length_m(np.append(0, order + 1), way) <= length_m(nearest_first(way), way) + 1e-6


@given(st.lists(st.tuples(METRES, METRES), min_size=2, max_size=6))
def test_a_few_places_are_walked_within_a_fifth_of_the_best_way(places: list[tuple[float, float]]) -> None:
    way = distances(np.vstack([START, np.array(places)]))
    found = length_m(improved(nearest_first(way), way), way)
    best = min(length_m(np.array([0, *order]), way) for order in permutations(range(1, len(way))))
    assert found <= best * 1.2 + 1e-6


def test_places_along_a_street_are_walked_along_the_street() -> None:
    street = np.array([[x, 0.0] for x in (300, 100, 500, 200, 400)])
    assert walking_order(street, start_m=START).tolist() == [1, 3, 0, 4, 2]


def test_the_nearest_is_not_taken_first_where_that_would_cost_a_way_back() -> None:
    assert nearest_first(distances(np.array([[0, 0], [-1.0, 0], [1.1, 0], [5.0, 0]]))).tolist() == [0, 1, 2, 3]
    assert walking_order(np.array([[-300.0, 0], [310.0, 0], [320, 0], [-310, 0]]), start_m=START).tolist()[0] in (0, 1)


@pytest.mark.parametrize("places", [0, 1])
def test_nothing_and_one_place_are_an_order(places: int) -> None:
    assert walking_order(np.zeros((places, 2)), start_m=START).tolist() == list(range(places))


def test_a_large_grid_is_ordered_well_under_a_second_and_far_shorter_than_by_the_nearest() -> None:
    places = np.random.default_rng(5).random((120, 2)) * 1_000
    way = distances(np.vstack([START, places]))
    assert length_m(improved(nearest_first(way), way), way) < 0.9 * length_m(nearest_first(way), way)
