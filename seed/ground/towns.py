"""Towns: the outline divided by area, with borders that bend like rivers, each town one piece without holes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from seed.ground.capacity import Places, fit_places
from seed.ground.rings import Floats, Ints, Rings
from seed.ground.warp import Warp, river_warp

FEWEST_SAMPLES = 4_000
MOST_SAMPLES = 24_000
SAMPLES_PER_TOWN = 600
RIVER_SLOPE = 0.38
# Each try bends less; a straight power diagram, the last, cannot fold.
SLOPES = (1.0, 0.75, 0.5, 0.25, 0.0)
BORDER_STEP_FRACTION = 0.006
NODING_FRACTION = 1e-8

Polygons = NDArray[np.object_]


def divide_outline(outline: shapely.Polygon, shares: Floats, wanted: Floats, *, rng: np.random.Generator) -> Polygons:
    """(N,) town polygons that cover the outline, metres around the city's middle, noded against each other to the bit.

    ``shares`` (N,) sum to 1; ``wanted`` (N, 2) is a point to lie in each town, or NaN.
    """
    samples = _samples(outline, int(np.clip(SAMPLES_PER_TOWN * len(shares), FEWEST_SAMPLES, MOST_SAMPLES)), rng=rng)
    town_m = float(np.sqrt(outline.area / len(shares)))
    for part in SLOPES:
        warp = river_warp(longest_m=1.4 * town_m, shortest_m=town_m / 30, slope=RIVER_SLOPE * part, rng=rng)
        straight = np.where(np.isnan(wanted), np.nan, warp.straighten(np.nan_to_num(wanted)))
        places = fit_places(warp.straighten(samples), shares * outline.area, straight, rng=rng)
        towns = _pieces_to_towns(_pieces(outline, places, warp, step_m=BORDER_STEP_FRACTION * town_m), places, warp)
        if towns is not None:
            return towns
    raise ValueError(f"The outline is too thin to hold {len(shares)} towns of these areas.")


def _samples(outline: shapely.Polygon, count: int, *, rng: np.random.Generator) -> Floats:
    """About ``count`` points spread evenly over the outline: a lattice, each point shaken within its square."""
    west, south, east, north = outline.bounds
    side = np.sqrt(outline.area / count)
    x, y = np.meshgrid(np.arange(west, east, side), np.arange(south, north, side))
    lattice = np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(0, side, (x.size, 2))
    return np.asarray(lattice[shapely.contains_xy(outline, lattice)])


def _pieces(outline: shapely.Polygon, places: Places, warp: Warp, *, step_m: float) -> Polygons:
    """The outline cut along every bent border. Slivers of one town may lie across a bay from the rest of it."""
    corners, borders, _ = places.borders()
    frame = shapely.buffer(shapely.envelope(outline), 0.3 * outline.length)
    lines = shapely.intersection(shapely.MultiLineString([*corners[borders]]), frame)
    bent = shapely.transform(shapely.get_parts(shapely.segmentize(lines, step_m)), warp.bend)
    network = shapely.union_all([*bent, outline.exterior], grid_size=NODING_FRACTION * outline.length)
    pieces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(network)]))
    # The outline moved by less than the noding step; whatever lies in one of its bays is not ground.
    return np.asarray(pieces[shapely.contains(outline, shapely.point_on_surface(pieces))])


def _pieces_to_towns(pieces: Polygons, places: Places, warp: Warp) -> Polygons | None:
    """Join pieces by town and hand stray ones to the neighbour with the longest common border. None if that fails."""
    inner = shapely.get_coordinates(shapely.point_on_surface(pieces))
    labels = places.at(warp.straighten(inner))
    parts, owners = _connected_parts(pieces, labels)
    if len(np.unique(owners)) < len(places.sites):
        return None
    towns = _strays_given_away(parts, owners)
    whole = shapely.get_type_id(towns) == shapely.GeometryType.POLYGON
    if not whole.all() or shapely.get_num_interior_rings(towns).any() or not shapely.is_valid(towns).all():
        return None
    return towns


def _connected_parts(pieces: Polygons, labels: NDArray[np.intp]) -> tuple[Polygons, NDArray[np.intp]]:
    joined = [shapely.coverage_union_all(pieces[labels == label]) for label in np.unique(labels)]
    parts, index = shapely.get_parts(np.array(joined, dtype=np.object_), return_index=True)
    return parts, np.unique(labels)[index]


def _strays_given_away(parts: Polygons, owners: NDArray[np.intp]) -> Polygons:
    """(N,) each town's largest part, grown by the strays around it, longest common border first."""
    largest = [_largest(parts, owners == town) for town in range(int(owners.max()) + 1)]
    towns = parts[largest]
    strays = list(np.delete(parts, largest))
    while strays:
        shared = np.array(
            [shapely.length(shapely.intersection(stray.boundary, shapely.boundary(towns))) for stray in strays]
        )
        stray, town = np.unravel_index(shared.argmax(), shared.shape)
        towns[town] = shapely.coverage_union(towns[town], strays.pop(int(stray)))
    return np.asarray(towns)


def _largest(parts: Polygons, mask: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(mask)[shapely.area(parts[mask]).argmax()])


def town_graph(towns: Polygons, spacing_m: Floats) -> tuple[Floats, list[Ints]]:
    """Vertices (V, 2) for all towns and each town's ring in them, edges refined to ``spacing_m`` (N,) metres.

    A border follows the finer of its two towns, so that both find a vertex wherever they need a street to end.
    """
    rings = [shapely.get_coordinates(shapely.orient_polygons(town))[:-1] for town in towns]
    corners, numbers = np.unique(np.vstack(rings), axis=0, return_inverse=True)
    coarse = Rings.of(np.split(numbers.ravel().astype(np.int32), np.cumsum([len(ring) for ring in rings])[:-1]))
    return _refined(corners, coarse, spacing_m)


def _refined(corners: Floats, rings: Rings, spacing_m: Floats) -> tuple[Floats, list[Ints]]:
    tail, head, owner = rings.members, rings.following, rings.owners
    keys = np.minimum(tail, head).astype(np.int64) * len(corners) + np.maximum(tail, head)
    edges, edge_of = np.unique(keys, return_inverse=True)
    finest = np.full(len(edges), np.inf)
    np.minimum.at(finest, edge_of, spacing_m[owner])
    low, high = np.divmod(edges, len(corners))
    parts = np.ceil(np.hypot(*(corners[high] - corners[low]).T) / finest).astype(np.int64)
    first = len(corners) + np.concatenate([[0], np.cumsum(parts - 1)])
    inner = [_between(corners[a], corners[b], int(n)) for a, b, n in zip(low, high, parts, strict=True)]
    fine = [_fine_edge(t, h, int(first[e]), int(parts[e]) - 1) for t, h, e in zip(tail, head, edge_of, strict=True)]
    bounds: Sequence[int] = rings.starts.tolist()
    return np.vstack([corners, *inner]), [np.concatenate(fine[a:b]) for a, b in pairwise(bounds)]


def _between(start: Floats, end: Floats, parts: int) -> Floats:
    """The (parts - 1, 2) points that divide a line into equal parts."""
    fraction = np.arange(1, parts)[:, None] / parts
    return np.asarray(start + fraction * (end - start))


def _fine_edge(tail: int, head: int, first: int, count: int) -> Ints:
    """An edge's tail and its new vertices, without its head; they are numbered from the edge's lower end."""
    inner = np.arange(first, first + count, dtype=np.int32)
    return np.append(np.int32(tail), inner if tail < head else inner[::-1])
