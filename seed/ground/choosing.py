"""Where a street should run: every pair of corners of a block, judged as the two ends of a cut.

All of it in constant time per pair, from running sums along the ring. Scores are without unit; less is better.
Compiled loops call only loops of their own file: numba's cache does not notice a change in another one.
"""

# Compiled loops take their numbers in a row, without keywords.

from __future__ import annotations

import numpy as np

from seed.ground.compiled import compiled
from seed.ground.rings import Floats, Ints

MAX_ENDS = 110
NEVER = 1e9
HOPELESS = 3.0

# Costs of a street's faults against each other, found by looking at the maps they make.
COMPACTNESS_COST = 0.55
ANGLE_COST = 0.45
SHARP_COST = 7.0
CROSSROADS_BONUS = 0.35
STAGGER_COST = 0.7
BUSY_COST = 2.0
BEARING_COST = 0.25

SHARP_COSINE = 0.64
SLIVER_SINE = 0.15
FLAT_COSINE = 0.82
THROUGH_COSINE = 0.82
# Two streets that end closer than this part of a block without meeting look like a mistake.
CROWDED_FRACTION = 0.45
MIN_PIECE_FRACTION = 0.3


@compiled
def site_table(ring: Floats, degrees: Ints, onwards: Floats, gaps: Floats, reach: int) -> Floats:
    """(n, 9) what a street needs to know of each corner before it ends there.

    Columns: unit vectors x, y along the border ahead and behind over ``reach`` edges, and of the last street going
    on; whether the corner is concave, whether a street from outside meets a flat border here, and what it costs to
    end here at all.
    """
    n = len(ring)
    table = np.zeros((n, 9))
    for k in range(n):
        ahead, behind = (k + reach) % n, (k - reach) % n
        ax, ay, bx, by = (
            ring[ahead, 0] - ring[k, 0],
            ring[ahead, 1] - ring[k, 1],
            ring[behind, 0] - ring[k, 0],
            ring[behind, 1] - ring[k, 1],
        )
        a, b = np.sqrt(ax * ax + ay * ay), np.sqrt(bx * bx + by * by)
        table[k, 0], table[k, 1], table[k, 2], table[k, 3] = ax / a, ay / a, bx / b, by / b
        table[k, 4], table[k, 5] = onwards[k, 0], onwards[k, 1]
        table[k, 6] = ax * by - ay * bx < 0
        table[k, 7] = degrees[k] == 3 and ax * bx + ay * by < -FLAT_COSINE * a * b
        table[k, 8] = BUSY_COST if degrees[k] > 3 else 0.0 if table[k, 7] else STAGGER_COST * max(0.0, 1 - gaps[k])
    return table


@compiled
def running_sums(ring: Floats) -> tuple[Floats, Floats]:
    """(n + 1,) twice the area swept and the length walked from corner 0 to each corner, and all the way round."""
    n = len(ring)
    swept, walked = np.zeros(n + 1), np.zeros(n + 1)
    for k in range(n):
        a, b = ring[k], ring[(k + 1) % n]
        swept[k + 1] = swept[k] + a[0] * b[1] - a[1] * b[0]
        walked[k + 1] = walked[k] + np.hypot(b[0] - a[0], b[1] - a[1])
    return swept, walked


@compiled
def junction_gaps(walked: Floats, degrees: Ints) -> Floats:
    """(n,) metres along the border from each corner to the nearest other junction, where streets already meet."""
    n = len(degrees)
    gaps = np.full(n, walked[n])
    for sense in (1, -1):
        last, distance = False, 0.0
        for step in range(2 * n):
            k = step % n if sense > 0 else (2 * n - 1 - step) % n
            if last:
                gaps[k] = min(gaps[k], distance)
            if degrees[k] > 2:
                last, distance = True, 0.0
            distance += walked[k + 1] - walked[k] if sense > 0 else walked[(k - 1) % n + 1] - walked[(k - 1) % n]
    return gaps


@compiled
def angle_fault(cosine: float, sine: float) -> float:
    """0 for a street at right angles to a border or in line with it, 1 for the bisector, more for a sharp corner."""
    if cosine > SHARP_COSINE:
        return 1.0 + SHARP_COST * (cosine - SHARP_COSINE)
    return 4 * cosine * cosine * sine * sine


