"""Where to build: the published problem of San Francisco and a made-up city, ours beside PuLP with CBC and scipy's own solver.

Everybody gets the same table of who reaches what. Ours counts cells that the same candidates reach together before it solves.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from importlib.metadata import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from bench.processor import wall_s
from bench.report import TARGET, Comparison, figure, lower_is_better, skipped
from gis.rules import radius, siting_walking
from gis.rules.siting import Placed, glance, place
from gis.rules.siting_candidates import spread
from gis.rules.siting_ground import Candidates, Demand, Means
from gis.rules.siting_solver import Watch
from gis.rules.walking_network import ReachTable

BENCH = "siting"
SEED = 20_260_101
CELLS, CANDIDATES, SITES = 44_000, 1_000, (20, 50)
WIDTH_M, LIMIT_M, WIDE_M, PUBLISHED_M = 50_000.0, 1_000.0, 5_000.0, 5_000.0
MOST_S, MOST_GAP = 2.0, 0.01
SECONDS = 60.0
PUBLISHED = {"everyone": 8.0, "most": 875_247.0, "least_walking": 2_848_268_129.7, "fairest": 7_403.06}
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def run(*, quick: bool) -> list[Comparison]:
    """Published optima, then a city's size."""
    siting_walking.compile_kernels()
    results = san_francisco()
    city = a_city(CELLS // 10 if quick else CELLS, CANDIDATES // 10 if quick else CANDIDATES)
    for sites in SITES[:1] if quick else SITES:
        results += most_residents(*city, sites=sites)
    return results + other_aims(*city, sites=SITES[0])


def san_francisco() -> list[Comparison]:
    """Of the optima that were published for 16 shops and 205 census tracts: how far ours is from each."""
    metres, people = _published()
    if not len(metres):
        skipped(BENCH, "San Francisco", "its data are not installed")
        return []
    near, every = (Candidates(_table(metres, limit), np.ones(len(metres))) for limit in (PUBLISHED_M, np.inf))
    results = []
    for aim, published in PUBLISHED.items():
        means = Means(np.ones(len(metres)), sites=None if aim == "everyone" else 4)
        found = place(aim, near, Demand.of(people), means, wide=every, beyond_m=float(metres.max()), watch=Watch(SECONDS))  # type: ignore[arg-type]
        digits = {"least_walking": 1, "fairest": 2}.get(aim, 0)
        off = abs(round(found.value, digits) - published)
        results.append(figure(BENCH, f"San Francisco, {aim}: off the published optimum", off, unit=found.unit))
    return results


def a_city(cells: int, candidates: int) -> tuple[ReachTable, ReachTable, Ints, Floats]:
    """Who reaches candidates of a made-up city within the limit and within five times that, residents, and what is walked today."""
    random = np.random.default_rng(SEED)
    points = random.uniform(0, WIDTH_M * np.sqrt(cells / CELLS), (cells, 2))
    people = random.lognormal(np.log(150), 1.0, cells).astype(np.int64)
    chosen = spread(points, people.astype(np.float64), most=candidates)
    near, wide = (radius.pairs(points[chosen], points, limit_m=limit) for limit in (LIMIT_M, WIDE_M))
    kept_m, _ = radius.nearest(points[random.choice(cells, candidates // 4, replace=False)], points)
    return near, wide, people, kept_m


def most_residents(near: ReachTable, wide: ReachTable, people: Ints, kept_m: Floats, *, sites: int) -> list[Comparison]:
    """Seconds to the proven optimum, against the promise, PuLP with CBC and scipy; and how near the first glance is."""
    candidates = Candidates(near, np.ones(len(near.first) - 1))
    demand, means = Demand.of(people), Means(candidates.cost, sites=sites)
    found: dict[str, float] = {}

    def ours() -> None:
        answer = place("most", candidates, demand, means, watch=Watch(SECONDS))
        assert answer.proven, "nobody stopped it"
        found["ours"] = answer.value

    case = f"most residents, {sites} of {len(candidates):,} candidates, {len(people):,} cells"
    spent_s = wall_s(ours)
    results = [lower_is_better(BENCH, case, TARGET, spent_s, MOST_S, unit="s", target=1.0)]
    for peer, solve in PEERS.items():
        peer_s = wall_s(lambda: found.update({peer: solve(near, people, sites)}))  # noqa: B023
        results.append(lower_is_better(BENCH, case, peer, spent_s, peer_s, unit="s", target=1.0))
        off = abs(found[peer] - found["ours"])
        results.append(figure(BENCH, f"{case}: {peer} finds others", off, unit="residents"))
    glanced = glance(candidates, demand, means)
    results.append(figure(BENCH, f"{case}: first glance", 1000 * glanced.seconds, unit="ms"))
    results.append(figure(BENCH, f"{case}: first glance below the optimum", 1 - glanced.value / found["ours"], unit="fraction"))
    return results


def other_aims(near: ReachTable, wide: ReachTable, people: Ints, kept_m: Floats, *, sites: int) -> list[Comparison]:
    """Seconds and gap of the other aims, beside facilities that stay."""
    cost = np.ones(len(near.first) - 1)
    demand = Demand.of(people, within=(kept_m <= LIMIT_M).astype(np.int64), kept_m=kept_m)
    results: list[Comparison] = []
    answers: dict[str, Callable[[], Placed]] = {
        aim: lambda aim=aim: place(  # type: ignore[misc]
            aim, Candidates(near, cost), demand, Means(cost, sites=None if aim == "everyone" else sites),
            wide=Candidates(wide, cost), beyond_m=WIDE_M, watch=Watch(SECONDS),
        )
        for aim in ("everyone", "least_walking", "fairest")
    }  # fmt: skip
    for aim, ask in answers.items():
        answer = ask()
        results.append(figure(BENCH, f"{aim}, {len(cost):,} candidates, {len(people):,} cells", answer.seconds, unit="s"))
        gap = answer.gap if np.isfinite(answer.gap) else 1.0
        results.append(lower_is_better(BENCH, f"{aim}: gap", TARGET, gap, MOST_GAP, unit="fraction", target=1.0))
    return results


def _by_scipy(near: ReachTable, people: Ints, sites: int) -> float:
    """Most residents, cell by cell, by scipy.optimize.milp."""
    places, cells = len(near.first) - 1, near.n_cells
    place_of = np.repeat(np.arange(places), np.diff(near.first))
    covers = csr_array((-np.ones(len(near.cell)), (near.cell, place_of)), shape=(cells, places))
    few = csr_array(np.concatenate([np.ones(places), np.zeros(cells)])[None])
    solved = milp(
        np.concatenate([np.zeros(places), -people]),
        integrality=np.concatenate([np.ones(places), np.zeros(cells)]), bounds=Bounds(0, 1),
        constraints=[LinearConstraint(hstack([covers, eye_array(cells)]), ub=0), LinearConstraint(few, ub=sites)],
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return float(round(-solved.fun))


def _by_pulp(near: ReachTable, people: Ints, sites: int) -> float:
    """Most residents, cell by cell, by PuLP's CBC, as locating libraries put it."""
    import pulp

    problem = pulp.LpProblem("most", pulp.LpMaximize)
    x = [pulp.LpVariable(f"x{place}", cat="Binary") for place in range(len(near.first) - 1)]
    y = [pulp.LpVariable(f"y{cell}", 0, 1) for cell in range(near.n_cells)]
    problem += pulp.lpDot(people.tolist(), y)
    problem += pulp.lpSum(x) <= sites
    reached: list[list[int]] = [[] for _ in y]
    for place_, (begin, end) in enumerate(zip(near.first[:-1], near.first[1:], strict=True)):
        for cell in near.cell[begin:end].tolist():
            reached[cell].append(place_)
    for cell, places in enumerate(reached):
        problem += y[cell] <= pulp.lpSum(x[place_] for place_ in places)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(round(pulp.value(problem.objective)))


PEERS: dict[str, Callable[[ReachTable, Ints, int], float]] = {"scipy": _by_scipy}
try:
    import pulp  # noqa: F401
except ImportError:
    skipped(BENCH, "PuLP", "it is not installed")
else:
    PEERS["PuLP with CBC"] = _by_pulp


def _table(metres: Floats, limit_m: float) -> ReachTable:
    near = metres <= limit_m
    first = np.concatenate([[0], np.cumsum(near.sum(axis=1))])
    exact: Any = metres[near]  # published to more digits than the engine's own tables have
    return ReachTable(first, np.nonzero(near)[1].astype(np.int32), exact, metres.shape[1])


def _published() -> tuple[Floats, Ints]:
    """Metres from shops to census tracts, and their residents; empty where the data are not there."""
    there = {path.name: path for path in files("spopt") or [] if path.suffix == ".csv"}
    rows = list(csv.DictReader(there["SF_network_distance_candidateStore_16_censusTract_205_new.csv"].read_text().splitlines()))
    shops, tracts = sorted({row["name"] for row in rows}), sorted({row["DestinationName"] for row in rows})
    metres, people = np.full((len(shops), len(tracts)), np.nan), np.zeros(len(tracts), np.int64)
    for row in rows:
        tract = tracts.index(row["DestinationName"])
        metres[shops.index(row["name"]), tract], people[tract] = float(row["distance"]), int(row["demand"])
    return metres, people
