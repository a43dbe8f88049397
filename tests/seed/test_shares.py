"""Shares are whole numbers that add up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seed.shares import share_by_group

MEMBERS = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 100)), min_size=1, max_size=40)


@given(MEMBERS, st.lists(st.integers(0, 10_000), min_size=4, max_size=4))
def test_every_group_s_amount_is_spread_whole(members: list[tuple[int, float]], amounts: list[int]) -> None:
    group = np.array([g for g, _ in members])
    parts = share_by_group(np.array(amounts), group, np.array([w for _, w in members]))
    assert (parts >= 0).all()
    for g in set(group.tolist()):
        assert parts[group == g].sum() == amounts[g]


def test_shares_follow_the_weights() -> None:
    assert share_by_group(np.array([10, 3]), np.array([0, 0, 1, 1]), np.array([9.0, 1.0, 0.0, 0.0])).tolist() == [9, 1, 2, 1]
