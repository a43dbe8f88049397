"""Compiled: the nearest piece of street of places, by a way that no barrier cuts.

Pieces of street (and of barriers) are noted in the square cells of a lattice that they touch. A place looks in its own cell, then
in rings around it, until nothing beyond can be nearer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gis.rules.placing_kernels import Floats, Int32s, Int64s, Whole, compiled

NONE = -1
END_M = 0.01
"""A leg may begin and end at a barrier: what crosses by less is rounding."""


class Lattice(NamedTuple):
    """Pieces (p, 4) of lines by the cells they touch: cell c has ``piece[first[c]:first[c + 1]]``."""

    west: float
    south: float
    cell_m: float
    columns: int
    rows: int
    first: Int64s
    piece: Int32s
    pieces: Floats


@compiled
def cell_of(x: float, y: float, west: float, south: float, cell_m: float) -> tuple[int, int]:
    """Column and row of a place; below 0 or beyond the last outside of the lattice."""
    return int(np.floor((x - west) / cell_m)), int(np.floor((y - south) / cell_m))


@compiled
def along(x: float, y: float, piece: Floats) -> tuple[float, float]:
    """Where on a piece a place is nearest, from 0 to 1, and the square of how far that is."""
    dx, dy = piece[2] - piece[0], piece[3] - piece[1]
    square = dx * dx + dy * dy
    t = 0.0 if square == 0.0 else ((x - piece[0]) * dx + (y - piece[1]) * dy) / square
    if t <= 0.0:
        return 0.0, (x - piece[0]) ** 2 + (y - piece[1]) ** 2
    if t >= 1.0:
        return 1.0, (x - piece[2]) ** 2 + (y - piece[3]) ** 2
    return t, (x - piece[0] - t * dx) ** 2 + (y - piece[1] - t * dy) ** 2


@compiled
def lay_out(
    pieces: Floats, west: float, south: float, cell_m: float, columns: int, rows: int, first: Int64s, piece: Int32s
) -> None:
    """Count the cells that pieces touch into ``first``; with room in ``piece``, note them there (``first`` as it was counted)."""
    notes = len(piece) > 0
    within = (0.7072 * cell_m) ** 2
    for p in range(len(pieces)):
        x0, y0, x1, y1 = pieces[p]
        c0, r0 = cell_of(min(x0, x1), min(y0, y1), west, south, cell_m)
        c1, r1 = cell_of(max(x0, x1), max(y0, y1), west, south, cell_m)
        for row in range(max(r0, 0), min(r1, rows - 1) + 1):
            for column in range(max(c0, 0), min(c1, columns - 1) + 1):
                if along(west + (column + 0.5) * cell_m, south + (row + 0.5) * cell_m, pieces[p])[1] <= within:
                    cell = row * columns + column
                    first[cell] -= 1 if notes else -1
                    if notes:
                        piece[first[cell]] = p


@compiled
def side_of(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> float:
    """Above 0 for a place on the left of the way from a to b, below on the right."""
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@compiled
def meets(ax: float, ay: float, bx: float, by: float, piece: Floats) -> bool:
    """Whether the way from a to b touches a piece."""
    x0, y0, x1, y1 = piece
    if max(ax, bx) < min(x0, x1) or max(x0, x1) < min(ax, bx) or max(ay, by) < min(y0, y1) or max(y0, y1) < min(ay, by):
        return False
    left, right = side_of(ax, ay, bx, by, x0, y0), side_of(ax, ay, bx, by, x1, y1)
    ahead, behind = side_of(x0, y0, x1, y1, ax, ay), side_of(x0, y0, x1, y1, bx, by)
    return bool(min(left, right) <= 0.0 <= max(left, right) and min(ahead, behind) <= 0.0 <= max(ahead, behind))


@compiled
def is_cut(x: float, y: float, to_x: float, to_y: float, barriers: Lattice) -> bool:
    """Whether a barrier lies across the way from a place to its street, but for a centimetre at both ends."""
    length = np.hypot(to_x - x, to_y - y)
    if length <= 2.0 * END_M:
        return False
    ux, uy = (to_x - x) / length * END_M, (to_y - y) / length * END_M
    ax, ay, bx, by = x + ux, y + uy, to_x - ux, to_y - uy
    c0, r0 = cell_of(min(ax, bx), min(ay, by), barriers.west, barriers.south, barriers.cell_m)
    c1, r1 = cell_of(max(ax, bx), max(ay, by), barriers.west, barriers.south, barriers.cell_m)
    for row in range(max(r0, 0), min(r1, barriers.rows - 1) + 1):
        for column in range(max(c0, 0), min(c1, barriers.columns - 1) + 1):
            cell = row * barriers.columns + column
            for i in range(barriers.first[cell], barriers.first[cell + 1]):
                if meets(ax, ay, bx, by, barriers.pieces[barriers.piece[i]]):
                    return True
    return False


@compiled
def nearest_piece(x: float, y: float, streets: Lattice, reach_m: float, beyond: float, after: Whole) -> tuple[int, float, float]:
    """The nearest piece within reach that comes after one at ``beyond`` (a square) with number ``after``: its number or -1,
    where on it, and the square of how far. Of pieces as near the one with the lower number."""
    best, at, square = NONE, 0.0, reach_m * reach_m
    column, row = cell_of(x, y, streets.west, streets.south, streets.cell_m)
    inset = min(x - streets.west - column * streets.cell_m, y - streets.south - row * streets.cell_m)
    inset = max(min(inset, streets.cell_m - (x - streets.west - column * streets.cell_m),
                    streets.cell_m - (y - streets.south - row * streets.cell_m)), 0.0)  # fmt: skip
    ring = 0
    while True:
        for r in range(max(row - ring, 0), min(row + ring, streets.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if c < 0 or c >= streets.columns:
                    continue
                cell = r * streets.columns + c
                for i in range(streets.first[cell], streets.first[cell + 1]):
                    piece = streets.piece[i]
                    t, far = along(x, y, streets.pieces[piece])
                    if far < beyond or (far == beyond and piece <= after):
                        continue
                    if far < square or (far == square and (best == NONE or piece < best)):
                        best, at, square = piece, t, far
        clear = ring * streets.cell_m + inset
        if clear * clear > square:
            return best, at, square
        ring += 1


@compiled
def snap_all(places: Floats, streets: Lattice, barriers: Lattice, reach_m: float) -> tuple[Int32s, Floats, Floats]:
    """For each place its piece or -1, where on it (0 to 1), and the metres to there."""
    n = len(places)
    piece, at, leg = np.full(n, NONE, np.int32), np.zeros(n), np.zeros(n)
    for i in range(n):
        x, y = places[i]
        found, t, square = nearest_piece(x, y, streets, reach_m, -1.0, NONE)
        while found != NONE and len(barriers.pieces) > 0:
            x0, y0, x1, y1 = streets.pieces[found]
            if not is_cut(x, y, x0 + t * (x1 - x0), y0 + t * (y1 - y0), barriers):
                break
            found, t, square = nearest_piece(x, y, streets, reach_m, square, found)
        if found != NONE:
            piece[i], at[i], leg[i] = found, t, np.sqrt(square)
    return piece, at, leg
