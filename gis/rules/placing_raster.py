"""Compiled building of a placing raster: from sides of polygons to cells and notes (see placing_kernels for their
meaning).

Two walks over the polygons, in order: the first counts what every cell will need, the second writes it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gis.rules.placing_kernels import (
    COLUMNS,
    HEIGHT,
    OUTSIDE,
    ROWS,
    SIDE_WORDS,
    TILE,
    WIDTH,
    X0,
    Y0,
    Bytes,
    Int32s,
    Int64s,
    compiled,
    tile_and_cell,
)
from gis.rules.placing_sides import columns_in_row, columns_touched, corners_west_of, rows_touched, side_note


class Ledger(NamedTuple):
    """What is known of every raster cell while the raster is built; flat arrays, one entry per cell."""

    cover: Int32s
    """First grid that covers the whole cell; -1 none."""
    words: Int64s
    """Words that its candidates' notes need; later the place where the next note goes."""
    largest: Int32s
    """Most sides that one candidate has in the cell."""
    depth: Bytes
    """Grids over the cell's south-west corner, at most 2."""
    rim: Int32s
    """Sides without a partner that touch the cell."""


class Window(NamedTuple):
    """The cells around one polygon; arrays of rows * columns (``flips``: rows * (columns + 1)), used again for the
    next."""

    sides: Int32s
    """Noted sides of the polygon per cell, -1 where none touches."""
    flips: Bytes
    """1 in (row, c): whether the polygon holds a cell's south-west corner changes for all columns west of c."""
    at: Int64s
    """Where the notes of the polygon begin; -1 none."""


@compiled
def window_of(sides: Int64s, frame: Int64s) -> tuple[int, int, int, int]:
    """First row, number of rows, first column and number of columns that a polygon's sides touch."""
    west, east = min(sides[:, 0].min(), sides[:, 2].min()), max(sides[:, 0].max(), sides[:, 2].max())
    top, bottom = rows_touched(sides[:, 1].min(), sides[:, 3].max(), frame)
    left, right = columns_touched(west, east, frame)
    return top, bottom - top + 1, left, right - left + 1


@compiled
def survey(sides: Int64s, frame: Int64s, place: tuple[int, int, int, int], window: Window) -> None:
    """Count the noted sides of one polygon in each cell of its window, and turn ``flips`` into 1 where it holds the
    corner."""
    row0, n_rows, column0, n_columns = place
    window.sides[: n_rows * n_columns] = -1
    window.flips[: n_rows * (n_columns + 1)] = 0
    for i in range(sides.shape[0]):
        side = sides[i]
        first, last = rows_touched(side[1], side[3], frame)
        for row in range(first, last + 1):
            left, right = columns_in_row(side, row, frame)
            base = (row - row0) * n_columns - column0
            for column in range(left, right + 1):
                from_y, to_y, _, _, _ = side_note(side, row, column, frame)
                window.sides[base + column] = max(window.sides[base + column], 0) + (from_y < to_y)
            south = frame[Y0] + row * frame[HEIGHT]
            if side[1] <= south < side[3]:
                window.flips[(row - row0) * (n_columns + 1) + corners_west_of(side, south, frame) - column0] ^= 1
    for row in range(n_rows):
        base = row * (n_columns + 1)
        for column in range(n_columns, 0, -1):
            window.flips[base + column - 1] ^= window.flips[base + column]


@compiled
def enter(grid: int, frame: Int64s, place: tuple[int, int, int, int], window: Window, ledger: Ledger) -> None:
    """Book a surveyed polygon into the ledger: cells it covers, words its notes need where it is a candidate."""
    row0, n_rows, column0, n_columns = place
    for row in range(n_rows):
        for column in range(n_columns):
            cell = (row0 + row) * frame[COLUMNS] + column0 + column
            n_sides = window.sides[row * n_columns + column]
            holds = window.flips[row * (n_columns + 1) + column + 1]
            ledger.depth[cell] = min(ledger.depth[cell] + holds, 2)
            if ledger.cover[cell] != OUTSIDE:
                continue
            if n_sides > 0:
                ledger.words[cell] += 1 + SIDE_WORDS * n_sides
                ledger.largest[cell] = max(ledger.largest[cell], n_sides)
            elif holds:
                ledger.cover[cell] = grid


