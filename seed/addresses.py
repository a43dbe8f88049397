"""Addresses: points inside cells at which things are built and things happen."""

import numpy as np
import shapely
from numpy.typing import NDArray

from seed.shares import Floats, Ints

TRIES = 24


def draw_points(cell_shape: NDArray[np.object_], cells: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """One random point inside each of the given cells (positions, may repeat), in the cells' own degrees.

    By rejection from the cell's box; a cell that is missed in every try (a sliver) gets its representative point.
    """
    box = shapely.bounds(cell_shape)[cells]
    lon, lat = np.empty(len(cells)), np.empty(len(cells))
    left = np.arange(len(cells))
    shapely.prepare(cell_shape)
    for _ in range(TRIES):
        draw = rng.random((len(left), 2))
        lon[left] = box[left, 0] + draw[:, 0] * (box[left, 2] - box[left, 0])
        lat[left] = box[left, 1] + draw[:, 1] * (box[left, 3] - box[left, 1])
        left = left[~shapely.contains_xy(cell_shape[cells[left]], lon[left], lat[left])]
    if len(left):
        inside = shapely.point_on_surface(cell_shape[cells[left]])
        lon[left], lat[left] = shapely.get_x(inside), shapely.get_y(inside)
    return np.round(lon, 7), np.round(lat, 7)
