"""A made-up city for measuring: a coverage of wiggly grids over an extent of Dongguan's size, the same for the same
seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

WEST, SOUTH, EAST, NORTH = 113.51, 22.65, 114.26, 23.14
STEPS_PER_SIDE = 11
"""Pieces of each of a grid's four sides: about 45 corners, like the grids of real cities."""
LATTICES = {2_958: (51, 58), 29_580: (170, 174), 295_800: (510, 580)}
"""Rows and columns per number of grids."""
_JITTER = 0.18
_WIGGLE = 0.07

Floats = npt.NDArray[np.float64]


def a_coverage(n_grids: int, *, seed: int) -> npt.NDArray[np.object_]:
    """Polygons in degrees, shape (n_grids,), that share every side to the bit (1e-8 degree); row by row from the
    south-west."""
    n_rows, n_columns = LATTICES[n_grids]
    random = np.random.default_rng(seed)
    step = np.array([(EAST - WEST) / n_columns, (NORTH - SOUTH) / n_rows])
    columns, rows = np.meshgrid(np.arange(n_columns + 1), np.arange(n_rows + 1))
    nodes = np.stack([columns, rows], axis=-1) + random.uniform(-_JITTER, _JITTER, (n_rows + 1, n_columns + 1, 2))
    across = _wiggly(nodes[:, :-1], nodes[:, 1:], random=random)
    upward = _wiggly(nodes[:-1], nodes[1:], random=random)
    rings = [across[:-1, :, :-1], upward[:, 1:, :-1], across[1:, :, :0:-1], upward[:, :-1, ::-1]]
    corners = np.concatenate(rings, axis=2) * step + [WEST, SOUTH]
    return np.asarray(shapely.polygons(np.round(corners.reshape(n_grids, -1, 2), 8)))


def some_points(n: int, *, seed: int) -> tuple[Floats, Floats]:
    """Longitudes and latitudes, shape (n,), even over the extent and a little beyond, as a receiver gives them (1e-7
    degree)."""
    random = np.random.default_rng(seed)
    return np.round(random.uniform(WEST, EAST, n), 7), np.round(random.uniform(SOUTH, NORTH, n), 7)


def _wiggly(start: Floats, end: Floats, *, random: np.random.Generator) -> Floats:
    """Points along each side, shape (..., STEPS_PER_SIDE + 1, 2): a walk that is as rough at every scale, tied at both
    ends."""
    along = np.linspace(0.0, 1.0, STEPS_PER_SIDE + 1)
    walk = np.cumsum(random.normal(0.0, _WIGGLE / np.sqrt(STEPS_PER_SIDE), (*start.shape[:2], STEPS_PER_SIDE)), axis=-1)
    walk = np.concatenate([np.zeros((*start.shape[:2], 1)), walk], axis=-1)
    walk -= along * walk[..., -1:]
    direction = (end - start)[:, :, None, :]
    normal = np.stack([-direction[..., 1], direction[..., 0]], axis=-1)
    return start[:, :, None, :] + along[:, None] * direction + walk[..., None] * normal
