"""Where to build: the published optima of San Francisco, and small cities where every choice can be tried."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import files
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.coverage_records import Aim
from gis.rules import siting_walking
from gis.rules.siting import faults, glance, place
from gis.rules.siting_covering import cover_everyone, cover_most, preview
from gis.rules.siting_fairest import fairest, longest_m
from gis.rules.siting_greedy import covered_by
from gis.rules.siting_ground import Candidates, Demand, Groups, Means, grouped
from gis.rules.siting_solver import Watch
from gis.rules.siting_walking import bounded, greedy, interchanged, walk_least, ways_of
from gis.rules.walking_network import ReachTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SECONDS = 20.0
SERVICE_M = 5_000.0


def a_table(metres: Floats, *, limit_m: float = np.inf) -> ReachTable:
    """Candidates × cells, those within the limit."""
    near = metres <= limit_m
    first = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    return ReachTable(first, np.nonzero(near)[1].astype(np.int32), metres[near], metres.shape[1])


def candidates(metres: Floats, *, limit_m: float = np.inf, cost: Floats | None = None) -> Candidates:
    return Candidates(a_table(metres, limit_m=limit_m), np.ones(len(metres)) if cost is None else cost)


def san_francisco() -> tuple[Floats, Ints]:
    """Metres of the streets from 16 shops to 205 census tracts, and the residents of those."""
    there = {path.name: path for path in files("spopt") or [] if path.suffix == ".csv"}
    rows = list(csv.DictReader(there["SF_network_distance_candidateStore_16_censusTract_205_new.csv"].read_text().splitlines()))
    shops, tracts = sorted({row["name"] for row in rows}), sorted({row["DestinationName"] for row in rows})
    metres, people = np.full((len(shops), len(tracts)), np.nan), np.zeros(len(tracts), np.int64)
    for row in rows:
        tract = tracts.index(row["DestinationName"])
        metres[shops.index(row["name"]), tract], people[tract] = float(row["distance"]), int(row["demand"])
    return metres, people


@pytest.fixture(scope="module")
def shops() -> Iterator[tuple[Floats, Ints]]:
    yield san_francisco()


def groups_of(metres: Floats, people: Ints) -> Groups:
    return grouped(candidates(metres, limit_m=SERVICE_M), Demand.of(people))


def test_fewest_shops_of_san_francisco_are_those_published(shops: tuple[Floats, Ints]) -> None:
    found = cover_everyone(groups_of(*shops), Means(np.ones(16)), watch=Watch(SECONDS))
    assert (found.value, found.bound, found.proven, len(found.chosen)) == (8, 8, True, 8)


def test_four_shops_reach_the_residents_published(shops: tuple[Floats, Ints]) -> None:
    found = cover_most(groups_of(*shops), Means(np.ones(16), sites=4), watch=Watch(SECONDS))
    assert (found.value, found.bound, found.proven) == (875_247, 875_247, True)


@pytest.mark.parametrize("exact_pairs", [siting_walking.EXACT_PAIRS, 0])
def test_four_shops_are_walked_to_as_published(
    shops: tuple[Floats, Ints], exact_pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siting_walking, "EXACT_PAIRS", exact_pairs)
    metres, people = shops
    found = walk_least(
        candidates(metres), Demand.of(people), Means(np.ones(16), sites=4), beyond_m=metres.max(), watch=Watch(SECONDS)
    )
    assert (round(found.value, 1), found.proven) == (2_848_268_129.7, True)


def test_nobody_walks_further_than_published(shops: tuple[Floats, Ints]) -> None:
    metres, people = shops
    demand = Demand.of(people)
    found = fairest(candidates(metres), demand, Means(np.ones(16), sites=4), watch=Watch(SECONDS))
    assert (round(found.value, 2), round(found.bound, 2), found.proven) == (7_403.06, 7_403.06, True)
    assert longest_m(candidates(metres), demand, found.chosen) == found.value


def test_the_greedy_answer_is_near(shops: tuple[Floats, Ints]) -> None:
    groups = groups_of(*shops)
    chosen = preview(groups, Means(np.ones(16), sites=4))
    assert covered_by(groups, chosen, places=16) >= 0.95 * 875_247


@st.composite
def small_cities(draw: st.DrawFn) -> tuple[Floats, Ints, Floats, Floats]:
    """Metres from some candidates to some cells, residents (some 0), costs, and the way to what stays (inf without)."""
    places, cells = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    metres = random.integers(1, 30, (places, cells)).astype(np.float64)
    people = random.integers(0, 50, cells) * random.integers(0, 2, cells)
    kept = np.where(random.random(cells) < 0.3, random.integers(1, 30, cells), np.inf)
    return metres, people, random.integers(1, 6, places).astype(np.float64), kept


def choices(means: Means) -> Iterator[list[int]]:
    """Every set of candidates within the means."""
    for size in range(means.places + 1 if means.sites is None else min(means.sites, means.places) + 1):
        for chosen in combinations(range(means.places), size):
            if means.budget is None or means.cost[list(chosen)].sum() <= means.budget:
                yield list(chosen)


def some_means(cost: Floats, sites: int, by_budget: bool) -> Means:
    return Means(cost, budget=float(2 * sites)) if by_budget else Means(cost, sites=sites)


@settings(deadline=None, max_examples=60)
@given(small_cities(), st.integers(1, 4), st.booleans(), st.integers(1, 2))
def test_no_choice_covers_more(city: tuple[Floats, Ints, Floats, Floats], sites: int, by_budget: bool, k: int) -> None:
    metres, people, cost, kept_m = city
    means, within = some_means(cost, sites, by_budget), (kept_m <= 10).astype(np.int64)
    demand = Demand.of(people, within=within, k=k)
    found = cover_most(grouped(candidates(metres, limit_m=10, cost=cost), demand), means, watch=Watch(SECONDS))

    def covered(chosen: list[int]) -> int:
        return int(people[within + (metres[chosen] <= 10).sum(axis=0) >= k].sum()) - demand.covered_residents

    assert (found.value, found.proven) == (max(covered(chosen) for chosen in choices(means)), True)
    assert covered(found.chosen.tolist()) == found.value == found.bound


@settings(deadline=None, max_examples=60)
@given(small_cities(), st.integers(1, 2))
def test_no_choice_covers_everyone_for_less(city: tuple[Floats, Ints, Floats, Floats], k: int) -> None:
    metres, people, cost, _ = city
    groups = grouped(candidates(metres, limit_m=12, cost=cost), Demand.of(people, k=k))
    found = cover_everyone(groups, Means(cost), watch=Watch(SECONDS))
    near, asked = metres <= 12, (people > 0)
    hopeless = asked & (near.sum(axis=0) < k)
    assert groups.hopeless.tolist() == np.flatnonzero(hopeless).tolist()
    enough = [chosen for chosen in choices(Means(cost)) if (near[chosen].sum(axis=0) >= k)[asked & ~hopeless].all()]
    assert (found.value, found.proven) == (min(cost[chosen].sum() for chosen in enough), True)
    assert found.chosen.tolist() in enough


@settings(deadline=None, max_examples=60)
@given(small_cities(), st.integers(1, 4), st.booleans(), st.booleans())
def test_no_choice_is_walked_to_less(
    city: tuple[Floats, Ints, Floats, Floats], sites: int, by_budget: bool, with_kept: bool
) -> None:
    metres, people, cost, kept_m = city
    means = some_means(cost, sites, by_budget)
    demand = Demand.of(people, kept_m=kept_m if with_kept else None)
    found = walk_least(candidates(metres, cost=cost), demand, means, beyond_m=40.0, watch=Watch(SECONDS))

    def walked(chosen: list[int]) -> float:
        return float(people @ np.minimum(np.minimum(demand.kept_m, 40.0), metres[chosen].min(axis=0, initial=40.0)))

    assert (found.value, found.proven) == (min(walked(chosen) for chosen in choices(means)), True)
    assert walked(found.chosen.tolist()) == found.value


@settings(deadline=None, max_examples=40)
@given(small_cities(), st.integers(1, 4), st.booleans())
def test_what_is_said_to_be_the_least_walk_is_never_beaten(
    city: tuple[Floats, Ints, Floats, Floats], sites: int, by_budget: bool
) -> None:
    metres, people, cost, kept_m = city
    means = some_means(cost, sites, by_budget)
    ways = ways_of(candidates(metres, cost=cost), Demand.of(people, kept_m=kept_m), beyond_m=40.0)
    near = ways.walked(interchanged(ways, means, greedy(ways, means), watch=Watch(SECONDS)))
    bound, _ = bounded(ways, means, near, watch=Watch(SECONDS))
    least = min(ways.walked(np.array(chosen, np.int64)) for chosen in choices(means))
    assert bound <= least + 1e-6 and near >= least - 1e-6


@settings(deadline=None, max_examples=60)
@given(small_cities(), st.integers(1, 4), st.booleans())
def test_no_choice_has_a_shorter_longest_way(city: tuple[Floats, Ints, Floats, Floats], sites: int, by_budget: bool) -> None:
    metres, people, cost, kept_m = city
    means, demand = some_means(cost, sites, by_budget), Demand.of(people, kept_m=kept_m)
    found = fairest(candidates(metres, cost=cost), demand, means, watch=Watch(SECONDS))

    def longest(chosen: list[int]) -> float:
        return float(np.minimum(kept_m, metres[chosen].min(axis=0, initial=np.inf))[people > 0].max(initial=0.0))

    assert (found.value, found.proven) == (min(longest(chosen) for chosen in choices(means)), True)
    assert longest(found.chosen.tolist()) == found.value


@settings(deadline=None, max_examples=30)
@given(small_cities(), st.integers(1, 3), st.integers(1, 60))
def test_a_site_takes_no_more_than_it_has_room_for(
    city: tuple[Floats, Ints, Floats, Floats], sites: int, room: int
) -> None:
    metres, people, cost, _ = city
    means = Means(cost, sites=sites, room=np.full(len(cost), float(room)))
    groups = grouped(candidates(metres, limit_m=12, cost=cost), Demand.of(people))
    found = cover_most(groups, means, watch=Watch(SECONDS))
    assert (found.value, found.proven) == (max(_taken_in(metres <= 12, people, chosen, room) for chosen in choices(means)), True)


def _taken_in(near: NDArray[np.bool_], people: Ints, chosen: list[int], room: int) -> int:
    """Residents that find room, by the cut that is least: of every set of sites, their room and who reaches another (Hall 1935)."""
    return min(
        room * (len(chosen) - len(full)) + int(people[near[list(full)].any(axis=0)].sum())
        for size in range(len(chosen) + 1)
        for full in combinations(chosen, size)
    )


def test_two_candidates_with_the_same_cells_are_one_row_each_cell_once() -> None:
    metres = np.array([[1.0, 1, 9, 9], [9, 9, 1, 1], [1, 1, 9, 9]])
    groups = grouped(candidates(metres, limit_m=5), Demand.of(np.array([3, 4, 5, 0])))
    assert (groups.residents.tolist(), groups.of_cell.tolist()) == ([7, 5], [0, 0, 1, -1]) or (
        groups.residents.tolist(), groups.of_cell.tolist()) == ([5, 7], [1, 1, 0, -1])  # fmt: skip


def test_a_search_that_is_stopped_gives_the_best_so_far_and_proves_nothing(shops: tuple[Floats, Ints]) -> None:
    metres, people = shops
    found = walk_least(
        candidates(metres), Demand.of(people), Means(np.ones(16), sites=4), beyond_m=metres.max(),
        watch=Watch(SECONDS, stop=lambda: True),
    )  # fmt: skip
    assert found.value >= 2_848_268_129.7 and len(found.chosen) == 4
    assert not found.proven and found.bound < found.value


def test_what_cannot_be_covered_is_said_and_the_rest_is_answered() -> None:
    metres = np.array([[1.0, 9, 99, 99], [9, 1, 99, 99]])
    people = np.array([10, 20, 30, 0])
    found = place(
        "everyone", candidates(metres, limit_m=5), Demand.of(people), Means(np.ones(2), sites=1), watch=Watch(SECONDS)
    )
    assert (found.value, found.chosen.tolist(), found.gained.tolist(), found.proven) == (2, [1, 0], [20, 10], True)
    assert [note.as_dict() for note in found.notes] == [
        {
            "code": "out_of_reach", "cells": 1, "residents": 30,
            "says": {
                "zh": "30名居民（1个单元）不在任何候选点的服务范围内，结果只针对其余居民。",
                "en": "30 residents (1 cells) are within reach of no candidate; the answer is for the others.",
            },
        },
        {
            "code": "more_sites", "sites": 2, "asked": 1,
            "says": {"zh": "全部覆盖需要2处，多于1处。", "en": "To cover everybody takes 2 sites, more than 1."},
        },
    ]  # fmt: skip


@pytest.mark.parametrize("aim", ["most", "everyone", "least_walking", "fairest"])
def test_where_nobody_lives_nothing_is_built(aim: Aim) -> None:
    spots = candidates(np.array([[1.0, 2.0]]))
    found = place(aim, spots, Demand.of(np.zeros(2, np.int64)), Means(np.ones(1), sites=1), beyond_m=9, watch=Watch(SECONDS))
    assert (found.chosen.tolist(), found.value, found.gap) == ([], 0, 0)
    assert [note.code for note in found.notes] == ["nobody_lives_here"]


def test_residents_without_room_make_it_impossible_to_cover_everyone() -> None:
    spots = candidates(np.array([[1.0, 2.0]]))
    means = Means(np.ones(1), room=np.array([5.0]))
    found = place("everyone", spots, Demand.of(np.array([4, 4])), means, watch=Watch(SECONDS))
    assert (found.value, found.proven, [note.code for note in found.notes]) == (np.inf, True, ["not_possible"])
    assert place("most", spots, Demand.of(np.array([4, 4])), replace(means, sites=1), watch=Watch(SECONDS)).value == 5


def test_a_wish_that_cannot_be_is_refused_by_its_field() -> None:
    cost = np.array([3.0, 4.0])
    assert [each["field"] for each in faults("most", Means(cost), k=1)] == ["sites"]
    assert "2 candidates; 3 sites" in faults("most", Means(cost, sites=3), k=1)[0]["message"]
    assert "costs 3; the budget is 2" in faults("fairest", Means(cost, budget=2.0), k=1)[0]["message"]
    assert [each["field"] for each in faults("fairest", Means(cost, sites=1, room=cost), k=2)] == ["capacity"]
    assert faults("everyone", Means(cost), k=3) == []


def test_the_first_glance_is_greedy_and_says_so(shops: tuple[Floats, Ints]) -> None:
    metres, people = shops
    found = glance(candidates(metres, limit_m=SERVICE_M), Demand.of(people), Means(np.ones(16), sites=4))
    assert (found.solver, found.proven, found.bound) == ("greedy", False, people.sum())
    assert 0.95 * 875_247 <= found.value == found.gained.sum() <= 875_247
    assert found.gained.tolist() == sorted(found.gained.tolist(), reverse=True)