@compiled
def count_rim(sides: Int64s, lonely: Bytes, frame: Int64s, ledger: Ledger) -> None:
    """Count the sides without a partner in every cell that they touch."""
    for i in range(sides.shape[0]):
        if lonely[i]:
            first, last = rows_touched(sides[i, 1], sides[i, 3], frame)
            for row in range(first, last + 1):
                left, right = columns_in_row(sides[i], row, frame)
                for column in range(left, right + 1):
                    ledger.rim[row * frame[COLUMNS] + column] += 1


@compiled
def lay_out(cells: Int32s, ledger: Ledger) -> int:
    """Give every cell its value and its room in the notes; returns the words needed in all.

    Where no lone side touches the cell, the number of grids over a point is the same all over the cell. If it is one,
    the candidate with the most sides needs no test: it is what remains. ``largest`` stays above 0 only there (-1 once
    it is found).
    """
    total = np.int64(0)
    for cell in range(ledger.words.size):
        tight = ledger.rim[cell] == 0 and ledger.depth[cell] == 1
        covered = ledger.cover[cell] != OUTSIDE
        words = ledger.words[cell]
        if (words == 0 and (covered or ledger.rim[cell] == 0)) or (tight and covered):
            cells[cell] = ledger.cover[cell]
            ledger.words[cell] = -1
            continue
        if not tight:
            ledger.largest[cell] = 0
        cells[cell] = -2 - total
        ledger.words[cell] = total
        total += words - SIDE_WORDS * ledger.largest[cell]
        if not tight:
            total += 1 if covered else 2 + SIDE_WORDS * ledger.rim[cell]
        if total > 2**31 - 4:
            return -1
    return int(total)


@compiled
def open_lists(
    grid: int, frame: Int64s, place: tuple[int, int, int, int], window: Window, ledger: Ledger, notes: Int64s
) -> None:
    """Write the polygon's heads, with the parity at the cell's corner, where it is a candidate; ``at`` tells where."""
    row0, n_rows, column0, n_columns = place
    for row in range(n_rows):
        for column in range(n_columns):
            cell = (row0 + row) * frame[COLUMNS] + column0 + column
            here = row * n_columns + column
            n_sides, start = np.int64(window.sides[here]), ledger.words[cell]
            window.at[here] = -1
            covered_before = ledger.largest[cell] == 0 and 0 <= ledger.cover[cell] < grid
            if n_sides <= 0 or start < 0 or covered_before:
                continue
            if n_sides == ledger.largest[cell]:
                ledger.largest[cell] = -1
                ledger.cover[cell] = grid
                continue
            notes[start] = grid << 32 | n_sides << 1 | window.flips[row * (n_columns + 1) + column + 1]
            window.at[here] = start
            ledger.words[cell] = start + 1 + SIDE_WORDS * n_sides


@compiled
def fill_lists(sides: Int64s, frame: Int64s, place: tuple[int, int, int, int], window: Window, notes: Int64s) -> None:
    """Write the polygon's sides behind its heads, and take those that the cell's corner sees to its east out of the
    parity."""
    row0, _, column0, n_columns = place
    for i in range(sides.shape[0]):
        first, last = rows_touched(sides[i, 1], sides[i, 3], frame)
        for row in range(first, last + 1):
            left, right = columns_in_row(sides[i], row, frame)
            for column in range(left, right + 1):
                here = (row - row0) * n_columns + column - column0
                head = window.at[here]
                from_y, to_y, dx, dy, k = side_note(sides[i], row, column, frame)
                if head < 0 or from_y >= to_y:
                    continue
                window.sides[here] -= 1
                word = head + 1 + SIDE_WORDS * window.sides[here]
                notes[word] = k
                notes[word + 1] = dx << 32 | dy
                notes[word + 2] = from_y << 32 | to_y
                notes[head] ^= (from_y == 0) & (k < 0)


@compiled
def close_lists(ledger: Ledger, notes: Int64s) -> None:
    """End every border cell's list with the grid that remains."""
    for cell in range(ledger.words.size):
        if ledger.words[cell] >= 0:
            notes[ledger.words[cell]] = np.int64(ledger.cover[cell]) << 32
            ledger.words[cell] += 1
            if ledger.cover[cell] == OUTSIDE:
                notes[ledger.words[cell]] = 0


