"""Gap polygons: uncovered cells joined, with everybody who lives there."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules.gaps import gaps


def a_town(drawing: str) -> np.ndarray:
    """Cells of 10 m, row by row from the north; corners off by less than half a millimetre, as measured ones are."""
    rows = drawing.split()
    random = np.random.default_rng(7)
    corner = np.array([(10 * x, -10 * y) for y, row in enumerate(rows) for x in range(len(row))], float)
    square = np.array([[0, 0], [10, 0], [10, -10], [0, -10]], float)
    rings = corner[:, None] + square + random.uniform(-4e-4, 4e-4, (len(corner), 4, 2))
    return np.asarray(shapely.polygons(rings), object)


def test_neighbours_join_within_their_community_and_corners_do_not_join() -> None:
    cells = a_town("... ... ...")
    uncovered = np.array([1, 1, 1, 0, 0, 0, 0, 1, 0], bool)
    community = np.array([0, 0, 1, 0, 0, 1, 0, 0, 1])
    found = gaps(cells, uncovered, community=community, residents=np.arange(9), households=np.ones(9, np.int64))
    assert found.community.tolist() == [0, 0, 1]
    assert found.residents.tolist() == [7, 1, 2]
    assert found.households.tolist() == [1, 2, 1]
    assert found.cells.tolist() == [1, 2, 1]
    assert found.area_m2 == pytest.approx([100, 200, 100], rel=1e-3)
    one, zero = np.ones(9, int), np.zeros(9, int)
    diagonal = gaps(cells, np.eye(3, dtype=bool).ravel(), community=zero, residents=one, households=one)
    assert [shape.geom_type for shape in diagonal.shape_m] == ["Polygon"] * 3


def test_without_gaps_there_are_none() -> None:
    none = gaps(a_town(".."), np.zeros(2, bool), community=np.zeros(2, int), residents=np.ones(2, int), households=np.ones(2, int))
    assert len(none.shape_m) == len(none.residents) == 0


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_nobody_is_lost_and_nobody_counted_twice(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells, n = a_town(" ".join(["......"] * 6)), 36
    uncovered, community = random.random(n) < 0.6, random.integers(-1, 3, n)
    residents = random.integers(0, 100, n)
    found = gaps(cells, uncovered, community=community, residents=residents, households=residents)
    inside = uncovered & (community >= 0)
    assert found.residents.sum() == residents[inside].sum()
    assert found.cells.sum() == inside.sum()
    assert found.area_m2.sum() == pytest.approx(100 * inside.sum(), rel=1e-3)
