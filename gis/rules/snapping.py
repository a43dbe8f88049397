"""Places are put on their nearest streets, by straight legs that cross no barrier."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import shapely

from gis.records import Floats, Ints, Shapes
from gis.rules.placing_kernels import Int32s
from gis.rules.remembering import remembered
from gis.rules.snapping_kernels import Lattice, lay_out, snap_all
from gis.rules.walking_network import DM_PER_M, Snapped, WalkingNetwork

NARROWEST_M: Final = 20.0
WIDEST_M: Final = 500.0
_MOST_CELLS: Final = 4_000_000


class Pieces(NamedTuple):
    """The straight pieces of all edges in a lattice; piece p is on edge `edge[p]`, which is `length_m` long, from `before_m` on."""

    lattice: Lattice
    barriers: Lattice
    edge: Int32s
    before_m: Floats
    length_m: Floats


def snap(network: WalkingNetwork, points_m: Floats, *, reach_m: float) -> Snapped:
    """Put points (k, 2), metres of the network's zone, on their nearest edge within `reach_m`, by a leg that crosses no barrier.

    Where a barrier (river, expressway, wall) lies across the leg to the nearest piece of street, the next nearest is tried, and
    so on; a leg may begin or end at a barrier. Of edges as near the first. A point without coordinates (NaN) gets no edge.
    """
    points_m = np.ascontiguousarray(points_m, np.float64).reshape(-1, 2)
    known = np.flatnonzero(np.isfinite(points_m).all(axis=1))
    edge, island = np.full(len(points_m), -1, np.int64), np.full(len(points_m), -1, np.int32)
    along, leg = np.zeros(len(points_m), np.int32), np.zeros(len(points_m), np.int32)
    pieces = remembered(network, "pieces", lambda: _pieces(network))
    piece, at, leg_m = snap_all(points_m[known], pieces.lattice, pieces.barriers, float(reach_m))
    near = piece >= 0
    found, piece = known[near], piece[near]
    edge[found] = pieces.edge[piece]
    along[found] = _along_dm(network, pieces, piece, at[near])
    leg[found] = np.rint(leg_m[near] * DM_PER_M)
    island[found] = network.island[network.start[edge[found]]]
    return Snapped(edge, along, leg, island)


def _along_dm(network: WalkingNetwork, pieces: Pieces, piece: Int32s, at: Floats) -> Int32s:
    """Decimetres from the start of the edge: as large a part of its length as the drawn line has there."""
    x0, y0, x1, y1 = pieces.lattice.pieces[piece].T
    edge = pieces.edge[piece]
    drawn_m = pieces.length_m[edge]
    gone_m = pieces.before_m[piece] + at * np.hypot(x1 - x0, y1 - y0)
    part = np.divide(gone_m, drawn_m, out=np.zeros(len(piece)), where=drawn_m > 0)
    return np.asarray(np.rint(np.clip(part, 0.0, 1.0) * network.length_dm[edge]), np.int32)


def _pieces(network: WalkingNetwork) -> Pieces:
    corners = np.diff(network.first_vertex)
    line = np.repeat(np.arange(len(corners), dtype=np.int32), corners)
    ends, edge = _straight(np.asarray(network.vertices_m), line)
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    before = np.concatenate([[0.0], np.cumsum(length)])
    first = np.searchsorted(edge, np.arange(len(corners) + 1))
    drawn = before[first[1:]] - before[first[:-1]]
    return Pieces(_lattice(ends), _lattice(_barrier_pieces(network.barriers_m)), edge, before[:-1] - before[first[edge]], drawn)


def _barrier_pieces(barriers_m: Shapes) -> Floats:
    corners, line = shapely.get_coordinates(shapely.get_parts(barriers_m), return_index=True)
    return _straight(corners, line)[0]


def _straight(corners: Floats, line: Ints | Int32s) -> tuple[Floats, Int32s]:
    """The straight pieces (p, 4) of lines, and the line of each."""
    joined = line[1:] == line[:-1]
    return np.ascontiguousarray(np.column_stack([corners[:-1], corners[1:]])[joined]), line[1:][joined].astype(np.int32)


def _lattice(pieces: Floats) -> Lattice:
    """A lattice with about as many cells as pieces."""
    if not len(pieces):
        return Lattice(0.0, 0.0, 1.0, 0, 0, np.zeros(1, np.int64), np.empty(0, np.int32), np.empty((0, 4)))
    low, high = pieces.reshape(-1, 2).min(axis=0), pieces.reshape(-1, 2).max(axis=0)
    width, height = high - low
    cell_m = float(np.clip(np.sqrt(width * height / len(pieces)), NARROWEST_M, WIDEST_M))
    cell_m = max(cell_m, float(np.sqrt(width * height / _MOST_CELLS)))
    columns, rows = int(width // cell_m) + 1, int(height // cell_m) + 1
    first = np.zeros(columns * rows + 1, np.int64)
    lay_out(pieces, low[0], low[1], cell_m, columns, rows, first, np.empty(0, np.int32))
    np.cumsum(first, out=first)
    piece = np.empty(first[-1], np.int32)
    lay_out(pieces, low[0], low[1], cell_m, columns, rows, first, piece)
    return Lattice(low[0], low[1], cell_m, columns, rows, first, piece, pieces)
