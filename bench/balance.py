"""Balancing: our search against graph partitioners, in one run on one made-up city with heavy-tailed work."""

from __future__ import annotations

import time

import numpy as np

from bench.balance_city import City, a_city
from bench.balance_peers import MtKaHyPar, Part, Peer, parts_of, peers, whole_plan
from bench.processor import interleaved_medians
from bench.report import TARGET, Comparison, figure, higher_is_better, lower_is_better
from gis.rules.balance import Wish, compile_kernels, propose
from gis.rules.balance_bounds import largest_deviation_bound
from gis.rules.neighbours import pieces
from gis.rules.placing_kernels import Floats, Int64s

BENCH = "balance"
SEED = 1
OURS = "ours"
THREADS = 2
FEWEST = Wish()
ROUND = Wish(compactness=0.15)
SCRATCH = Wish(tolerance_fraction=0.05, compactness=0.1)


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons; ``quick`` takes one round."""
    compile_kernels()
    city = a_city(seed=SEED)
    rounds, parts = 1 if quick else 5, parts_of(city, city.grids)
    others = peers()
    return rebalance(city, parts, others, rounds=rounds) + from_scratch(city, parts, others, rounds=rounds)


def rebalance(city: City, parts: list[Part], others: list[Peer], *, rounds: int) -> list[Comparison]:
    """The grids of today brought within 10 %, few cells in other hands, or round grids."""
    plans: dict[str, Int64s] = {}

    def keep(name: str, wish: Wish) -> None:
        plans[name] = propose(city.ground, city.grids, wish=wish, threads=THREADS).of_cell

    contestants = {name: ((lambda n=name, w=wish: keep(n, w)), time.perf_counter)
                   for name, wish in ((OURS, FEWEST), ("ours, round", ROUND))}  # fmt: skip
    for peer in others:
        if isinstance(peer, MtKaHyPar):
            def better(peer: MtKaHyPar = peer) -> None:
                plans[peer.name] = whole_plan(parts, city.grids.of_cell, [peer.better(part) for part in parts])

            contestants[peer.name] = (better, time.perf_counter)
    seconds = interleaved_medians(contestants, rounds=rounds)
    case = "rebalance to 10 %"
    out = [
        lower_is_better(BENCH, f"{case}: the city", TARGET, seconds[OURS], 3.0, unit="s", target=1.0),
        higher_is_better(BENCH, f"{case}: feasible communities within", TARGET, feasible_within(city, plans[OURS], 0.1), 1.0,
                         unit="share", target=1.0),
        lower_is_better(BENCH, f"{case}: cells moved", TARGET, moved(city, plans[OURS]), 0.13, unit="share", target=1.0),
        higher_is_better(BENCH, f"{case}: roundness", TARGET, city.polsby_popper(plans[OURS]), 0.43, unit="PP", target=1.0),
        lower_is_better(BENCH, f"{case}, round: cells moved", TARGET, moved(city, plans["ours, round"]), 0.155, unit="share",
                        target=1.0),
        higher_is_better(BENCH, f"{case}, round: roundness", TARGET, city.polsby_popper(plans["ours, round"]), 0.49, unit="PP",
                         target=1.0),
        higher_is_better(BENCH, f"{case}: communities in one piece", TARGET, whole(city, plans[OURS]), 1.0, unit="share",
                         target=1.0),
    ]  # fmt: skip
    for name in plans.keys() - {OURS, "ours, round"}:
        out += _against(city, case, name, seconds, plans, tolerance=0.1)
        shares = [moved(city, plans[who]) for who in (OURS, name)]
        out.append(lower_is_better(BENCH, f"{case}: cells moved", name, *shares, unit="share"))
    return out


def from_scratch(city: City, parts: list[Part], others: list[Peer], *, rounds: int) -> list[Comparison]:
    """Communities divided from nothing, to 5 %."""
    plans: dict[str, Int64s] = {}

    def ours() -> None:
        plans[OURS] = propose(city.ground, city.grids, wish=SCRATCH, from_scratch=True, threads=THREADS).of_cell

    contestants = {OURS: (ours, time.perf_counter)}
    for peer in others:
        def theirs(peer: Peer = peer) -> None:
            plans[peer.name] = whole_plan(parts, city.grids.of_cell, [peer.divide(part) for part in parts])

        contestants[peer.name] = (theirs, time.perf_counter)
    seconds = interleaved_medians(contestants, rounds=rounds)
    case = "from scratch"
    out = [
        lower_is_better(BENCH, f"{case}: the city", TARGET, seconds[OURS], 4.0, unit="s", target=1.0),
        higher_is_better(BENCH, f"{case}: feasible within 5 %", TARGET, feasible_within(city, plans[OURS], 0.05), 0.995,
                         unit="share", target=1.0),
        higher_is_better(BENCH, f"{case}: roundness", TARGET, city.polsby_popper(plans[OURS]), 0.53, unit="PP", target=1.0),
        lower_is_better(BENCH, f"{case}: empty grids", TARGET, empty(city, plans[OURS]), 0, unit="grids", target=1.0),
    ]  # fmt: skip
    for peer in others:
        out += _against(city, case, peer.name, seconds, plans, tolerance=0.05)
        out.append(figure(BENCH, f"{case}: empty grids of {peer.name}", empty(city, plans[peer.name]), unit="grids"))
    return out


def _against(
    city: City, case: str, name: str, seconds: dict[str, float], plans: dict[str, Int64s], *, tolerance: float
) -> list[Comparison]:
    shares = [feasible_within(city, plans[who], tolerance) for who in (OURS, name)]
    rounds = [city.polsby_popper(plans[who]) for who in (OURS, name)]
    least = 1.0 if name == MtKaHyPar.name and case == "from scratch" else None
    return [
        lower_is_better(BENCH, f"{case}: the city", name, seconds[OURS], seconds[name], unit="s", target=least),
        higher_is_better(BENCH, f"{case}: feasible within", name, *shares, unit="share", target=1.0),
        higher_is_better(BENCH, f"{case}: roundness", name, *rounds, unit="PP"),
        higher_is_better(BENCH, f"{case}: communities in one piece", name, whole(city, plans[OURS]), whole(city, plans[name]),
                         unit="share", target=1.0),
    ]  # fmt: skip


def _loads(city: City, of_cell: Int64s) -> tuple[Floats, Floats]:
    """Deviation of every grid from its community's mean, and the mean of every community."""
    home = city.grids.community
    load = np.bincount(of_cell, city.ground.hours, len(home))
    mean = np.bincount(home, load) / np.bincount(home)
    return load / mean[home] - 1, mean


