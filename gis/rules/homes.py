"""Which larger unit each smaller one belongs to, by the ground they share."""

from dataclasses import dataclass

import numpy as np
import shapely

from gis.records import Floats, Ints, Shapes

NOWHERE = -1


@dataclass(frozen=True)
class Homes:
    """For each unit the position of its home, `NOWHERE` without one, and the fraction of the unit that lies in it."""

    home: Ints
    fraction: Floats


def homes_by_overlap(units: Shapes, parents: Shapes, *, unit_group: Ints | None = None, parent_group: Ints | None = None) -> Homes:
    """The parent that shares most ground with each unit; of equals the first.

    Shapes are in any one plane coordinate system, degrees included: only shares of one unit are compared. With groups, a
    unit's home is looked for among the parents of its own group.
    """
    unit, parent = shapely.STRtree(parents).query(units, predicate="intersects")
    if unit_group is not None and parent_group is not None:
        same = unit_group[unit] == parent_group[parent]
        unit, parent = unit[same], parent[same]
    whole = shapely.area(units)
    shared = _shared(units, parents, unit, parent)
    order = np.lexsort((parent, -shared, unit))
    order = order[shared[order] > 0]
    first = order[np.unique(unit[order], return_index=True)[1]]
    home, fraction = np.full(len(units), NOWHERE, dtype=np.int64), np.zeros(len(units))
    home[unit[first]] = parent[first]
    fraction[unit[first]] = np.minimum(shared[first] / whole[unit[first]], 1.0)
    return Homes(home, fraction)


def _shared(units: Shapes, parents: Shapes, unit: Ints, parent: Ints) -> Floats:
    """Area that each pair shares; what lies wholly inside is not intersected."""
    shapely.prepare(parents)
    inside = shapely.covers(parents[parent], units[unit])
    shared = np.where(inside, shapely.area(units[unit]), 0.0)
    cut = np.flatnonzero(~inside)
    shared[cut] = shapely.area(shapely.intersection(units[unit[cut]], parents[parent[cut]]))
    return np.asarray(shared)


def homes_of_points(points: Shapes, parents: Shapes) -> Ints:
    """The parent that covers each point, of several the first; `NOWHERE` for a point in none."""
    point, parent = shapely.STRtree(parents).query(points, predicate="intersects")
    order = np.lexsort((parent, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    home = np.full(len(points), NOWHERE, dtype=np.int64)
    home[point[first]] = parent[first]
    return home
