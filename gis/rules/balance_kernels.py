"""Compiled search for fair grids: one community after another, border cells pass from grid to grid.

A community of m cells and k grids is searched by many short runs of annealing. A run starts from the same plan and offers
a random cell to the grid of one of its neighbours; the offer is taken when it lowers the energy, or, while the run is
warm, now and then when it does not. A cell never leaves a grid that would fall apart or be empty without it, and never
leaves or enters a locked grid, so that every plan on the way is whole. The best plan met is kept.

    energy = sum over grids of  (STEP + SLOPE x excess  beyond the tolerance)  +  fairness x deviation²
           + sum over borders of  cost, where the two sides are in different grids
           + price x cells that are not where they are today

Hours of a grid are its cells' hours, its fixed hours, and walking: ``spread_h_per_m`` x the radius of gyration of its cells.
Random numbers are the kernel's own, one stream per community and run: the same seed gives the same plan with any number of
threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gis.rules.placing_kernels import Floats, Int32s, Int64s, compiled

STEP = 1.0
SLOPE = 8.0
NOBODY = -1
ATTEMPTS = 2
_MIX = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0x2545F4914F6CDD1D)
_TINY = 1e-9
FORLORN = 20.0
"""An offer that costs so many times the heat is taken once in 500 million."""

Flags = npt.NDArray[np.bool_]


class Streets(NamedTuple):
    """Communities laid one behind the other: cells of community i are ``cell_start[i]:cell_start[i + 1]``, its grids
    ``grid_start[i]:grid_start[i + 1]``. Grids are numbered from 0 inside their community."""

    cell_start: Int64s
    grid_start: Int64s
    hours: Floats
    area_m2: Floats
    x_m: Floats
    y_m: Floats
    """Cell centres, from the middle of the community."""
    edge_start: Int64s
    """Neighbours of cell c are ``neighbour[edge_start[c]:edge_start[c + 1]]``."""
    neighbour: Int64s
    cost: Floats
    """Energy of a border between two grids; negative where a barrier wants to be one."""
    fixed_h: Floats
    locked: Flags


class Rules(NamedTuple):
    """What a run pays for, and how warm it is."""

    tolerance: float
    fairness: float
    price: float
    """Energy of one cell in other hands."""
    spread_h_per_m: float
    hottest: float
    coldest: float
    sweeps: int
    restarts: int
    seed: int


@compiled
def stir(state: np.uint64) -> np.uint64:
    """The next state of the random stream (xorshift64)."""
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    return state


@compiled
def stream(seed: int, community: int, run: int) -> np.uint64:
    """The first state of the stream of one run in one community; never zero."""
    state = np.uint64(seed) * _MIX + np.uint64(community + 1) * _STIR + np.uint64(run + 1)
    for _ in range(3):
        state = (state ^ (state >> np.uint64(31))) * _MIX
    return state | np.uint64(1)


@compiled
def below(state: np.uint64, n: int) -> int:
    """A whole number from 0 to n - 1."""
    return int(((state * _STIR) >> np.uint64(33)) * np.uint64(n) >> np.uint64(31))


@compiled
def fraction(state: np.uint64) -> float:
    """A number from 0 to 1, below 1."""
    return np.float64((state * _STIR) >> np.uint64(11)) / 9007199254740992.0


@compiled
def weight(deviation: float, rules: Rules) -> float:
    """The energy of one grid that is so far from the mean of its community."""
    far = abs(deviation) - rules.tolerance
    over = STEP + SLOPE * far if far > _TINY else 0.0
    return over + rules.fairness * deviation * deviation


@compiled
def gyration_m(area: float, x: float, y: float, square: float) -> float:
    """The radius of gyration from the sums of area, area x, area y and area (x² + y²)."""
    if area <= 0.0:
        return 0.0
    return float(np.sqrt(max(square / area - (x / area) ** 2 - (y / area) ** 2, 0.0)))


@compiled
def radius_with(sums: Floats, streets: Streets, cell: int, sign: float) -> float:
    """The radius of gyration of a grid after a cell comes (+1) or goes (-1); with 0, as it is."""
    area, x, y = sign * streets.area_m2[cell], streets.x_m[cell], streets.y_m[cell]
    return gyration_m(sums[0] + area, sums[1] + area * x, sums[2] + area * y, sums[3] + area * (x * x + y * y))


@compiled
def add_cell(sums: Floats, streets: Streets, cell: int, sign: float) -> None:
    """Put a cell into the sums of a grid, or take it out."""
    area, x, y = sign * streets.area_m2[cell], streets.x_m[cell], streets.y_m[cell]
    sums[0] += area
    sums[1] += area * x
    sums[2] += area * y
    sums[3] += area * (x * x + y * y)


@compiled
def grid_loads(streets: Streets, community: int, label: Int32s, spread_h_per_m: float, sums: Floats, out: Floats) -> None:
    """Hours of every grid of a community, walking included, and the sums that walking follows from."""
    first = streets.cell_start[community]
    out[:] = streets.fixed_h[streets.grid_start[community] : streets.grid_start[community + 1]]
    sums[:] = 0.0
    for i in range(label.size):
        if label[i] >= 0:
            out[label[i]] += streets.hours[first + i]
            add_cell(sums[label[i]], streets, first + i, 1.0)
    if spread_h_per_m > 0.0:
        for grid in range(out.size):
            out[grid] += spread_h_per_m * gyration_m(sums[grid, 0], sums[grid, 1], sums[grid, 2], sums[grid, 3])


@compiled
def plan_energy(
    streets: Streets, community: int, label: Int32s, home: Int32s, rules: Rules, sums: Floats, load: Floats
) -> float:
    """The energy of a whole plan, from nothing; fills ``sums`` and ``load``."""
    grid_loads(streets, community, label, rules.spread_h_per_m, sums, load)
    mean = load.mean()
    energy = 0.0
    for grid in range(load.size):
        energy += weight(load[grid] / mean - 1.0, rules)
    first = streets.cell_start[community]
    for i in range(label.size):
        energy += rules.price * (home[i] >= 0 and label[i] != home[i])
        for edge in range(streets.edge_start[first + i], streets.edge_start[first + i + 1]):
            if label[streets.neighbour[edge] - first] != label[i]:
                energy += 0.5 * streets.cost[edge]
    return energy


@compiled
def holds_without(streets: Streets, first: int, cell: int, label: Int32s, mark: Int64s, queue: Int64s, stamp: int) -> bool:
    """Whether the grid of a cell stays in one piece without it: its neighbours there must still reach each other."""
    grid = label[cell]
    to_find, start = 0, -1
    for edge in range(streets.edge_start[first + cell], streets.edge_start[first + cell + 1]):
        other = streets.neighbour[edge] - first
        if label[other] == grid:
            mark[other] = -stamp
            to_find += 1
            start = other
    if to_find <= 1:
        return True
    mark[cell] = stamp
    mark[start] = stamp
    queue[0] = start
    head, tail, found = 0, 1, 1
    while head < tail:
        here = queue[head]
        head += 1
        for edge in range(streets.edge_start[first + here], streets.edge_start[first + here + 1]):
            other = streets.neighbour[edge] - first
            if label[other] != grid or mark[other] == stamp:
                continue
            if mark[other] == -stamp:
                found += 1
                if found == to_find:
                    return True
            mark[other] = stamp
            queue[tail] = other
            tail += 1
    return False


@compiled
def border_change(streets: Streets, first: int, cell: int, label: Int32s, target: int) -> float:
    """What the borders of a cell cost more when it goes to another grid."""
    change = 0.0
    for edge in range(streets.edge_start[first + cell], streets.edge_start[first + cell + 1]):
        other = label[streets.neighbour[edge] - first]
        if other == label[cell]:
            change += streets.cost[edge]
        elif other == target:
            change -= streets.cost[edge]
    return change


@compiled
def load_change(
    streets: Streets, cell: int, source: int, target: int, rules: Rules, sums: Floats, load: Floats, mean: float
) -> tuple[float, float, float]:
    """What the grids' deviations cost more when a cell passes over, and the two new loads."""
    hours = streets.hours[cell]
    lighter, heavier = load[source] - hours, load[target] + hours
    if rules.spread_h_per_m <= 0.0:
        change = weight(lighter / mean - 1.0, rules) + weight(heavier / mean - 1.0, rules)
        change -= weight(load[source] / mean - 1.0, rules) + weight(load[target] / mean - 1.0, rules)
        return change, lighter, heavier
    per_m = rules.spread_h_per_m
    lighter += per_m * (radius_with(sums[source], streets, cell, -1.0) - radius_with(sums[source], streets, cell, 0.0))
    heavier += per_m * (radius_with(sums[target], streets, cell, 1.0) - radius_with(sums[target], streets, cell, 0.0))
    shifted = mean + (lighter + heavier - load[source] - load[target]) / load.size
    change = 0.0
    for grid in range(load.size):
        after = lighter if grid == source else heavier if grid == target else load[grid]
        change += weight(after / shifted - 1.0, rules) - weight(load[grid] / mean - 1.0, rules)
    return change, lighter, heavier


