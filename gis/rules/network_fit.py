"""Whether streets lie where a city lies: in another datum, elsewhere, or not at all near where people live.

Blocks are cut along streets, so their borders lie on streets where both are in the same datum, and at no place in particular
where one of them is shifted by the 100 to 700 m of GCJ-02.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from gis.records import Floats, Shapes
from gis.rules.coordinates import in_china_box
from gis.rules.datums import Datum, from_wgs84, to_wgs84
from gis.rules.zones import project

SAMPLE = 3_000
NEAR_M = 1_300.0
"""Places farther from every street say nothing of a shift, which is smaller: there the city goes on and the streets do not."""
FEWEST_PLACES = 30
CLEARLY_M = 10.0
CLEAR_FRACTION = 0.5
"""A datum is called the right one where it brings streets to half the distance or less, and they were this far away."""


@dataclass(frozen=True)
class Shift:
    """Streets that fit better in another datum: borders of blocks lie `before_m` from streets as they are, `after_m` in that one.

    Both are medians. `undone` says that the city's blocks look shifted that way, or the streets were taken for shifted and are not.
    """

    datum: Datum
    undone: bool
    before_m: float
    after_m: float


def shift_of(streets_m: Shapes, borders: Floats, *, metric_srid: int) -> Shift | None:
    """The datum in which streets (lines in metres) fit the borders of blocks, points (k, 2) in EPSG:4326; None if as they are.

    The judge wants borders that follow streets; where blocks are squares or hexagons every datum fits alike and none is named.
    """
    places = borders[:: max(1, len(borders) // SAMPLE)]
    if not len(places) or not in_china_box(places[:, 0], places[:, 1]).all():
        return None
    tree = shapely.STRtree(streets_m)
    as_given_m = _distances_m(tree, places, metric_srid)
    places = places[as_given_m < NEAR_M]
    if len(places) < FEWEST_PLACES:
        return None
    before_m = float(np.median(as_given_m[as_given_m < NEAR_M]))
    fits: Mapping[tuple[Datum, bool], float] = {
        (datum, undone): float(np.median(_distances_m(tree, np.column_stack(move(*places.T, datum=datum)), metric_srid)))
        for datum in (Datum.GCJ02, Datum.BD09)
        for move, undone in ((from_wgs84, False), (to_wgs84, True))
    }
    (datum, undone), after_m = min(fits.items(), key=lambda fit: fit[1])
    is_clear = before_m >= CLEARLY_M and after_m <= CLEAR_FRACTION * before_m
    return Shift(datum, undone, before_m, after_m) if is_clear else None


def _distances_m(tree: shapely.STRtree, places: Floats, metric_srid: int) -> Floats:
    """Metres to the nearest street, NEAR_M where none is that near."""
    metres = project(np.asarray(shapely.points(places), dtype=object), to=metric_srid)
    far = np.full(len(places), NEAR_M)
    (at, _), metres_to = tree.query_nearest(metres, max_distance=NEAR_M, return_distance=True)
    far[at] = metres_to
    return far
