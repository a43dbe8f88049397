"""Dividing a block into smaller and smaller ones by streets that end at vertices already there.

No street ever puts a vertex on a border that a neighbour has recorded, so the division stays an exact coverage by
itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from seed.ground.choosing import judge_cuts
from seed.ground.drawing import first_clear_street, last_resort
from seed.ground.rings import Floats, Ints

WAVES = 24
WAVE_NUMBERS = np.arange(1.0, WAVES + 1)


@dataclass(frozen=True)
class Style:
    """How streets of one level look.

    ``amplitude`` of the wiggle as a fraction of length; ``roughness``, the fall of wave sizes: 1.5 is a river, 3 an
    avenue; ``strictness`` about areas against good shape; ``tolerance_fraction``, the error of a piece's area beyond
    which another street is tried; ``spacing_m`` between vertices; ``block_m`` the side of a usual cell;
    ``bearing_rad`` the local direction of streets.
    """

    amplitude: float
    roughness: float
    strictness: float
    tolerance_fraction: float
    spacing_m: float = 60.0
    block_m: float = 240.0
    bearing_rad: float = 0.0

    def at(self, *, spacing_m: float, block_m: float, bearing_rad: float) -> Style:
        """The same style in a place with finer or coarser blocks."""
        return replace(self, spacing_m=spacing_m, block_m=block_m, bearing_rad=bearing_rad)


RIVER = Style(amplitude=0.11, roughness=1.5, strictness=40.0, tolerance_fraction=0.06)
ARTERY = Style(amplitude=0.04, roughness=1.8, strictness=10.0, tolerance_fraction=0.15)
STREET = Style(amplitude=0.01, roughness=2.0, strictness=1.5, tolerance_fraction=1.0)


class Pool:
    """All vertices so far, metres; at each the number of lines that meet there and where the last would go on."""

    def __init__(self, vertices: Floats, rings: list[Ints]) -> None:
        self.count = len(vertices)
        self.places = vertices.copy()
        self.degrees = _degrees(len(vertices), rings)
        self.onwards = np.zeros((len(vertices), 2))

    @property
    def vertices(self) -> Floats:
        """(V, 2) the vertices in use."""
        return self.places[: self.count]

    def add_street(self, start: int, line: Floats, end: int) -> Ints:
        """Join two vertices by a line of (m, 2) points, both ends included; the numbers of the m - 2 new ones."""
        numbers = np.arange(self.count, self.count + len(line) - 2, dtype=np.int32)
        self._grow_to(self.count + len(numbers))
        self.places[numbers] = line[1:-1]
        self.degrees[numbers] = 2
        self.degrees[start] += 1
        self.degrees[end] += 1
        self.onwards[start] = _unit(line[0] - line[1])
        self.onwards[end] = _unit(line[-1] - line[-2])
        return numbers

    def _grow_to(self, count: int) -> None:
        self.count = count
        if count > len(self.places):
            more = 2 * count - len(self.places)
            self.places = np.vstack([self.places, np.zeros((more, 2))])
            self.onwards = np.vstack([self.onwards, np.zeros((more, 2))])
            self.degrees = np.append(self.degrees, np.zeros(more, np.int32))


def _degrees(count: int, rings: list[Ints]) -> Ints:
    """(count,) borders that meet at each vertex. An outer border is one line although only one ring has it."""
    tails = np.concatenate(rings)
    heads = np.concatenate([np.roll(ring, -1) for ring in rings])
    edges = np.unique(np.column_stack([np.minimum(tails, heads), np.maximum(tails, heads)]), axis=0)
    return np.bincount(edges.ravel(), minlength=count).astype(np.int32)


def divide(pool: Pool, ring: Ints, shares: Floats, *, style: Style, rng: np.random.Generator) -> list[Ints]:
    """Cut a ring into as many rings as there are ``shares``, each with about its share of the area, in that order."""
    leaves: list[Ints] = [ring] * len(shares)
    waiting = [(ring, 0, len(shares))]
    while waiting:
        block, first, last = waiting.pop()
        if last - first == 1:
            leaves[first] = block
            continue
        inner, outer, number = _cut(pool, block, shares[first:last], style=style, rng=rng)
        waiting += [(outer, first + number, last), (inner, first, first + number)]
    return leaves


def _cut(pool: Pool, ring: Ints, shares: Floats, *, style: Style, rng: np.random.Generator) -> tuple[Ints, Ints, int]:
    """Two rings in place of one, and how many of the leaves go to the first."""
    origin = pool.places[ring[0]]
    corners = pool.places[ring] - origin
    sums = np.append(0.0, np.cumsum(shares))
    sums /= sums[-1]
    i, j, number, line = _find_street(pool, ring, corners, sums, style=style, rng=rng)
    street = pool.add_street(int(ring[i]), line + origin, int(ring[j]))
    first = np.concatenate([ring[i : j + 1], street[::-1]])
    second = np.concatenate([ring[j:], ring[: i + 1], street])
    return first, second, number


def _find_street(
    pool: Pool, ring: Ints, corners: Floats, sums: Floats, *, style: Style, rng: np.random.Generator
) -> tuple[int, int, int, Floats]:
    """The street that divides a block best: corners i < j on the ring, leaves on the piece i to j, its points."""
    onwards, waves = pool.onwards[ring], _waves(style.roughness, rng=rng)
    scores, partners, numbers = judge_cuts(
        corners, pool.degrees[ring], onwards, sums, style.block_m, style.strictness, style.bearing_rad
    )
    i, line = first_clear_street(
        corners,
        scores,
        partners,
        sums[numbers],
        style.tolerance_fraction,
        onwards,
        waves,
        style.amplitude,
        style.spacing_m,
    )
    if i >= 0:
        return i, int(partners[i]), int(numbers[i]), line
    middle = len(sums) // 2
    first, second, line = last_resort(corners, sums[middle])
    return first, second, middle, line


def _waves(roughness: float, *, rng: np.random.Generator) -> Floats:
    """(WAVES,) sizes of the sine waves of a wiggle that takes as much ground left of its chord as right of it."""
    waves = rng.standard_normal(WAVES) * WAVE_NUMBERS**-roughness
    # Over half periods only the odd waves enclose ground, each 1 / its number of what the first one does.
    waves[0] = -(waves[2::2] / WAVE_NUMBERS[2::2]).sum()
    return waves


def _unit(way: Floats) -> Floats:
    return way / math.hypot(way[0], way[1])
