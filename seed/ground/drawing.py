"""How a street runs between two corners: a gentle curve that leaves the border squarely, with a wiggle on top."""

# Compiled loops take their numbers in a row and compare them one by one.
# ruff: noqa: PLR1714

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seed.ground.choosing import NEVER
from seed.ground.compiled import compiled
from seed.ground.rings import Floats, Ints

FEWEST_INNER = 2
STRAY_COSINE = 0.8
CLEARANCE = 0.7
OPENING = 0.4
LAST_CLEARANCES = 1e-3 * 0.25 ** np.arange(12)
LAST_OPENING = 0.05


@compiled
def departure(ring: Floats, k: int, x: float, y: float, onwards: Floats) -> tuple[float, float]:
    """The direction in which a street bound along the unit vector x, y leaves corner k.

    Going on from the street that ends here, squarely, or in line with a border, whichever is nearest; else straight.
    """
    after, before = k + 1 if k + 1 < len(ring) else 0, k - 1
    best_x, best_y, best = x, y, STRAY_COSINE
    for way in range(4):
        if way == 0:
            u, v = onwards[k, 0], onwards[k, 1]
        elif way == 1:
            u, v = ring[before, 1] - ring[after, 1], ring[after, 0] - ring[before, 0]
        elif way == 2:
            u, v = ring[k, 0] - ring[before, 0], ring[k, 1] - ring[before, 1]
        else:
            u, v = ring[k, 0] - ring[after, 0], ring[k, 1] - ring[after, 1]
        size = max(np.sqrt(u * u + v * v), 1e-12)
        cosine = (u * x + v * y) / size
        if cosine > best:
            best_x, best_y, best = u / size, v / size, cosine
    return best_x, best_y


@compiled
def street(
    ring: Floats,
    i: int,
    j: int,
    leave: tuple[float, float],
    arrive: tuple[float, float],
    count: int,
    waves: Floats,
    amplitude: float,
) -> Floats:
    """(count + 2, 2) points from corner i to corner j: a Hermite curve with waves across it.

    It sets off along the unit vectors ``leave`` from i and ``arrive`` from j.

    ``waves`` (H,) are the sizes of the sine waves with 1..H half periods; ``amplitude`` is a fraction of the length.
    """
    x, y = ring[j, 0] - ring[i, 0], ring[j, 1] - ring[i, 1]
    length_m = np.sqrt(x * x + y * y)
    points = np.empty((count + 2, 2))
    for k in range(count + 2):
        t = k / (count + 1)
        side = 0.0
        for h in range(min(len(waves), count)):
            side += amplitude * waves[h] * np.sin((h + 1) * np.pi * t)
        along, start, end = t * t * (3 - 2 * t), t * (1 - t) ** 2 * length_m, t * t * (1 - t) * length_m
        points[k, 0] = ring[i, 0] + along * x + start * leave[0] + end * arrive[0] - side * y
        points[k, 1] = ring[i, 1] + along * y + start * leave[1] + end * arrive[1] + side * x
    points[0, 0], points[0, 1], points[-1, 0], points[-1, 1] = ring[i, 0], ring[i, 1], ring[j, 0], ring[j, 1]
    return points


@compiled
def distance_m(p: Floats, k: int, q: Floats, s: int) -> float:
    """Metres between point k of p and point s of q."""
    x, y = p[k, 0] - q[s, 0], p[k, 1] - q[s, 1]
    return float(np.sqrt(x * x + y * y))


