"""Compiled geometry of sides and raster cells, exact in integers: what a side touches, and how it is noted in a cell.

A side is a row ``ax, ay, bx, by`` of integers of 1e-9 degree with ``ay <= by``, and ``ax < bx`` where it is level. A
cell is touched by a side when they have a point in common, the cell's own border included: then a side that does not
touch a cell passes every point of the cell's row wholly to its east or wholly to its west, which is what the parity of
the notes rests on.
"""

from __future__ import annotations

import numpy as np

from gis.rules.placing_kernels import COLUMNS, HEIGHT, ROWS, WIDTH, X0, Y0, Bytes, Int64s, compiled

_MIX = (-7046029254386353131, -4417276706812531889, 1609587929392839161, -8796714831421723037)


@compiled
def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


@compiled
def rows_touched(ay: int, by: int, frame: Int64s) -> tuple[int, int]:
    """First and last row that the heights ay..by touch."""
    first = ceil_div(ay - frame[Y0], frame[HEIGHT]) - 1
    return max(first, 0), min((by - frame[Y0]) // frame[HEIGHT], frame[ROWS] - 1)


@compiled
def columns_touched(ax: int, bx: int, frame: Int64s) -> tuple[int, int]:
    """First and last column that the widths ax..bx touch."""
    first = ceil_div(ax - frame[X0], frame[WIDTH]) - 1
    return max(first, 0), min((bx - frame[X0]) // frame[WIDTH], frame[COLUMNS] - 1)


@compiled
def columns_in_row(side: Int64s, row: int, frame: Int64s) -> tuple[int, int]:
    """First and last column of ``row`` that the side touches; exact, by rounding both ends inwards."""
    ax, ay, bx, by = side[0], side[1], side[2], side[3]
    if ay == by:
        return columns_touched(ax, bx, frame)
    south = frame[Y0] + row * frame[HEIGHT]
    dx, dy = bx - ax, by - ay
    low = dx * (max(ay, south) - ay)
    high = dx * (min(by, south + frame[HEIGHT]) - ay)
    if dx < 0:
        low, high = high, low
    return columns_touched(ax + ceil_div(low, dy), ax + high // dy, frame)


@compiled
def corners_west_of(side: Int64s, y: int, frame: Int64s) -> int:
    """How many columns begin strictly west of the point where the side crosses height y."""
    dx, dy = side[2] - side[0], side[3] - side[1]
    run = dx * (y - side[1])
    return ceil_div(side[0] + ceil_div(run, dy) - frame[X0], frame[WIDTH])


@compiled
def side_note(side: Int64s, row: int, column: int, frame: Int64s) -> tuple[int, int, int, int, int]:
    """(from_y, to_y, dx, dy, k) of a side in a cell that it touches; from_y >= to_y when it never counts.

    A corner ends the side's heights only if it lies in the cell. Beyond a corner in the same row outside the cell the
    side may be followed along its line: that leads away from the cell, and the sides which really follow stay on the
    same flank of it. A level side is no crossing, but where it leaves the cell to the east, the flank changes at its
    height.
    """
    width, height = frame[WIDTH], frame[HEIGHT]
    ax, ay = side[0] - frame[X0] - column * width, side[1] - frame[Y0] - row * height
    bx, by = side[2] - frame[X0] - column * width, side[3] - frame[Y0] - row * height
    if ay == by:
        leaves = (ax > width) != (bx > width)
        return max(ay, 0), height if leaves else 0, 0, 0, -1
    from_y = ay if 0 <= ax <= width and ay >= 0 else 0
    to_y = by if 0 <= bx <= width and by <= height else height
    dx, dy = bx - ax, by - ay
    return from_y, to_y, dx, dy, dx * ay - dy * ax


@compiled
def lonely_sides(sides: Int64s, eastward: Bytes) -> Bytes:
    """1 for each side that has no partner: a partner is the one other side with the same corners, run the other way."""
    size = 16
    while size < 2 * sides.shape[0]:
        size *= 2
    table = np.full(size, -1, np.int32)
    partner = np.full(sides.shape[0], -1, np.int32)
    lonely = np.ones(sides.shape[0], np.uint8)
    for i in range(sides.shape[0]):
        mixed = sides[i, 0] * _MIX[0] ^ sides[i, 1] * _MIX[1] ^ sides[i, 2] * _MIX[2] ^ sides[i, 3] * _MIX[3]
        mixed = (mixed ^ (mixed >> 32)) * _MIX[0]
        slot = (mixed ^ (mixed >> 29)) & (size - 1)
        while table[slot] >= 0 and np.any(sides[table[slot]] != sides[i]):
            slot = (slot + 1) & (size - 1)
        first = table[slot]
        if first < 0:
            table[slot] = i
        elif partner[first] < 0:
            partner[first] = i
            lonely[first] = lonely[i] = eastward[first] == eastward[i]
        else:
            lonely[first] = lonely[partner[first]] = 1
    return lonely
