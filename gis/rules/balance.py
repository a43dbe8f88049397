"""The machine proposes: grids of equal work, contiguous, inside their communities, with few cells in other hands.

``propose`` betters the plan that is there, changes the number of grids, or divides from nothing. Every plan that comes out
has exactly the wished number of grids in each community, none of them empty, none across a border of communities, locked
grids untouched, and every grid in one piece wherever locks and islands leave that possible. The answer depends on the input
and the seed alone, not on the number of threads; a run that is stopped gives the best that it has.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from gis.rules.balance_ground import Grids, Ground, Layout, faults, lay_out
from gis.rules.balance_judging import Proposal, bounds, judged, spread_of_hours
from gis.rules.balance_kernels import NOBODY, Flags, Rules, anneal
from gis.rules.balance_start import dissolve, start_all
from gis.rules.placing_kernels import Int32s, Int64s

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]

BARRIER_COST = 4.0
"""Energy of one side of a grid that straddles a barrier: more than a grid beyond the tolerance."""
PRICE = 0.02
"""Energy of one cell in other hands while the dial is at 0: fifty of them weigh as much as a grid beyond the tolerance."""
FAIRNESS = 40.0
"""Energy of a grid at twice its due hours while the dial is at 1; grows with the square of the dial."""
HOTTEST, COLDEST = 0.04, 0.004
CHUNK = 16
"""Communities between two looks at the stop button, some 50 ms each."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a planner asks for."""

    tolerance_fraction: float = 0.10
    """Deviation from the community's mean that no grid should be beyond."""
    dial: float = 0.0
    """0: within the tolerance, as few cells as possible change hands. 1: as fair as can be, whatever changes hands."""
    compactness: float = 0.02
    """What a border costs: 0 nothing; at 0.6 grids are as round as in a plan from scratch."""
    restarts: int = 16
    sweeps: int = 100
    seed: int = 1

    def faults(self) -> list[str]:
        """What cannot be asked for."""
        found = []
        if not 0 <= self.tolerance_fraction <= 1:
            found.append("The tolerance is a fraction from 0 to 1.")
        if not 0 <= self.dial <= 1:
            found.append("The dial goes from 0 to 1.")
        if not 0 <= self.compactness <= 10:
            found.append("The weight of compactness goes from 0 to 10.")
        if self.restarts < 1 or self.sweeps < 1:
            found.append("At least one run of one sweep is needed.")
        return found


