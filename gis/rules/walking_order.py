"""The order in which places are walked to: short, from where the officer stands, each place once.

Nearest neighbour first, then 2-opt (a stretch walked backwards) and or-opt (up to three places moved elsewhere) while either makes
the way shorter. The way is open: nobody has to come back.
"""

from typing import Final

import numpy as np

from gis.records import Floats, Ints

MOVED_AT_MOST: Final = 3
GAIN_M: Final = 1e-6  # less is rounding


def walking_order(places_m: Floats, *, start_m: Floats) -> Ints:
    """Positions of the places in the order to walk them; `places_m` holds eastings and northings, shape (n, 2).

    Never longer than going to the nearest place left each time, which is how it begins.
    """
    if not len(places_m):
        return np.array([], dtype=np.int64)
    way = distances(np.vstack([start_m, places_m]))
    return improved(nearest_first(way), way)[1:] - 1


def distances(places_m: Floats) -> Floats:
    """Straight distances between all places: shape (n, n)."""
    apart = places_m[:, None, :] - places_m[None, :, :]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))


def length_m(order: Ints, way: Floats) -> float:
    """How long a way through places is."""
    return float(way[order[:-1], order[1:]].sum())


def nearest_first(way: Floats) -> Ints:
    """From place 0 always to the nearest place left; of two as near the one with the lower position."""
    order = [0]
    left = np.ones(len(way), dtype=bool)
    left[0] = False
    while left.any():
        order.append(int(np.where(left, way[order[-1]], np.inf).argmin()))
        left[order[-1]] = False
    return np.array(order, dtype=np.int64)


def improved(order: Ints, way: Floats) -> Ints:
    """An order that no single 2-opt or or-opt step makes shorter; the first place stays the first."""
    # A place at no distance from any other stands behind the last: so that the open end needs no case of its own.
    size = len(way)
    way = np.pad(way, (0, 1))
    path = np.append(order, size)
    while True:
        (gain, turned), (other_gain, moved) = _best_turn(path, way), _best_move(path, way)
        if max(gain, other_gain) <= GAIN_M:
            return path[:-1]
        path = turned if gain >= other_gain else moved


def _best_turn(path: Ints, way: Floats) -> tuple[float, Ints]:
    """The stretch that gains most when it is walked backwards: the gain, and the path then."""
    here, after = path[:-1], path[1:]
    step = way[here, after]
    # Steps i and j are taken out; places i+1 … j are walked backwards between them.
    gain = np.triu(step[:, None] + step[None, :] - way[np.ix_(here, here)] - way[np.ix_(after, after)], 1)
    i, j = np.unravel_index(int(gain.argmax()), gain.shape)
    turned = path.copy()
    turned[i + 1 : j + 1] = path[i + 1 : j + 1][::-1]
    return float(gain[i, j]), turned


def _best_move(path: Ints, way: Floats) -> tuple[float, Ints]:
    """The one to three places that gain most when they are moved elsewhere, either way round: the gain, and the path then."""
    best, moved = 0.0, path
    for count in range(1, min(MOVED_AT_MOST, len(path) - 2) + 1):
        gain, first, target, backwards = _best_move_of(count, path, way)
        if gain > best:
            best, moved = gain, _with_moved(path, first, count, target, backwards)
    return best, moved


def _best_move_of(count: int, path: Ints, way: Floats) -> tuple[float, int, int, bool]:
    """The best move of so many places: the gain, the first of them, the place behind which they go, whether backwards."""
    first = np.arange(1, len(path) - count)  # the last place of all stays where it is
    head, tail, before, behind = path[first], path[first + count - 1], path[first - 1], path[first + count]
    freed = way[before, head] + way[tail, behind] - way[before, behind]
    here, after = path[:-1], path[1:]
    step = way[here, after]
    onward = way[np.ix_(head, here)] + way[np.ix_(tail, after)] - step
    backward = way[np.ix_(tail, here)] + way[np.ix_(head, after)] - step
    gain = freed[:, None] - np.minimum(onward, backward)
    target = np.arange(len(here))
    gain[(target >= first[:, None] - 1) & (target < first[:, None] + count)] = -np.inf
    at, to = np.unravel_index(int(gain.argmax()), gain.shape)
    return float(gain[at, to]), int(first[at]), int(to), bool(backward[at, to] < onward[at, to])


def _with_moved(path: Ints, first: int, count: int, target: int, backwards: bool) -> Ints:
    moved = path[first : first + count]
    rest = np.delete(path, np.arange(first, first + count))
    to = target + 1 if target < first else target + 1 - count
    return np.insert(rest, to, moved[::-1] if backwards else moved)
