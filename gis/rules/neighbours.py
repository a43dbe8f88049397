"""Which units of a coverage lie beside each other, and along how long a border."""

import numpy as np
import shapely

from gis.records import Floats, Ints, Shapes


def borders(shapes: Shapes, shapes_m: Shapes) -> tuple[Ints, Ints, Floats]:
    """Every pair of neighbours and the length of their common border: positions a < b, and metres.

    `shapes` are polygons that share their corners to the bit, `shapes_m` the same in metres of the city's zone. Units that
    touch at a corner only are no neighbours.
    """
    corners, ring = _corners(shapes)
    here, there = corners[:-1], corners[1:]
    inside = ring[:-1] == ring[1:]
    metres = shapely.get_coordinates(shapes_m)
    side_m = np.hypot(*(metres[1:] - metres[:-1]).T)[inside]
    unit = _units(shapes)[:-1][inside]
    low, high = _turned(here[inside], there[inside])
    order = np.lexsort((high.imag, high.real, low.imag, low.real))
    low, high, unit, side_m = low[order], high[order], unit[order], side_m[order]
    shared = np.flatnonzero((low[:-1] == low[1:]) & (high[:-1] == high[1:]))
    one, other = np.sort([unit[shared], unit[shared + 1]], axis=0)
    return _summed(one, other, side_m[shared], units=len(shapes))


def _corners(shapes: Shapes) -> tuple[np.ndarray, Ints]:
    rings = shapely.get_rings(shapely.get_parts(shapes))
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    return coordinates[:, 0] + 1j * coordinates[:, 1], ring.astype(np.int64)


def _units(shapes: Shapes) -> Ints:
    return np.asarray(shapely.get_coordinates(shapes, return_index=True)[1], np.int64)


def _turned(here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    swap = (here.real > there.real) | ((here.real == there.real) & (here.imag > there.imag))
    return np.where(swap, there, here), np.where(swap, here, there)


def _summed(one: Ints, other: Ints, length_m: Floats, *, units: int) -> tuple[Ints, Ints, Floats]:
    pair, position = np.unique(one * units + other, return_inverse=True)
    real = pair // max(units, 1) != pair % max(units, 1)
    total = np.bincount(position, weights=length_m, minlength=len(pair))
    return (pair // max(units, 1))[real], (pair % max(units, 1))[real], total[real]


def pieces(group: Ints, a: Ints, b: Ints) -> Ints:
    """The connected piece that each unit lies in, as numbers from 0; units hang together by borders inside their group."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    inside = group[a] == group[b]
    links = coo_array((np.ones(int(inside.sum())), (a[inside], b[inside])), shape=(len(group), len(group)))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
