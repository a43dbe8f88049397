"""Class limits of a legend."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.classes import class_limits


@given(st.lists(st.floats(0, 1e9, allow_nan=False, allow_subnormal=False), min_size=1, max_size=200))
def test_limits_ascend_and_hold_every_value(values: list[float]) -> None:
    limits = class_limits(np.array(values))
    assert len(limits) >= 2
    assert all(a < b for a, b in itertools.pairwise(limits))
    assert limits[0] <= min(values) * (1 + 1e-9)
    assert max(values) <= limits[-1] * (1 + 1e-9)


def test_limits_are_readable_numbers() -> None:
    values = np.random.default_rng(1).lognormal(8, 1, 3000)
    assert class_limits(values)[1:-1] == [1200.0, 2000.0, 3000.0, 5000.0, 8000.0]


def test_no_values_give_no_classes() -> None:
    assert class_limits(np.array([])) == []


def test_one_value_gives_one_class() -> None:
    assert class_limits(np.array([5.0, 5.0])) == [0.0, 5.0]
