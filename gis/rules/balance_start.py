"""Whole plans to start from: repaired ones, split and dissolved grids, and communities divided from nothing."""

from __future__ import annotations

import numpy as np

from gis.rules.balance_kernels import NOBODY, Flags, Streets
from gis.rules.balance_repair import absorb, cut_up, fill_empty, keep_main_pieces
from gis.rules.placing_kernels import Int32s, Int64s, compiled


@compiled
def strand(plan: Int32s, today: Int32s, locked: Flags) -> None:
    """Cells that no free grid can reach keep their grid; those that never had one get the first that is free."""
    first = NOBODY
    for grid in range(locked.size):
        if not locked[grid] and first < 0:
            first = grid
    for cell in range(plan.size):
        if plan[cell] < 0:
            plan[cell] = today[cell] if today[cell] >= 0 else first


@compiled
def start_all(streets: Streets, label: Int32s) -> None:
    """Make every community's plan whole, in place, as far as locked grids do not stand between.

    A community with cells in grids is repaired; one with none (but in locked grids) is divided from nothing.
    """
    for community in range(streets.cell_start.size - 1):
        plan = label[streets.cell_start[community] : streets.cell_start[community + 1]]
        locked = streets.locked[streets.grid_start[community] : streets.grid_start[community + 1]]
        if locked.size == 0 or plan.size == 0:
            continue
        today = plan.copy()
        keep_main_pieces(streets, community, plan, locked)
        divided = False
        for cell in range(plan.size):
            divided |= plan[cell] >= 0 and not locked[plan[cell]]
        if not divided:
            cut_up(streets, community, plan, locked)
        absorb(streets, community, plan, locked)
        strand(plan, today, locked)
        fill_empty(streets, community, plan, locked)


@compiled
def dissolve(streets: Streets, label: Int32s, wanted: Int64s) -> Int64s:
    """Dissolve the lightest free grids of every community that has more than it wants, one after the other, into their
    neighbours; returns 1 for grids that are gone, in the order of the layout. ``label`` must be whole."""
    gone = np.zeros(streets.grid_start[-1], np.int64)
    for community in range(streets.cell_start.size - 1):
        first = streets.cell_start[community]
        plan = label[first : streets.cell_start[community + 1]]
        grids = slice(streets.grid_start[community], streets.grid_start[community + 1])
        locked, ended = streets.locked[grids].copy(), gone[grids]
        for _ in range(locked.size - wanted[community]):
            load = np.zeros(locked.size)
            for cell in range(plan.size):
                if plan[cell] >= 0:
                    load[plan[cell]] += streets.hours[first + cell]
            lightest = NOBODY
            for grid in range(locked.size):
                if not locked[grid] and not ended[grid] and (lightest < 0 or load[grid] < load[lightest]):
                    lightest = grid
            if lightest < 0:
                break
            ended[lightest] = 1
            for cell in range(plan.size):
                if plan[cell] == lightest:
                    plan[cell] = NOBODY
            absorb(streets, community, plan, locked)
    return gone
