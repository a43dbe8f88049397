"""Sites to which all residents together walk least: the p-median (Hakimi 1964), with what stays and with a budget.

Whoever has nothing within `beyond_m` is counted with `beyond_m`. Small cities are solved exactly. Large ones by greedy choice and
interchange (Teitz and Bart 1968, with Whitaker's sums), held against a Lagrangian bound (Cornuéjols, Fisher and Nemhauser 1977),
which also strikes out candidates that no better answer can have; what is left over is solved exactly when it is small enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gis.records import Flags, Floats, Ints
from gis.rules import siting_kernels as kernels
from gis.rules.siting_ground import Answer, Candidates, Demand, Means, ends_of
from gis.rules.siting_programs import Rows, joined, program, within_means
from gis.rules.siting_solver import CLOSE, Watch, solve
from gis.rules.walking_network import Small

EXACT_PAIRS = 30_000
"""Of candidates and cells: so many are solved exactly."""
ROUNDS = 400
PATIENCE = 12
"""Rounds without a better bound after which the steps are halved."""
SMALLEST_STEP = 1e-4
ENOUGH_FRACTION = 1e-6


@dataclass(frozen=True)
class Ways:
    """The pairs that can save anybody a metre: candidate j from `cell[first[j]:first[j + 1]]`. `today_m` (n,) is walked without
    new sites."""

    first: Ints
    cell: Small
    metres: Floats
    people: Floats
    today_m: Floats

    @property
    def arrays(self) -> tuple[Ints, Small, Floats, Floats]:
        """As the kernels take them."""
        return self.first, self.cell, self.metres, self.people

    def walked(self, chosen: Ints) -> float:
        """Metres that all residents together walk with these candidates."""
        return float(self.people @ self.nearest(chosen)[0])

    def nearest(self, chosen: Ints) -> tuple[Floats, Floats, Small]:
        """Metres to the nearest and the second nearest place, and which chosen one is the nearest (-1: one that stays)."""
        one, two = self.today_m.copy(), self.today_m.copy()
        who = np.empty(len(one), np.int32)
        kernels.nearest_two(self.first, self.cell, self.metres, chosen, one, two, who)
        return one, two, who


def compile_kernels() -> None:
    """Compile what is not yet on disk."""
    two = np.array([[1.0, 2.0], [2.0, 1.0]])
    ways = Ways(np.array([0, 2, 4]), np.array([0, 1, 0, 1], np.int32), two.ravel(), np.ones(2), np.full(2, 9.0))
    means = Means(np.ones(2), sites=1)
    interchanged(ways, means, greedy(ways, means), watch=Watch(1.0))
    bounded(ways, means, 3.0, watch=Watch(1.0))


def walk_least(candidates: Candidates, demand: Demand, means: Means, *, beyond_m: float, watch: Watch) -> Answer:
    """The candidates within the means for which residents' metres to the nearest place are fewest in all, and those metres."""
    ways = ways_of(candidates, demand, beyond_m=beyond_m)
    chosen = interchanged(ways, means, greedy(ways, means), watch=watch)
    walked = ways.walked(chosen)
    if len(ways.cell) <= EXACT_PAIRS:
        return _exact(ways, means, chosen, watch=watch)
    bound, price = bounded(ways, means, walked, watch=watch)
    if bound >= walked - CLOSE * walked or watch.is_over():
        return Answer(chosen, walked, min(bound, walked), proven=bool(bound >= walked - CLOSE * walked))
    return _what_is_left(ways, means, Answer(chosen, walked, bound, proven=False), price, watch=watch)


def ways_of(candidates: Candidates, demand: Demand, *, beyond_m: float) -> Ways:
    """The pairs that are shorter than what is walked today."""
    table = candidates.table
    today = np.minimum(demand.kept_m, beyond_m)
    useful = (demand.residents[table.cell] > 0) & (table.metres < today[table.cell])
    sizes = np.bincount(candidates.of_pairs()[useful], minlength=len(candidates))
    first = ends_of(sizes)
    people = demand.residents.astype(np.float64)
    return Ways(first, table.cell[useful], table.metres[useful].astype(np.float64), people, np.where(people > 0, today, 0.0))


def greedy(ways: Ways, means: Means) -> Ints:
    """Always the candidate that saves most (for its money, where there is a budget)."""
    saved, now = np.empty(means.places), ways.today_m.copy()
    left = np.inf if means.budget is None else means.budget
    chosen: list[int] = []
    while means.sites is None or len(chosen) < means.sites:
        kernels.savings(*ways.arrays, now, saved)
        score = np.where(means.cost <= left, saved / np.maximum(means.cost, 1e-12) if means.budget is not None else saved, 0.0)
        best = int(score.argmax()) if len(score) else 0
        if not len(score) or score[best] <= 0:
            break
        chosen.append(best)
        left -= float(means.cost[best])
        there = slice(ways.first[best], ways.first[best + 1])
        now[ways.cell[there]] = np.minimum(now[ways.cell[there]], ways.metres[there])
    return np.array(chosen, np.int64)


def interchanged(ways: Ways, means: Means, chosen: Ints, *, watch: Watch) -> Ints:
    """The same after every swap of one site for one candidate that saves, until none does."""
    chosen, begin = chosen.copy(), 0
    out = np.zeros(2, np.int64)
    while len(chosen) and not watch.is_over():
        left = np.inf if means.budget is None else means.budget - float(means.cost[chosen].sum())
        one, two, who = ways.nearest(chosen)
        saved = kernels.best_swap(*ways.arrays, one, two, who, means.cost, chosen, left, begin, out)
        if saved <= CLOSE * float(ways.people @ one):
            break
        chosen[out[1]], begin = out[0], int(out[0])
    return chosen


