"""The nearest grid of places that lie in none: for incidents just outside the city, and for the question how far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

GEOGRAPHIC = "EPSG:4326"

Polygons = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class NearestGrids:
    """Answers which grid is nearest to a place and how far it is, in metres of one projected zone."""

    tree: shapely.STRtree
    to_metres: Transformer

    @classmethod
    def build(cls, polygons: Polygons, *, metric_crs: str) -> NearestGrids:
        """Index polygons in degrees (EPSG:4326, longitude first), shape (n,), by their shapes in ``metric_crs``, e.g.
        "EPSG:4547".

        Raises ValueError when the projected system does not count in metres, or no polygon is given.
        """
        to_metres = Transformer.from_crs(GEOGRAPHIC, metric_crs, always_xy=True)
        target = to_metres.target_crs
        if target is None or {axis.unit_name for axis in target.axis_info} != {"metre"}:
            raise ValueError(f"{metric_crs} does not count in metres. Name the city's projected zone, e.g. EPSG:4547.")
        if not len(polygons):
            raise ValueError("There is no grid to be near to.")

        def in_metres(corners: Floats) -> Floats:
            return np.column_stack(to_metres.transform(corners[:, 0], corners[:, 1]))

        return cls(shapely.STRtree(shapely.transform(polygons, in_metres)), to_metres)

    def nearest(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Int32s, Floats]:
        """Position of the nearest polygon, int32 of shape (n,), and the distance in metres, float64 of shape (n,); 0
        inside.

        Ties (a corner, or a place between two): the first in order. Distances are straight lines in the projected zone:
        a Gauss-Kruger zone stretches them by at most 3 cm per 1,000 m within 50 km of its meridian and 30 cm within 1.5
        degrees; that a side is straight in the zone and not in degrees changes less than 1 mm per 100 m of side. A
        place given to 1e-7 degree is itself known to 1 cm. Raises ValueError, naming the first row, for a place that
        has no metres (NaN, infinity, far outside the zone).
        """
        lons, lats = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        x, y = self.to_metres.transform(lons, lats)
        lost = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
        if len(lost):
            row = int(lost[0])
            raise ValueError(
                f"Row {row}: longitude {lons[row]}, latitude {lats[row]} has no place in the projected zone."
            )
        pairs, distances_m = self.tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=True)
        order = np.lexsort((pairs[1], pairs[0]))
        _, first = np.unique(pairs[0][order], return_index=True)
        return pairs[1][order][first].astype(np.int32), distances_m[order][first]
