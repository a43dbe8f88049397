"""The ground of a demo city: an outline becomes towns, communities, grids and cells, top-down and exactly nested."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from seed.ground.dividing import ARTERY, RIVER, STREET, Pool, divide
from seed.ground.numbering import reading_order, ring_area, ring_middle
from seed.ground.rings import WGS84, Floats, Ground, Ints, Rings, project
from seed.ground.shares import CommunityShare, TownShare, check_shares
from seed.ground.towns import divide_outline, town_graph

LONGEST_SPACING_M = 80.0
VERTICES_PER_SIDE = 4
LATTICE_DIGITS = 8
OUTLINE_STEP_DEGREES = 0.005
GRID_VARIATION = 0.3
CELL_VARIATION = 0.35
DENSITY_VARIATION = 0.25
BEARING_VARIATION_RAD = 0.15

Progress = Callable[[int, int], None]


def lay_ground(
    outline: shapely.Polygon | shapely.MultiPolygon,
    towns: Sequence[TownShare],
    *,
    seed: int,
    metric_crs: int = 4547,
    progress: Progress | None = None,
) -> Ground:
    """Divide a city's outline (EPSG:4326) into the towns, communities, grids and cells asked for, by exact count.

    Town areas are scaled to the outline. Only the largest part of the outline is used and its holes are filled:
    islands get no ground. The same seed gives the same ground to the bit; lengths are measured in ``metric_crs``.
    ``progress`` is told (grids done, grids in all). Raises ValueError for shares that nothing can fulfil.
    """
    check_shares(towns)
    rng = np.random.default_rng(seed)
    flat, middle = _flat_outline(outline, metric_crs)
    polygons = divide_outline(flat, _town_fractions(towns), _town_points(towns, middle, metric_crs), rng=rng)
    vertices, rings = town_graph(polygons, town_spacings_m(towns, shapely.area(polygons)))
    layout = Layout(Pool(vertices, rings), rng)
    layout.divide_towns(rings, towns, progress or silent)
    return layout.ground(rings, middle, metric_crs)


@dataclass
class Layout:
    """Rings as they come about, parent by parent."""

    pool: Pool
    rng: np.random.Generator
    community_rings: list[Ints] = field(default_factory=list)
    grid_rings: list[Ints] = field(default_factory=list)
    cell_rings: list[Ints] = field(default_factory=list)
    community_town: list[int] = field(default_factory=list)
    grid_community: list[int] = field(default_factory=list)
    cell_grid: list[int] = field(default_factory=list)

    def divide_towns(self, rings: Sequence[Ints], towns: Sequence[TownShare], progress: Progress) -> None:
        """Towns, then communities, then grids, then cells: a level is complete before the next begins.

        So a street can go on where a neighbour's ends, whichever of the two was divided first.
        """
        shares = [share for town in towns for share in town.communities]
        for number, (ring, town) in enumerate(zip(rings, towns, strict=True)):
            self._add_communities(number, ring, town)
        cells = [count for number in range(len(shares)) for count in self._add_grids(number, shares[number])]
        for number, count in enumerate(cells):
            self._add_cells(number, count)
            progress(number + 1, len(cells))

    def _add_communities(self, number: int, ring: Ints, town: TownShare) -> None:
        area_m2 = ring_area(self.pool.places[ring])
        shares = np.array([share.area_share for share in town.communities])
        counts = np.array([share.cells for share in town.communities])
        block_m = float(np.sqrt(area_m2 * shares / shares.sum() / counts).min())
        style = RIVER.at(spacing_m=spacing_m(block_m), block_m=4 * block_m, bearing_rad=self._bearing_rad())
        self.community_rings += divide(self.pool, ring, shares, style=style, rng=self.rng)
        self.community_town += [number] * len(shares)

    def _add_grids(self, number: int, share: CommunityShare) -> Ints:
        """Returns the number of cells for each new grid, in reading order."""
        ring = self.community_rings[number]
        block_m = self._block_m(ring, share.cells)
        shares = _uneven(share.grids, GRID_VARIATION, rng=self.rng)
        style = ARTERY.at(spacing_m=spacing_m(block_m), block_m=2 * block_m, bearing_rad=self._bearing_rad())
        grids = self._in_reading_order(divide(self.pool, ring, shares, style=style, rng=self.rng))
        self.grid_rings += grids
        self.grid_community += [number] * len(grids)
        areas_m2 = np.array([ring_area(self.pool.places[grid]) for grid in grids])
        return _apportioned(share.cells, areas_m2 * _uneven(len(grids), DENSITY_VARIATION, rng=self.rng))

    def _add_cells(self, number: int, count: int) -> None:
        ring = self.grid_rings[number]
        block_m = self._block_m(ring, count)
        style = STREET.at(
            spacing_m=spacing_m(block_m), block_m=block_m, bearing_rad=_long_side_rad(self.pool.places[ring])
        )
        shares = _uneven(count, CELL_VARIATION, rng=self.rng)
        self.cell_rings += self._in_reading_order(divide(self.pool, ring, shares, style=style, rng=self.rng))
        self.cell_grid += [number] * count

    def _in_reading_order(self, rings: list[Ints]) -> list[Ints]:
        middles = np.array([ring_middle(self.pool.places[ring]) for ring in rings])
        return [rings[number] for number in reading_order(middles)]

    def _block_m(self, ring: Ints, cells: int) -> float:
        """The side of a square cell, were all of them equal."""
        return float(np.sqrt(ring_area(self.pool.places[ring]) / cells))

    def _bearing_rad(self) -> float:
        return float(self.rng.normal(0, BEARING_VARIATION_RAD))

    def ground(self, town_rings: Sequence[Ints], middle: Floats, metric_crs: int) -> Ground:
        """The finished ground, in degrees on the lattice."""
        lonlat = project(self.pool.vertices + middle, metric_crs, WGS84)
        return Ground(
            vertices=np.round(lonlat, LATTICE_DIGITS),
            town_rings=Rings.of(town_rings),
            community_rings=Rings.of(self.community_rings),
            grid_rings=Rings.of(self.grid_rings),
            cell_rings=Rings.of(self.cell_rings),
            community_town=np.array(self.community_town, np.int32),
            grid_community=np.array(self.grid_community, np.int32),
            cell_grid=np.array(self.cell_grid, np.int32),
            metric_crs=metric_crs,
        )


def spacing_m(block_m: float) -> float:
    """Metres between vertices where blocks have sides of ``block_m``: enough of them for streets to choose from."""
    return min(LONGEST_SPACING_M, block_m / VERTICES_PER_SIDE)


def _flat_outline(outline: shapely.Polygon | shapely.MultiPolygon, metric_crs: int) -> tuple[shapely.Polygon, Floats]:
    """The largest part without holes, in metres around its middle, and the middle (2,)."""
    parts = shapely.get_parts(outline)
    largest = shapely.Polygon(parts[shapely.area(parts).argmax()].exterior)
    # A line that is straight in degrees must not turn into one that is straight in metres: up to a metre lies between.
    fine = shapely.segmentize(largest, OUTLINE_STEP_DEGREES)
    flat = shapely.transform(fine, lambda lonlat: project(lonlat, WGS84, metric_crs))
    middle = shapely.get_coordinates(flat.centroid)[0]
    return shapely.transform(flat, lambda metres: metres - middle), middle


def _town_fractions(towns: Sequence[TownShare]) -> Floats:
    areas = np.array([town.area_km2 for town in towns])
    return np.asarray(areas / areas.sum())


def _town_points(towns: Sequence[TownShare], middle: Floats, metric_crs: int) -> Floats:
    """(N, 2) metres around the middle; NaN for a town that may lie anywhere."""
    points = np.array([(np.nan, np.nan) if t.lon is None or t.lat is None else (t.lon, t.lat) for t in towns])
    known = ~np.isnan(points[:, 0])
    points[known] = project(points[known], WGS84, metric_crs) - middle
    return points


def town_spacings_m(towns: Sequence[TownShare], areas_m2: Floats) -> Floats:
    """(N,) metres between vertices that each town's finest community needs; ``areas_m2`` (N,) of the towns."""
    return np.array([min(_community_spacings_m(town, float(area))) for town, area in zip(towns, areas_m2, strict=True)])