@compiled
def anneal_once(
    streets: Streets, community: int, label: Int32s, home: Int32s, rules: Rules, run: int, best: Int32s, least: float
) -> float:
    """One run from the plan in ``label``, which it spoils; writes a plan better than ``least`` into ``best`` and returns
    its energy."""
    first, m = streets.cell_start[community], label.size
    locked = streets.locked[streets.grid_start[community] : streets.grid_start[community + 1]]
    load, sums = np.empty(locked.size), np.empty((locked.size, 4))
    energy = plan_energy(streets, community, label, home, rules, sums, load)
    if energy < least - _TINY:
        least = energy
        best[:] = label
    held = np.bincount(label, minlength=locked.size)
    mean = load.mean()
    mark, queue, stamp = np.zeros(m, np.int64), np.empty(m, np.int64), 0
    state = stream(rules.seed, community, run)
    cooling = (rules.coldest / rules.hottest) ** (1.0 / max(rules.sweeps - 1, 1))
    heat = rules.hottest
    for _ in range(rules.sweeps):
        for _ in range(m):
            state = stir(state)
            cell = below(state, m)
            edge = streets.edge_start[first + cell]
            neighbours = streets.edge_start[first + cell + 1] - edge
            if neighbours == 0:
                continue
            state = stir(state)
            source, target = label[cell], label[streets.neighbour[edge + below(state, neighbours)] - first]
            if source == target or locked[source] or locked[target] or held[source] == 1:
                continue
            change, lighter, heavier = load_change(streets, first + cell, source, target, rules, sums, load, mean)
            if home[cell] >= 0:
                change += rules.price * ((target != home[cell]) - (source != home[cell]))
            change += border_change(streets, first, cell, label, target)
            if change > 0.0:
                if change > FORLORN * heat:
                    continue
                state = stir(state)
                if fraction(state) >= np.exp(-change / heat):
                    continue
            stamp += 1
            if not holds_without(streets, first, cell, label, mark, queue, stamp):
                continue
            label[cell] = target
            held[source] -= 1
            held[target] += 1
            mean += (lighter + heavier - load[source] - load[target]) / load.size
            load[source], load[target] = lighter, heavier
            add_cell(sums[source], streets, first + cell, -1.0)
            add_cell(sums[target], streets, first + cell, 1.0)
            energy += change
            if energy < least - _TINY:
                least = energy
                best[:] = label
        heat *= cooling
    return least