@compiled
def corner_score(x: float, y: float, table: Floats, k: int) -> float:
    """How well a street that leaves corner k along the unit vector x, y sits there; NEVER if it leaves the block."""
    cosine_ahead, sine_ahead = table[k, 0] * x + table[k, 1] * y, table[k, 0] * y - table[k, 1] * x
    cosine_behind, sine_behind = table[k, 2] * x + table[k, 3] * y, table[k, 3] * x - table[k, 2] * y
    left, right = sine_ahead > SLIVER_SINE, sine_behind > SLIVER_SINE
    if not ((left or right) if table[k, 6] else (left and right)):
        return NEVER
    score: float = (
        ANGLE_COST * (angle_fault(cosine_ahead, sine_ahead) + angle_fault(cosine_behind, sine_behind)) + table[k, 8]
    )
    if table[k, 7]:
        score += -CROSSROADS_BONUS if x * table[k, 4] + y * table[k, 5] > THROUGH_COSINE else STAGGER_COST
    return score


@compiled
def split_number(fraction: float, sums: Floats) -> int:
    """How many of the leaves to put on a piece with this fraction of the area; ``sums`` (k + 1,) run from 0 to 1."""
    k = len(sums) - 1
    least = max(1, int(MIN_PIECE_FRACTION * k))
    number = max(least, min(k - least, int(fraction * k) - 1))
    while number > least and abs(sums[number - 1] - fraction) < abs(sums[number] - fraction):
        number -= 1
    while number < k - least and abs(sums[number + 1] - fraction) < abs(sums[number] - fraction):
        number += 1
    return number


@compiled
def shape_score(piece: float, whole: float, inner_m: float, outer_m: float, sums: Floats, strictness: float) -> float:
    """How well a cut would share out the area, and how compact its two pieces would be.

    ``piece`` and ``whole`` are twice the areas in m2 of the first piece and of the block, then come their borders in
    metres.
    """
    fraction = piece / whole
    if fraction < 0.01 or fraction > 0.99:
        return NEVER
    goal = sums[split_number(fraction, sums)]
    error: float = (fraction - goal) / min(goal, 1 - goal)
    spread = inner_m**2 / (8 * piece) + outer_m**2 / (8 * (whole - piece)) - 2
    return strictness * error * error + COMPACTNESS_COST * spread


@compiled
def judge_cuts(
    ring: Floats, degrees: Ints, onwards: Floats, sums: Floats, block_m: float, strictness: float, bearing_rad: float
) -> tuple[Floats, Ints, Ints]:
    """For each corner i of the ring (n, 2) the best partner j > i: scores, partners, leaves on piece i to j, all (n,).

    ``degrees`` (n,) streets meeting at each corner and ``onwards`` (n, 2) the direction in which the last of them
    would go on into this block; ``sums`` running shares of the leaves; ``bearing_rad`` the local direction of
    streets. A pair far worse than the best so far is not looked at closely.
    """
    n = len(ring)
    stride = (n + MAX_ENDS - 1) // MAX_ENDS
    swept, walked = running_sums(ring)
    gaps = junction_gaps(walked, degrees) / (CROWDED_FRACTION * block_m)
    table = site_table(ring, degrees, onwards, gaps, max(1, n // 40))
    east, north = np.cos(bearing_rad), np.sin(bearing_rad)
    scores, limit, partners, numbers = np.full(n, NEVER), NEVER, np.zeros(n, np.int32), np.zeros(n, np.int32)
    for i in range(0, n, stride):
        for j in range(i + 2, min(n, n + i - 1), stride):
            x, y = ring[j, 0] - ring[i, 0], ring[j, 1] - ring[i, 1]
            piece = swept[j] - swept[i] + ring[j, 0] * ring[i, 1] - ring[j, 1] * ring[i, 0]
            chord_m, inner_m = np.sqrt(x * x + y * y), walked[j] - walked[i]
            score = shape_score(piece, swept[n], inner_m + chord_m, walked[n] - inner_m + chord_m, sums, strictness)
            if score - 2 * CROSSROADS_BONUS >= min(scores[i], limit):
                continue
            x, y = x / chord_m, y / chord_m
            along, across = x * east + y * north, x * north - y * east
            score += 4 * BEARING_COST * along * along * across * across
            score += corner_score(x, y, table, i) + corner_score(-x, -y, table, j)
            if score < scores[i]:
                scores[i], partners[i], limit = score, j, min(limit, score + HOPELESS)
                numbers[i] = split_number(piece / swept[n], sums)
    return scores, partners, numbers