def bounded(ways: Ways, means: Means, walked: float, *, watch: Watch) -> tuple[float, Floats]:
    """Metres that no answer can be below, by the subgradient method, and the prices that prove it."""
    most = ways.people * ways.today_m
    price, best, best_price = _prices(ways, means), ways.walked(np.arange(means.places)), most
    worth, times = np.empty(means.places), np.empty(len(most))
    step, idle = 1.0, 0
    for _ in range(ROUNDS):
        kernels.reduced(*ways.arrays, price, worth)
        taken = _taken(worth, means)
        bound = float(price.sum() - worth @ taken)
        idle = idle + 1 if bound <= best + ENOUGH_FRACTION * abs(best) else 0
        if bound > best:
            best, best_price = bound, price.copy()
        if idle >= PATIENCE:
            step, idle, price = step / 2, 0, best_price.copy()
        if step < SMALLEST_STEP or best >= walked * (1 - CLOSE) or watch.is_over():
            break
        kernels.served(*ways.arrays, price, taken, times)
        unserved = np.where((price >= most) & (times < 1), 0.0, 1.0 - times)
        square = float(unserved @ unserved)
        if square == 0:
            break
        price = np.clip(price + step * (1.02 * walked - bound) / square * unserved, 0.0, most)
    return best, best_price


def _prices(ways: Ways, means: Means) -> Floats:
    """Prices to begin with: the way to the second nearest site of the greedy answer."""
    _, two, _ = ways.nearest(greedy(ways, means))
    return np.asarray(ways.people * np.minimum(two, ways.today_m), np.float64)


def _taken(worth: Floats, means: Means) -> Floats:
    """The candidates worth most within the means, the last one in part where money is short: no less than whole ones could be."""
    taken = np.zeros(len(worth))
    if means.budget is None:
        assert means.sites is not None
        best = np.argsort(-worth, kind="stable")[: means.sites]
        taken[best] = worth[best] > 0
        return taken
    order = np.argsort(-worth / np.maximum(means.cost, 1e-12), kind="stable")
    order = order[(worth[order] > 0) & (means.cost[order] <= means.budget)]
    spent = np.cumsum(means.cost[order]) - means.cost[order]
    taken[order] = np.clip((means.budget - spent) / np.maximum(means.cost[order], 1e-12), 0.0, 1.0)
    return taken


def _what_is_left(ways: Ways, means: Means, best: Answer, price: Floats, *, watch: Watch) -> Answer:
    """Strike out the candidates that no better answer can have; if few are left, solve those exactly."""
    kept = _possible(ways, means, best, price)
    sizes = np.where(kept, np.diff(ways.first), 0)
    if int(sizes.sum()) > EXACT_PAIRS:
        return best
    there = np.repeat(kept, np.diff(ways.first))
    first = ends_of(sizes)
    fewer = replace(ways, first=first, cell=ways.cell[there], metres=ways.metres[there])
    found = _exact(fewer, means, best.chosen, watch=watch)
    return replace(found, bound=max(best.bound, min(found.bound, best.value)))


def _possible(ways: Ways, means: Means, best: Answer, price: Floats) -> Flags:
    """Whether an answer with a candidate can still be better than the best one met, by the prices of the bound."""
    worth = np.empty(means.places)
    kernels.reduced(*ways.arrays, price, worth)
    kept = np.ones(means.places, np.bool_)
    if means.budget is None and means.sites is not None and means.sites < means.places:
        proved = float(price.sum() - worth @ _taken(worth, means))
        least = max(float(np.sort(worth)[-means.sites]), 0.0)
        kept = proved + (least - worth) <= best.value * (1 + CLOSE)
    kept[best.chosen] = True
    return np.asarray(kept, np.bool_)


def _exact(ways: Ways, means: Means, chosen: Ints, *, watch: Watch) -> Answer:
    """Columns: candidates, then pairs. A cell saves over one pair at most, and only to a candidate that is taken."""
    c, pairs = means.places, len(ways.cell)
    place = np.repeat(np.arange(c, dtype=np.int64), np.diff(ways.first))
    saved = ways.people[ways.cell] * (ways.today_m[ways.cell] - ways.metres)
    today = float(ways.people @ ways.today_m)
    order = np.argsort(ways.cell, kind="stable")
    ends = ends_of(np.bincount(ways.cell, minlength=len(ways.people)))
    n, flow = len(ways.people), c + np.arange(pairs, dtype=np.int64)
    one_way = Rows(ends, c + order, np.ones(pairs), np.full(n, -np.inf), np.ones(n))
    open_only = Rows(
        2 * np.arange(pairs + 1), np.column_stack([flow, place]).ravel(), np.tile([1.0, -1.0], pairs),
        np.full(pairs, -np.inf), np.zeros(pairs),
    )  # fmt: skip
    whole = np.concatenate([np.ones(c, np.bool_), np.zeros(pairs, np.bool_)])
    rows = joined([one_way, open_only, *within_means(means)])
    asked = program(np.concatenate([np.zeros(c), -saved]), np.ones(c + pairs), rows, whole, whole_value=False)
    taken = np.zeros(c)
    taken[chosen] = 1.0
    solved = solve(asked, watch=watch, start=(np.arange(c), taken))
    best = chosen if solved.x is None else np.flatnonzero(solved.x[:c] > 0.5)
    best = min((chosen, best), key=ways.walked)
    walked = ways.walked(best)
    bound = min(max(today + solved.bound, ways.walked(np.arange(c))), walked)
    return Answer(best, walked, bound, proven=bool(walked - bound <= 1e-6 * max(walked, 1.0) or solved.proven))
