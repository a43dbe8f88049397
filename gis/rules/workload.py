"""What a grid has to do in a month, in standard working hours.

Inspections, incidents, residents and the walking between visits lie on cells and add up. Two parts belong to a grid as a
whole: walking out to where its cells lie (spread), and the duties that every grid has.
"""

import numpy as np

from gis.plan_records import GridLoads, Patch, Weights
from gis.records import Floats, Ints

TOUR_CONSTANT = 0.7124
"""Length of the shortest round over n places in A m² is about 0.7124 √(nA) (Beardwood, Halton and Hammersley 1959)."""

NO_WORK = Weights(places={}, resident_min=0, household_min=0, rounds=0, fixed_h=0)
"""Where the city has no workload model yet."""


def walking_h(visits: Floats, area_m2: Floats, *, rounds: float, walking_kmh: float) -> Floats:
    """Hours a month between the visits of each cell: `rounds` tours a month, each over visits/rounds places of its ground.

    Made from visits a month and square metres. Cells of the same density add up to what they would have as one.
    """
    metres: Floats = TOUR_CONSTANT * np.sqrt(rounds * visits * area_m2)
    return metres / (1000 * walking_kmh)


def spread_m(group: Ints, count: int, *, area_m2: Floats, centre_m: Floats) -> Floats:
    """How far the ground of each group 0..count-1 lies from its middle: the radius of gyration of its cells, in metres.

    `centre_m` are the cells' centres in metres of the city's zone, shape (C, 2).
    """
    area = np.bincount(group, weights=area_m2, minlength=count)
    # From a corner nearby: the squares of whole coordinates would eat up the digits that are asked for.
    near = centre_m - centre_m.min(axis=0) if len(centre_m) else centre_m
    middle = [np.bincount(group, weights=area_m2 * near[:, axis], minlength=count) / area for axis in (0, 1)]
    square = np.bincount(group, weights=area_m2 * (near**2).sum(axis=1), minlength=count) / area
    radius: Floats = np.sqrt(np.maximum(square - middle[0] ** 2 - middle[1] ** 2, 0))
    return radius


def grid_loads(patch: Patch, centre_m: Floats, *, weights: Weights) -> GridLoads:
    """The grids of a patch with their hours by part. `centre_m`: centres of its cells in metres of the city's zone, (C, 2)."""
    keys, first, group = np.unique(patch.grid, return_index=True, return_inverse=True)
    count = len(keys)

    def summed(column: Floats | Ints) -> Floats:
        return np.asarray(np.bincount(group, weights=column, minlength=count), np.float64)

    radius_m = spread_m(group, count, area_m2=patch.area_m2, centre_m=centre_m)
    return GridLoads(
        key=keys,
        community=patch.community[first],
        cells=np.bincount(group, minlength=count).astype(np.int64),
        area_m2=summed(patch.area_m2),
        population=summed(patch.population).round().astype(np.int64),
        households=summed(patch.households).round().astype(np.int64),
        incidents=summed(patch.incidents),
        inspections_h=summed(patch.inspections_h),
        incidents_h=summed(patch.incidents_h),
        people_h=summed(patch.people_h),
        walking_h=summed(patch.walking_h),
        spread_h=radius_m * weights.spread_h_per_m,
        fixed_h=np.full(count, weights.fixed_h),
    )


def deviation_fractions(hours: Floats, community: Ints) -> Floats:
    """How far each grid's hours lie from the mean of its community, as a signed fraction of that mean; 0 where it is 0."""
    _, home = np.unique(community, return_inverse=True)
    mean = (np.bincount(home, weights=hours) / np.bincount(home))[home]
    return np.divide(hours - mean, mean, out=np.zeros(len(hours)), where=mean > 0)


def variation_fractions(hours: Floats, community: Ints) -> tuple[Ints, Floats]:
    """The communities, ordered, and the coefficient of variation of hours within each: standard deviation over mean."""
    homes, home = np.unique(community, return_inverse=True)
    count = np.bincount(home)
    mean = np.bincount(home, weights=hours) / count
    variance = np.maximum(np.bincount(home, weights=hours**2) / count - mean**2, 0)
    return homes, np.divide(np.sqrt(variance), mean, out=np.zeros(len(homes)), where=mean > 0)
