"""Compiled look-ups in a placing raster: which grid does a point lie in?

Coordinates are integers of 1e-9 degree (0.1 mm). One raster cell holds

* ``>= 0``   the grid that covers the whole cell,
* ``-1``     no grid anywhere in the cell,
* ``<= -2``  a border cell; ``-2 - value`` is where its notes begin in ``notes``.

The notes of a border cell are 64-bit words. For every candidate grid, first in order first:

    grid << 32 | sides << 1 | parity      the head, then ``sides`` times
    k                                     a side, as the half-plane  dx*y - dy*x > k  in
    dx << 32 | dy                         cell coordinates, that counts for points with
    from_y << 32 | to_y                   from_y <= y < to_y (dy >= 0)

A head without sides ends the list: its grid is the one that remains, or -1. After a -1 come the rim sides (count, then three
words each: grid, first corner, last corner), because a point that lies on the very edge of the city still belongs to it.

A side counts as a crossing of the ray that runs east from the point. Only sides that touch the cell are noted: a side that leaves
the cell is followed along its line to the end of the row, and all that happens further east is one constant bit, the parity.
The products stay exact: a side is at most 2 degrees long and touches the cell, so |dx*y - dy*x - k| < 2**31 * (width + height).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

UNITS_PER_DEGREE = 1e9
OUTSIDE = -1
SIDE_WORDS = 3
X0, Y0, WIDTH, HEIGHT, COLUMNS, ROWS = range(6)
"""Positions in ``frame``: south-west corner and cell size in 1e-9 degree, raster size in cells."""

_BLOCK = 1024
_LOW = 0xFFFFFFFF

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile on first use and keep the machine code on disk; runs without the interpreter lock."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile into its callers: for the few lines at the bottom of a hot loop."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))


@compiled
def low_word(pair: int) -> int:
    """The signed 32-bit number in the low half of a note."""
    return (pair << 32) >> 32


@compiled
def lies_on(notes: Int64s, at: int, x: int, y: int) -> bool:
    """Whether the rim side noted at ``at`` passes exactly through (x, y), its corners included."""
    ax, ay = notes[at + 1] >> 32, low_word(notes[at + 1])
    bx, by = notes[at + 2] >> 32, low_word(notes[at + 2])
    if y < ay or y > by or x < min(ax, bx) or x > max(ax, bx):
        return False
    return (bx - ax) * (y - ay) == (by - ay) * (x - ax)


@compiled
def rim_grid(notes: Int64s, at: int, x: int, y: int) -> int:
    """The first grid with a rim side through (x, y), or -1."""
    for side in range(notes[at]):
        here = at + 1 + SIDE_WORDS * side
        if lies_on(notes, here, x, y):
            return int(notes[here])
    return OUTSIDE


@compiled
def settle(notes: Int64s, at: int, x: int, y: int) -> int:
    """The grid at (x, y) of a border cell, in cell coordinates; its notes begin at ``at``."""
    while True:
        head = notes[at]
        end = at + 1 + SIDE_WORDS * ((head & _LOW) >> 1)
        at += 1
        if at == end:
            grid = head >> 32
            return grid if grid >= 0 else rim_grid(notes, at, x, y)
        crossings = head
        while at < end:
            slope, span = notes[at + 1], notes[at + 2]
            crossed = (slope >> 32) * y - low_word(slope) * x > notes[at]
            crossings ^= crossed & (y >= (span >> 32)) & (y < low_word(span))
            at += SIDE_WORDS
        if crossings & 1:
            return head >> 32


@compiled
def place_point(lon: float, lat: float, cells: Int32s, notes: Int64s, frame: Int64s) -> int:
    """The grid at one place in degrees, -1 outside, -2 when the place is not a number."""
    fx = np.rint(lon * UNITS_PER_DEGREE) - frame[X0]
    fy = np.rint(lat * UNITS_PER_DEGREE) - frame[Y0]
    if not (abs(lon) < np.inf and abs(lat) < np.inf):
        return -2
    if fx < 0 or fy < 0 or fx >= frame[WIDTH] * frame[COLUMNS] or fy >= frame[HEIGHT] * frame[ROWS]:
        return OUTSIDE
    x, y = np.int64(fx), np.int64(fy)
    column, row = x // frame[WIDTH], y // frame[HEIGHT]
    value = cells[row * frame[COLUMNS] + column]
    if value >= OUTSIDE:
        return int(value)
    return settle(notes, -2 - value, x - column * frame[WIDTH], y - row * frame[HEIGHT])


@compiled
def find_cells(lon: Floats, lat: Floats, frame: Int64s, cell: Int64s, xs: Int64s, ys: Int64s) -> bool:
    """Fill in each point's raster cell and its place in that cell; False when some point is not a number.

    No branches, so that the compiler may work on several points at once. Points off the raster get the spare last cell. A
    product with the inverse may be one cell off: the place in the cell tells, and is put right.
    """
    x0, y0, width, height = frame[X0], frame[Y0], frame[WIDTH], frame[HEIGHT]
    columns, spare = frame[COLUMNS], frame[COLUMNS] * frame[ROWS]
    east, north = np.float64(width * columns), np.float64(height * frame[ROWS])
    per_width, per_height = 1.0 / width, 1.0 / height
    strange = 0
    for i in range(lon.size):
        strange |= not (abs(lon[i]) < np.inf and abs(lat[i]) < np.inf)
        fx = np.rint(lon[i] * UNITS_PER_DEGREE) - x0
        fy = np.rint(lat[i] * UNITS_PER_DEGREE) - y0
        known = (fx >= 0.0) & (fx < east) & (fy >= 0.0) & (fy < north)
        x, y = np.int64(fx if known else 0.0), np.int64(fy if known else 0.0)
        column, row = np.int64(x * per_width), np.int64(y * per_height)
        x, y = x - column * width, y - row * height
        step_x = np.int64(x >= width) - np.int64(x < 0)
        step_y = np.int64(y >= height) - np.int64(y < 0)
        xs[i], ys[i] = x - step_x * width, y - step_y * height
        cell[i] = (row + step_y) * columns + column + step_x if known else spare
    return strange == 0


@compiled
def place_points(lon: Floats, lat: Floats, out: Int32s, cells: Int32s, notes: Int64s, frame: Int64s) -> bool:
    """Write each point's grid into ``out`` (-1 outside); False, with ``out`` unfinished, when some point is not a number.

    Works in blocks and in three sweeps, so that the memory look-ups of many points are under way together: find the cells,
    read them, then settle the border cells (their heads are read ahead for the same reason).
    """
    cell, xs, ys = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64)
    open_points = np.empty(_BLOCK + 1, np.int64)
    for start in range(0, lon.size, _BLOCK):
        stop = min(start + _BLOCK, lon.size)
        if not find_cells(lon[start:stop], lat[start:stop], frame, cell, xs, ys):
            return False
        for i in range(stop - start):
            out[start + i] = cells[cell[i]]
        n_open = 0
        for i in range(stop - start):
            open_points[n_open] = i
            n_open += out[start + i] < OUTSIDE
        ahead = np.int64(0)
        for j in range(n_open):
            ahead ^= notes[-2 - out[start + open_points[j]]]
        open_points[_BLOCK] = ahead
        for j in range(n_open):
            i = open_points[j]
            out[start + i] = settle(notes, -2 - out[start + i], xs[i], ys[i])
    return True
