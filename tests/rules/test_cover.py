"""From the table of who reaches what to residents and units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage_records import Rule
from gis.rules import cover, radius
from gis.rules.cover import CellCover, UnitCover


def a_cover(residents: list[int], covered: list[float], metres: list[float]) -> CellCover:
    n = len(residents)
    return CellCover(np.array(residents), np.array(residents) // 2, np.full(n, 100.0), np.array(covered, float), np.array(metres))


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(1, 50))
def test_a_table_counts_what_every_pair_counts(seed: int, f: int, n: int) -> None:
    random = np.random.default_rng(seed)
    points, cells, residents = random.uniform(0, 1000, (f, 2)), random.uniform(0, 1000, (n, 2)), random.integers(0, 500, n)
    table = radius.pairs(points, cells, limit_m=400)
    metres = np.hypot(*(points[:, None] - cells[None]).T).T.reshape(f, n)
    within = metres <= 400
    near_m = np.where(within, metres, np.inf).min(axis=0)
    assert np.array_equal(cover.counts(table), within.sum(axis=0))
    assert np.array_equal(cover.counts(table, limit_m=200.0), (metres <= 200).sum(axis=0))
    found_m, facility = cover.nearest(table)
    assert np.allclose(found_m, near_m)
    assert np.array_equal(facility, np.where(np.isfinite(near_m), metres.argmin(axis=0), -1))
    assert np.array_equal(cover.within_facility(table, residents), within @ residents)
    mine = cover.nearest_to_facility(facility, residents, n_facilities=f)
    assert mine.sum() == residents[np.isfinite(near_m)].sum()


def test_units_sum_their_cells_and_nobody_elses() -> None:
    cells = a_cover([100, 50, 0, 30], [1, 0, 1, 0.5], [400.0, np.inf, 300.0, 200.0])
    units = cover.by_unit(cells, np.array([0, 0, 1, -1]), n_units=3)
    assert units.residents.tolist() == [150, 0, 0]
    assert units.covered_residents.tolist() == [100, 0, 0]
    assert units.covered_households.tolist() == [50, 0, 0]
    assert units.covered_area_m2.tolist() == [100, 100, 0]
    assert (units.cells.tolist(), units.covered_cells.tolist()) == ([2, 1, 0], [1, 1, 0])
    assert units.mean_m[0] == 400.0
    assert np.isnan(units.mean_m[1:]).all()


@pytest.mark.parametrize(
    ("rule", "share", "expected"),
    [
        ("centre", 1.0, [False, True, True, False]),
        ("everyone", 1.0, [False, True, False, False]),
        ("share", 0.6, [True, True, False, False]),
        ("share", 0.5, [True, True, True, False]),
    ],
)
def test_each_rule_says_otherwise_when_a_unit_is_covered(rule: Rule, share: float, expected: list[bool]) -> None:
    units: UnitCover = cover.by_unit(
        a_cover([60, 40, 10, 0, 0], [1, 0, 1, 1, 0], [1.0] * 5), np.array([0, 0, 1, 2, 2]), n_units=4
    )
    found = cover.units_covered(rule, units, centre_within=np.array([1, 2, 3, 0]), k=2, share=share)
    assert found.tolist() == expected
