"""What two plans do differently."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.plan_records import DraftGrid, Weights
from gis.records import Name
from gis.rules.comparison import LOADS, Comparison, Pieces, compare, renumbered, side, told_apart
from gis.rules.comparison_words import sentences, totals
from gis.rules.overlay import Parts, overlaid

COMMUNITY, TOWN = 7, 3
WEIGHTS = Weights(places={}, fixed_h=0)
NAMES = {"before": Name("甲", "One"), "after": Name("乙", "Two")}


def _grids(keys: str | list[int]) -> dict[int, DraftGrid]:
    found = {ord(key) if isinstance(key, str) else key for key in keys if key != "\n"}
    return {key: DraftGrid(key, "x" if key > 0 else "", COMMUNITY, "basic", "estate") for key in found}


def _pieces(before: list[int], after: list[int]) -> Pieces:
    n = len(before)
    ones = np.ones(n)
    return Pieces(
        np.arange(1, n + 1), np.full(n, COMMUNITY), np.array(before), np.array(after), 100 * ones, np.full(n, 10), np.full(n, 4),
        np.tile([1.0, 2.0, 3.0, 4.0, 5.0], (n, 1)), 113.7 + 0.001 * np.arange(n), 23 * ones, np.full(n, None, dtype=object),
    )  # fmt: skip


def _compared(before: list[int], after: list[int]) -> Comparison:
    pieces, town_of = _pieces(before, after), {COMMUNITY: TOWN}
    centre_m = np.column_stack([100.0 * np.arange(len(before)), np.zeros(len(before))])
    sides = (
        side(pieces, keys, _grids(keys.tolist()), centre_m=centre_m, weights=WEIGHTS, staff=staff, town_of=town_of)
        for keys, staff in ((pieces.before, {1: 4, 2: 3}), (pieces.after, {1: 4, 2: 3}))
    )
    return compare(pieces, *sides, town_of=town_of)


def test_the_same_plans_differ_in_nothing() -> None:
    found = _compared([1, 1, 2], [1, 1, 2])
    assert (found.changes, found.flows, totals(found).is_same) == ((), (), True)
    assert sentences(totals(found), **NAMES)[0].en == "“One” and “Two” are the same, grid by grid."


def test_a_cell_that_passes_is_lost_by_one_grid_and_gained_by_the_other() -> None:
    found = _compared([1, 1, 2], [1, 2, 2])
    told = {change.key: (change.status, change.gained.cells, change.lost.cells) for change in found.changes}
    assert told == {1: ("changed", 0, 1), 2: ("changed", 1, 0)}
    flow = found.flows[0]
    assert (flow.before, flow.after, flow.amounts.population, flow.amounts.hours, flow.amounts.incidents) == (1, 2, 10, 10.0, 5)
    assert totals(found).staff_moved == 0


def test_whoever_is_posted_on_a_grid_that_ends_has_to_move() -> None:
    found = _compared([1, 1, 2], [1, 1, -1])
    assert {change.key: change.status for change in found.changes} == {2: "ended", -1: "new"}
    assert (totals(found).staff_moved, totals(found).grids) == (3, (2, 2))
    assert "3 officers must move" in sentences(totals(found), **NAMES)[2].en


def test_fairness_is_told_before_and_after() -> None:
    found = _compared([1, 1, 1, 2], [1, 1, 2, 2])
    area = found.communities[0]
    assert area.variation[0] > area.variation[1] and area.deviation[0] > area.deviation[1]
    assert found.towns[0].area_id == TOWN and found.towns[0].moved.cells == 1


@pytest.mark.parametrize(
    ("before", "after", "zh", "en"),
    [
        (0.2, 0.1, "（下降50%）", " (50% less)"),
        (0.1, 0.2, "（上升100%）", " (100% more)"),
        (0.2, 0.2, "", ""),
        (0.0, 0.2, "", ""),
    ],
)
def test_by_how_much_is_said_only_of_what_changed(before: float, after: float, zh: str, en: str) -> None:
    told = replace(totals(_compared([1, 1, 1, 2], [1, 1, 2, 2])), variation_touched=(before, after))
    said = next(each for each in sentences(told, **NAMES) if "变异系数" in each.zh)
    assert f"变为{after:.3f}{zh}；" in said.zh
    assert f"on average{en}; over" in said.en


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=30))
def test_what_is_gained_is_what_is_lost_and_explains_every_grid(hands: list[tuple[int, int]]) -> None:
    found = _compared([one for one, _ in hands], [other for _, other in hands])
    assert sum(change.gained.population for change in found.changes) == sum(change.lost.population for change in found.changes)
    for change in found.changes:
        before = change.before.amounts.cells if change.before else 0
        after = change.after.amounts.cells if change.after else 0
        assert before + change.gained.cells - change.lost.cells == after


def test_new_grids_of_two_drafts_are_the_same_only_on_the_same_ground() -> None:
    pieces = _pieces([-1, -1, -2, 5], [-1, -1, 5, -2])
    others = told_apart(pieces, _grids([-1, -2, 5]))
    assert others == {-2: -3}
    told, grids = renumbered(pieces, _grids([-1, -2, 5]), others)
    assert (told.after.tolist(), sorted(grids)) == ([-1, -1, 5, -3], [-3, -1, 5])


def _parts(*boxes: tuple[int, float, float, float, float, int], weighed: bool = True) -> Parts:
    """Parts of the one cell 9 by grid, box in degrees, and residents; everybody brings an hour of each kind."""
    n = len(boxes)
    shape = np.array([shapely.box(*box[1:5]) for box in boxes], dtype=object)
    people = np.array([box[5] for box in boxes])
    loads = np.tile(people[:, None].astype(float), (1, len(LOADS)))
    grids = np.array([box[0] for box in boxes])
    nine, home = np.full(n, 9), np.full(n, COMMUNITY)
    return Parts(nine, home, grids, shape, shapely.area(shape) * 1e6, people, people, loads, np.full(n, weighed))


def test_a_cut_cell_over_a_whole_one_keeps_every_corner_and_all_it_holds() -> None:
    whole, cut = _parts((1, 0, 0, 2, 1, 10)), _parts((1, 0, 0, 0.5, 1, 7), (-1, 0.5, 0, 2, 1, 3))
    for before, after in ((whole, cut), (cut, whole)):
        found = overlaid(before, after)
        assert sorted(zip(found.before.tolist(), found.after.tolist(), strict=True)) in ([(1, -1), (1, 1)], [(-1, 1), (1, 1)])
        assert found.population.sum() == 10
    assert shapely.equals_exact(overlaid(whole, cut).shape, cut.shape).all()


def test_two_cuts_of_one_cell_are_laid_over_each_other() -> None:
    upright, level = _parts((1, 0, 0, 1, 2, 5), (-1, 1, 0, 2, 2, 6)), _parts((1, 0, 0, 2, 1, 8), (2, 0, 1, 2, 2, 3))
    found = overlaid(upright, level)
    assert len(found) == 4
    assert (found.population.sum(), found.loads[:, 0].sum()) == (11, 11.0)
    assert np.isclose(found.area_m2.sum(), 4e6)


def test_where_the_model_knows_only_the_older_cells_those_are_weighed() -> None:
    before, after = _parts((1, 0, 0, 2, 1, 10)), _parts((2, 0, 0, 2, 1, 99), weighed=False)
    assert overlaid(before, after).population.tolist() == [10]


def test_nothing_over_nothing_is_nothing() -> None:
    assert len(overlaid(_parts(), _parts())) == 0
