"""Compiled and exact: how much of a cell's ground lies within k circles or more.

No circle is made a polygon. The ground within k circles has a border of two kinds: pieces of the cell's sides that lie in k
circles, and arcs of a circle, inside the cell, that lie in k - 1 others. Green's theorem sums half of x dy - y dx along both.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.rules.placing_kernels import Floats, Int64s, Whole, compiled

TURN = 2.0 * np.pi

Sides = npt.NDArray[np.float64]
"""(s, 4): x and y where a side begins and ends, the cell's ground on its left."""


@compiled
def sorted_in_place(values: Floats, count: int) -> None:
    """Sort a few numbers."""
    for i in range(1, count):
        value, at = values[i], i
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@compiled
def crossings(side: Floats, x: float, y: float, radius: float) -> tuple[float, float]:
    """Where a side's line crosses a circle, as fractions of the side; beyond 1 both where it does not."""
    dx, dy, fx, fy = side[2] - side[0], side[3] - side[1], side[0] - x, side[1] - y
    a, b, c = dx * dx + dy * dy, fx * dx + fy * dy, fx * fx + fy * fy - radius * radius
    inside = b * b - a * c
    if inside <= 0.0 or a == 0.0:
        return 2.0, 2.0
    root = np.sqrt(inside)
    return (-b - root) / a, (-b + root) / a


@compiled
def covers(x: float, y: float, circles: Floats, times: Int64s, radius: float, but: int) -> int:
    """How many circles hold a point, one of them left out."""
    count = 0
    for i in range(len(circles)):
        dx, dy = x - circles[i, 0], y - circles[i, 1]
        if i != but and dx * dx + dy * dy <= radius * radius:
            count += times[i]
    return count


@compiled
def is_inside(x: float, y: float, sides: Sides) -> bool:
    """Whether a point lies in the cell: a ray to the east crosses its sides an odd number of times."""
    odd = False
    for i in range(len(sides)):
        x0, y0, x1, y1 = sides[i]
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            odd = not odd
    return odd


@compiled
def along_sides(sides: Sides, circles: Floats, times: Int64s, radius: float, k: Whole, cuts: Floats) -> float:
    """What the pieces of sides within k circles add to the area."""
    total = 0.0
    for s in range(len(sides)):
        side = sides[s]
        count = 1
        cuts[0] = 0.0
        for i in range(len(circles)):
            for cut in crossings(side, circles[i, 0], circles[i, 1], radius):
                if 0.0 < cut < 1.0:
                    cuts[count] = cut
                    count += 1
        sorted_in_place(cuts, count)
        cuts[count] = 1.0
        dx, dy = side[2] - side[0], side[3] - side[1]
        for i in range(count):
            middle = 0.5 * (cuts[i] + cuts[i + 1])
            if covers(side[0] + middle * dx, side[1] + middle * dy, circles, times, radius, -1) >= k:
                total += 0.5 * (cuts[i + 1] - cuts[i]) * (side[0] * dy - side[1] * dx)
    return total


@compiled
def cuts_of_circle(at: int, sides: Sides, circles: Floats, radius: float, cuts: Floats) -> int:
    """The angles at which a circle meets sides and other circles, in order; returns how many."""
    x, y = circles[at]
    count = 0
    for s in range(len(sides)):
        side = sides[s]
        for cut in crossings(side, x, y, radius):
            if 0.0 < cut < 1.0:
                cuts[count] = np.arctan2(side[1] + cut * (side[3] - side[1]) - y, side[0] + cut * (side[2] - side[0]) - x)
                count += 1
    for i in range(len(circles)):
        dx, dy = circles[i, 0] - x, circles[i, 1] - y
        apart = np.sqrt(dx * dx + dy * dy)
        if i != at and apart < 2.0 * radius:
            half = np.arccos(apart / (2.0 * radius))
            for angle in (np.arctan2(dy, dx) - half, np.arctan2(dy, dx) + half):
                cuts[count] = (angle + np.pi) % TURN - np.pi
                count += 1
    sorted_in_place(cuts, count)
    return count


@compiled
def along_arcs(sides: Sides, circles: Floats, times: Int64s, radius: float, k: Whole, cuts: Floats) -> float:
    """What the arcs of circles that bound the ground within k add to the area."""
    total = 0.0
    for at in range(len(circles)):
        x, y = circles[at]
        count = cuts_of_circle(at, sides, circles, radius, cuts)
        if count == 0:
            cuts[0] = -np.pi
            count = 1
        cuts[count] = cuts[0] + TURN
        for i in range(count):
            begin, end = cuts[i], cuts[i + 1]
            middle = 0.5 * (begin + end)
            mx, my = x + radius * np.cos(middle), y + radius * np.sin(middle)
            others = covers(mx, my, circles, times, radius, at)
            if others < k <= others + times[at] and is_inside(mx, my, sides):
                bow = x * (np.sin(end) - np.sin(begin)) - y * (np.cos(end) - np.cos(begin))
                total += 0.5 * radius * (radius * (end - begin) + bow)
    return total


@compiled
def cutting(sides: Sides, around: Floats, times: Int64s, radius: float) -> tuple[Floats, Int64s, int]:
    """The circles that may cut a cell, and how many hold all of it; those that end before its bounding circle are gone."""
    kept, held = 0, 0
    middle_x, middle_y = sides[:, 0].mean(), sides[:, 1].mean()
    out = np.sqrt(((sides[:, 0] - middle_x) ** 2 + (sides[:, 1] - middle_y) ** 2).max())
    for i in range(len(around)):
        x, y = around[i]
        if ((sides[:, 0] - x) ** 2 + (sides[:, 1] - y) ** 2).max() <= radius * radius:
            held += times[i]
        elif np.hypot(x - middle_x, y - middle_y) < radius + out:
            around[kept], times[kept] = around[i], times[i]
            kept += 1
    return around[:kept], times[:kept], held


@compiled
def ground_within(
    cells: Int64s, first_side: Int64s, sides: Sides, first_circle: Int64s, circle: Int64s, places: Floats, times: Int64s,
    radius: float, k: Whole, area_m2: Floats,
) -> Floats:  # fmt: skip
    """Square metres of cells within k circles. Cell c has ``sides[first_side[c]:first_side[c + 1]]`` and ``area_m2[c]``; circles
    that may touch the i-th of ``cells`` are ``circle[first_circle[i]:first_circle[i + 1]]``, around ``places`` (no two the same),
    each counted ``times``."""
    area = np.zeros(len(cells))
    most_sides, most_circles = np.diff(first_side).max(), np.diff(first_circle).max()
    cuts = np.empty(2 * (most_sides + most_circles) + 2)
    for i in range(len(cells)):
        cell = cells[i]
        mine = sides[first_side[cell] : first_side[cell + 1]].copy()
        near = circle[first_circle[i] : first_circle[i + 1]]
        origin_x, origin_y = mine[0, 0], mine[0, 1]
        mine[:, 0] -= origin_x
        mine[:, 2] -= origin_x
        mine[:, 1] -= origin_y
        mine[:, 3] -= origin_y
        around = places[near].copy()
        around[:, 0] -= origin_x
        around[:, 1] -= origin_y
        around, counts, held = cutting(mine, around, times[near], radius)
        if held >= k:
            area[i] = area_m2[cell]
        elif len(around):
            left = k - held
            area[i] = along_sides(mine, around, counts, radius, left, cuts) + along_arcs(mine, around, counts, radius, left, cuts)
    return area
