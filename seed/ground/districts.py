"""Districts: real outlines, each cut into its towns by the same exact streets that cut towns into communities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from seed.ground.dividing import RIVER, Pool, divide
from seed.ground.laying import Layout, Progress, silent, town_spacings_m
from seed.ground.numbering import ring_area
from seed.ground.rings import WGS84, Floats, Ground, Ints, project
from seed.ground.shares import DistrictShare, TownShare, check_shares
from seed.ground.towns import town_graph

TOWN_BLOCK_FRACTION = 0.25
TOUCH_M = 1e-3

Polygons = NDArray[np.object_]


def lay_districts(
    districts: Sequence[DistrictShare], *, seed: int, metric_crs: int, progress: Progress | None = None
) -> Ground:
    """Divide each district's outline (EPSG:4326) into its towns, and these into communities, grids and cells.

    The outlines must be a coverage; a district is then the exact union of its towns. These are shared out over the
    parts of a district by area: an island too small for a whole town of mean size gets no ground. Lakes inside a
    district are filled; a district that surrounds another one is two parts. Town points are not heeded. The same seed
    gives the same ground to the bit; ``progress`` is told (grids done, grids in all). Raises ValueError for
    shares that nothing can fulfil.
    """
    towns = [town for district in districts for town in district.towns]
    check_shares(towns)
    rng = np.random.default_rng(seed)
    parts, owners, middle = _flat_parts([district.outline for district in districts], metric_crs)
    counts = _towns_by_part(shapely.area(parts), owners, [len(district.towns) for district in districts])
    parts, counts = parts[counts > 0], counts[counts > 0]
    shares = np.array([town.area_km2 for town in towns])
    groups = np.split(np.arange(len(towns)), np.cumsum(counts)[:-1])
    finest = np.array([_finest_m(part, [towns[n] for n in group]) for part, group in zip(parts, groups, strict=True)])
    vertices, part_rings = town_graph(parts, finest)
    layout, rings = Layout(Pool(vertices, part_rings), rng), list[Ints]()
    for ring, group, spacing in zip(part_rings, groups, finest, strict=True):
        rings += _cut_into_towns(layout.pool, ring, shares[group], spacing, rng=rng)
    layout.divide_towns(rings, towns, progress or silent)
    return layout.ground(rings, middle, metric_crs)


def _flat_parts(outlines: Sequence[shapely.Geometry], metric_crs: int) -> tuple[Polygons, Ints, Floats]:
    """Polygons without holes in metres around the city's middle, noded against each other, each one's district, the middle."""
    degrees, owners = shapely.get_parts(np.array(outlines, dtype=np.object_), return_index=True)
    flat = shapely.transform(degrees, lambda lonlat: project(lonlat, WGS84, metric_crs))
    west, south, east, north = shapely.total_bounds(flat)
    middle = np.array([west + east, south + north]) / 2
    pieces, which = _opened(shapely.transform(flat, lambda metres: metres - middle))
    clean, index = shapely.get_parts(shapely.coverage_clean(pieces), return_index=True)  # type: ignore[attr-defined]
    solid = np.array([shapely.Polygon(polygon.exterior) for polygon in clean], dtype=np.object_)
    return solid, owners[which][index].astype(np.int32), middle


def _opened(parts: Polygons) -> tuple[Polygons, NDArray[np.intp]]:
    """The parts, those around a neighbour cut in two through its middle, and the part each comes from."""
    tree = shapely.STRtree(parts)
    pieces: list[Polygons] = []
    for number, part in enumerate(parts):
        halves = np.array([part], dtype=np.object_)
        for hole in part.interiors:
            inner = tree.query(shapely.Polygon(hole).buffer(TOUCH_M), predicate="contains")
            if len(inner[inner != number]):
                halves = _halved(halves, float(shapely.centroid(hole).x))
        pieces.append(halves)
    return np.concatenate(pieces), np.repeat(np.arange(len(parts)), [len(halves) for halves in pieces])


def _halved(polygons: Polygons, x: float) -> Polygons:
    """Every polygon cut along the meridian line at x."""
    west, south, east, north = shapely.total_bounds(polygons)
    sides = (shapely.box(west - 1, south - 1, x, north + 1), shapely.box(x, south - 1, east + 1, north + 1))
    cut = shapely.get_parts(np.concatenate([shapely.intersection(polygons, side) for side in sides]))
    return np.asarray(cut[shapely.area(cut) > 0])


def _towns_by_part(areas_m2: Floats, owners: Ints, towns: Sequence[int]) -> Ints:
    """(P,) how many of its district's towns lie on each part: whole ones by area, the rest on the largest part."""
    counts = np.zeros(len(areas_m2), dtype=np.int32)
    for district, number in enumerate(towns):
        own = np.flatnonzero(owners == district)
        counts[own] = np.floor(number * areas_m2[own] / areas_m2[own].sum())
        counts[own[areas_m2[own].argmax()]] += number - counts[own].sum()
    return counts


def _finest_m(part: shapely.Polygon, towns: Sequence[TownShare]) -> float:
    """Metres between vertices that the finest of a part's towns needs."""
    areas_km2 = np.array([town.area_km2 for town in towns])
    return float(town_spacings_m(towns, part.area * areas_km2 / areas_km2.sum()).min())


def _cut_into_towns(pool: Pool, ring: Ints, shares: Floats, finest_m: float, *, rng: np.random.Generator) -> list[Ints]:
    block_m = TOWN_BLOCK_FRACTION * float(np.sqrt(ring_area(pool.places[ring]) / len(shares)))
    return divide(pool, ring, shares, style=RIVER.at(spacing_m=finest_m, block_m=block_m, bearing_rad=0.0), rng=rng)