@compiled
def search(streets: Streets, community: int, start: Int32s, home: Int32s, rules: Rules, run: int, best: Int32s) -> None:
    """As many runs from one plan as the rules say; the best plan met, the start included, goes into ``best``."""
    k = streets.grid_start[community + 1] - streets.grid_start[community]
    least = plan_energy(streets, community, best, home, rules, np.empty((k, 4)), np.empty(k))
    for again in range(rules.restarts):
        least = anneal_once(streets, community, start.copy(), home, rules, run + again, best, least)


@compiled
def unfair(streets: Streets, community: int, label: Int32s, rules: Rules) -> bool:
    """Whether some grid is beyond the tolerance."""
    k = streets.grid_start[community + 1] - streets.grid_start[community]
    load = np.empty(k)
    grid_loads(streets, community, label, rules.spread_h_per_m, np.empty((k, 4)), load)
    return bool(np.abs(load / load.mean() - 1.0).max() > rules.tolerance + _TINY)


@compiled
def anneal(
    streets: Streets, begin: int, end: int, plan: Int32s, home: Int32s, rules: Rules, bold: Rules, hopeful: Flags
) -> None:
    """Better ``plan``, the grid of every cell inside its community, for the communities from ``begin`` to ``end``.

    A plan comes in whole (every grid in one piece, none empty) and goes out whole, never with more energy. Where a grid stays
    beyond the tolerance though the community is ``hopeful``, ``bold`` rules, to which moves cost nothing, look for another
    place to start from.
    """
    for community in range(begin, end):
        at = slice(streets.cell_start[community], streets.cell_start[community + 1])
        k = streets.grid_start[community + 1] - streets.grid_start[community]
        if k < 2 or streets.hours[at].sum() <= 0.0:
            continue
        best, today = plan[at], home[at]
        start = best.copy()
        search(streets, community, start, today, rules, 0, best)
        for attempt in range(ATTEMPTS):
            if not hopeful[community] or not unfair(streets, community, best, rules):
                break
            other, run = best.copy(), (2 * attempt + 1) * rules.restarts
            search(streets, community, start, today, bold, run, other)
            search(streets, community, other.copy(), today, rules, run + rules.restarts, best)


@compiled
def loads_of_all(streets: Streets, plan: Int32s, spread_h_per_m: float) -> Floats:
    """Hours of every grid, walking included, in the order of the layout."""
    load = np.zeros(streets.fixed_h.size)
    for community in range(streets.cell_start.size - 1):
        cells = slice(streets.cell_start[community], streets.cell_start[community + 1])
        grids = slice(streets.grid_start[community], streets.grid_start[community + 1])
        k = streets.grid_start[community + 1] - streets.grid_start[community]
        grid_loads(streets, community, plan[cells], spread_h_per_m, np.empty((k, 4)), load[grids])
    return load