def propose(
    ground: Ground,
    grids: Grids,
    *,
    wish: Wish,
    wanted: Int64s | None = None,
    from_scratch: bool = False,
    new_fixed_h: float = 0.0,
    threads: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Proposal:
    """The best plan found. ``wanted`` is the number of grids of each community, shape (N,), by default that of today;
    ``new_fixed_h`` are the fixed hours of a grid that is new.

    Raises ValueError, naming all that is wrong, for arrays that do not fit and for numbers of grids that cannot be.
    """
    wanted = counts_of(grids, ground) if wanted is None else np.asarray(wanted, np.int64)
    wrong = wish.faults() + (faults(ground, grids) or _impossible(ground, grids, wanted))
    if wrong:
        raise ValueError(" ".join(wrong))
    kept, ended = _as_wanted(ground, grids, wanted, new_fixed_h=new_fixed_h)
    layout = lay_out(
        ground, kept, n_communities=len(wanted), compactness=wish.compactness, barrier_cost=BARRIER_COST
    )
    home = layout.local(kept.of_cell)
    plan = _freed(layout, home) if from_scratch else home.copy()
    start_all(layout.streets, plan)
    price_home = np.full_like(home, NOBODY) if from_scratch else home
    searched = _search(layout, plan, price_home, wish, ground, threads=threads, progress=progress, stop=stop)
    if from_scratch:
        plan = _named_after(layout, plan, home)
    return judged(ground, grids, kept, ended, layout, plan, searched)


def counts_of(grids: Grids, ground: Ground) -> Int64s:
    """How many grids each community has, shape (N,)."""
    n = int(max(ground.community.max(initial=-1), grids.community.max(initial=-1))) + 1
    return np.bincount(grids.community, minlength=n).astype(np.int64)


def compile_kernels() -> None:
    """Compile everything now, at install, so that no request waits for it."""
    cells = np.arange(4)
    ground = Ground(
        np.ones(4), cells.astype(float), np.zeros(4), np.ones(4), np.zeros(4, np.int64),
        np.stack([cells[:-1], cells[1:]], axis=1), np.ones(3), spread_h_per_m=0.1,
    )  # fmt: skip
    grids = Grids.unlocked([0, 0, 1, 1], [0, 0])
    for count in (1, 2, 3):
        propose(ground, grids, wish=Wish(restarts=1, sweeps=1), wanted=np.array([count]))


def _impossible(ground: Ground, grids: Grids, wanted: Int64s) -> list[str]:
    """Numbers of grids that no plan can have."""
    n = len(counts_of(grids, ground))
    if len(wanted) < n:
        return [f"{len(wanted)} numbers of grids for {n} communities."]
    shut = grids.locked[grids.of_cell] & (grids.of_cell >= 0) if len(grids.locked) else np.zeros(len(ground.hours), bool)
    free_cells = np.bincount(ground.community[~shut], minlength=len(wanted))
    locked = np.bincount(grids.community[grids.locked], minlength=len(wanted))
    found = []
    for community in np.flatnonzero(wanted - locked > free_cells):
        found.append(f"Community {community} has {free_cells[community]} free cells, too few for {wanted[community]} grids.")
    for community in np.flatnonzero((wanted - locked < 1) & (free_cells > 0)):
        found.append(f"Community {community} needs at least {locked[community] + 1} grids, not {wanted[community]}.")
    return found


def _as_wanted(ground: Ground, grids: Grids, wanted: Int64s, *, new_fixed_h: float) -> tuple[Grids, Flags]:
    """The grids of today with as many as wanted: new empty ones, and the lightest dissolved into their neighbours."""
    ended = np.zeros(len(grids.community), bool)
    today = np.bincount(grids.community, minlength=len(wanted))
    of_cell = grids.of_cell
    if (today > wanted).any():
        layout = lay_out(ground, grids, n_communities=len(wanted), compactness=0.0, barrier_cost=0.0)
        plan = layout.local(of_cell)
        start_all(layout.streets, plan)
        ended[layout.grids] = dissolve(layout.streets, plan, wanted) == 1
        of_cell = np.where(ended[of_cell] & (of_cell >= 0), NOBODY, of_cell)
    new = np.repeat(np.arange(len(wanted)), np.maximum(wanted - today, 0))
    community = np.concatenate([np.where(ended, len(wanted), grids.community), new])
    return Grids(
        of_cell,
        community,
        np.append(grids.fixed_h, np.full(len(new), new_fixed_h)),
        np.append(grids.locked, np.zeros(len(new), bool)),
    ), ended


def _freed(layout: Layout, home: Int32s) -> Int32s:
    """Every cell without a grid, but for those of locked grids."""
    streets = layout.streets
    offset = np.repeat(streets.grid_start[:-1], np.diff(streets.cell_start))
    shut = (home >= 0) & streets.locked[np.where(home >= 0, home + offset, 0)] if len(streets.locked) else home < NOBODY
    return np.where(shut, home, NOBODY).astype(np.int32)


def _search(
    layout: Layout,
    plan: Int32s,
    home: Int32s,
    wish: Wish,
    ground: Ground,
    *,
    threads: int,
    progress: Progress | None,
    stop: Stop | None,
) -> Flags:
    """Better the plan in place, some communities at a time; returns which were reached."""
    n = len(layout.streets.cell_start) - 1
    rules = Rules(
        tolerance=wish.tolerance_fraction, fairness=FAIRNESS * wish.dial**2, price=PRICE * (1.0 - wish.dial),
        spread_h_per_m=float(ground.spread_h_per_m), hottest=HOTTEST, coldest=COLDEST,
        sweeps=wish.sweeps, restarts=wish.restarts, seed=wish.seed,
    )  # fmt: skip
    bold = rules._replace(tolerance=0.0, fairness=FAIRNESS, price=0.0)
    hopeful = bounds(ground, layout, spread_of_hours(layout, plan, ground)[0])[0] <= wish.tolerance_fraction
    searched = np.zeros(n, bool)

    def one(begin: int) -> None:
        if stop is not None and stop():
            return
        end = min(begin + CHUNK, n)
        anneal(layout.streets, begin, end, plan, home, rules, bold, hopeful)
        searched[begin:end] = True
        if progress is not None:
            progress(int(searched.sum()), n)

    if threads == 1:
        for begin in range(0, n, CHUNK):
            one(begin)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(one, range(0, n, CHUNK)))
    return searched


def _named_after(layout: Layout, plan: Int32s, home: Int32s) -> Int32s:
    """Give the grids of a plan from scratch the numbers of today's, so that most ground keeps its number."""
    out = plan.copy()
    streets = layout.streets
    for community in range(len(streets.cell_start) - 1):
        at = slice(streets.cell_start[community], streets.cell_start[community + 1])
        k = streets.grid_start[community + 1] - streets.grid_start[community]
        known = home[at] >= 0
        shared = np.zeros((k, k))
        np.add.at(shared, (plan[at][known], home[at][known]), 1.0)
        if known.any():
            new, old = linear_sum_assignment(shared, maximize=True)
            name = np.empty(k, np.int32)
            name[new] = old
            out[at] = name[plan[at]]
    return out
