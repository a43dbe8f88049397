"""Which larger unit a smaller one belongs to."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.homes import NOWHERE, homes_by_overlap, homes_of_points


def _boxes(*bounds: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([shapely.box(*each) for each in bounds], dtype=object)


def test_a_unit_belongs_where_most_of_it_lies() -> None:
    parents = _boxes((0, 0, 1, 1), (1, 0, 2, 1))
    found = homes_by_overlap(_boxes((0.2, 0.2, 1.4, 0.8), (1.5, 0, 1.6, 1), (5, 5, 6, 6)), parents)
    assert found.home.tolist() == [0, 1, NOWHERE]
    assert np.allclose(found.fraction, [2 / 3, 1, 0])


def test_of_equals_the_first_is_taken() -> None:
    found = homes_by_overlap(_boxes((0.5, 0, 1.5, 1)), _boxes((0, 0, 1, 1), (1, 0, 2, 1)))
    assert found.home.tolist() == [0]


def test_touching_is_not_belonging() -> None:
    assert homes_by_overlap(_boxes((1, 0, 2, 1)), _boxes((0, 0, 1, 1))).home.tolist() == [NOWHERE]


def test_with_groups_a_home_is_looked_for_in_the_own_group() -> None:
    parents = _boxes((0, 0, 1, 1), (0.9, 0, 2, 1))
    found = homes_by_overlap(_boxes((0.5, 0, 1.1, 1)), parents, unit_group=np.array([7]), parent_group=np.array([3, 7]))
    assert found.home.tolist() == [1]


@given(st.lists(st.tuples(st.floats(0, 3.9), st.floats(0, 0.9)), min_size=1, max_size=20))
def test_points_and_tiny_boxes_around_them_have_the_same_home(places: list[tuple[float, float]]) -> None:
    parents = _boxes(*[(x, 0, x + 1, 1) for x in range(4)])
    x, y = np.array(places).T
    inside = np.abs(x - np.round(x)) > 1e-6
    tiny = shapely.box(x - 1e-9, y - 1e-9, x + 1e-9, y + 1e-9)
    assert (homes_of_points(shapely.points(x, y), parents) == homes_by_overlap(tiny, parents).home)[inside].all()


def test_a_point_on_a_shared_edge_has_one_home() -> None:
    assert homes_of_points(shapely.points([1.0], [0.5]), _boxes((0, 0, 1, 1), (1, 0, 2, 1))).tolist() == [0]
