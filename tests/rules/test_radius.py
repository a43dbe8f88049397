"""Straight lines: judged by measuring every pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules import radius


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.integers(0, 60), st.floats(1.0, 1500.0), st.sampled_from([1.0, 1.3]))
def test_pairs_and_nearest_are_those_of_measuring_every_pair(seed: int, f: int, n: int, limit_m: float, detour: float) -> None:
    random = np.random.default_rng(seed)
    points, targets = random.uniform(0, 1000, (f, 2)), random.uniform(0, 1000, (n, 2))
    metres = detour * np.hypot(*(points[:, None] - targets[None]).T).T.reshape(f, n)
    table = radius.pairs(points, targets, limit_m=limit_m, detour=detour)
    here, there = np.nonzero(metres <= limit_m)
    assert np.array_equal(table.first, np.searchsorted(here, np.arange(f + 1)))
    assert np.array_equal(table.cell, there)
    assert np.allclose(table.metres, metres[here, there], atol=1e-3)
    near_m, which = radius.nearest(points, targets, limit_m=limit_m, detour=detour)
    expected = np.where(metres <= limit_m, metres, np.inf).min(axis=0, initial=np.inf)
    assert np.allclose(near_m, expected)
    assert np.array_equal(which >= 0, np.isfinite(expected))
