"""Dividing a city's posts over its grids: our methods against the library `apportionment`, in one run.

The hours are heavy-tailed and made from a seed. The library takes whole numbers, so that hours are given to both in minutes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.processor import Clock, Work, interleaved_medians, own_cpu_s
from bench.report import TARGET, Comparison, figure, lower_is_better, skipped
from gis.rules.apportionment import METHODS, apportion, breaks_quota

BENCH = "staffing"
SEED = 20_260_101
GRIDS, POSTS = 2_958, 9_756
MOST_MS = 50.0
PEER = "apportionment"
PEER_METHODS = {"sainte-lague": "saintelague", "huntington-hill": "huntington", "hamilton": "hamilton"}


def run(*, quick: bool) -> list[Comparison]:
    """Time and outcome of every method, with and without at least one post each."""
    minutes = made_up_minutes()
    results: list[Comparison] = []
    for method in METHODS:
        results += outcome(method, minutes)
        results += speed(method, minutes, rounds=3 if quick else 9)
    return results


def made_up_minutes() -> NDArray[np.int64]:
    """Minutes a month of each grid."""
    hours = np.random.default_rng(SEED).lognormal(np.log(170), 0.5, GRIDS)
    return (60 * hours).astype(np.int64)


def outcome(method: str, minutes: NDArray[np.int64]) -> list[Comparison]:
    """How many grids are left with nobody, and how many get a whole post more or fewer than their quota."""
    found = []
    for least in (0, 1):
        posts = apportion(minutes.astype(float), POSTS, method=method, least=least)
        case = f"{method}, at least {least}"
        found.append(figure(BENCH, f"{case}: grids without a post", float((posts == 0).sum()), unit="grids"))
        found.append(figure(BENCH, f"{case}: beyond quota", float(breaks_quota(posts, minutes.astype(float)).sum()), unit="grids"))
    return found


def speed(method: str, minutes: NDArray[np.int64], *, rounds: int) -> list[Comparison]:
    """Milliseconds of processor time, against the promised figure and against the library."""
    weights, peer = minutes.astype(float), _peer(method, minutes)
    contestants: dict[str, tuple[Work, Clock]] = {"ours": (lambda: apportion(weights, POSTS, method=method), own_cpu_s)}
    if peer is not None:
        contestants[PEER] = (peer, own_cpu_s)
    spent_ms = {name: 1000 * seconds for name, seconds in interleaved_medians(contestants, rounds=rounds).items()}
    case = f"{method}: {POSTS:,} posts over {GRIDS:,} grids"
    results = [lower_is_better(BENCH, case, TARGET, spent_ms["ours"], MOST_MS, unit="ms", target=1.0)]
    if peer is not None:
        results.append(lower_is_better(BENCH, case, PEER, spent_ms["ours"], spent_ms[PEER], unit="ms", target=1.0))
        otherwise = _otherwise(peer, weights, method)
        results.append(figure(BENCH, f"{method}: grids that the library serves otherwise", otherwise, unit="grids"))
    return results


def _peer(method: str, minutes: NDArray[np.int64]) -> Callable[[], list[int]] | None:
    try:
        from apportionment import methods
    except ImportError:
        skipped(BENCH, PEER, "it is not installed")
        return None
    votes, names = minutes.tolist(), [str(at) for at in range(len(minutes))]  # its own names end at 52

    def divide() -> list[int]:
        divided: list[int] = methods.compute(PEER_METHODS[method], votes, POSTS, parties=names, verbose=False)
        return divided

    return divide


def _otherwise(peer: Callable[[], list[int]], weights: NDArray[np.float64], method: str) -> float:
    return float((np.array(peer()) != apportion(weights, POSTS, method=method)).sum())
