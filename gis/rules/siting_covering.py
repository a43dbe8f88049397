"""Fewest sites that cover everyone (Toregas and others 1971), and sites that cover most (Church and ReVelle 1974).

Both with k-coverage, costs, a budget and room: a new site with room for so many residents takes them from any of its cells, and a
cell's residents may go to several.
"""

from __future__ import annotations

import numpy as np

from gis.records import Floats, Ints
from gis.rules.siting_greedy import covered_by, pick
from gis.rules.siting_ground import Answer, Groups, Means, ends_of
from gis.rules.siting_programs import Rows, joined, needs, program, within_means
from gis.rules.siting_solver import Program, Solved, Watch, solve


def cover_everyone(groups: Groups, means: Means, *, watch: Watch) -> Answer:
    """The cheapest candidates that meet the need of every group, and their cost. `sites` and `budget` bound nothing here.

    With room there may be no answer: `chosen` is empty then, and the cost inf.
    """
    if not len(groups):
        return Answer(np.zeros(0, np.int64), 0.0, 0.0, proven=True)
    start, _ = pick(groups, means.cost, weights=np.ones(len(groups), np.int64), by_cost=True)
    if means.room is not None:
        solved = solve(_with_room(groups, means, all_of_them=True), watch=watch)
        return _answer(solved, means, fallback=np.zeros(0, np.int64))
    solved = solve(_everyone(groups, means), watch=watch, start=_chosen(start, means.places))
    return _answer(solved, means, fallback=start)


def cover_most(groups: Groups, means: Means, *, watch: Watch) -> Answer:
    """The candidates within the means that cover most residents of the groups, and how many those are."""
    start = preview(groups, means)
    if not len(groups) or not len(start):
        return Answer(start, 0.0, 0.0, proven=True)
    if means.room is not None:
        solved = solve(_with_room(groups, means, all_of_them=False), watch=watch, start=_chosen(start, means.places))
        return _most_of(solved, groups, means, start=start, value=-solved.value)
    solved = solve(_most(groups, means), watch=watch, start=_started(groups, start, means.places))
    chosen = start if solved.x is None else np.flatnonzero(solved.x[: means.places] > 0.5)
    return _most_of(solved, groups, means, start=start, value=covered_by(groups, chosen, places=means.places))


def preview(groups: Groups, means: Means) -> Ints:
    """The greedy answer to the same wish: of most residents for the money and most residents at all, whichever covers more."""
    room = None if means.room is None else float(means.room.max(initial=0.0))
    tries = [
        pick(groups, means.cost, sites=means.sites, budget=means.budget, most_each=room, by_cost=by_cost)[0]
        for by_cost in ([False] if means.budget is None else [True, False])
    ]
    return max(tries, key=lambda chosen: covered_by(groups, chosen, places=means.places))


def _most_of(solved: Solved, groups: Groups, means: Means, *, start: Ints, value: float) -> Answer:
    """What the solver found, or where its time was too short for anything the greedy answer."""
    total = float(groups.residents.sum())
    if solved.x is None:
        least = 0.0 if means.room is not None else float(covered_by(groups, start, places=means.places))
        return Answer(start, least, min(total, -solved.bound), proven=False)
    chosen = np.flatnonzero(solved.x[: means.places] > 0.5)
    bound = min(max(-solved.bound, value), total)
    return Answer(chosen, float(round(value)), float(np.floor(bound + 1e-6)), proven=bool(bound - value < 1 - 1e-6))


def _answer(solved: Solved, means: Means, *, fallback: Ints) -> Answer:
    if solved.x is None:
        value = float(means.cost[fallback].sum()) if len(fallback) else np.inf
        return Answer(fallback, value, max(solved.bound, 0.0), proven=bool(solved.bound == np.inf))
    chosen = np.flatnonzero(solved.x[: means.places] > 0.5)
    return Answer(chosen, float(means.cost[chosen].sum()), solved.bound, proven=solved.proven)


