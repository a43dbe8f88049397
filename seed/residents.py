"""Residents, households and the character of each block: known per town, spread over cells with a heavy tail."""

from dataclasses import dataclass

import numpy as np

from seed.shares import Floats, Ints, share_out

# Persons per household by unit type, and how densely each is lived in against the community's mean.
UNIT_TYPES = ("estate", "rental", "commercial", "factory", "rural", "old_estate", "resettlement")
HOUSEHOLD = np.array([2.8, 1.7, 2.0, 1.4, 3.3, 2.4, 2.9])
CROWDING = np.array([2.2, 3.0, 0.7, 1.6, 0.5, 1.9, 1.8])
BLOCK_TAIL = 0.8  # sigma of the log-normal spread between blocks
LIKE_ITS_GRID_FRACTION = 0.8


@dataclass(frozen=True)
class Residents:
    """Per cell: residents, households and unit type (a position in UNIT_TYPES); per grid: unit type."""

    population: Ints
    households: Ints
    cell_type: Ints
    grid_type: Ints


def settle(
    town_population: list[int], *, cell_town: Ints, cell_grid: Ints, cell_m2: Floats, community_density: Floats,
    cell_community: Ints, rng: np.random.Generator,
) -> Residents:
    """Spread each town's residents over its cells, to the last one.

    `community_density` is the relative density of each community, `cell_community` the position of each cell's.
    """
    grid_type = _grid_types(cell_grid, community_density[cell_community], rng)
    cell_type = np.where(
        rng.random(len(cell_grid)) < LIKE_ITS_GRID_FRACTION, grid_type[cell_grid], rng.integers(0, len(UNIT_TYPES), len(cell_grid))
    )
    weight = cell_m2 * community_density[cell_community] * CROWDING[cell_type] * rng.lognormal(0, BLOCK_TAIL, len(cell_m2))
    population = np.zeros(len(cell_m2), dtype=np.int64)
    for town, people in enumerate(town_population):
        cells = np.flatnonzero(cell_town == town)
        population[cells] = share_out(people, weight[cells])
    size = HOUSEHOLD[cell_type] * rng.uniform(0.85, 1.15, len(cell_type))
    households = np.where(population > 0, np.maximum(np.rint(population / size), 1), 0).astype(np.int64)
    return Residents(population, households, cell_type, grid_type)


def _grid_types(cell_grid: Ints, density: Floats, rng: np.random.Generator) -> Ints:
    """Dense communities are estates and rental quarters, sparse ones rural; factories lie in between."""
    grids = int(cell_grid.max()) + 1
    mean = np.bincount(cell_grid, weights=density, minlength=grids) / np.bincount(cell_grid, minlength=grids)
    rank = np.argsort(np.argsort(mean)) / max(grids - 1, 1)
    leaning = np.stack(
        [
            0.2 + 1.6 * rank, 0.6 + 0.9 * rank, 0.15 + 0.7 * rank, 1.3 - 0.9 * np.abs(rank - 0.45), 1.9 * (1 - rank) ** 2,
            0.1 + 0.7 * rank**2, np.full(grids, 0.25),
        ]
    )
    limits = np.cumsum(leaning / leaning.sum(axis=0), axis=0)
    return (rng.random(grids) > limits[:-1]).sum(axis=0).astype(np.int64)