def _community_spacings_m(town: TownShare, area_m2: float) -> Iterator[float]:
    total = sum(share.area_share for share in town.communities)
    for share in town.communities:
        yield spacing_m((area_m2 * share.area_share / total / share.cells) ** 0.5)


def _uneven(count: int, variation: float, *, rng: np.random.Generator) -> Floats:
    """(count,) sizes around 1, log-normal: few are large, none is nothing."""
    return rng.lognormal(0, variation, count)


def _apportioned(total: int, weights: Floats) -> Ints:
    """(N,) whole numbers that sum to ``total``, each at least 1, otherwise in proportion (largest remainders)."""
    quotas = (total - len(weights)) * weights / weights.sum()
    counts = np.floor(quotas).astype(np.int32)
    rest = total - len(weights) - int(counts.sum())
    counts[np.argsort(counts - quotas, kind="stable")[:rest]] += 1
    return np.asarray(counts + 1, dtype=np.int32)


def _long_side_rad(corners: Floats) -> float:
    """The direction of the longer axis of a block."""
    spread = corners - corners.mean(axis=0)
    (xx, xy), (_, yy) = spread.T @ spread
    return float(0.5 * np.arctan2(2 * xy, xx - yy))


def silent(done: int, total: int) -> None:
    """Nobody watches."""
