"""Placing points: the index of one plan as a raster of small cells, exact on every edge.

Which grid is a point in? Most cells of the raster lie wholly inside one grid and answer at once; border cells carry the
few sides needed to decide exactly. Coordinates (EPSG:4326 or 4490 degrees, longitude first) are rounded to 1e-9 degree,
0.1 mm, and from there on everything is integer arithmetic, so that each point has one answer, always the same.

Ties. A point on a shared side belongs to exactly one grid: the one on its east, and along a level side the one on its
north. A point on the rim of the city with no grid to its east or north belongs to the grid it bounds. Where grids
overlap, the first in order has the point; a gap is outside.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.rules.placing_kernels import HEIGHT, UNITS_PER_DEGREE, Bytes, Int32s, Int64s, place_point, place_points
from gis.rules.placing_raster import rasterise
from gis.rules.placing_sides import lonely_sides

Polygons = npt.NDArray[np.object_]

FORMAT = "wangge-placing-1"
LONGEST_SIDE_DEG = 2.0
"""Longer sides would overflow 32-bit differences of 1e-9 degree."""
CELLS_PER_GRID_WIDTH = 40.0
"""Cells across a grid of mean size, 23 m for grids of 0.83 km2: measured, finer gains nothing and costs memory."""
MOST_CELLS = 16 * 2**20
"""At most 64 MB of raster, and 350 MB while it is built."""
METRES_PER_DEGREE = 111_320.0
_LARGEST_CELL_DEG = 0.1
_PAGE_BYTES = 4096
_CHUNK = 1 << 17


@dataclass(frozen=True, slots=True)
class PlacingIndex:
    """Answers which grid a place lies in; grids are named by their position in the polygons it was built from.

    Immutable and safe to share between threads; ``save`` and ``load`` share one file between processes.
    """

    cells: Int32s
    """Cells in tiles: see placing_kernels."""
    notes: Int64s
    """What the border cells need to decide."""
    frame: Int64s
    """South-west corner and cell width and height in 1e-9 degree; columns and rows."""

    @classmethod
    def build(cls, polygons: Polygons, *, cell_m: float | None = None) -> PlacingIndex:
        """Index polygons and multipolygons, shape (n,), in degrees, with or without holes.

        Meant for a coverage; overlaps, gaps and unmatched corners are allowed (see the ties above). Each polygon must
        be valid by itself. ``cell_m`` is the wished cell size in metres; by default it follows the mean size of a grid,
        within 64 MB of raster. Raises ValueError for a missing geometry, for one that is no polygon, and for a side
        longer than 2 degrees.
        """
        sides, eastward, starts = sides_of(polygons)
        frame = frame_around(sides, n_grids=len(starts) - 1, cell_m=cell_m)
        cells, notes = rasterise(sides, starts, lonely_sides(sides, eastward), frame)
        if not len(cells):
            raise ValueError(
                "The border cells need more than 16 GB of notes. Split the plan, or choose another cell_m."
            )
        return cls(_sealed(cells), _sealed(notes), _sealed(frame))

    @property
    def nbytes(self) -> int:
        """Size in memory and, but for one page, on disk."""
        return self.cells.nbytes + self.notes.nbytes + self.frame.nbytes

    @property
    def cell_m(self) -> float:
        """Height of a raster cell in metres."""
        return float(self.frame[HEIGHT]) / UNITS_PER_DEGREE * METRES_PER_DEGREE

    def place(self, lon: npt.ArrayLike, lat: npt.ArrayLike, *, threads: int = 1) -> Int32s:
        """Position of each point's grid, int32 of shape (n,); -1 outside every grid. The answers do not depend on
        ``threads``.

        Raises ValueError, naming the first row, for NaN and infinity.
        """
        lons, lats = np.ascontiguousarray(lon, np.float64), np.ascontiguousarray(lat, np.float64)
        if lons.ndim != 1 or lons.shape != lats.shape:
            raise ValueError(
                f"Longitudes and latitudes must be two lists of one length, not {lons.shape} and {lats.shape}."
            )
        out = np.empty(len(lons), np.int32)

        def place_slice(at: slice) -> bool:
            return place_points(lons[at], lats[at], out[at], self.cells, self.notes, self.frame)

        if not all(_in_threads(place_slice, len(lons), threads)):
            row = int(np.flatnonzero(~(np.isfinite(lons) & np.isfinite(lats)))[0])
            raise ValueError(f"Row {row}: longitude {lons[row]}, latitude {lats[row]} is not a place.")
        return out

    def place_one(self, lon: float, lat: float) -> int:
        """Position of one point's grid, or -1 outside. Raises ValueError for NaN and infinity."""
        grid = place_point(lon, lat, self.cells, self.notes, self.frame)
        if grid == -2:
            raise ValueError(f"Row 0: longitude {lon}, latitude {lat} is not a place.")
        return grid

    def save(self, path: Path) -> None:
        """Write the index to one file, whole or not at all: readers of the old file keep it until they load again."""
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            unfinished = Path(file.name)
            try:
                file.write(_header(self))
                for array in (self.frame, self.notes, self.cells):
                    file.write(array.data)
                file.flush()
                os.fsync(file.fileno())
                unfinished.chmod(0o644)
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink()
                raise

    @classmethod
    def load(cls, path: Path, *, mmap: bool = True) -> PlacingIndex:
        """Read a saved index; memory-mapped, all processes of a machine share one copy. Raises ValueError for another
        format."""
        n_notes, n_cells = _read_header(path)
        size = _PAGE_BYTES + 8 * (6 + n_notes) + 4 * n_cells
        if path.stat().st_size != size:
            raise ValueError(
                f"{path} is cut short or damaged: {path.stat().st_size} bytes, not {size}. Build the index again."
            )
        raw = np.asarray(np.memmap(path, np.uint8, "r")) if mmap else np.fromfile(path, np.uint8)
        frame, notes, cells = np.split(raw[_PAGE_BYTES:], [48, 48 + 8 * n_notes])
        return cls(_sealed(cells.view(np.int32)), _sealed(notes.view(np.int64)), _sealed(frame.view(np.int64)))


