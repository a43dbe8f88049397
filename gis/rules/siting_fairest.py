"""Sites for which the longest way to the nearest place is as short as can be: the p-centre (Hakimi 1964; Minieka 1970).

Is a longest way of so many metres enough? That is a set cover, and the answer changes once: the distances are halved in search of
where. Only cells with residents count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gis.records import Floats, Ints
from gis.rules.siting_greedy import pick
from gis.rules.siting_ground import Answer, Candidates, Demand, Groups, Means, ends_of, grouped
from gis.rules.siting_programs import joined, needs, within_means
from gis.rules.siting_solver import Program, Watch, solve
from gis.rules.walking_network import ReachTable


@dataclass(frozen=True)
class Verdict:
    """Whether so many metres are enough; None where the time did not suffice to say. `chosen`: with what."""

    enough: bool | None
    chosen: Ints


def fairest(candidates: Candidates, demand: Demand, means: Means, *, watch: Watch) -> Answer:
    """The candidates within the means for which the longest way of any resident is shortest, and that way in metres.

    Whom no candidate and nothing that stays reaches does not count. An answer of inf metres: the means do not suffice to bring
    everybody else within any distance known.
    """
    ways = _distances(candidates, demand)
    short, low, high = -1, -1, len(ways)  # the longest that is proven not to be enough; the search goes on between low and high
    best = np.zeros(0, np.int64)
    while high - low > 1 and not watch.is_over():
        middle = (low + high) // 2
        verdict = _verdict(candidates, demand, means, float(ways[middle]), watch=watch)
        if verdict.enough:
            high, best = middle, verdict.chosen
        else:
            low = middle
            short = short if verdict.enough is None else middle
    value = float(ways[high]) if high < len(ways) else (0.0 if not len(ways) else np.inf)
    bound = float(ways[short + 1]) if short + 1 < len(ways) else value
    return Answer(best, value, bound, proven=bound == value)


def longest_m(candidates: Candidates, demand: Demand, chosen: Ints) -> float:
    """The longest way of any resident to the nearest of the chosen and of what stays; inf where somebody reaches none."""
    nearest = demand.kept_m.copy()
    table = candidates.table
    for place in chosen.tolist():
        there = slice(table.first[place], table.first[place + 1])
        nearest[table.cell[there]] = np.minimum(nearest[table.cell[there]], table.metres[there])
    return float(nearest[demand.residents > 0].max(initial=0.0))


def _distances(candidates: Candidates, demand: Demand) -> Floats:
    """The lengths that a longest way can have, ascending: none shorter than the way that somebody has at the very least."""
    table = candidates.table
    metres = table.metres.astype(np.float64)
    nearest = demand.kept_m.copy()
    np.minimum.at(nearest, table.cell, metres)
    counted = (demand.residents > 0) & np.isfinite(nearest)
    least = float(nearest[counted].max(initial=0.0))
    kept = demand.kept_m[counted & np.isfinite(demand.kept_m)]
    lengths = np.concatenate([metres[counted[table.cell] & (metres >= least)], kept[kept >= least]])
    return np.asarray(np.unique(lengths), np.float64)


def _verdict(candidates: Candidates, demand: Demand, means: Means, metres: float, *, watch: Watch) -> Verdict:
    groups = _within(candidates, demand, metres)
    if not len(groups):
        return Verdict(True, np.zeros(0, np.int64))
    chosen, _ = pick(groups, means.cost, weights=np.ones(len(groups), np.int64), by_cost=means.budget is not None)
    if _affordable(means, chosen):
        return Verdict(True, chosen)
    if means.sites is not None and apart(groups, means.places) > means.sites:
        return Verdict(False, chosen)
    solved = solve(_few_enough(groups, means), watch=watch)
    if solved.x is not None:
        return Verdict(True, np.flatnonzero(solved.x > 0.5))
    return Verdict(False if np.isinf(solved.bound) else None, chosen)


def apart(groups: Groups, places: int) -> int:
    """Groups of which no two share a candidate: it takes as many sites at least. Those with fewest candidates are taken first."""
    taken, found = np.zeros(places, np.bool_), 0
    for group in np.argsort(np.diff(groups.first), kind="stable").tolist():
        mine = groups.place[groups.first[group] : groups.first[group + 1]]
        if not taken[mine].any():
            taken[mine] = True
            found += 1
    return found


def _within(candidates: Candidates, demand: Demand, metres: float) -> Groups:
    """The cells that nothing has within so many metres, by the candidates that have them."""
    table = candidates.table
    near = table.metres <= np.float64(metres)
    sizes = np.bincount(candidates.of_pairs()[near], minlength=len(candidates))
    nearer = ReachTable(ends_of(sizes), table.cell[near], table.metres[near], table.n_cells)
    short = np.asarray(demand.kept_m > metres, np.int64)
    return grouped(Candidates(nearer, candidates.cost), replace(demand, need=short))


def _affordable(means: Means, chosen: Ints) -> bool:
    few = means.sites is None or len(chosen) <= means.sites
    return few and (means.budget is None or float(means.cost[chosen].sum()) <= means.budget)


def _few_enough(groups: Groups, means: Means) -> Program:
    """Cover all groups within the means; any answer will do."""
    rows = joined([needs(groups), *within_means(means)])
    return Program(
        np.zeros(means.places), np.zeros(means.places), np.ones(means.places), rows.lower, rows.upper, rows.first, rows.column,
        rows.value, np.ones(means.places, np.bool_), whole_value=True,
    )  # fmt: skip