@compiled
def turn_of(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> float:
    """Twice the area of the triangle a, b, c: positive if c lies to the left of the line from a to b."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@compiled
def edges_cross(p: Floats, s: int, q: Floats, k: int, after: int) -> bool:
    """Whether the stretch of p from s to s + 1 and the stretch of q from k to ``after`` properly cross."""
    ax, ay, bx, by = p[s, 0], p[s, 1], p[s + 1, 0], p[s + 1, 1]
    cx, cy, dx, dy = q[k, 0], q[k, 1], q[after, 0], q[after, 1]
    if (turn_of(ax, ay, bx, by, cx, cy) > 0) == (turn_of(ax, ay, bx, by, dx, dy) > 0):
        return False
    return (turn_of(cx, cy, dx, dy, ax, ay) > 0) != (turn_of(cx, cy, dx, dy, bx, by) > 0)


@compiled
def near_edge(p: Floats, s: int, q: Floats, k: int, after: int, reach_m2: float) -> bool:
    """Whether point s of p is nearer than the root of ``reach_m2`` to the stretch of q from k to ``after``."""
    x, y = q[after, 0] - q[k, 0], q[after, 1] - q[k, 1]
    u, v = p[s, 0] - q[k, 0], p[s, 1] - q[k, 1]
    along = min(1.0, max(0.0, (u * x + v * y) / max(x * x + y * y, 1e-12)))
    x, y = u - along * x, v - along * y
    return bool(x * x + y * y < reach_m2)


@compiled
def reaches_m2(points: Floats, line: Floats, clear_m: float, opening: float) -> Floats:
    """(k,) squared distance that each point must keep: ``clear_m``, but near the ends only ``opening`` times as far."""
    reaches = np.empty(len(points))
    for k in range(len(points)):
        near_m = min(distance_m(points, k, line, 0), distance_m(points, k, line, len(line) - 1))
        reaches[k] = min(clear_m, opening * near_m) ** 2
    return reaches


@compiled
def runs_clear(ring: Floats, i: int, j: int, line: Floats, clear_m: float, opening: float) -> bool:
    """Whether a line (m, 2) from corner i to corner j keeps off the ring (n, 2) and off itself.

    It must keep ``clear_m`` away, but near its ends only ``opening`` times the distance to the end, so that it may
    start.
    """
    n, m = len(ring), len(line)
    line_reaches = reaches_m2(line, line, clear_m, opening)
    ring_reaches = reaches_m2(ring, line, 0.5 * clear_m, opening)
    for s in range(m - 1):
        for k in range(n):
            after = k + 1 if k + 1 < n else 0
            touches = (s == 0 and (k == i or after == i)) or (s == m - 2 and (k == j or after == j))
            if not touches and edges_cross(line, s, ring, k, after):
                return False
            if k != i and k != j and near_edge(ring, k, line, s, s + 1, ring_reaches[k]):
                return False
            if s > 0 and near_edge(line, s, ring, k, after, line_reaches[s]):
                return False
        for other in range(s + 2, m - 1):
            if edges_cross(line, s, line, other, other + 1):
                return False
    return True


@compiled
def starts_inside(ring: Floats, i: int, x: float, y: float) -> bool:
    """Whether a line from corner i toward x, y sets off into the block, not out of it (counter-clockwise ring)."""
    before, after = i - 1, i + 1 if i + 1 < len(ring) else 0
    ax, ay, bx, by, cx, cy = ring[before, 0], ring[before, 1], ring[i, 0], ring[i, 1], ring[after, 0], ring[after, 1]
    left_of_before, left_of_after = turn_of(ax, ay, bx, by, x, y) > 0, turn_of(bx, by, cx, cy, x, y) > 0
    if turn_of(ax, ay, bx, by, cx, cy) > 0:
        return left_of_after and left_of_before
    return left_of_after or left_of_before


@compiled
def sets_off(ring: Floats, i: int, j: int, line: Floats) -> bool:
    """Whether a line (m, 2) leaves both its corners into the block."""
    return starts_inside(ring, i, line[1, 0], line[1, 1]) and starts_inside(ring, j, line[-2, 0], line[-2, 1])


@compiled
def draw_street(
    ring: Floats, i: int, j: int, onwards: Floats, waves: Floats, amplitude: float, spacing_m: float, lively: bool
) -> Floats:
    """(m, 2) points of a street from i to j, both included, that runs clear; no points if there is none.

    A lively one is tried with less and less amplitude; the other kind is straight. It gets two inner vertices at
    least, or a piece could come out as a triangle that nobody can cut.
    """
    length_m = distance_m(ring, i, ring, j)
    x, y = (ring[j, 0] - ring[i, 0]) / length_m, (ring[j, 1] - ring[i, 1]) / length_m
    leave, arrive = (x, y), (-x, -y)
    if lively:
        leave, arrive = departure(ring, i, x, y, onwards), departure(ring, j, -x, -y, onwards)
    count = max(FEWEST_INNER, int(np.ceil(length_m / spacing_m)) - 1)
    for attempt in range(3 if lively else 1):
        size = amplitude * 0.5**attempt if lively else 0.0
        line = street(ring, i, j, leave, arrive, count, waves, size)
        if sets_off(ring, i, j, line) and runs_clear(ring, i, j, line, CLEARANCE * spacing_m, OPENING):
            return line
    return np.empty((0, 2))


@compiled
def take_best(scores: Floats) -> int:
    """The place of the least score, which is then struck out; -1 if none is left."""
    best = int(np.argmin(scores))
    if scores[best] >= NEVER:
        return -1
    scores[best] = NEVER
    return best


@compiled
def is_fair(ring: Floats, i: int, j: int, line: Floats, goal: float, tolerance: float) -> bool:
    """Whether a line from i to j leaves about the fraction ``goal`` of the ring's area on the first piece."""
    piece, whole = 0.0, 0.0
    for k in range(len(ring)):
        after = k + 1 if k + 1 < len(ring) else 0
        swept = ring[k, 0] * ring[after, 1] - ring[k, 1] * ring[after, 0]
        whole += swept
        piece += swept if i <= k < j else 0.0
    for s in range(len(line) - 1):
        piece += line[s + 1, 0] * line[s, 1] - line[s + 1, 1] * line[s, 0]
    return abs(piece / whole - goal) < tolerance * min(goal, 1 - goal)


@compiled
def first_clear_street(
    ring: Floats,
    scores: Floats,
    partners: Ints,
    goals: Floats,
    tolerance: float,
    onwards: Floats,
    waves: Floats,
    amplitude: float,
    spacing_m: float,
) -> tuple[int, Floats]:
    """The street with the best score that finds room and is fair: its first corner and its points.

    ``scores`` and ``partners`` (n,) as ``judge_cuts`` gives them, ``goals`` (n,) the fractions of area to aim at. If
    none is fair, the best that finds room; straight ones only if no other does. The corner is -1 if there is no
    street at all.
    """
    for lively in (True, False):
        untried, second_best = scores.copy(), (-1, np.empty((0, 2)))
        i = take_best(untried)
        while i >= 0:
            j = int(partners[i])
            line = draw_street(ring, i, j, onwards, waves, amplitude, spacing_m, lively)
            if len(line) > 0 and is_fair(ring, i, j, line, goals[i], tolerance):
                return i, line
            if len(line) > 0 and second_best[0] < 0:
                second_best = (i, line)
            i = take_best(untried)
        if second_best[0] >= 0:
            return second_best
    return -1, np.empty((0, 2))


@compiled
def is_diagonal(ring: Floats, i: int, j: int, clear_m: float) -> bool:
    """Whether the straight line from corner i to corner j lies inside the ring."""
    ends = np.empty((2, 2))
    ends[0], ends[1] = ring[i], ring[j]
    return sets_off(ring, i, j, ends) and j - i < len(ring) - 1 and runs_clear(ring, i, j, ends, clear_m, LAST_OPENING)


def last_resort(ring: Floats, goal: float) -> tuple[int, int, Floats]:
    """The fairest straight cut of all that exist, however ugly: for blocks in which no proper street finds room.

    ``goal`` is the fraction of the area that should come to lie on the first piece, from i to j.

    A ring of four corners or more always has an inner diagonal, so only a block that crosses itself has none. Raises
    ValueError for such a block.
    """
    pairs = np.array(np.triu_indices(len(ring), 2)).T
    order = np.argsort(np.abs(swept_fractions(ring, pairs) - goal), kind="stable")
    for clear_m in LAST_CLEARANCES * np.ptp(ring, axis=0).max():
        for i, j in pairs[order].tolist():
            if is_diagonal(ring, i, j, clear_m):
                return i, j, np.linspace(ring[i], ring[j], FEWEST_INNER + 2)
    raise ValueError("A block cannot be cut: its border crosses or touches itself.")


def swept_fractions(ring: Floats, pairs: NDArray[np.intp]) -> Floats:
    """(P,) the fraction of a ring's area on the first piece of straight cuts between (P, 2) pairs of corners."""
    x, y = ring.T
    swept = np.concatenate([[0.0], np.cumsum(x * np.roll(y, -1) - y * np.roll(x, -1))])
    i, j = pairs.T
    return np.asarray((swept[j] - swept[i] + x[j] * y[i] - y[j] * x[i]) / swept[-1])
