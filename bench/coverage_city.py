"""A made-up city to audit: 44,000 cells with residents, streets along their borders, and facilities where people live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gis.records import Floats, Ints, Shapes
from gis.rules.streets import lay
from gis.rules.walking_network import WalkingNetwork

ROWS, COLUMNS = 200, 220
CELL_M = 236.0
PIECES_PER_SIDE = 4
COMMUNITY, GRID = (8, 9), (3, 5)
RESIDENTS = 10_466_625
KINDS = 10
SRID = 4547
DENSE_ROWS, DENSE_COLUMNS = 531, 584
DENSE_M, KEPT = 89.0, 0.88


@dataclass(frozen=True)
class City:
    """Cells in metres, their points, people, and the community and grid of each."""

    shape_m: Shapes
    point_m: Floats
    residents: Ints
    community: Ints
    grid: Ints
    sides_m: Shapes

    def facilities(self, count: int, *, seed: int) -> Floats:
        """Places of facilities, more where more people live."""
        random = np.random.default_rng(seed)
        home = random.choice(len(self.residents), count, p=self.residents / self.residents.sum())
        return self.point_m[home] + random.normal(0, 40.0, (count, 2))


def a_city(*, seed: int) -> City:
    """The same for the same seed."""
    random = np.random.default_rng(seed)
    lattice = np.stack(np.meshgrid(np.arange(COLUMNS + 1), np.arange(ROWS + 1)), -1)
    corner = lattice + random.uniform(-0.2, 0.2, lattice.shape)
    across = _bent(corner[:, :-1], corner[:, 1:], random)
    upward = _bent(corner[:-1], corner[1:], random)
    rings = [across[:-1, :, :-1], upward[:, 1:, :-1], across[1:, :, :0:-1], upward[:, :-1, ::-1]]
    shapes = np.asarray(shapely.polygons(np.concatenate(rings, axis=2).reshape(ROWS * COLUMNS, -1, 2)), object)
    people = random.lognormal(0.0, 1.2, len(shapes))
    row, column = np.divmod(np.arange(len(shapes)), COLUMNS)
    sides = np.concatenate([across.reshape(-1, PIECES_PER_SIDE + 1, 2), upward.reshape(-1, PIECES_PER_SIDE + 1, 2)])
    return City(
        shapes, shapely.get_coordinates(shapely.point_on_surface(shapes)), (people * RESIDENTS / people.sum()).astype(np.int64),
        _block(row, column, COMMUNITY), _block(row, column, GRID),
        np.asarray(shapely.linestrings(np.stack([sides[:, :-1], sides[:, 1:]], axis=2).reshape(-1, 2, 2)), object),
    )  # fmt: skip


def streets_of(city: City) -> WalkingNetwork:
    """Streets along all borders of cells, every corner a node."""
    return lay(city.sides_m, metric_srid=SRID).network


def dense_streets(*, seed: int) -> WalkingNetwork:
    """Crooked streets of 89 m in rows and columns, some missing: 309,000 crossings with a choice at nearly each."""
    random = np.random.default_rng(seed)
    lattice = np.stack(np.meshgrid(np.arange(DENSE_COLUMNS), np.arange(DENSE_ROWS)), -1)
    at_m = (lattice + random.uniform(-0.3, 0.3, lattice.shape)) * DENSE_M
    ends = [np.stack([at_m[:, :-1], at_m[:, 1:]], axis=2), np.stack([at_m[:-1], at_m[1:]], axis=2)]
    lines = np.concatenate([pair.reshape(-1, 2, 2) for pair in ends])
    return lay(np.asarray(shapely.linestrings(lines[random.random(len(lines)) < KEPT]), object), metric_srid=SRID).network


def _bent(start: Floats, end: Floats, random: np.random.Generator) -> Floats:
    """Points along each side, a little off the straight line, in metres."""
    along = np.linspace(0.0, 1.0, PIECES_PER_SIDE + 1)[:, None]
    points = start[:, :, None, :] + along * (end - start)[:, :, None, :]
    points[:, :, 1:-1] += random.normal(0.0, 0.04, points[:, :, 1:-1].shape)
    return np.round(points * CELL_M, 3)


def _block(row: Ints, column: Ints, size: tuple[int, int]) -> Ints:
    return (row // size[0]) * (COLUMNS // size[1] + 1) + column // size[1]
