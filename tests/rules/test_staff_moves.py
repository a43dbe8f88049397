"""Who changes grids when a plan changes."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.staff_moves import Ground, Move, heirs, moves


def ground(keys: list[int], *, towns: list[int] | None = None) -> Ground:
    """Grids in a row, a kilometre apart."""
    centre_m = np.column_stack([1000.0 * np.arange(len(keys)), np.zeros(len(keys))])
    return Ground(np.array(keys), np.array(towns or [1] * len(keys)), centre_m)


def who(staff: list[int]) -> np.ndarray:
    return np.array(staff, dtype=np.int64)


def test_a_grid_that_ends_goes_to_whoever_gets_most_of_it():
    before = who([1, 1, 1, 2, 2, 3])
    after = who([2, 3, 3, 2, 2, 3])
    assert heirs(before, after, weight=np.array([5.0, 2, 2, 1, 1, 1])) == {1: 2}
    assert heirs(before, after, weight=np.ones(6)) == {1: 3}


def test_nobody_moves_while_every_grid_lives_on():
    assert moves(who([7, 8, 9]), who([1, 2, 2]), heir={}, ground=ground([1, 2])) == []


def test_who_worked_a_grid_that_ends_goes_with_its_ground():
    assert moves(who([7, 8, 9]), who([1, 2, 3]), heir={1: 3}, ground=ground([2, 3])) == [Move(7, 1, 3)]


def test_a_new_grid_takes_one_from_the_nearest_that_has_several():
    found = moves(who([1, 2, 3, 4, 5]), who([10, 10, 20, 30, 30]), heir={}, ground=ground([30, 20, 10, -1]))
    assert found == [Move(2, 10, -1)]


def test_a_surplus_goes_to_the_nearest_open_post_of_its_town_first():
    towns = [1, 2, 1]
    found = moves(who([1, 2]), who([10, 10]), heir={}, ground=ground([10, 20, 30], towns=towns), posts=who([1, 1, 1]))
    assert found == [Move(2, 10, 30)]
    found = moves(who([1, 2, 3]), who([10, 10, 10]), heir={}, ground=ground([10, 20, 30], towns=towns), posts=who([1, 1, 1]))
    assert found == [Move(2, 10, 30), Move(3, 10, 20)]


def test_whom_no_post_is_left_for_is_told():
    assert moves(who([1, 2]), who([10, 10]), heir={}, ground=ground([10]), posts=who([1])) == [Move(2, 10, None)]


def test_who_must_move_anyway_makes_way_for_who_works_there_already():
    found = moves(who([1, 2, 3]), who([5, 10, 10]), heir={5: 10}, ground=ground([10, 20]), posts=who([2, 1]))
    assert found == [Move(1, 5, 20)]


@st.composite
def changes(draw):
    count = draw(st.integers(1, 8))
    keys = draw(st.lists(st.sampled_from([*range(1, 15), -1, -2, -3]), min_size=count, max_size=count, unique=True))
    towns = draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    ended = [key for key in range(1, 15) if key not in keys]
    heir = {key: draw(st.sampled_from(keys)) for key in ended}
    before = draw(st.lists(st.integers(1, 14), max_size=30))
    posts = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    return ground(keys, towns=towns), heir, who(before), who(posts)


@given(changes())
def test_as_few_move_as_can_be_and_every_post_that_can_be_is_filled(change):
    there, heir, before, posts = change
    staff = np.arange(len(before)) + 100
    found = moves(staff, before, heir=heir, ground=there, posts=posts)
    own = Counter(before.tolist())
    stay = sum(min(own[key], n) for key, n in zip(there.key.tolist(), posts.tolist(), strict=True))
    assert len(found) == len(before) - stay
    assert len({move.staff_id for move in found}) == len(found)
    after = Counter(before.tolist())
    after.subtract(move.from_key for move in found)
    after.update(move.to_key for move in found)
    placed = min(len(before), int(posts.sum()))
    filled = [after[key] for key in there.key.tolist()]
    assert sum(filled) == placed
    assert all(n <= wanted for n, wanted in zip(filled, posts.tolist(), strict=True))


@given(changes())
def test_nobody_leaves_the_town_while_it_has_an_open_post(change):
    there, heir, before, posts = change
    found = moves(np.arange(len(before)), before, heir=heir, ground=there, posts=posts)
    at = {key: position for position, key in enumerate(there.key.tolist())}
    town = {key: there.town[at[key]] for key in at} | {key: there.town[at[to]] for key, to in heir.items()}
    leavers = {town[move.from_key] for move in found if move.to_key is None or town[move.to_key] != town[move.from_key]}
    comers = {town[move.to_key] for move in found if move.to_key is not None and town[move.to_key] != town[move.from_key]}
    assert not leavers & comers


@given(changes())
def test_without_a_number_of_posts_every_grid_is_worked_if_there_are_enough(change):
    there, heir, before, _ = change
    found = moves(np.arange(len(before)), before, heir=heir, ground=there)
    after = dict(enumerate(before.tolist())) | {move.staff_id: move.to_key for move in found}
    assert None not in after.values()
    assert set(after.values()) <= set(there.key.tolist())
    assert len(set(after.values())) == min(len(before), len(there.key))
