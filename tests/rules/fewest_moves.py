"""The fewest cells that must change hands in each small community, as CP-SAT proves them; printed as JSON, null where it does not.

OR-tools and HiGHS carry different copies of the same library, so this is a program: ``python -m tests.rules.fewest_moves``.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from ortools.sat.python import cp_model

from gis.rules.balance_ground import Grids, Ground
from gis.rules.neighbours import pieces
from tests.rules.test_balance_oracle import COMMUNITIES, TOLERANCE, a_community

MOST_EFFORT, MOST_ROUNDS = 0.15, 30
"""Of CP-SAT for one solution, by its own count, and solutions with pieces; where it does not get to the end nothing is proved."""
Cut = tuple[int, int, list[int]]
"""Two cells that lie apart, and the cells around the one: if both are in a grid, one of these must be, whichever grid it is."""


class Unproved(Exception):
    """CP-SAT did not get to the end."""


def fewest_moves(ground: Ground, grids: Grids) -> int | None:
    """The least number of cells that must change hands so that every grid is whole and within the tolerance; None if that
    cannot be. Pieces are forbidden as they turn up. Raises Unproved."""
    cuts: list[Cut] = []
    for _ in range(MOST_ROUNDS):
        found = _solved(ground, grids, cuts)
        if found is None:
            return None
        broken = _broken(ground, found, k=len(grids.community))
        if not broken:
            return int((found != grids.of_cell).sum())
        cuts += broken
    raise Unproved


def _solved(ground: Ground, grids: Grids, cuts: list[Cut]) -> np.ndarray | None:
    model, n, k = cp_model.CpModel(), len(ground.hours), len(grids.community)
    x = [[model.new_bool_var(f"{cell}:{grid}") for grid in range(k)] for cell in range(n)]
    hours, total = ground.hours.astype(int).tolist(), int(ground.hours.sum())
    for cell in range(n):
        model.add_exactly_one(x[cell])
    for grid in range(k):
        load = sum(hours[cell] * x[cell][grid] for cell in range(n))
        model.add(1000 * k * load <= round(1000 * (1 + TOLERANCE)) * total)
        model.add(1000 * k * load >= round(1000 * (1 - TOLERANCE)) * total)
    for one, other, around in cuts:
        for grid in range(k):
            model.add(x[one][grid] + x[other][grid] <= 1 + sum(x[cell][grid] for cell in around))
    model.minimize(sum(1 - x[cell][grid] for cell, grid in enumerate(grids.of_cell.tolist())))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = MOST_EFFORT
    state = solver.solve(model)
    if state == cp_model.INFEASIBLE:
        return None
    if state != cp_model.OPTIMAL:
        raise Unproved
    return np.array([[solver.value(variable) for variable in row] for row in x]).argmax(axis=1)


def _broken(ground: Ground, of_cell: np.ndarray, *, k: int) -> list[Cut]:
    piece = pieces(of_cell, ground.border[:, 0], ground.border[:, 1])
    cuts: list[Cut] = []
    for grid in range(k):
        parts = [np.flatnonzero(piece == part) for part in np.unique(piece[of_cell == grid])]
        main = max(parts, key=len)
        for part in parts:
            if part is not main:
                touching = ground.border[np.isin(ground.border, part).any(axis=1)]
                cuts.append((int(part[0]), int(main[0]), np.setdiff1d(touching, part).tolist()))
    return cuts


def proved(seed: int) -> dict[str, int | None] | None:
    """The fewest moves in a community (None: it cannot be fair), or None where nothing was proved."""
    try:
        return {"fewest": fewest_moves(*a_community(seed))}
    except Unproved:
        return None


if __name__ == "__main__":
    json.dump([proved(seed) for seed in range(COMMUNITIES)], sys.stdout)
