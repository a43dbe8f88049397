"""The machine proposes: a run is asked for, searched, and laid before the planner, who takes all of it, some, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import draft_access as access
from gis.balance_records import FIRST_NEW_KEY, BalancedCommunity, BalanceWish, Balancing, GridsWanted
from gis.errors import BadQuery, NotFound
from gis.plan_records import Patch, PlanHead, Weights
from gis.records import Ints, Reach
from gis.rules.balance import Wish, propose
from gis.rules.balance_counts import by_hours, hours_by_count
from gis.rules.balance_judging import Proposal
from gis.rules.balance_patch import Division, division_of, moves_by_community
from gis.rules.workload import NO_WORK
from gis.rules.zones import project
from gis.store import balancings as store
from gis.store import drafts, journal, patches, workloads

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]
"""Of a city that has no workload model yet."""
CURVE_BEYOND = 2


@dataclass(frozen=True)
class Found:
    """What a run found: a row for each community, and the sums."""

    communities: list[BalancedCommunity]
    totals: dict[str, Any]
    stopped: bool


def ask(conn: Connection, plan_id: int, wish: BalanceWish, *, reach: Reach, by: str) -> Balancing:
    """Note a run for a draft. Raises NotFound, DraftClosed, BeyondOwnPart, and BadQuery for a wish that cannot be."""
    head = access.held(conn, plan_id, reach=reach)
    communities = _communities(conn, head, wish)
    faults = _searched_by(wish).faults()
    codes = {code for code, _ in store.codes_of(conn, communities).values()}
    if isinstance(wish.grids, dict):
        faults += [f"grids: {code} is no community of the scope." for code in sorted(set(wish.grids) - codes)]
    if wish.mode == "change_k" and not wish.grids:
        faults.append("grids: say how many, by community, or by_hours.")
    if wish.mode == "rebalance" and wish.grids:
        faults.append("grids: a rebalance keeps their number; ask for change_k.")
    if faults:
        raise BadQuery(" ".join(faults))
    run = store.save(conn, plan_id=plan_id, plan_version=head.version, wish=wish, total=len(communities), by=by)
    journal.append(conn, "balancing.asked", subject=str(plan_id), actor=by, balancing=run.id)
    return run


def find(conn: Connection, plan_id: int, *, reach: Reach) -> list[Balancing]:
    """The runs for a plan, newest first. Raises NotFound."""
    access.seen(conn, plan_id, reach=reach)
    return store.of_plan(conn, plan_id)


def get(conn: Connection, plan_id: int, balancing_id: int, *, reach: Reach) -> Balancing:
    """One run for a plan. Raises NotFound."""
    access.seen(conn, plan_id, reach=reach)
    run = store.by_id(conn, balancing_id)
    if run is None or run.plan_id != plan_id:
        raise NotFound(f"There is no proposal {balancing_id} for plan {plan_id}.")
    return run


def communities(conn: Connection, balancing_id: int) -> list[BalancedCommunity]:
    """What a run proposes, by community; nothing before its end."""
    return store.communities(conn, balancing_id)


def moves(conn: Connection, plan_id: int, balancing_id: int, *, code: str | None, reach: Reach) -> list[tuple[int, int, int]]:
    """What changes hands in a community, or in all: (cell, key before, key after). Raises NotFound."""
    get(conn, plan_id, balancing_id, reach=reach)
    found = store.moves(conn, balancing_id, codes=None if code is None else [code])
    if code is not None and not found:
        raise NotFound(f"Proposal {balancing_id} says nothing of {code}.")
    return [move for rows in found.values() for move in rows]


def ask_stop(conn: Connection, plan_id: int, balancing_id: int, *, reach: Reach, by: str) -> Balancing:
    """Ask a run to stop and give its best so far; one that nobody has begun stops at once.

    Raises NotFound, DraftClosed, BeyondOwnPart.
    """
    access.held(conn, plan_id, reach=reach)
    run = get(conn, plan_id, balancing_id, reach=reach)
    if run.state in ("waiting", "running"):
        store.ask_stop(conn, balancing_id)
        if store.try_run_lock(conn, balancing_id):
            store.end(conn, balancing_id, "stopped")
        journal.append(conn, "balancing.stop_asked", subject=str(plan_id), actor=by, balancing=balancing_id)
    return get(conn, plan_id, balancing_id, reach=reach)


def hold_run(conn: Connection, balancing_id: int) -> Balancing | None:
    """Be the one who runs it until the transaction ends; None if somebody else does, or it has ended."""
    if not store.try_run_lock(conn, balancing_id):
        return None
    run = store.by_id(conn, balancing_id)
    return run if run is not None and run.state in ("waiting", "running") else None


def is_held(conn: Connection, balancing_id: int) -> bool:
    """Whether some process runs it at the moment; one that died holds nothing."""
    return not store.try_run_lock(conn, balancing_id)


def advance(conn: Connection, balancing_id: int, *, done: int) -> bool:
    """Say how far a run is; returns whether it should stop."""
    return store.advance(conn, balancing_id, done=done)


def give_up_orphans(conn: Connection) -> None:
    """Runs whose process died fail."""
    for run in store.running(conn):
        if store.try_run_lock(conn, run.id):
            store.end(conn, run.id, "failed", problem="The run was interrupted. Ask again: the same seed gives the same plan.")


def finish(conn: Connection, run: Balancing, found: Found) -> None:
    """Write what a run found."""
    store.save_communities(conn, run.id, found.communities)
    store.end(conn, run.id, "stopped" if found.stopped else "done", outcome=found.totals)


def fail(conn: Connection, run: Balancing, problem: str) -> None:
    """Write that a run ended without a plan, and why."""
    store.end(conn, run.id, "failed", problem=problem)


def search(
    conn: Connection, run: Balancing, *, threads: int = 1, progress: Progress | None = None, stop: Stop | None = None
) -> Found:
    """Search for the plan that a run asks for; nothing is written. Raises BadQuery when there can be none."""
    wish = BalanceWish(**run.wish)
    head = patches.head(conn, run.plan_id)
    assert head is not None, "a run goes when its plan goes"
    patch, division, weights = _ground(conn, head, _communities(conn, head, wish), wish)
    codes = [code for code, _ in _named(conn, division.communities)]
    try:
        wanted = _wanted(division, codes, wish)
        proposal = propose(
            division.ground, division.grids, wish=_searched_by(wish), wanted=wanted, from_scratch=wish.mode == "scratch",
            new_fixed_h=weights.fixed_h, threads=threads, progress=progress, stop=stop,
        )  # fmt: skip
    except ValueError as refusal:
        raise BadQuery(_in_codes(str(refusal), codes)) from refusal
    rows = _rows(patch, division, proposal)
    return Found(rows, _totals(patch, division, proposal, rows, wish), stopped=not proposal.searched.all())


def grids_wanted(conn: Connection, plan_id: int, *, area: str | None, reach: Reach) -> list[GridsWanted]:
    """How many grids each community of an area should have, if they were shared out anew by hours. Raises NotFound."""
    head = access.seen(conn, plan_id, reach=reach)
    chosen = list(head.scope) if area is None else drafts.communities_under(conn, head, area)
    if not chosen:
        raise NotFound(f"The plan has no community in {area}.")
    patch, division, weights = _ground(conn, head, chosen, BalanceWish())
    n = len(division.communities)
    hours = np.bincount(division.ground.community, patch.hours, n)
    area_m2 = np.bincount(division.ground.community, patch.area_m2, n)
    today = np.bincount(division.grids.community, minlength=n)
    wanted = _shared_out(division, total=max(int(today.sum()), n))
    return [
        GridsWanted(
            code, name, float(hours[i]), int(today[i]), int(wanted[i]),
            hours_by_count(
                float(hours[i]), area_m2=float(area_m2[i]), fixed_h=weights.fixed_h, spread_h_per_m=weights.spread_h_per_m,
                most=int(max(today[i], wanted[i])) + CURVE_BEYOND,
            ).tolist(),
        )
        for i, (code, name) in enumerate(_named(conn, division.communities))
    ]  # fmt: skip


def _communities(conn: Connection, head: PlanHead, wish: BalanceWish) -> list[int]:
    if not wish.scope:
        return list(head.scope)
    chosen: set[int] = set()
    for code in wish.scope:
        found = drafts.communities_under(conn, head, code)
        if not found:
            raise BadQuery(f"scope: {code} is no area of the plan's scope.")
        chosen.update(found)
    return sorted(chosen)


def _searched_by(wish: BalanceWish) -> Wish:
    return Wish(
        tolerance_fraction=wish.tolerance, dial=wish.dial, compactness=wish.compactness, restarts=wish.restarts, seed=wish.seed
    )


def _ground(
    conn: Connection, head: PlanHead, communities: list[int], wish: BalanceWish
) -> tuple[Patch, Division, Weights]:
    """The cells of these communities as the plan has them, and what they look like to the machine."""
    patch = patches.patch(conn, head, communities=communities)
    model = workloads.model(conn, head.model_id)
    weights = NO_WORK if model is None else model.weights
    lines = np.array([shapely.LineString(line) for line in wish.barriers], object)
    barriers = list(project(lines, to=head.metric_srid)) if len(lines) else []
    shapes_m = project(patch.shape, to=head.metric_srid)
    return patch, division_of(patch, shapes_m, weights=weights, barriers_m=barriers), weights


def _named(conn: Connection, communities: Ints) -> list[Any]:
    names = store.codes_of(conn, communities.tolist())
    return [names[community] for community in communities.tolist()]


def _wanted(division: Division, codes: list[str], wish: BalanceWish) -> Ints | None:
    """How many grids each community shall have; None for as many as today."""
    today = np.bincount(division.grids.community, minlength=len(codes)).astype(np.int64)
    if wish.grids == "by_hours":
        return _shared_out(division, total=max(int(today.sum()), len(codes)))
    if not wish.grids:
        return None if today.all() else np.maximum(today, 1)
    return np.array([wish.grids.get(code, max(int(count), 1)) for code, count in zip(codes, today, strict=True)], np.int64)


def _shared_out(division: Division, *, total: int) -> Ints:
    """Grids by hours; none has more than cells, nor fewer than its locked ones need."""
    ground, grids, n = division.ground, division.grids, len(division.communities)
    cells = np.bincount(ground.community, minlength=n).astype(np.int64)
    shut = np.append(grids.locked, False)[grids.of_cell]
    free = np.bincount(ground.community[~shut], minlength=n)
    locked = np.bincount(grids.community[grids.locked], minlength=n)
    hours = np.asarray(np.bincount(ground.community, ground.hours, n), np.float64)
    shared = by_hours(hours, n_grids=min(total, int(cells.sum())), most=cells)
    return np.asarray(np.clip(shared, locked + (free > 0), locked + free), np.int64)


def _in_codes(refusal: str, codes: list[str]) -> str:
    """The same refusal with the codes of communities in place of their positions."""
    for position in reversed(range(len(codes))):
        refusal = refusal.replace(f"Community {position} ", f"Community {codes[position]} ")
    return refusal


def _rows(patch: Patch, division: Division, proposal: Proposal) -> list[BalancedCommunity]:
    n = len(division.communities)
    before = np.bincount(division.grids.community, minlength=n)
    after = np.bincount(_living(proposal), minlength=n)
    moved = moves_by_community(patch, division, proposal, first_new_key=FIRST_NEW_KEY)
    figures = {
        name: np.nan_to_num(getattr(proposal, name)).tolist()
        for name in ("deviation_before", "deviation_after", "variation_before", "variation_after", "bound")
    }
    return [
        BalancedCommunity(
            community_id=int(community), grids_before=int(before[i]), grids_after=int(after[i]),
            cells_moved=int(proposal.cells_moved[i]), moves=moved[int(community)],
            bound_cell_id=int(patch.cell[proposal.bound_cell[i]]) if proposal.bound_cell[i] >= 0 else None,
            **{name: values[i] for name, values in figures.items()},
        )
        for i, community in enumerate(division.communities)
    ]  # fmt: skip


def _living(proposal: Proposal) -> Ints:
    """The communities of the grids that the proposal has."""
    new = len(proposal.grid_community) - len(proposal.ended)
    return np.asarray(proposal.grid_community[~np.append(proposal.ended, np.zeros(new, np.bool_))], np.int64)


def _totals(
    patch: Patch, division: Division, proposal: Proposal, rows: list[BalancedCommunity], wish: BalanceWish
) -> dict[str, Any]:
    held = division.grids.of_cell >= 0
    moved = held & (proposal.of_cell != division.grids.of_cell)
    return {
        "communities": len(rows),
        "searched": int(proposal.searched.sum()),
        "cells": len(patch),
        "cells_moved": int(moved.sum()),
        "residents_moved": int(patch.population[moved].sum()),
        "grids_before": sum(row.grids_before for row in rows),
        "grids_after": sum(row.grids_after for row in rows),
        "within_tolerance_before": sum(row.grids_before > 0 and row.deviation_before <= wish.tolerance for row in rows),
        "within_tolerance": sum(row.deviation_after <= wish.tolerance for row in rows),
        "within_reach": sum(row.bound <= wish.tolerance for row in rows),
        "variation_mean_before": float(np.mean([row.variation_before for row in rows])) if rows else 0.0,
        "variation_mean": float(np.mean([row.variation_after for row in rows])) if rows else 0.0,
        "deviation_max_before": max((row.deviation_before for row in rows), default=0.0),
        "deviation_max": max((row.deviation_after for row in rows), default=0.0),
        "whole": bool(proposal.whole.all()),
    }
