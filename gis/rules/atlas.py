"""An atlas: one plan ready for placing points in its grids."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gis.records import Floats, GridUnit, Placement, PlanInForce
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.datums import Datum, to_wgs84
from gis.rules.nearest import NearestGrids
from gis.rules.placing import PlacingIndex

OUTSIDE = -1
FAULTY = -2


@dataclass(frozen=True)
class Atlas:
    """One plan ready for placing: its index, its grids in the index's order, and what distances need."""

    plan: PlanInForce
    index: PlacingIndex
    grids: Sequence[GridUnit]
    metric_srid: int

    @cached_property
    def nearest(self) -> NearestGrids:
        """Finds the nearest grid of points outside; made when it is first asked for."""
        shapes = np.array([grid.shape for grid in self.grids], dtype=object)
        return NearestGrids.build(shapes, metric_crs=f"EPSG:{self.metric_srid}")

    def place(self, lon: Floats, lat: Floats, *, threads: int = 1) -> NDArray[np.int32]:
        """Position of each point's grid; `OUTSIDE` outside, `FAULTY` where the coordinates name no place.

        WGS 84 degrees, arrays of equal length. A point on a shared edge belongs to exactly one grid: the one on its
        east, and along a level edge the one on its north.
        """
        faulty = coordinate_faults(lon, lat) != CoordinateFault.OK
        if not faulty.any():
            return self.index.place(lon, lat, threads=threads)
        placed = self.index.place(np.where(faulty, 0.0, lon), np.where(faulty, 0.0, lat), threads=threads)
        placed[faulty] = FAULTY
        return placed


@dataclass(frozen=True)
class Placed:
    """Where n points lie, as columns: `grid` is a position, `OUTSIDE` or `FAULTY`; `fault` a CoordinateFault.

    `nearest` and `distance_m` hold the nearest grid and its distance for points outside, -1 and NaN for all others.
    """

    grid: NDArray[np.int32]
    fault: NDArray[np.int8]
    nearest: NDArray[np.int64]
    distance_m: Floats


def place_columns(atlas: Atlas, lon: Floats, lat: Floats, *, datum: Datum = Datum.WGS84) -> Placed:
    """Place points given in any datum, as columns."""
    fault = coordinate_faults(lon, lat)
    sound = fault == CoordinateFault.OK
    x, y = np.full(len(lon), np.nan), np.full(len(lat), np.nan)
    x[sound], y[sound] = to_wgs84(lon[sound], lat[sound], datum=datum)
    grid = atlas.place(x, y)
    nearest, distance_m = np.full(len(lon), -1, dtype=np.int64), np.full(len(lon), np.nan)
    outside = np.flatnonzero(grid == OUTSIDE)
    if len(outside):
        nearest[outside], distance_m[outside] = atlas.nearest.nearest(x[outside], y[outside])
    return Placed(grid, fault, nearest, distance_m)


def place_points(atlas: Atlas, lon: Floats, lat: Floats, *, datum: Datum = Datum.WGS84) -> list[Placement]:
    """Place points given in any datum: inside a grid, outside with the nearest one, or at fault and why."""
    placed = place_columns(atlas, lon, lat, datum=datum)
    columns = zip(placed.grid.tolist(), placed.fault.tolist(), placed.nearest.tolist(), placed.distance_m.tolist(), strict=True)
    return [_placement(atlas.grids, *row) for row in columns]


def _placement(grids: Sequence[GridUnit], at: int, fault: int, near: int, distance_m: float) -> Placement:
    if at >= 0:
        return Placement("inside", grid=grids[at])
    if at == FAULTY:
        return Placement("fault", fault=CoordinateFault(fault).name.lower(), message=CoordinateFault(fault).message)
    return Placement("outside", nearest=grids[near], distance_m=distance_m)
