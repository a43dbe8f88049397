"""From the cells of a plan to the ground that the machine divides, and back to what changes hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.plan_records import Patch, Weights
from gis.records import Floats, Ints, Shapes
from gis.rules.balance_ground import Grids, Ground
from gis.rules.balance_judging import Proposal
from gis.rules.neighbours import borders


@dataclass(frozen=True, slots=True)
class Division:
    """A patch as the machine sees it: cells by their place in the patch, communities and grids by their place in these lists."""

    ground: Ground
    grids: Grids
    communities: Ints
    """Ids of areas, shape (N,)."""
    keys: Ints
    """Keys of grids, shape (G,)."""


def division_of(patch: Patch, shapes_m: Shapes, *, weights: Weights, barriers_m: Sequence[shapely.Geometry] = ()) -> Division:
    """The cells of a patch with their borders and grids. `shapes_m` are its shapes in metres of the city's zone, `barriers_m`
    lines in the same that no grid should straddle."""
    communities, home = np.unique(patch.community, return_inverse=True)
    centre_m = shapely.get_coordinates(shapely.centroid(shapes_m)).reshape(-1, 2)
    a, b, border_m = borders(patch.shape, shapes_m)
    living = [grid for grid in patch.grids.values() if grid.alive and grid.community_id in set(communities.tolist())]
    keys = np.array(sorted(grid.key for grid in living), np.int64)
    order = {grid.key: grid for grid in living}
    ground = Ground(
        hours=patch.hours, x_m=centre_m[:, 0], y_m=centre_m[:, 1], area_m2=patch.area_m2, community=home,
        border=np.column_stack([a, b]), border_m=border_m, barrier=_barred(centre_m, a, b, barriers_m),
        spread_h_per_m=weights.spread_h_per_m,
    )  # fmt: skip
    grids = Grids(
        of_cell=_places(patch.grid, keys),
        community=np.searchsorted(communities, [order[key].community_id for key in keys.tolist()]).astype(np.int64),
        fixed_h=np.full(len(keys), weights.fixed_h),
        locked=np.array([order[key].locked for key in keys.tolist()], np.bool_),
    )
    return Division(ground, grids, communities, keys)


def moves_by_community(
    patch: Patch, division: Division, proposal: Proposal, *, first_new_key: int
) -> dict[int, list[tuple[int, int, int]]]:
    """What changes hands in each community: (cell, key before, key after), ordered by cell; a cell that had no grid comes from 0.

    Grids new in the proposal have keys from `first_new_key` downwards.
    """
    new = first_new_key - np.arange(len(proposal.grid_community) - len(division.keys))
    after = np.append(division.keys, new)[proposal.of_cell]
    before = np.where(division.grids.of_cell >= 0, patch.grid, 0)
    found: dict[int, list[tuple[int, int, int]]] = {int(community): [] for community in division.communities}
    for i in np.flatnonzero(after != before):
        found[int(patch.community[i])].append((int(patch.cell[i]), int(before[i]), int(after[i])))
    return found


def _places(key: Ints, keys: Ints) -> Ints:
    """The place of each key in the sorted list, -1 for those that are not there."""
    if not len(keys):
        return np.full(len(key), -1, np.int64)
    place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    return np.asarray(np.where(keys[place] == key, place, -1), np.int64)


def _barred(centre_m: Floats, a: Ints, b: Ints, barriers_m: Sequence[shapely.Geometry]) -> Floats:
    """For each border 1 where a barrier runs between the two cells' centres, else 0."""
    if not len(barriers_m):
        return np.zeros(len(a))
    ways = shapely.linestrings(np.stack([centre_m[a], centre_m[b]], axis=1))
    barrier = shapely.union_all(list(barriers_m))
    shapely.prepare(barrier)
    return np.asarray(shapely.intersects(barrier, ways), np.float64)
