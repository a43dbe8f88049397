"""Placing points: laws of the compiled index, judged by big-integer arithmetic and by GEOS."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules.placing import PlacingIndex, compile_kernels

CITY_LON, CITY_LAT = 113.75, 23.02
CELLS_M = st.sampled_from([None, 7.0, 40.0, 163.0, 900.0])
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_kernels()


def a_drawing(text: str, *, side_deg: float = 0.001) -> np.ndarray:
    """A drawing becomes grids: one letter, one grid, in the order of the letters; a full stop is no grid."""
    rows = text.split()[::-1]
    letters = sorted(set("".join(rows)) - {"."})

    def cells_of(letter: str) -> list[shapely.Polygon]:
        return [
            shapely.box(
                *np.round(
                    np.array(
                        [
                            CITY_LON + c * side_deg,
                            CITY_LAT + r * side_deg,
                            CITY_LON + (c + 1) * side_deg,
                            CITY_LAT + (r + 1) * side_deg,
                        ]
                    ),
                    9,
                )
            )
            for r, row in enumerate(rows)
            for c, found in enumerate(row)
            if found == letter
        ]

    return np.array([shapely.union_all(cells_of(letter)) for letter in letters], object)


def a_triangulation(seed: int, *, n: int = 14, merged: int = 4) -> np.ndarray:
    """A random coverage: triangles over points of a coarse lattice (many level and upright sides), merged into a few
    grids."""
    random = np.random.default_rng(seed)
    corners = shapely.points(np.round([CITY_LON, CITY_LAT] + random.integers(0, 9, (n, 2)) * 0.001, 9))
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(corners)))
    label = random.integers(0, merged, len(triangles))
    return np.array([shapely.union_all(triangles[label == k]) for k in range(merged) if (label == k).any()], object)


def grids_by_definition(polygons: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> list[int]:
    """The half-open crossing rule in Python's unbounded integers: the first grid with an odd number of sides east of
    the point."""
    sides = [integer_sides(polygon) for polygon in polygons]
    places = [(round(x * 1e9), round(y * 1e9)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    return [
        next((grid for grid, own in enumerate(sides) if sum(passes_east(side, *at) for side in own) % 2), -1)
        for at in places
    ]


def passes_east(side: tuple[int, int, int, int], x: int, y: int) -> bool:
    ax, ay, bx, by = side if side[1] <= side[3] else (*side[2:], *side[:2])
    return ay <= y < by and (bx - ax) * (y - ay) > (by - ay) * (x - ax)


def integer_sides(polygon: shapely.Geometry) -> list[tuple[int, int, int, int]]:
    sides = []
    for part in shapely.get_parts(polygon):
        for ring in [part.exterior, *part.interiors]:
            corners = [(round(x * 1e9), round(y * 1e9)) for x, y in ring.coords]
            sides += [(*a, *b) for a, b in pairwise(corners)]
    return sides


def corners_and_midpoints(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every corner, and of every side the middle and a point near an end, all exact in 1e-9 degree (corners are
    even)."""
    sides = np.array([side for polygon in polygons for side in integer_sides(polygon)])
    a, b = sides[:, :2], sides[:, 2:]
    at = np.vstack([a, (a + b) // 2, a + (b - a) // 1000])
    return at[:, 0] / 1e9, at[:, 1] / 1e9


def scattered(polygons: np.ndarray, *, seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(polygons)
    return random.uniform(west - 2e-4, east + 2e-4, n), random.uniform(south - 2e-4, north + 2e-4, n)


@settings(max_examples=60, deadline=None)
@given(SEEDS, CELLS_M)
def test_every_point_of_the_city_has_exactly_one_grid_and_it_is_one_that_covers_it(
    seed: int, cell_m: float | None
) -> None:
    polygons = a_triangulation(seed)
    lon, lat = corners_and_midpoints(polygons)
    grids = PlacingIndex.build(polygons, cell_m=cell_m).place(lon, lat)
    assert grids.min() >= 0
    assert shapely.dwithin(polygons[grids], shapely.points(lon, lat), 1.5e-9).all()


@settings(max_examples=60, deadline=None)
@given(SEEDS, CELLS_M)
def test_the_index_equals_the_crossing_rule_in_unbounded_integers(seed: int, cell_m: float | None) -> None:
    polygons = a_triangulation(seed)
    on_sides, off_sides = corners_and_midpoints(polygons), scattered(polygons, seed=seed, n=60)
    lon, lat = (np.concatenate(pair) for pair in zip(on_sides, off_sides, strict=True))
    expected = np.array(grids_by_definition(polygons, lon, lat))
    got = PlacingIndex.build(polygons, cell_m=cell_m).place(lon, lat)
    on_rim = (expected == -1) & (np.arange(len(lon)) < len(on_sides[0]))
    np.testing.assert_array_equal(got[~on_rim], expected[~on_rim])


@settings(max_examples=60, deadline=None)
@given(SEEDS, CELLS_M)
def test_off_the_edges_the_index_agrees_with_geos(seed: int, cell_m: float | None) -> None:
    polygons = a_triangulation(seed)
    lon, lat = scattered(polygons, seed=seed)
    inside = shapely.contains_properly(polygons[:, None], shapely.points(lon, lat))
    expected = np.where(inside.any(axis=0), inside.argmax(axis=0), -1)
    off = shapely.distance(shapely.union_all(shapely.boundary(polygons)), shapely.points(lon, lat)) > 1e-9
    np.testing.assert_array_equal(PlacingIndex.build(polygons, cell_m=cell_m).place(lon, lat)[off], expected[off])


@settings(max_examples=40, deadline=None)
@given(SEEDS, CELLS_M)
def test_with_overlaps_and_gaps_the_first_grid_in_order_has_the_point(seed: int, cell_m: float | None) -> None:
    random = np.random.default_rng(seed)
    triangles = np.round([CITY_LON, CITY_LAT] + random.integers(0, 12, (9, 3, 2)) * 0.0005, 9)
    polygons = np.asarray(shapely.polygons(triangles))
    polygons = polygons[shapely.is_valid(polygons) & (shapely.area(polygons) > 0)]
    lon, lat = scattered(polygons, seed=seed, n=150)
    expected = grids_by_definition(polygons, lon, lat)
    index = PlacingIndex.build(polygons, cell_m=cell_m)
    assert expected == index.place(lon, lat).tolist()
    corners = corners_and_midpoints(polygons)
    found = index.place(*corners)
    by_rule = np.array(grids_by_definition(polygons, *corners))
    np.testing.assert_array_equal(found[by_rule >= 0], by_rule[by_rule >= 0])


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_one_point_and_many_points_and_two_threads_give_the_same(seed: int) -> None:
    polygons = a_triangulation(seed)
    lon, lat = scattered(polygons, seed=seed)
    index = PlacingIndex.build(polygons)
    many = index.place(lon, lat)
    assert many.tolist() == [index.place_one(*place) for place in zip(lon.tolist(), lat.tolist(), strict=True)]
    long_lon, long_lat = np.tile(lon, 700), np.tile(lat, 700)
    np.testing.assert_array_equal(index.place(long_lon, long_lat), index.place(long_lon, long_lat, threads=2))


def test_a_shared_side_belongs_to_the_east_and_a_level_one_to_the_north() -> None:
    index = PlacingIndex.build(a_drawing("AB CD"))
    assert index.place_one(113.751, 23.0215) == 1
    assert index.place_one(113.7505, 23.021) == 0
    assert index.place_one(113.751, 23.021) == 1


def test_the_rim_of_the_city_belongs_to_the_grid_it_bounds() -> None:
    index = PlacingIndex.build(a_drawing("AB CD"))
    assert index.place([113.752, 113.752, 113.75, 113.7505], [23.0215, 23.022, 23.022, 23.022]).tolist() == [1, 1, 0, 0]
    assert index.place_one(113.752000001, 23.0215) == -1


def test_a_hole_is_outside_and_an_exclave_is_inside() -> None:
    index = PlacingIndex.build(a_drawing("AAA A.A AAA ... BAB"))
    lon = 113.7505 + np.array([0, 1, 2, 1, 0, 1, 2]) * 0.001
    lat = 23.0205 + np.array([3, 3, 3, 1, 0, 0, 0]) * 0.001
    assert index.place(lon, lat).tolist() == [0, -1, 0, -1, 1, 0, 1]


def test_a_grid_in_the_hole_of_another_is_found() -> None:
    index = PlacingIndex.build(a_drawing("AAA ABA AAA"), cell_m=20.0)
    assert index.place([113.7515, 113.7505], [23.0215, 23.0215]).tolist() == [1, 0]


def test_an_unmatched_corner_on_a_long_side_leaves_no_point_without_a_grid() -> None:
    west = shapely.Polygon([(113.0, 23.0), (113.01, 23.0), (113.013, 23.03), (113.0, 23.03)])
    middle = np.round([113.01 + 0.003 * 0.37, 23.0 + 0.03 * 0.37], 9)
    north = shapely.Polygon([middle, (113.02, 23.011), (113.02, 23.03), (113.013, 23.03)])
    south = shapely.Polygon([(113.01, 23.0), (113.02, 23.0), (113.02, 23.011), middle])
    polygons = np.array([west, north, south], object)
    lon, lat = corners_and_midpoints(polygons)
    assert (PlacingIndex.build(polygons, cell_m=30.0).place(lon, lat) >= 0).all()


@pytest.mark.parametrize("cell_m", [500.0, 20_000.0])
def test_the_longest_sides_are_still_exact(cell_m: float) -> None:
    corners = [
        (112.0, 22.0),
        (113.999_999_999, 22.000_000_001),
        (113.999_999_997, 23.999_999_998),
        (112.000_000_001, 23.999_999_999),
    ]
    centre = (112.7, 23.1)
    polygons = np.array(
        [shapely.Polygon([a, b, centre]) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)], object
    )
    random = np.random.default_rng(5)
    t = random.uniform(0.01, 0.99, 300)
    lon, lat = (centre[i] + t * (corners[2][i] - centre[i]) + random.integers(-2, 3, 300) * 1e-9 for i in (0, 1))
    expected = grids_by_definition(polygons, lon, lat)
    assert expected == PlacingIndex.build(polygons, cell_m=cell_m).place(lon, lat).tolist()


def test_a_saved_index_answers_the_same_mapped_or_read(tmp_path: Path) -> None:
    polygons = a_triangulation(3)
    lon, lat = scattered(polygons, seed=3)
    index = PlacingIndex.build(polygons)
    index.save(tmp_path / "plan-7.placing")
    for mmap in (True, False):
        again = PlacingIndex.load(tmp_path / "plan-7.placing", mmap=mmap)
        np.testing.assert_array_equal(again.place(lon, lat), index.place(lon, lat))
        assert again.frame.tolist() == index.frame.tolist()
    assert [path.name for path in tmp_path.iterdir()] == ["plan-7.placing"]


def test_a_file_of_another_format_or_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.placing"
    PlacingIndex.build(a_drawing("AB")).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    with pytest.raises(ValueError, match="cut short"):
        PlacingIndex.load(path)
    path.write_bytes(json.dumps({"format": "wangge-placing-0"}).encode().ljust(4096) + whole[4096:])
    with pytest.raises(ValueError, match="wangge-placing-0"):
        PlacingIndex.load(path)
    path.write_bytes(b"\x93NUMPY" * 900)
    with pytest.raises(ValueError, match="something else"):
        PlacingIndex.load(path)


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_a_point_that_is_no_place_is_refused_by_its_row(strange: float) -> None:
    index = PlacingIndex.build(a_drawing("AB"))
    lon = np.full(300_000, 113.7505)
    lon[[200_123, 250_000]] = strange
    for threads in (1, 2):
        with pytest.raises(ValueError, match="Row 200123: "):
            index.place(lon, np.full(300_000, 23.0205), threads=threads)
    with pytest.raises(ValueError, match="Row 0: "):
        index.place_one(113.7505, strange)


def test_what_cannot_be_indexed_is_refused_by_its_row() -> None:
    good = shapely.box(113, 23, 114, 24)
    with pytest.raises(ValueError, match=r"Row 1: a side of 2\.100 degrees"):
        PlacingIndex.build(np.array([good, shapely.box(110, 23, 112.1, 24)], object))
    with pytest.raises(ValueError, match="Row 1: only polygons"):
        PlacingIndex.build(np.array([good, None], object))
    with pytest.raises(ValueError, match="Row 0: only polygons"):
        PlacingIndex.build(np.array([shapely.Point(0, 0)], object))


def test_no_grids_and_empty_grids_hold_no_point() -> None:
    assert PlacingIndex.build(np.array([], object)).place_one(113.75, 23.02) == -1
    index = PlacingIndex.build(np.array([shapely.Polygon(), *a_drawing("A")], object))
    assert index.place([113.7505, 0.0, 180.0], [23.0205, 0.0, -90.0]).tolist() == [1, -1, -1]
    assert index.place([], []).tolist() == []


def test_the_index_cannot_be_changed() -> None:
    index = PlacingIndex.build(a_drawing("AB"))
    for array in (index.cells, index.notes, index.frame):
        assert not array.flags.writeable
