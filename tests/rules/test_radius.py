"""Straight lines: judged by measuring every pair."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
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


def test_pairs_of_many_points_are_found_piece_by_piece_and_judged_before() -> None:
    random = np.random.default_rng(6)
    points, targets = random.uniform(0, 10_000, (radius.AT_A_TIME * 2 + 5, 2)), random.uniform(0, 10_000, (300, 2))
    table = radius.pairs(points, targets, limit_m=1_200, detour=1.2)
    here, there = np.nonzero(np.hypot(*(points[:, None] - targets[None]).T).T <= 1_000)
    assert np.array_equal(table.first, np.searchsorted(here, np.arange(len(points) + 1)))
    assert np.array_equal(table.cell, there)
    assert radius.pairs_about(points, targets, limit_m=1_200, detour=1.2) == pytest.approx(len(there), rel=0.1)
    assert radius.pairs_about(points[:50], targets, limit_m=1_000) == np.count_nonzero(here < 50)
    assert radius.pairs_about(points[:0], targets, limit_m=1_000) == 0


def a_ground(rows: int, *, random: np.random.Generator, step_m: float = 100.0) -> np.ndarray:
    """Crooked cells in rows that share their corners; one has a hole, and one is in two parts."""
    lattice = np.stack(np.meshgrid(np.arange(rows + 1), np.arange(rows + 1)), -1)
    corners = (lattice + random.uniform(-0.3, 0.3, lattice.shape)) * step_m
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2).reshape(-1, 4, 2)
    cells = np.asarray(shapely.polygons(rings), object)
    cells[0] = cells[0].difference(shapely.Point(cells[0].centroid).buffer(12))
    cells[-1] = shapely.MultiPolygon([cells[-1], shapely.box(-350, -350, -300, -320)])
    return cells


def overlaid(cells: np.ndarray, points: np.ndarray, *, radius_m: float, k: int) -> np.ndarray:
    """The judge: circles as fine polygons of the same area, every cell overlaid with what k of them share."""
    corners, turn = 4096, 2 * np.pi / 4096
    angle = turn * np.arange(corners)
    ring = radius_m * np.sqrt(turn / np.sin(turn)) * np.column_stack([np.cos(angle), np.sin(angle)])
    level = [shapely.box(-1e5, -1e5, 1e5, 1e5)] + [shapely.Polygon()] * k
    for point in points:
        circle = shapely.polygons(ring + point)
        for at in range(k, 0, -1):
            level[at] = shapely.union(level[at], shapely.intersection(level[at - 1], circle))
    return shapely.area(shapely.intersection(cells, level[k])) / shapely.area(cells)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.sampled_from([20.0, 130.0, 400.0]), st.integers(1, 3))
def test_ground_within_circles_is_what_overlaying_everything_gives(seed: int, f: int, radius_m: float, k: int) -> None:
    random = np.random.default_rng(seed)
    cells = a_ground(5, random=random)
    points = random.uniform(0, 500, (f, 2)).round(2)
    points[f // 2] = points[0]  # two in one place are two
    share = radius.ground(cells, points, radius_m=radius_m, k=k)
    assert share == pytest.approx(overlaid(cells, points, radius_m=radius_m, k=k), abs=2e-5)


def test_ground_of_one_circle_is_that_of_the_circle() -> None:
    cells = a_ground(5, random=np.random.default_rng(1))[1:-1]
    inside = radius.ground(cells, np.array([[250.0, 250.0]]), radius_m=100.0) @ shapely.area(cells)
    assert inside == pytest.approx(np.pi * 100.0**2, rel=1e-9)
    assert radius.ground(cells, np.empty((0, 2)), radius_m=100.0).sum() == 0


def test_a_few_points_are_measured_as_many_are() -> None:
    random = np.random.default_rng(5)
    points, targets = random.uniform(0, 3_000, (40, 2)), random.uniform(0, 3_000, (500, 2))
    every = radius.pairs(points, targets, limit_m=700.0, detour=1.3)
    for at in range(0, 40, 4):
        few = radius.pairs(points[at : at + 4], targets, limit_m=700.0, detour=1.3)
        there = slice(every.first[at], every.first[at + 4])
        assert few.cell.tolist() == every.cell[there].tolist()
        assert few.metres == pytest.approx(every.metres[there], rel=1e-6)
        assert few.first.tolist() == (every.first[at : at + 5] - every.first[at]).tolist()