def _chosen(start: Ints, places: int) -> tuple[Ints, Floats]:
    """Every candidate, taken or not, for the solver to begin with."""
    taken = np.zeros(places)
    taken[start] = 1.0
    return np.arange(places), taken


def _started(groups: Groups, start: Ints, places: int) -> tuple[Ints, Floats]:
    _, taken = _chosen(start, places)
    within = np.add.reduceat(taken[groups.place], groups.first[:-1])
    return np.arange(places + len(groups)), np.concatenate([taken, (within >= groups.need).astype(np.float64)])


def _everyone(groups: Groups, means: Means) -> Program:
    whole = np.ones(means.places, np.bool_)
    return program(means.cost, np.ones(means.places), needs(groups), whole, whole_value=_are_whole(means.cost))


def _most(groups: Groups, means: Means) -> Program:
    """Columns: candidates, then groups that are covered. A group is no more covered than places reach it."""
    c, g = means.places, len(groups)
    sizes = np.diff(groups.first)
    first = groups.first + np.arange(g + 1)
    own = np.zeros(len(groups.place) + g, np.bool_)
    own[first[1:] - 1] = True
    column = np.empty(len(own), np.int64)
    column[own], column[~own] = c + np.arange(g), groups.place
    value = np.where(own, np.repeat(groups.need, sizes + 1), -1.0)
    rows = joined([Rows(first, column, value, np.full(g, -np.inf), np.zeros(g)), *within_means(means)])
    whole = np.concatenate([np.ones(c, np.bool_), groups.need > 1])
    cost = np.concatenate([np.zeros(c), -groups.residents.astype(np.float64)])
    return program(cost, np.ones(c + g), rows, whole, whole_value=True)


def _with_room(groups: Groups, means: Means, *, all_of_them: bool) -> Program:
    """Columns: candidates, then residents of a group who go to a candidate, pair by pair."""
    assert means.room is not None
    c, g, pairs = means.places, len(groups), len(groups.place)
    people, sizes = groups.residents.astype(np.float64), np.diff(groups.first)
    flow = c + np.arange(pairs, dtype=np.int64)
    group = np.repeat(np.arange(g, dtype=np.int64), sizes)
    order = np.argsort(groups.place, kind="stable")
    per_place = np.bincount(groups.place, minlength=c)
    everybody = Rows(groups.first, flow, np.ones(pairs), people if all_of_them else np.zeros(g), people)
    open_only = _interleaved(
        2 * groups.first, np.column_stack([flow, groups.place]), np.column_stack([np.ones(pairs), -people[group]]),
        upper=np.zeros(g),
    )  # fmt: skip
    ends = ends_of(per_place + 1)
    last = np.zeros(pairs + c, np.bool_)
    last[ends[1:] - 1] = True
    column, value = np.empty(len(last), np.int64), np.ones(len(last))
    column[last], column[~last] = np.arange(c), flow[order]
    value[last] = -np.minimum(means.room, people.sum())
    takes = Rows(ends, column, value, np.full(c, -np.inf), np.zeros(c))
    rows = joined([everybody, open_only, takes, *([] if all_of_them else within_means(means))])
    cost = np.concatenate([means.cost, np.zeros(pairs)] if all_of_them else [np.zeros(c), -np.ones(pairs)])
    whole = np.concatenate([np.ones(c, np.bool_), np.zeros(pairs, np.bool_)])
    upper = np.concatenate([np.ones(c), people[group]])
    whole_value = _are_whole(means.cost) if all_of_them else _are_whole(means.room)
    return program(cost, upper, rows, whole, whole_value=whole_value)


def _interleaved(first: Ints, column: Ints, value: Floats, *, upper: Floats) -> Rows:
    return Rows(first, column.ravel(), value.ravel(), np.full(len(upper), -np.inf), upper)


def _are_whole(amounts: Floats) -> bool:
    return bool(np.all(amounts == np.round(amounts)))