def feasible_within(city: City, of_cell: Int64s, tolerance: float) -> float:
    """Of the communities whose heaviest cells allow it, the share with every grid within the tolerance."""
    deviation, mean = _loads(city, of_cell)
    home, n = city.grids.community, len(mean)
    beyond = np.bincount(home[np.abs(deviation) > tolerance + 1e-9], minlength=n) > 0
    feasible = np.array([
        largest_deviation_bound(city.ground.hours[city.ground.community == community], n_grids=int((home == community).sum()),
                                fixed_h=0.0, mean_h=float(mean[community]))[0] <= tolerance
        for community in range(n)
    ])  # fmt: skip
    return float((~beyond[feasible]).mean())


def moved(city: City, of_cell: Int64s) -> float:
    """The share of cells that change hands."""
    return float((of_cell != city.grids.of_cell).mean())


def empty(city: City, of_cell: Int64s) -> int:
    """Grids without a cell."""
    return len(city.grids.community) - len(np.unique(of_cell))


def whole(city: City, of_cell: Int64s) -> float:
    """The share of communities whose grids are each in one piece."""
    piece = pieces(of_cell, city.ground.border[:, 0], city.ground.border[:, 1])
    grid = np.unique(np.column_stack([of_cell, piece]), axis=0)[:, 0]
    broken = np.unique(city.grids.community[np.flatnonzero(np.bincount(grid, minlength=len(city.grids.community)) > 1)])
    return 1.0 - len(broken) / (int(city.ground.community.max()) + 1)
