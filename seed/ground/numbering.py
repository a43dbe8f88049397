"""Numbering in reading order: left to right, then top to bottom, as CJ/T 349-2010 numbers grids inside a community."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seed.ground.compiled import compiled
from seed.ground.rings import Floats


def reading_order(middles: Floats) -> NDArray[np.intp]:
    """(N,) the order in which to read (N, 2) middles: rows from the north, each from the west.

    Rows are bands of equal height; a middle on the line between two bands belongs to the southern one.
    """
    return np.asarray(np.lexsort((middles[:, 0], reading_rows(middles))), dtype=np.intp)


def reading_rows(middles: Floats) -> NDArray[np.intp]:
    """(N,) the row, from 0 in the north, that each middle is read in."""
    bands = max(1, round(np.sqrt(len(middles))))
    north, height = middles[:, 1].max(), np.ptp(middles[:, 1]) / bands
    return np.asarray(np.minimum((north - middles[:, 1]) / max(height, 1e-12), bands - 1), dtype=np.intp)


@compiled
def ring_middle(corners: Floats) -> tuple[float, float]:
    """The centre of gravity of a ring's (n, 2) corners."""
    x, y, swept = 0.0, 0.0, 0.0
    for k in range(1, len(corners) - 1):
        ax, ay = corners[k, 0] - corners[0, 0], corners[k, 1] - corners[0, 1]
        bx, by = corners[k + 1, 0] - corners[0, 0], corners[k + 1, 1] - corners[0, 1]
        cross = ax * by - ay * bx
        x, y, swept = x + (ax + bx) * cross, y + (ay + by) * cross, swept + cross
    return corners[0, 0] + x / (3 * swept), corners[0, 1] + y / (3 * swept)


def ring_area(corners: Floats) -> float:
    """The area of a ring's (n, 2) corners, positive if counter-clockwise."""
    x, y = (corners - corners[0]).T
    return float(x[:-1] @ y[1:] - y[:-1] @ x[1:]) / 2
