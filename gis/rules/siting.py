"""Where to build next: one wish, one answer with its proven distance from the best, and a word on what cannot be had."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gis.coverage_records import Aim
from gis.records import Ints
from gis.rules.siting_covering import cover_everyone, cover_most, preview
from gis.rules.siting_fairest import fairest
from gis.rules.siting_greedy import in_order
from gis.rules.siting_ground import Answer, Candidates, Demand, Groups, Means, grouped
from gis.rules.siting_room import taken_in
from gis.rules.siting_solver import SOLVER, Watch
from gis.rules.siting_walking import walk_least
from gis.rules.siting_words import Note

GREEDY = "greedy"
UNITS: dict[Aim, str] = {"everyone": "sites", "most": "residents", "least_walking": "resident_metres", "fairest": "metres"}
SMALLEST = 1e-12


@dataclass(frozen=True)
class Placed:
    """Candidates in the order in which they are best built, and residents newly covered by each after those before it.

    `value` and `bound` count in `unit`: residents covered, what stays included ("most"); sites, or their cost ("everyone");
    metres of all residents together ("least_walking"); metres of the longest way ("fairest"). inf: it cannot be had.
    """

    chosen: Ints
    gained: Ints
    value: float
    bound: float
    proven: bool
    unit: str
    solver: str
    seconds: float
    notes: list[Note]

    @property
    def gap(self) -> float:
        """How far the value may be from the best there is, as a fraction of itself."""
        if self.proven or self.value == self.bound:
            return 0.0
        return abs(self.bound - self.value) / max(abs(self.value), SMALLEST) if np.isfinite(self.value) else np.inf


def faults(aim: Aim, means: Means, *, k: int) -> list[dict[str, str]]:
    """What makes a wish impossible, field by field: `field` and `message`; empty if nothing does."""
    found = {}
    if aim != "everyone" and means.sites is None and means.budget is None:
        found["sites"] = "Say how many sites, or give a budget."
    if means.sites is not None and aim != "everyone" and means.sites > means.places:
        found["sites"] = f"There are {means.places} candidates; {means.sites} sites cannot be chosen from them."
    if means.budget is not None and means.places and means.budget < means.cost.min():
        found["budget"] = f"The cheapest candidate costs {means.cost.min():g}; the budget is {means.budget:g}."
    if means.room is not None and aim not in ("everyone", "most"):
        found["capacity"] = "Room counts for the aims everyone and most only."
    if means.room is not None and k > 1:
        found["capacity"] = "Room counts where one facility is enough (k = 1)."
    return [{"field": name, "message": says} for name, says in found.items()]


def glance(candidates: Candidates, demand: Demand, means: Means) -> Placed:
    """The answer of the first moment to "most" and "everyone": greedy, nothing proven."""
    watch = Watch(1.0)
    groups = grouped(candidates, demand)
    chosen = preview(groups, means)
    ordered, gained = _ordered(groups, means, chosen)
    covered = float(demand.covered_residents + gained.sum())
    total = float(demand.covered_residents + groups.residents.sum())
    return Placed(ordered, gained, covered, total, covered == total, UNITS["most"], GREEDY, watch.spent_s, [])


def place(
    aim: Aim, candidates: Candidates, demand: Demand, means: Means, *, wide: Candidates | None = None, beyond_m: float = np.inf,
    watch: Watch,
) -> Placed:  # fmt: skip
    """Search for the sites that a wish asks for.

    `candidates` are reached within the limit of the question. Where ways are longer than that, as for "least_walking" and
    "fairest", `wide` has them up to `beyond_m`; whoever is farther counts with that.
    """
    groups = grouped(candidates, demand)
    ways = candidates if wide is None else wide
    demand = replace(demand, kept_m=np.where(demand.kept_m <= beyond_m, demand.kept_m, np.inf))
    answer = _searched(aim, groups, ways, demand, means, beyond_m=beyond_m, watch=watch)
    notes = _notes(aim, groups, ways, demand, means, answer, beyond_m=beyond_m)
    chosen, gained = _ordered(groups, means, answer.chosen)
    unit = "cost" if aim == "everyone" and not np.all(means.cost == 1) else UNITS[aim]
    there = float(demand.covered_residents) if aim == "most" else 0.0
    proven = answer.proven and (aim == "everyone" or bool(np.isfinite(answer.value)))
    return Placed(chosen, gained, answer.value + there, answer.bound + there, proven, unit, SOLVER, watch.spent_s, notes)


def _searched(
    aim: Aim, groups: Groups, ways: Candidates, demand: Demand, means: Means, *, beyond_m: float, watch: Watch
) -> Answer:
    if aim == "everyone":
        return cover_everyone(groups, means, watch=watch)
    if aim == "most":
        return cover_most(groups, means, watch=watch)
    if aim == "least_walking":
        return walk_least(ways, demand, means, beyond_m=beyond_m, watch=watch)
    return fairest(ways, demand, means, watch=watch)


def _notes(
    aim: Aim, groups: Groups, ways: Candidates, demand: Demand, means: Means, answer: Answer, *, beyond_m: float
) -> list[Note]:
    if not demand.residents.any():
        return [Note("nobody_lives_here")]
    by_limit = aim in ("everyone", "most")
    if by_limit and not demand.lacking.any():
        return [Note("everyone_is_covered")]
    notes = _short_of(aim, means)
    beyond = groups.hopeless if by_limit else _unreached(aim, ways, demand, answer, beyond_m=beyond_m)
    if len(beyond):
        facts = {"cells": len(beyond), "residents": int(demand.residents[beyond].sum())}
        code = "out_of_reach" if by_limit else "far_from_all" if aim == "least_walking" else "not_counted"
        notes.append(Note(code, facts | {"metres": beyond_m} if aim == "least_walking" else facts))
    if not np.isfinite(answer.value):
        return [*notes, Note("not_possible" if answer.proven and aim == "everyone" else "not_found")]
    if aim == "everyone":
        return notes + _too_much(means, answer)
    if not notes and means.budget is None and means.sites is not None and len(answer.chosen) < min(means.sites, means.places):
        notes.append(Note("fewer_suffice", {"sites": len(answer.chosen), "asked": means.sites}))
    return notes


def _short_of(aim: Aim, means: Means) -> list[Note]:
    """Where there is less to build with than was thought when it was asked for."""
    notes = []
    if aim != "everyone" and means.sites is not None and means.places < means.sites:
        notes.append(Note("too_few_candidates", {"candidates": means.places, "asked": means.sites}))
    if aim != "everyone" and means.budget is not None and means.places and means.budget < means.cost.min():
        notes.append(Note("budget_too_small", {"cheapest": float(means.cost.min()), "budget": means.budget}))
    return notes


def _too_much(means: Means, answer: Answer) -> list[Note]:
    """Where covering everyone takes more than there is."""
    spent, sites = float(means.cost[answer.chosen].sum()), len(answer.chosen)
    notes = []
    if means.budget is not None and spent > means.budget:
        notes.append(Note("over_budget", {"cost": spent, "budget": means.budget}))
    if means.sites is not None and sites > means.sites:
        notes.append(Note("more_sites", {"sites": sites, "asked": means.sites}))
    return notes


def _unreached(aim: Aim, ways: Candidates, demand: Demand, answer: Answer, *, beyond_m: float) -> Ints:
    """The cells with residents who walk farther than is known: to any candidate, for "least_walking" to those chosen."""
    reached = demand.kept_m < beyond_m
    table = ways.table
    if aim != "least_walking":
        reached[table.cell] = True
    else:
        for at in answer.chosen.tolist():
            reached[table.cell[table.first[at] : table.first[at + 1]]] = True
    return np.flatnonzero((demand.residents > 0) & ~reached)


def _ordered(groups: Groups, means: Means, chosen: Ints) -> tuple[Ints, Ints]:
    ordered, gained = in_order(groups, chosen, places=means.places)
    if means.room is None or not len(chosen):
        return ordered, gained
    taken = [taken_in(groups, ordered[: i + 1], means.room) for i in range(len(ordered))]
    return ordered, np.diff(taken, prepend=0)
