"""What is told about a plan: how fair it is, how near the limit, how much changes hands, whether its grids are whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.rules.balance_bounds import largest_deviation_bound
from gis.rules.balance_ground import Grids, Ground, Layout, lay_out
from gis.rules.balance_kernels import NOBODY, Flags, loads_of_all
from gis.rules.neighbours import pieces
from gis.rules.placing_kernels import Floats, Int32s, Int64s


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan, and how it compares with the present one. Grids keep their numbers; new ones follow from G on.

    Arrays of N are by community; a community that has no grids today has nan before.
    """

    of_cell: Int64s
    """The grid of each cell, shape (C,)."""
    grid_community: Int64s
    """The community of each grid, those that ended included."""
    ended: Flags
    """Grids of today that are no more."""
    deviation_before: Floats
    deviation_after: Floats
    """Largest deviation from the community's mean, as a fraction of it."""
    variation_before: Floats
    variation_after: Floats
    """Standard deviation over mean of the grids' hours."""
    bound: Floats
    """No plan with the same mean can have a smaller largest deviation."""
    bound_cell: Int64s
    """The cell that causes the bound, -1 for none."""
    cells_moved: Int64s
    """Cells that had a grid and have another."""
    whole: Flags
    """Whether every grid is in one piece and has cells."""
    searched: Flags
    """Communities that were reached before the run was stopped."""


def judged(
    ground: Ground, today: Grids, kept: Grids, ended: Flags, layout: Layout, plan: Int32s, searched: Flags
) -> Proposal:
    """The plan with all that is told about it."""
    n = len(searched)
    of_cell = layout.back(plan)
    before = lay_out(ground, today, n_communities=n, compactness=0.0, barrier_cost=0.0)
    _, deviation_before, variation_before = spread_of_hours(before, before.local(today.of_cell), ground)
    mean_after, deviation_after, variation_after = spread_of_hours(layout, plan, ground)
    bound, bound_cell = bounds(ground, layout, mean_after)
    moved = (today.of_cell >= 0) & (of_cell != today.of_cell)
    return Proposal(
        of_cell=of_cell,
        grid_community=np.concatenate([today.community, kept.community[len(today.community) :]]),
        ended=ended,
        deviation_before=deviation_before,
        deviation_after=deviation_after,
        variation_before=variation_before,
        variation_after=variation_after,
        bound=bound,
        bound_cell=bound_cell,
        cells_moved=np.bincount(ground.community[moved], minlength=n),
        whole=_whole(ground, kept, layout.grids, of_cell, n),
        searched=searched,
    )


def _whole(ground: Ground, kept: Grids, living: Int64s, of_cell: Int64s, n: int) -> Flags:
    """Communities in which every grid is in one piece, by the borders that there really are."""
    real = ground.border.reshape(-1, 2)[ground.border_m > 0]
    places = np.unique(np.column_stack([of_cell, pieces(of_cell, real[:, 0], real[:, 1])]), axis=0)[:, 0]
    count = np.bincount(places[places >= 0], minlength=len(kept.community))
    broken = np.bincount(kept.community[living[count[living] != 1]], minlength=n)[:n]
    return np.asarray(broken == 0, np.bool_)


def spread_of_hours(layout: Layout, plan: Int32s, ground: Ground) -> tuple[Floats, Floats, Floats]:
    """Mean hours of each community's grids, their largest deviation, and their variation; nan without grids."""
    streets = layout.streets
    load = loads_of_all(streets, plan, float(ground.spread_h_per_m))
    n = len(streets.grid_start) - 1
    home = np.repeat(np.arange(n), np.diff(streets.grid_start))
    count = np.diff(streets.grid_start).astype(float)
    count[count == 0] = np.nan
    mean = np.bincount(home, load, n) / count
    scale = np.where(mean > 0, mean, 1.0)
    off = load - mean[home]
    largest = np.zeros(n)
    np.maximum.at(largest, home, np.abs(off))
    return mean, np.where(np.isnan(count), np.nan, largest / scale), np.sqrt(np.bincount(home, off**2, n) / count) / scale


def bounds(ground: Ground, layout: Layout, mean_h: Floats) -> tuple[Floats, Int64s]:
    """The bound of every community and the cell of the ground that causes it."""
    streets = layout.streets
    bound, cause = np.zeros(len(mean_h)), np.full(len(mean_h), NOBODY)
    for community in range(len(mean_h)):
        cells = slice(streets.cell_start[community], streets.cell_start[community + 1])
        grids = slice(streets.grid_start[community], streets.grid_start[community + 1])
        fixed = streets.fixed_h[grids]
        bound[community], cell = largest_deviation_bound(
            streets.hours[cells], n_grids=len(fixed), fixed_h=float(fixed.min(initial=np.inf)), mean_h=float(mean_h[community])
        )
        cause[community] = layout.cells[cells][cell] if cell >= 0 else NOBODY
    return bound, cause