def sides_of(polygons: Polygons) -> tuple[Int64s, Bytes, Int64s]:
    """The sides of all polygons in 1e-9 degree, shape (m, 4), their direction, and where each polygon's sides start, (n
    + 1,).

    Outer rings run counter-clockwise, holes clockwise, so that two neighbours run along a shared side in opposite
    directions.
    """
    polygons = _checked(polygons)
    parts, part_owner = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    degrees, ring = shapely.get_coordinates(rings, return_index=True)
    corners = np.rint(degrees * UNITS_PER_DEGREE).astype(np.int64)
    kept = (ring[1:] == ring[:-1]) & (corners[1:] != corners[:-1]).any(axis=1)
    owner = part_owner[ring_part[ring[1:][kept]]]
    sides = np.hstack([corners[:-1][kept], corners[1:][kept]])
    _refuse_long(sides, owner)
    level = sides[:, 1] == sides[:, 3]
    eastward = np.where(level, sides[:, 0] < sides[:, 2], sides[:, 1] < sides[:, 3])
    sides = np.where(eastward[:, None], sides, sides[:, [2, 3, 0, 1]])
    starts = np.searchsorted(owner, np.arange(len(polygons) + 1))
    return np.ascontiguousarray(sides), eastward.astype(np.uint8), starts.astype(np.int64)


def frame_around(sides: Int64s, *, n_grids: int, cell_m: float | None) -> Int64s:
    """South-west corner, cell size and raster size for these sides; cells are square in metres at the middle
    latitude."""
    if not len(sides):
        return np.array([0, 0, 1, 1, 1, 1], np.int64)
    x0, y0 = sides[:, [0, 2]].min(), sides[:, 1].min()
    x1, y1 = sides[:, [0, 2]].max(), sides[:, 3].max()
    units_per_m = UNITS_PER_DEGREE / METRES_PER_DEGREE
    shrink = max(math.cos(math.radians((y0 + y1) / 2 / UNITS_PER_DEGREE)), 0.01)
    extent_m2 = max((x1 - x0) * shrink / units_per_m, 1.0) * max((y1 - y0) / units_per_m, 1.0)
    if cell_m is None:
        cell_m = math.sqrt(extent_m2 / n_grids) / CELLS_PER_GRID_WIDTH
    cell_m = max(cell_m, math.sqrt(extent_m2 / MOST_CELLS))
    most = _LARGEST_CELL_DEG * UNITS_PER_DEGREE
    width, height = (int(min(max(cell_m * units_per_m / by, 1.0), most)) for by in (shrink, 1.0))
    return np.array([x0, y0, width, height, (x1 - x0) // width + 1, (y1 - y0) // height + 1], np.int64)


def compile_kernels() -> None:
    """Compile everything now, at install, so that no request waits for it."""
    index = PlacingIndex.build(np.array([shapely.box(0, 0, 1, 1)], object), cell_m=10_000.0)
    index.place(np.zeros(1), np.zeros(1))
    index.place_one(0.0, 0.0)


def _checked(polygons: Polygons) -> Polygons:
    polygons = np.asarray(polygons, object)
    kinds = shapely.get_type_id(polygons)
    wrong = np.flatnonzero((kinds != shapely.GeometryType.POLYGON) & (kinds != shapely.GeometryType.MULTIPOLYGON))
    if len(wrong):
        raise ValueError(
            f"Row {wrong[0]}: only polygons and multipolygons can be indexed, not {polygons[wrong[0]]!r:.60}."
        )
    return polygons


def _refuse_long(sides: Int64s, owner: Int64s) -> None:
    spans = np.abs(sides[:, 2:] - sides[:, :2]).max(axis=1, initial=0)
    long = np.flatnonzero(spans > LONGEST_SIDE_DEG * UNITS_PER_DEGREE)
    if len(long):
        degrees = spans[long[0]] / UNITS_PER_DEGREE
        raise ValueError(
            f"Row {owner[long[0]]}: a side of {degrees:.3f} degrees is too long, at most 2. Add corners along it."
        )


def _in_threads(work: Callable[[slice], bool], n: int, threads: int) -> list[bool]:
    slices = [slice(start, start + _CHUNK) for start in range(0, n, _CHUNK)]
    if threads == 1 or len(slices) < 2:
        return [work(slice(0, n))]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, slices))


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array = array.view()
    array.flags.writeable = False
    return array


def _header(index: PlacingIndex) -> bytes:
    facts = {"format": FORMAT, "notes": len(index.notes), "cells": len(index.cells)}
    return json.dumps(facts).encode().ljust(_PAGE_BYTES)


def _read_header(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        first = file.read(_PAGE_BYTES)
    try:
        facts = json.loads(first)
        if facts["format"] == FORMAT:
            return int(facts["notes"]), int(facts["cells"])
        found = facts["format"]
    except (ValueError, KeyError, TypeError):
        found = "something else"
    raise ValueError(f"{path} is no placing index of format {FORMAT} but {found}. Build the index again.")
