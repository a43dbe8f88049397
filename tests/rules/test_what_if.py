"""A change of facilities counted by what changed is what counting all anew comes to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules.walking_network import ReachTable
from gis.rules.what_if import Change, better_and_worse, change, mean_places, standing

CELLS = 12


def a_table(near: np.ndarray) -> ReachTable:
    cells = np.nonzero(near)[1].astype(np.int32)
    return ReachTable(np.concatenate([[0], np.cumsum(near.sum(axis=1))]), cells, np.ones(len(cells), np.float32), near.shape[1])


def cells_of(table: ReachTable, facility: int) -> np.ndarray:
    return table.cell[table.first[facility] : table.first[facility + 1]]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_what_changed_is_all_that_need_be_counted(seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    residents = random.integers(0, 60, CELLS)
    capacity = np.where(random.random(6) < 0.2, np.nan, random.integers(1, 90, 6).astype(float))
    whole = a_table(random.random((6, CELLS)) < 0.4)
    old, new = a_table(_rows(whole, range(4))), a_table(_rows(whole, range(2, 6)))
    before, afresh = standing(old, residents, residents, capacity[:4]), standing(new, residents, residents, capacity[2:])
    changes = [Change(cells_of(whole, at), float(capacity[at]), -1) for at in (0, 1)]
    changes += [Change(cells_of(whole, at), float(capacity[at]), 1) for at in (4, 5)]
    found = change(before, changes, k=k)
    assert found.after.within.tolist() == afresh.within.tolist()
    assert found.after.places == pytest.approx(afresh.places)
    assert found.gained.tolist() == np.flatnonzero((before.within < k) & (afresh.within >= k)).tolist()
    assert found.lost.tolist() == np.flatnonzero((before.within >= k) & (afresh.within < k)).tolist()
    assert change(found.after, [Change(one.cell, one.capacity, -one.sign) for one in changes], k=k).after.within.tolist() == (
        before.within.tolist()
    )


def _rows(table: ReachTable, facilities: range) -> np.ndarray:
    near = np.zeros((len(facilities), table.n_cells), bool)
    for row, facility in enumerate(facilities):
        near[row, cells_of(table, facility)] = True
    return near


def test_a_bigger_facility_covers_nobody_more_but_has_more_places() -> None:
    table = a_table(np.array([[True, True, False]]))
    before = standing(table, *[np.array([10, 30, 5])] * 2, np.array([20.0]))
    larger = [Change(cells_of(table, 0), 20.0, -1), Change(cells_of(table, 0), 40.0, 1)]
    found = change(before, larger)
    assert (len(found.gained), len(found.lost), better_and_worse(before, found.after)) == (0, 0, (40, 0))
    assert mean_places(before) == pytest.approx(1000 * 20 / 45) and mean_places(found.after) == pytest.approx(1000 * 40 / 45)


def test_where_nobody_lives_there_is_nothing_to_gain() -> None:
    table = a_table(np.array([[True, True]]))
    before = standing(table, *[np.zeros(2, np.int64)] * 2, np.array([20.0]))
    found = change(before, [Change(cells_of(table, 0), 20.0, -1)])
    assert (found.residents_of(found.lost), mean_places(found.after), found.lost.tolist()) == (0, 0.0, [0, 1])