@compiled
def note_rim(grid: int, sides: Int64s, lonely: Bytes, frame: Int64s, ledger: Ledger, notes: Int64s) -> None:
    """Write the polygon's sides without a partner behind the lists of the cells that end outside."""
    for i in range(sides.shape[0]):
        if not lonely[i]:
            continue
        first, last = rows_touched(sides[i, 1], sides[i, 3], frame)
        for row in range(first, last + 1):
            left, right = columns_in_row(sides[i], row, frame)
            for column in range(left, right + 1):
                cell = row * frame[COLUMNS] + column
                count_at = ledger.words[cell]
                if count_at < 0 or ledger.cover[cell] != OUTSIDE:
                    continue
                word = count_at + 1 + SIDE_WORDS * notes[count_at]
                west, south = frame[X0] + column * frame[WIDTH], frame[Y0] + row * frame[HEIGHT]
                notes[word] = grid
                notes[word + 1] = (sides[i, 0] - west) << 32 | ((sides[i, 1] - south) & 0xFFFFFFFF)
                notes[word + 2] = (sides[i, 2] - west) << 32 | ((sides[i, 3] - south) & 0xFFFFFFFF)
                notes[count_at] += 1


@compiled
def pack_tiles(raster: Int32s, frame: Int64s) -> Int32s:
    """The numbers of all cells, row by row, packed into tiles; cells that a tile has beyond the raster are outside."""
    columns, rows = frame[COLUMNS], frame[ROWS]
    n_tiles = ((columns + TILE - 1) // TILE) * ((rows + TILE - 1) // TILE) + 1
    spread = np.full((n_tiles, TILE * TILE), OUTSIDE, np.int32)
    for row in range(rows):
        for column in range(columns):
            tile, cell = tile_and_cell(column, row, frame)
            spread[tile, cell] = raster[row * columns + column]
    end = n_tiles
    for tile in range(n_tiles):
        if np.any(spread[tile] != spread[tile, 0]):
            end += TILE * TILE
    cells = np.empty(end, np.int32)
    end = n_tiles
    for tile in range(n_tiles):
        cells[tile] = spread[tile, 0]
        if np.any(spread[tile] != spread[tile, 0]):
            cells[tile] = -2 - end
            cells[end : end + TILE * TILE] = spread[tile]
            end += TILE * TILE
    return cells


@compiled
def widest_window(sides: Int64s, starts: Int64s, frame: Int64s) -> int:
    """Cells, with one spare column, of the largest window of any polygon."""
    most = 1
    for grid in range(starts.size - 1):
        if starts[grid] < starts[grid + 1]:
            _, n_rows, _, n_columns = window_of(sides[starts[grid] : starts[grid + 1]], frame)
            most = max(most, n_rows * (n_columns + 1))
    return most


@compiled
def rasterise(sides: Int64s, starts: Int64s, lonely: Bytes, frame: Int64s) -> tuple[Int32s, Int64s]:
    """Cells and notes of all polygons; polygon i has the sides starts[i]:starts[i + 1]. Empty cells: the notes outgrew
    2**31."""
    n_cells = frame[COLUMNS] * frame[ROWS]
    raster = np.full(n_cells, OUTSIDE, np.int32)
    ledger = Ledger(
        np.full(n_cells, OUTSIDE, np.int32),
        np.zeros(n_cells, np.int64),
        np.zeros(n_cells, np.int32),
        np.zeros(n_cells, np.uint8),
        np.zeros(n_cells, np.int32),
    )
    most = widest_window(sides, starts, frame)
    window = Window(np.empty(most, np.int32), np.empty(most, np.uint8), np.empty(most, np.int64))
    count_rim(sides, lonely, frame, ledger)
    for grid in range(starts.size - 1):
        own = sides[starts[grid] : starts[grid + 1]]
        if own.shape[0]:
            place = window_of(own, frame)
            survey(own, frame, place, window)
            enter(grid, frame, place, window, ledger)
    total = lay_out(raster, ledger)
    if total < 0:
        return raster[:0], np.empty(0, np.int64)
    notes = np.empty(max(total, 1), np.int64)
    for grid in range(starts.size - 1):
        own = sides[starts[grid] : starts[grid + 1]]
        if own.shape[0]:
            place = window_of(own, frame)
            survey(own, frame, place, window)
            open_lists(grid, frame, place, window, ledger, notes)
            fill_lists(own, frame, place, window, notes)
    close_lists(ledger, notes)
    for grid in range(starts.size - 1):
        first, last = starts[grid], starts[grid + 1]
        note_rim(grid, sides[first:last], lonely[first:last], frame, ledger, notes)
    return pack_tiles(raster, frame), notes
