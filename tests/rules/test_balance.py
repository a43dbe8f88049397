"""The machine's proposals: what every one of them promises, whatever the ground and the wish."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules import neighbours
from gis.rules.balance import Proposal, Wish, compile_kernels, propose
from gis.rules.balance_bounds import largest_deviation_bound
from gis.rules.balance_counts import by_hours, hours_by_count
from gis.rules.balance_ground import Grids, Ground

SEEDS = st.integers(0, 2**32 - 1)
SHORT = Wish(restarts=2, sweeps=30)
SIDE_M = 200.0


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    compile_kernels()


def a_ground(drawing: str, hours: str | None = None) -> Ground:
    """A lattice of square cells from a drawing: a digit is the community of the cell there, or its hours; a full stop is
    water."""
    rows = [line.strip() for line in drawing.strip().splitlines()]
    places = {(x, y): len(row[:x].replace(".", "")) + sum(len(r.replace(".", "")) for r in rows[:y])
              for y, row in enumerate(rows) for x, letter in enumerate(row) if letter != "."}  # fmt: skip
    border = [(cell, places[beside]) for (x, y), cell in places.items() for beside in ((x + 1, y), (x, y + 1)) if beside in places]
    work = [float(letter) for letter in "".join((hours or "").split()) if letter != "."]
    x, y = np.array(list(places)).T * SIDE_M
    return Ground(
        np.array(work or [1.0] * len(places)), x, y, np.full(len(places), SIDE_M**2),
        np.array([int(letter) for letter in "".join(rows) if letter != "."]), np.array(border).reshape(-1, 2),
        np.full(len(border), SIDE_M),
    )  # fmt: skip


def a_plan(ground: Ground, drawing: str) -> Grids:
    """Grids from a drawing of letters; a question mark is no grid."""
    letters = [letter for letter in "".join(drawing.split()) if letter != "."]
    names = sorted(set(letters) - {"?"})
    of_cell = np.array([names.index(letter) if letter != "?" else -1 for letter in letters])
    return Grids.unlocked(of_cell, [ground.community[letters.index(name)] for name in names])


def a_random_ground(seed: int) -> tuple[Ground, Grids]:
    """Up to three communities on a lattice with some holes, heavy-tailed hours, and a random plan, whole or not."""
    random = np.random.default_rng(seed)
    rows = ["".join("." if random.random() < 0.1 else str(x * 3 // 12) for x in range(12)) for _ in range(random.integers(3, 8))]
    ground = a_ground("\n".join(rows))
    n = int(ground.community.max()) + 1
    count = np.array([random.integers(1, max(2, min(5, (ground.community == c).sum() // 2 + 1))) for c in range(n)])
    grid_community = np.repeat(np.arange(n), count)
    first = np.cumsum(count) - count
    stripes = (ground.y_m / SIDE_M).astype(int) if random.random() < 0.5 else random.integers(0, 5, len(ground.hours))
    of_cell = first[ground.community] + stripes % count[ground.community]
    if random.random() < 0.3:
        of_cell[random.random(len(of_cell)) < 0.2] = -1
    hours = np.round(random.pareto(1.5, len(of_cell)) + random.random(len(of_cell)), 3)
    grids = Grids(of_cell, grid_community, random.random(len(grid_community)), np.zeros(len(grid_community), bool))
    return dataclasses.replace(ground, hours=hours, spread_h_per_m=float(random.choice([0.0, 0.002]))), grids


def pieces_of(ground: Ground, of_cell: np.ndarray) -> dict[int, int]:
    """In how many pieces every grid is; by the other code that knows neighbours."""
    piece = neighbours.pieces(of_cell, ground.border[:, 0], ground.border[:, 1])
    return {int(grid): len(set(piece[of_cell == grid])) for grid in set(of_cell.tolist())}


def hours_of(ground: Ground, grids: Grids, proposal: Proposal, *, new_fixed_h: float = 0.0) -> dict[int, float]:
    """Hours of every grid that lives, from their definition."""
    found = {}
    fixed = np.append(grids.fixed_h, np.full(len(proposal.grid_community) - len(grids.fixed_h), new_fixed_h))
    for grid in np.flatnonzero(~np.append(proposal.ended, np.zeros(len(fixed) - len(proposal.ended), bool))):
        mine = proposal.of_cell == grid
        at, area = np.stack([ground.x_m[mine], ground.y_m[mine]]), ground.area_m2[mine]
        middle = (at * area).sum(axis=1) / area.sum()
        radius = np.sqrt((((at - middle[:, None]) ** 2).sum(axis=0) * area).sum() / area.sum())
        found[int(grid)] = float(ground.hours[mine].sum() + fixed[grid] + ground.spread_h_per_m * radius)
    return found


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([0.0, 0.5, 1.0]), st.booleans(), st.integers(-1, 1))
def test_a_proposal_has_the_wished_grids_whole_and_at_home(seed: int, dial: float, from_scratch: bool, more: int) -> None:
    ground, grids = a_random_ground(seed)
    cells = np.bincount(ground.community)
    wanted = np.clip(np.bincount(grids.community, minlength=len(cells)) + more, 1, np.maximum(cells, 1))
    wish = dataclasses.replace(SHORT, dial=dial, seed=seed % 1000)
    found = propose(ground, grids, wish=wish, wanted=wanted, from_scratch=from_scratch, new_fixed_h=0.5)
    assert (found.of_cell >= 0).all()
    assert (found.grid_community[found.of_cell] == ground.community).all()
    used = np.unique(found.of_cell)
    assert np.bincount(found.grid_community[used], minlength=len(wanted)).tolist() == np.where(cells > 0, wanted, 0).tolist()
    in_one_piece = pieces_of(ground, found.of_cell)
    land = neighbours.pieces(ground.community, ground.border[:, 0], ground.border[:, 1])
    connected = [len(set(land[ground.community == community])) == 1 for community in range(len(cells))]
    assert all(in_one_piece[int(grid)] == 1 for grid in used if connected[found.grid_community[grid]])
    hours = hours_of(ground, grids, found, new_fixed_h=0.5)
    for community in range(len(cells)):
        load = np.array([h for grid, h in hours.items() if found.grid_community[grid] == community])
        assert found.deviation_after[community] == pytest.approx(np.abs(load / load.mean() - 1).max())
        assert found.variation_after[community] == pytest.approx(load.std() / load.mean())
        assert found.bound[community] <= found.deviation_after[community] + 1e-9


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_locked_grids_keep_and_get_nothing(seed: int) -> None:
    ground, grids = a_random_ground(seed)
    grids = dataclasses.replace(grids, locked=np.random.default_rng(seed).random(len(grids.locked)) < 0.4)
    try:
        found = propose(ground, grids, wish=SHORT)
    except ValueError as refusal:
        assert "grids" in str(refusal)
        return
    for grid in np.flatnonzero(grids.locked):
        assert ((found.of_cell == grid) == (grids.of_cell == grid)).all()


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.integers(0, 2**62))
def test_a_seed_gives_one_plan_with_one_thread_or_two(seed: int, of_the_wish: int) -> None:
    ground, grids = a_random_ground(seed)
    wish = dataclasses.replace(SHORT, seed=of_the_wish)
    one, two = (propose(ground, grids, wish=wish, threads=threads) for threads in (1, 2))
    assert (one.of_cell == two.of_cell).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=7), st.integers(1, 3))
def test_no_division_at_all_beats_the_bound(hours: list[int], k: int) -> None:
    cells, k = np.array(hours, float), min(k, len(hours))
    mean = cells.sum() / k
    bound, _ = largest_deviation_bound(cells, n_grids=k, fixed_h=0.0, mean_h=mean)
    labels = np.stack(np.meshgrid(*[np.arange(k)] * len(cells), indexing="ij")).reshape(len(cells), -1)
    loads = np.stack([(cells[:, None] * (labels == grid)).sum(axis=0) for grid in range(k)])
    filled = np.all([(labels == grid).any(axis=0) for grid in range(k)], axis=0)
    assert bound <= np.abs(loads[:, filled] / mean - 1).max(axis=0).min() + 1e-9


def test_a_plan_within_the_tolerance_stays_as_it_is() -> None:
    ground = a_ground("000000\n000000")
    found = propose(ground, a_plan(ground, "AABBCC\nAABBCC"), wish=Wish())
    assert found.cells_moved.tolist() == [0]
    assert found.deviation_after.tolist() == [0.0]


def test_the_one_cell_that_makes_it_fair_moves() -> None:
    ground = a_ground("000000")
    found = propose(ground, a_plan(ground, "AABBBB"), wish=Wish())
    assert found.of_cell.tolist() == [0, 0, 0, 1, 1, 1]
    assert (found.deviation_before[0], found.deviation_after[0]) == (pytest.approx(1 / 3), 0.0)


def test_a_heavy_cell_is_named_as_the_limit() -> None:
    ground = a_ground("00000\n00000", "11911\n11111")
    found = propose(ground, a_plan(ground, "AABBC\nAABBC"), wish=Wish(dial=1.0))
    assert found.bound_cell.tolist() == [2]
    assert found.bound[0] == pytest.approx(9 / 6 - 1)
    assert found.deviation_after[0] == found.bound[0]


def test_the_dial_goes_from_few_moves_to_fairness() -> None:
    ground = a_ground("00000000\n" * 6, "12131415\n21312141\n13121314\n" * 2)
    plan = a_plan(ground, "AAAAABBB\n" * 3 + "CCCDDDDD\n" * 3)
    moved, variation = zip(
        *[(found.cells_moved[0], found.variation_after[0])
          for found in (propose(ground, plan, wish=Wish(dial=dial)) for dial in (0.0, 1.0))], strict=True
    )  # fmt: skip
    assert moved[0] < moved[1]
    assert variation[0] > variation[1]


def test_a_barrier_becomes_a_border() -> None:
    ground = a_ground("000000\n" * 4)
    river = (ground.x_m[ground.border].max(axis=1) == 4 * SIDE_M) & (ground.x_m[ground.border].min(axis=1) == 3 * SIDE_M)
    plan = a_plan(ground, "AAABBB\n" * 4)
    wish = Wish(tolerance_fraction=0.5)
    across = propose(dataclasses.replace(ground, barrier=river.astype(float)), plan, wish=wish)
    assert across.of_cell.reshape(4, 6).tolist() == [[0, 0, 0, 0, 1, 1]] * 4
    assert propose(ground, plan, wish=wish).cells_moved.tolist() == [0]


def test_cells_without_a_grid_and_broken_grids_are_mended() -> None:
    ground = a_ground("000000")
    found = propose(ground, a_plan(ground, "AAB?AB"), wish=Wish())
    assert found.of_cell.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.whole.tolist() == [True]


def test_an_island_joins_over_the_water_and_is_told() -> None:
    ground = a_ground("000.0")
    found = propose(ground, a_plan(ground, "AAA.A"), wish=Wish())
    assert found.of_cell.tolist() == [0, 0, 0, 0]
    assert found.whole.tolist() == [False]


def test_a_new_grid_halves_the_heaviest_and_one_less_dissolves_the_lightest() -> None:
    ground = a_ground("00000000")
    more = propose(ground, a_plan(ground, "AABBBBBB"), wish=Wish(tolerance_fraction=0.3), wanted=np.array([3]))
    assert more.of_cell.tolist() == [0, 0, 2, 2, 2, 1, 1, 1] or more.of_cell.tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    fewer = propose(ground, a_plan(ground, "AAABCCCC"), wish=Wish(tolerance_fraction=0.1), wanted=np.array([2]))
    assert fewer.of_cell.tolist() == [0, 0, 0, 0, 2, 2, 2, 2]
    assert fewer.ended.tolist() == [False, True, False]


def test_a_plan_from_scratch_keeps_the_numbers_of_most_ground() -> None:
    ground = a_ground("000000\n000000")
    found = propose(ground, a_plan(ground, "AAABBB\nAAABBB"), wish=Wish(), from_scratch=True)
    assert found.cells_moved.tolist() == [0]


def test_a_stopped_run_still_has_a_whole_plan() -> None:
    ground = a_ground("0123\n0123")
    told: list[tuple[int, int]] = []
    found = propose(ground, a_plan(ground, "ABCD\nABC?"), wish=Wish(), progress=lambda *at: told.append(at), stop=lambda: True)
    assert (found.searched.tolist(), told) == ([False] * 4, [])
    assert found.of_cell.tolist() == [0, 1, 2, 3] * 2


def test_all_that_is_wrong_is_told_at_once() -> None:
    ground = dataclasses.replace(a_ground("0011"), hours=np.array([1.0, -1.0, np.nan, 1.0]))
    with pytest.raises(ValueError, match=r"dial.*hours\[1\].*hours\[2\].*Cell 1 is in a grid of another community"):
        propose(ground, Grids.unlocked([0, 1, 1, 1], [0, 1]), wish=Wish(dial=2.0))
    with pytest.raises(ValueError, match="2 free cells, too few for 3"):
        propose(a_ground("0011"), Grids.unlocked([0, 0, 1, 1], [0, 1]), wish=Wish(), wanted=np.array([3, 1]))


def test_grids_go_to_communities_by_their_hours_at_least_one_each() -> None:
    assert by_hours(np.array([700.0, 200.0, 99.0, 1.0]), n_grids=10).tolist() == [6, 2, 1, 1]
    assert by_hours(np.array([5.0, 5.0]), n_grids=7, most=np.array([2, 9])).tolist() == [2, 5]
    with pytest.raises(ValueError, match="3 grids cannot"):
        by_hours(np.ones(4), n_grids=3)


def test_the_curve_of_hours_per_grid_knows_walking_and_duties() -> None:
    curve = hours_by_count(1000.0, area_m2=2e6, fixed_h=10.0, spread_h_per_m=0.1, most=3)
    radius_m = np.sqrt(2e6 / np.arange(1, 4) / (2 * np.pi))
    assert curve.tolist() == pytest.approx((1000 / np.arange(1, 4) + 10 + 0.1 * radius_m).tolist())
