"""Sums carried by lineage: what is there before is there after, and goes where the shares say."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.carrying import Succession, carry

plans = st.lists(st.text("ABCDE", min_size=8, max_size=8), min_size=2, max_size=5)


def _grids(drawing: str) -> np.ndarray:
    return np.unique([ord(letter) for letter in drawing])


def _succession(before: str, after: str) -> Succession:
    """How a row of cells of one resident each went from one drawing to the next."""
    rows = []
    for grid in set(before):
        went = [new for old, new in zip(before, after, strict=True) if old == grid]
        rows += [(ord(grid), ord(new), went.count(new) / len(went)) for new in sorted(set(went)) if new != grid]
    rows.sort()
    source, to, share = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.array([], int),) * 3
    return Succession(_grids(after), source.astype(int), to.astype(int), share.astype(float))


@given(plans, st.lists(st.floats(0, 1e6), min_size=5, max_size=5))
def test_nothing_is_lost_and_nothing_comes_to_it(drawings: list[str], amounts: list[float]) -> None:
    grids = _grids(drawings[0])
    amount = np.array(amounts[: len(grids)])
    through = [_succession(*pair) for pair in pairwise(drawings)]
    carried, units = carry(amount, grids, through=through)
    assert units.tolist() == _grids(drawings[-1]).tolist()
    assert np.isclose(carried.sum(), amount.sum())
    assert (carried >= -1e-9).all()


@given(plans.map(lambda found: found[:2]))
def test_what_lies_evenly_is_carried_exactly(drawings: list[str]) -> None:
    before, after = drawings
    amount = np.array([float(before.count(chr(grid))) for grid in _grids(before)])
    carried, units = carry(amount, _grids(before), through=[_succession(before, after)])
    assert np.allclose(carried, [after.count(chr(grid)) for grid in units])


def test_shares_that_were_rounded_lose_nothing() -> None:
    step = Succession(np.array([2, 3]), np.array([1, 1]), np.array([2, 3]), np.array([0.333, 0.333]))
    carried, _ = carry(np.array([10.0, 4.0]), np.array([1, 2]), through=[step])
    assert carried.tolist() == [9.0, 5.0]
