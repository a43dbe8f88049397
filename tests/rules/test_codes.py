"""Grid codes by CJ/T 349-2010."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import DivisionInvalid
from gis.rules.codes import area_code_fits, grid_code_fits, number_areas, number_grids, reading_order

COMMUNITY = "441900003001"


def test_grids_are_read_from_left_to_right_and_top_to_bottom() -> None:
    x = np.array([900.0, 100.0, 500.0, 120.0, 880.0, 510.0])
    y = np.array([990.0, 1010.0, 1000.0, 15.0, 10.0, 0.0])
    assert reading_order(x, y).tolist() == [1, 2, 0, 3, 5, 4]


def test_a_community_that_is_not_split_has_sequence_00() -> None:
    assert number_grids(COMMUNITY, keeps=[""], order=np.array([0]), ever=set()) == [COMMUNITY + "00"]


def test_a_grid_that_lives_on_keeps_its_code_and_new_ones_take_the_next_free() -> None:
    ever = {COMMUNITY + "01", COMMUNITY + "02", COMMUNITY + "03"}
    codes = number_grids(COMMUNITY, keeps=["", COMMUNITY + "02", ""], order=np.array([2, 1, 0]), ever=ever)
    assert codes == [COMMUNITY + "05", COMMUNITY + "02", COMMUNITY + "04"]


def test_the_beijing_scheme_has_three_digits() -> None:
    assert number_grids(COMMUNITY, keeps=["", ""], order=np.array([0, 1]), ever=set(), scheme="beijing15") == [
        COMMUNITY + "001", COMMUNITY + "002",
    ]


def test_running_out_of_codes_is_refused_by_name() -> None:
    ever = {f"{COMMUNITY}{n:02d}" for n in range(1, 100)}
    with pytest.raises(DivisionInvalid, match=COMMUNITY):
        number_grids(COMMUNITY, keeps=["", ""], order=np.array([0, 1]), ever=ever)


@given(st.sets(st.integers(1, 60)), st.integers(1, 30), st.randoms(use_true_random=False))
def test_no_code_is_ever_used_twice(used: set[int], count: int, random: object) -> None:
    ever = {f"{COMMUNITY}{n:02d}" for n in used}
    order = np.array(random.sample(range(count), count))  # type: ignore[attr-defined]
    codes = number_grids(COMMUNITY, keeps=[""] * count, order=order, ever=ever)
    assert len(set(codes)) == count
    assert not set(codes) & ever


def test_an_area_s_code_begins_with_its_parent_s() -> None:
    assert area_code_fits("441900003", parent="441900", level="town")
    assert not area_code_fits("441900003", parent="441901", level="town")
    assert not area_code_fits("44190003", parent="441900", level="town")
    assert area_code_fits("440106", parent="440100", level="district")
    assert not area_code_fits("４４１９００００３", parent="441900", level="town")


def test_areas_without_a_code_get_the_next_free_in_reading_order() -> None:
    order = np.array([2, 0, 1])
    assert number_areas("441900", keeps=["", "441900001", ""], order=order, level="town") == ["441900003", "441900001", "441900002"]
    assert number_areas("440100", keeps=["", ""], order=np.array([0, 1]), level="district") == ["440101", "440102"]


def test_a_grid_s_code_begins_with_its_community_s() -> None:
    assert grid_code_fits("44190000300107", community="441900003001", scheme="cjt349")
    assert not grid_code_fits("441900003001007", community="441900003001", scheme="cjt349")
    assert grid_code_fits("441900003001007", community="441900003001", scheme="beijing15")
