"""Compiled look-ups in a placing raster: which grid does a point lie in?

Coordinates are integers of 1e-9 degree (0.1 mm). A raster cell has one number:

* ``>= 0``   the grid that covers the whole cell,
* ``-1``     no grid anywhere in the cell,
* ``<= -2``  a border cell; ``-2 - number`` is where its notes begin in ``notes``.

``cells`` begins with one number per tile of 4 x 4 cells, row by row from the south-west, and one spare tile for all
that is outside. It is the number of all its cells, if they have the same; otherwise ``-2 - number`` is where its 16
cells begin in ``cells``. Most of a city is such even tiles, so that what is looked at most stays in the processor's
nearest memory.

The notes of a border cell are 64-bit words. For every candidate grid, first in order first:

    grid << 32 | sides << 1 | parity      the head, then ``sides`` times
    k                                     a side, as the half-plane  dx*y - dy*x > k  in
    dx << 32 | dy                         cell coordinates, that counts for points with
    from_y << 32 | to_y                   from_y <= y < to_y (dy >= 0)

A head without sides ends the list: its grid is the one that remains, or -1. After a -1 come the rim sides (count, then
three words each: grid, first corner, last corner), because a point that lies on the very edge of the city still belongs
to it.

A side counts as a crossing of the ray that runs east from the point. Only sides that touch the cell are noted: a side
that leaves the cell is followed along its line to the end of the row, and all that happens further east is one constant
bit, the parity. The products stay exact: a side is at most 2 degrees long and touches the cell, so |dx*y - dy*x - k| <
2**31 * (width + height).
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
TILE_BITS = 2
TILE = 1 << TILE_BITS
X0, Y0, WIDTH, HEIGHT, COLUMNS, ROWS = range(6)
"""Positions in ``frame``: south-west corner and cell size in 1e-9 degree, raster size in cells."""

_BLOCK = 1024
_LOW = 0xFFFFFFFF

Bytes = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Whole = int | np.int64
F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile on first use and keep the machine code on disk; runs without the interpreter lock."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@compiled
def low_word(pair: int) -> int:
    """The signed 32-bit number in the low half of a note."""
    return (pair << 32) >> 32


@compiled
def lies_on(notes: Int64s, at: Whole, x: Whole, y: Whole) -> bool:
    """Whether the rim side noted at ``at`` passes exactly through (x, y), its corners included."""
    ax, ay = notes[at + 1] >> 32, low_word(notes[at + 1])
    bx, by = notes[at + 2] >> 32, low_word(notes[at + 2])
    if y < ay or y > by or x < min(ax, bx) or x > max(ax, bx):
        return False
    return bool((bx - ax) * (y - ay) == (by - ay) * (x - ax))


@compiled
def rim_grid(notes: Int64s, at: Whole, x: Whole, y: Whole) -> int:
    """The first grid with a rim side through (x, y), or -1."""
    for side in range(notes[at]):
        here = at + 1 + SIDE_WORDS * side
        if lies_on(notes, here, x, y):
            return int(notes[here])
    return OUTSIDE


@compiled
def last_word(notes: Int64s, at: Whole, x: Whole, y: Whole) -> int:
    """The grid that remains when no candidate of a border cell has the point; ``at`` is behind the end of its list."""
    grid = notes[at - 1] >> 32
    return grid if grid >= 0 else rim_grid(notes, at, x, y)


@compiled
def settle(notes: Int64s, at: Whole, x: Whole, y: Whole) -> int:
    """The grid at (x, y) of a border cell, in cell coordinates; its notes begin at ``at``."""
    while True:
        head = notes[at]
        end = at + 1 + SIDE_WORDS * ((head & _LOW) >> 1)
        at += 1
        if at == end:
            return last_word(notes, at, x, y)
        crossings = head
        while at < end:
            slope, span = notes[at + 1], notes[at + 2]
            crossed = (slope >> 32) * y - low_word(slope) * x > notes[at]
            crossings ^= crossed & (y >= (span >> 32)) & (y < low_word(span))
            at += SIDE_WORDS
        ending = notes[at]
        if (ending & _LOW) == 0 and ending >= 0:
            # Two grids meet here, as in nearly every border cell: choosing without a branch is what makes it fast.
            return int((head if crossings & 1 else ending) >> 32)
        if crossings & 1:
            return int(head >> 32)


@compiled
def tile_and_cell(column: int, row: int, frame: Int64s) -> tuple[int, int]:
    """Position of a cell's tile among the tiles, and of the cell in its tile."""
    tile_columns = (frame[COLUMNS] + TILE - 1) // TILE
    return (row // TILE) * tile_columns + column // TILE, (row % TILE) * TILE + column % TILE


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
    tile, cell = tile_and_cell(column, row, frame)
    value = cells[tile]
    if value < OUTSIDE:
        value = cells[-2 - value + cell]
    if value >= OUTSIDE:
        return int(value)
    return settle(notes, -2 - value, x - column * frame[WIDTH], y - row * frame[HEIGHT])


@compiled
def along_axis(degrees: Floats, start: int, width: int, count: int, number: Int32s, offset: Int32s) -> bool:
    """Fill in each point's column (or row), -1 off the raster, and its place in it; False when some number is not
    finite.

    In floating point, where all these whole numbers are exact, and without branches, so that the compiler works on
    several points at once. A product with the inverse may be one column off: the place in the column tells, and is put
    right.
    """
    first, step, end = float(start), float(width), float(width * count)
    per_step = 1.0 / step
    strange = False
    for i in range(degrees.size):
        strange |= not abs(degrees[i]) < np.inf
        x = np.rint(degrees[i] * UNITS_PER_DEGREE) - first
        known = (x >= 0.0) & (x < end)
        x = x if known else 0.0
        column = np.floor(x * per_step)
        x -= column * step
        miss = (1.0 if x >= step else 0.0) - (1.0 if x < 0.0 else 0.0)
        number[i] = np.int32(column + miss if known else -1.0)
        offset[i] = np.int32(x - miss * step)
    return not strange


@compiled
def to_tiles(column: Int32s, row: Int32s, frame: Int64s) -> None:
    """Turn columns into tiles and rows into cells of the tiles, in place; points off the raster get the spare tile."""
    tile_columns = np.int32((frame[COLUMNS] + TILE - 1) // TILE)
    spare = np.int32(tile_columns * ((frame[ROWS] + TILE - 1) // TILE))
    for i in range(column.size):
        c, r = column[i], row[i]
        known = (c >= 0) & (r >= 0)
        column[i] = (r >> TILE_BITS) * tile_columns + (c >> TILE_BITS) if known else spare
        row[i] = ((r & (TILE - 1)) << TILE_BITS) + (c & (TILE - 1)) if known else 0


@compiled
def place_points(lon: Floats, lat: Floats, out: Int32s, cells: Int32s, notes: Int64s, frame: Int64s) -> bool:
    """Write each point's grid into ``out`` (-1 outside); False, with ``out`` unfinished, when some point is not a
    number.

    Works in blocks and in short sweeps, so that the memory look-ups of many points are under way together: find the
    cells, read them, list the border cells, read their heads ahead, settle them.
    """
    tile, cell = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32)
    xs, ys = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32)
    border = np.empty(_BLOCK + 1, np.int32)
    for start in range(0, lon.size, _BLOCK):
        stop = min(start + _BLOCK, lon.size)
        finite = along_axis(lon[start:stop], frame[X0], frame[WIDTH], frame[COLUMNS], tile, xs)
        if not (along_axis(lat[start:stop], frame[Y0], frame[HEIGHT], frame[ROWS], cell, ys) and finite):
            return False
        to_tiles(tile[: stop - start], cell[: stop - start], frame)
        here = out[start:stop]
        for i in range(stop - start):
            value = np.int64(cells[tile[i]])
            # An even tile is read twice: cheaper than a branch.
            uneven = np.int64(value < OUTSIDE)
            here[i] = cells[tile[i] + uneven * (cell[i] - 2 - value - tile[i])]
        n_border = 0
        for i in range(stop - start):
            border[n_border] = i
            n_border += here[i] < OUTSIDE
        ahead = np.int64(0)
        for j in range(n_border):
            ahead ^= notes[-2 - here[border[j]]]
        border[_BLOCK] = np.int32(ahead)
        for j in range(n_border):
            i = border[j]
            here[i] = settle(notes, -2 - np.int64(here[i]), np.int64(xs[i]), np.int64(ys[i]))
    return True
