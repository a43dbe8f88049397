"""How many posts of each duty a grid should have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.apportionment import METHODS, apportion
from gis.rules.staffing import hours_per_officer, in_turn, posts_by_duty, scaled


@pytest.mark.parametrize("method", METHODS)
@given(
    hours=st.lists(st.floats(0.1, 500), min_size=1, max_size=30).map(np.array),
    more=st.integers(0, 60),
    enforcement=st.integers(0, 40),
    disposal=st.integers(0, 20),
)
def test_every_post_of_every_duty_is_given_and_every_grid_has_one_of_patrol(method, hours, more, enforcement, disposal):
    counts = {"disposal": disposal, "patrol": len(hours) + more, "enforcement": enforcement}
    posts = posts_by_duty(hours, counts, method=method)
    assert {duty: int(n.sum()) for duty, n in posts.items()} == counts
    assert posts["patrol"].min() >= 1
    assert min(n.min() for n in posts.values()) >= 0


@given(
    hours=st.lists(st.floats(0.1, 500), min_size=1, max_size=30).map(np.array), more=st.integers(0, 60), others=st.integers(0, 40)
)
def test_all_posts_of_a_grid_together_are_what_one_division_would_give(hours, more, others):
    counts = {"patrol": len(hours) + more, "enforcement": others}
    posts = posts_by_duty(hours, counts, method="sainte-lague")
    together = apportion(hours, sum(counts.values()), method="sainte-lague", least=1)
    assert sum(posts.values()).tolist() == together.tolist()


def test_patrol_comes_first_then_the_larger_duty():
    assert in_turn({"disposal": 593, "enforcement": 1186, "patrol": 10}) == ["patrol", "enforcement", "disposal"]


def test_more_posts_keep_the_proportions_of_the_duties():
    assert scaled({"patrol": 60, "enforcement": 30, "disposal": 10}, 50) == {"patrol": 30, "enforcement": 15, "disposal": 5}


def test_fewer_posts_of_patrol_than_grids_are_refused():
    with pytest.raises(ValueError, match="posts"):
        posts_by_duty(np.ones(3), {"patrol": 2}, method="hamilton")


def test_a_grid_without_officers_has_no_hours_per_officer():
    assert hours_per_officer(np.array([90.0, 30.0]), np.array([3, 0])).tolist() == pytest.approx([30, np.nan], nan_ok=True)
