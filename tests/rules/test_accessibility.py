"""Places per resident, judged by the two steps written as loops over every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules import radius
from gis.rules.accessibility import GAUSSIAN, graded_two_step, two_step

LIMIT_M = 450.0


def by_hand(metres: np.ndarray, places: np.ndarray, residents: np.ndarray, weights: tuple[float, ...]) -> list[float]:
    def weight(m: float) -> float:
        return next((w for z, w in enumerate(weights, 1) if m <= LIMIT_M * z / len(weights)), 0.0)

    given = []
    for f in range(len(places)):
        wanted = sum(weight(m) * r for m, r in zip(metres[f], residents, strict=True))
        given.append(places[f] / wanted if wanted and places[f] == places[f] else 0.0)
    return [sum(weight(metres[f, c]) * given[f] for f in range(len(places))) for c in range(len(residents))]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.integers(1, 40))
def test_both_forms_are_what_loops_over_every_pair_give(seed: int, f: int, n: int) -> None:
    random = np.random.default_rng(seed)
    points, cells = random.integers(0, 1000, (f, 2)).astype(float), random.integers(0, 1000, (n, 2)).astype(float)
    residents, places = random.integers(0, 300, n), random.integers(1, 80, f).astype(float)
    places[random.random(f) < 0.2] = np.nan
    metres = np.hypot(*(points[:, None] - cells[None]).T).T.reshape(f, n)
    table = radius.pairs(points, cells, limit_m=LIMIT_M)
    plain = two_step(table, places=places, residents=residents)
    graded = graded_two_step(table, places=places, residents=residents, limit_m=LIMIT_M)
    assert plain == pytest.approx(by_hand(metres, places, residents, (1.0,)), rel=1e-12, abs=1e-15)
    assert graded == pytest.approx(by_hand(metres, places, residents, GAUSSIAN), rel=1e-12, abs=1e-15)
    reached = np.array([residents[metres[i] <= LIMIT_M].sum() > 0 for i in range(f)], bool)
    assert plain @ residents == pytest.approx(np.nansum(places[reached]))
