"""Compiled parts of the search for sites that everybody walks least to.

Candidate j is reached from cells `cell[first[j]:first[j + 1]]` over `metres`; `people` live in each cell.
"""

from __future__ import annotations

import numpy as np

from gis.rules.placing_kernels import Floats, Int32s, Int64s, compiled


@compiled
def savings(first: Int64s, cell: Int32s, metres: Floats, people: Floats, now_m: Floats, saved: Floats) -> None:
    """Metres that each candidate would save all residents together, over what they walk now."""
    for place in range(len(saved)):
        total = 0.0
        for at in range(first[place], first[place + 1]):
            nearer = now_m[cell[at]] - metres[at]
            if nearer > 0.0:
                total += people[cell[at]] * nearer
        saved[place] = total


@compiled
def nearest_two(
    first: Int64s, cell: Int32s, metres: Floats, chosen: Int64s, one_m: Floats, two_m: Floats, who: Int32s
) -> None:
    """The way to the nearest and the second nearest of what stays and what is chosen; `who`: the position in `chosen`, -1 for
    what stays. Both ways hold on entry what stays."""
    who[:] = -1
    for position in range(len(chosen)):
        for at in range(first[chosen[position]], first[chosen[position] + 1]):
            c, way = cell[at], metres[at]
            if way < one_m[c]:
                two_m[c], one_m[c], who[c] = one_m[c], way, position
            elif way < two_m[c]:
                two_m[c] = way


@compiled
def best_swap(
    first: Int64s, cell: Int32s, metres: Floats, people: Floats, one_m: Floats, two_m: Floats, who: Int32s, cost: Floats,
    chosen: Int64s, left: float, begin: int, out: Int64s,
) -> float:  # fmt: skip
    """Look through the candidates from `begin` on, in a circle, for a swap that saves; returns metres saved, the pair in `out`:
    (candidate, position in `chosen` that it replaces). `left` is the money that is not spent.

    The search ends at the first candidate that saves more than a thousandth of what is walked, or with the best of all.
    """
    places = len(first) - 1
    loss, less = np.zeros(len(chosen)), np.zeros(len(chosen))
    walked = 0.0
    for c in range(len(people)):
        walked += people[c] * one_m[c]
        if who[c] >= 0:
            loss[who[c]] += people[c] * (two_m[c] - one_m[c])
    best = 0.0
    for step in range(places):
        place = (begin + step) % places
        gain = 0.0
        less[:] = 0.0
        for at in range(first[place], first[place + 1]):
            c, way = cell[at], metres[at]
            if way < one_m[c]:
                gain += people[c] * (one_m[c] - way)
            if who[c] >= 0 and way < two_m[c]:
                less[who[c]] += people[c] * (two_m[c] - max(way, one_m[c]))
        for position in range(len(chosen)):
            saved = gain - loss[position] + less[position]
            if saved > best and place != chosen[position] and cost[place] - cost[chosen[position]] <= left:
                best, out[0], out[1] = saved, place, position
        if best > 1e-3 * walked:
            break
    return best


@compiled
def reduced(first: Int64s, cell: Int32s, metres: Floats, people: Floats, price: Floats, worth: Floats) -> None:
    """What each candidate is worth when a cell pays `price` for being served: the sum of prices beyond the way walked."""
    for place in range(len(worth)):
        total = 0.0
        for at in range(first[place], first[place + 1]):
            beyond = price[cell[at]] - people[cell[at]] * metres[at]
            if beyond > 0.0:
                total += beyond
        worth[place] = total


@compiled
def served(
    first: Int64s, cell: Int32s, metres: Floats, people: Floats, price: Floats, taken: Floats, times: Floats
) -> None:
    """How often each cell is served when the candidates are `taken` (0 to 1)."""
    times[:] = 0.0
    for place in range(len(taken)):
        if taken[place] > 0.0:
            for at in range(first[place], first[place + 1]):
                if price[cell[at]] > people[cell[at]] * metres[at]:
                    times[cell[at]] += taken[place]
