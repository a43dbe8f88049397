"""The demo city's ground: exact coverage, exact nesting, exact counts, the same city for the same seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from seed.ground import CommunityShare, Ground, Rings, TownShare, lay_ground
from seed.ground.numbering import reading_order, reading_rows

OUTLINE = shapely.Polygon(
    [
        (113.70, 22.90),
        (113.78, 22.89),
        (113.84, 22.91),
        (113.86, 22.96),
        (113.81, 22.99),
        (113.79, 22.97),
        (113.72, 22.98),
    ]
)
GRIDS = (4, 3, 5, 1, 6, 2, 5, 4)
CELLS = (50, 20, 61, 9, 80, 2, 38, 40)
SIZES = (1.0, 0.7, 1.2, 0.4, 1.6, 0.2, 1.0, 0.9)


def communities(numbers: Sequence[int]) -> tuple[CommunityShare, ...]:
    return tuple(CommunityShare(SIZES[n], GRIDS[n], CELLS[n]) for n in numbers)


POINTS = ((113.73, 22.94), (113.79, 22.93), (113.83, 22.94))
TOWNS = (
    TownShare(40.0, *POINTS[0], communities((0, 1, 2))),
    TownShare(25.0, *POINTS[1], communities((3, 4))),
    TownShare(30.0, *POINTS[2], communities((5, 6, 7))),
)
LEVELS = ("town", "community", "grid", "cell")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return lay_ground(OUTLINE, TOWNS, seed=7)


def rings_of(ground: Ground, level: str) -> Rings:
    rings: Rings = getattr(ground, f"{level}_rings")
    return rings


def flat(ground: Ground, level: str) -> np.ndarray:
    return rings_of(ground, level).polygons(ground.vertices_m)


def parents_of(ground: Ground, level: str) -> np.ndarray:
    return {"community": ground.community_town, "grid": ground.grid_community, "cell": ground.cell_grid}[level]


def directed_edges(rings: Rings) -> np.ndarray:
    return rings.members.astype(np.int64) << 32 | rings.following


def test_counts_are_exactly_those_asked_for(ground: Ground) -> None:
    assert [len(rings_of(ground, level)) for level in LEVELS] == [3, 8, sum(GRIDS), sum(CELLS)]
    assert np.bincount(ground.community_town).tolist() == [3, 2, 3]
    assert np.bincount(ground.grid_community).tolist() == list(GRIDS)
    assert np.bincount(ground.grid_community[ground.cell_grid]).tolist() == list(CELLS)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_an_exact_coverage_of_whole_simple_polygons(ground: Ground, level: str) -> None:
    degrees = rings_of(ground, level).polygons(ground.vertices)
    assert shapely.is_valid(degrees).all()
    assert shapely.coverage_is_valid(degrees)
    assert shapely.is_ccw(shapely.get_exterior_ring(degrees)).all()
    assert shapely.get_num_interior_rings(degrees).sum() == 0


@pytest.mark.parametrize("level", LEVELS)
def test_no_border_has_the_same_ground_on_both_sides_and_no_level_leaves_a_gap(ground: Ground, level: str) -> None:
    """Every directed edge is used once; those without a partner make up the same city outline at every level."""
    edges = directed_edges(rings_of(ground, level))
    assert len(np.unique(edges)) == len(edges)
    partners = (edges & 0xFFFFFFFF) << 32 | edges >> 32
    towns = directed_edges(ground.town_rings)
    town_partners = (towns & 0xFFFFFFFF) << 32 | towns >> 32
    assert set(np.setdiff1d(edges, partners)) == set(np.setdiff1d(towns, town_partners))


@pytest.mark.parametrize(("level", "parent"), [("community", "town"), ("grid", "community"), ("cell", "grid")])
def test_children_fill_their_parent_exactly(ground: Ground, level: str, parent: str) -> None:
    children, parents, owner = flat(ground, level), flat(ground, parent), parents_of(ground, level)
    sums = np.bincount(owner, weights=shapely.area(children))
    np.testing.assert_allclose(sums, shapely.area(parents), rtol=1e-9)
    for number, whole in enumerate(parents):
        assert shapely.equals(shapely.coverage_union_all(children[owner == number]), whole)
    assert (np.diff(owner) >= 0).all()


def test_the_city_is_its_outline_and_towns_have_their_areas_and_points(ground: Ground) -> None:
    towns = ground.towns()
    assert shapely.hausdorff_distance(shapely.boundary(shapely.coverage_union_all(towns)), OUTLINE.exterior) < 1e-6
    areas = shapely.area(flat(ground, "town"))
    np.testing.assert_allclose(areas / areas.sum(), np.array([40, 25, 30]) / 95, rtol=0.06)
    assert shapely.contains(towns, shapely.points(POINTS)).all()


def test_communities_have_about_their_share_of_the_town(ground: Ground) -> None:
    areas = shapely.area(flat(ground, "community"))
    town = np.bincount(ground.community_town, weights=areas)[ground.community_town]
    asked = np.array(SIZES) / np.bincount(ground.community_town, weights=SIZES)[ground.community_town]
    np.testing.assert_allclose(areas / town, asked, atol=0.06)


def test_vertices_lie_on_the_lattice_and_are_used(ground: Ground) -> None:
    assert (np.round(ground.vertices, 8) == ground.vertices).all()
    assert len(np.unique(ground.vertices, axis=0)) == len(ground.vertices)
    assert set(ground.cell_rings.members) == set(range(len(ground.vertices)))


def test_ring_vertices_are_near_enough_for_streets_to_end_at(ground: Ground) -> None:
    rings = ground.cell_rings
    lengths_m = np.hypot(*(ground.vertices_m[rings.members] - ground.vertices_m[rings.following]).T)
    assert lengths_m.max() < 160
    assert lengths_m.min() > 0.05


@pytest.mark.parametrize(("level", "parent"), [("grid", "community"), ("cell", "grid")])
def test_numbers_run_left_to_right_then_top_to_bottom(ground: Ground, level: str, parent: str) -> None:
    middles = shapely.get_coordinates(shapely.centroid(flat(ground, level)))
    owner = parents_of(ground, level)
    for number in range(len(rings_of(ground, parent))):
        mine = middles[owner == number]
        rows = reading_rows(mine)
        east = np.diff(mine[:, 0]) > 0
        assert (np.diff(rows) >= 0).all()
        assert (east | (np.diff(rows) > 0)).all()


def test_reading_order_of_a_drawn_block() -> None:
    middles = np.array([(0.0, 0.1), (2.0, 2.0), (1.0, 1.9), (2.1, 0.0), (0.1, 2.1), (1.1, 0.2)])
    assert reading_order(middles).tolist() == [4, 2, 1, 0, 5, 3]


def test_the_same_seed_gives_the_same_city_to_the_bit_and_another_seed_another(ground: Ground) -> None:
    again, other = lay_ground(OUTLINE, TOWNS, seed=7), lay_ground(OUTLINE, TOWNS, seed=8)
    assert again.vertices.tobytes() == ground.vertices.tobytes()
    for level in LEVELS:
        assert rings_of(again, level).members.tobytes() == rings_of(ground, level).members.tobytes()
    assert other.vertices.tobytes() != ground.vertices.tobytes()


def test_neighbours_share_the_length_that_their_polygons_share(ground: Ground) -> None:
    i, j, shared_m = ground.cell_neighbours()
    cells = flat(ground, "cell")
    assert (i < j).all()
    assert len(np.unique(np.column_stack([i, j]), axis=0)) == len(i)
    common = shapely.intersection(shapely.boundary(cells[i]), shapely.boundary(cells[j]))
    np.testing.assert_allclose(shared_m, shapely.length(common), rtol=1e-9)
    perimeter_m = shapely.length(cells).sum()
    assert 2 * shared_m.sum() + shapely.length(shapely.coverage_union_all(cells)) == pytest.approx(
        perimeter_m, rel=1e-9
    )


def test_progress_tells_the_grids_done() -> None:
    told: list[tuple[int, int]] = []
    lay_ground(OUTLINE, TOWNS[:1], seed=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(number, 12) for number in range(1, 13)]


def test_towns_without_points_find_their_own_place() -> None:
    towns = [TownShare(1.0, None, None, (CommunityShare(1.0, 2, 5),)) for _ in range(12)]
    ground = lay_ground(OUTLINE, towns, seed=3)
    areas = shapely.area(flat(ground, "town"))
    assert shapely.coverage_is_valid(ground.cells())
    assert areas.max() / areas.min() < 1.25


def test_of_islands_only_the_largest_gets_ground_and_holes_are_filled() -> None:
    lake = shapely.Point(113.76, 22.94).buffer(0.005).exterior
    holed = shapely.Polygon(OUTLINE.exterior, [lake])
    island = shapely.box(114.0, 22.9, 114.01, 22.91)
    same, plain = (lay_ground(shape, TOWNS[:1], seed=2) for shape in (shapely.MultiPolygon([island, holed]), OUTLINE))
    assert same.vertices.tobytes() == plain.vertices.tobytes()


def test_all_faults_in_the_shares_are_named_at_once() -> None:
    towns = [TownShare(0.0, 113.7, None, (CommunityShare(1.0, 3, 2),)), TownShare(1.0, None, None, ())]
    with pytest.raises(ValueError, match=r"no area.*half a point.*3 grids and 2 cells.*no community"):
        lay_ground(OUTLINE, towns, seed=1)


@st.composite
def small_cities(draw: st.DrawFn) -> list[TownShare]:
    """A handful of towns of any sizes, each with communities that may want many cells of little ground."""

    def community() -> CommunityShare:
        grids = draw(st.integers(1, 4))
        return CommunityShare(draw(st.floats(0.2, 5)), grids, grids + draw(st.integers(0, 12)))

    def town() -> TownShare:
        return TownShare(
            draw(st.floats(0.5, 5)), None, None, tuple(community() for _ in range(draw(st.integers(1, 4))))
        )

    return [town() for _ in range(draw(st.integers(1, 5)))]


@settings(max_examples=10, deadline=None)
@given(towns=small_cities(), seed=st.integers(0, 2**32 - 1))
def test_law_any_city_is_an_exact_coverage_with_the_counts_asked_for(towns: list[TownShare], seed: int) -> None:
    ground = lay_ground(OUTLINE, towns, seed=seed)
    asked = [share.cells for town in towns for share in town.communities]
    assert np.bincount(ground.grid_community[ground.cell_grid]).tolist() == asked
    for level in LEVELS:
        polygons = rings_of(ground, level).polygons(ground.vertices)
        assert shapely.is_valid(polygons).all()
        assert shapely.coverage_is_valid(polygons)
