"""Rings as lists of vertex numbers, and the ground they make: no point is stored twice, so neighbours agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

WGS84 = 4326


@dataclass(frozen=True, eq=False)
class Rings:
    """Many rings in one row: ring k is ``members[starts[k]:starts[k + 1]]``, counter-clockwise, not closed.

    ``starts`` (N + 1,) int32; ``members`` (sum of ring lengths,) int32, numbers into an array of vertices.
    """

    starts: Ints
    members: Ints

    @classmethod
    def of(cls, rings: Sequence[Ints]) -> Rings:
        """Put separate rings into one row."""
        starts = np.zeros(len(rings) + 1, np.int32)
        np.cumsum([len(ring) for ring in rings], out=starts[1:])
        return cls(starts, np.concatenate(rings).astype(np.int32))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> Ints:
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.members[self.starts[number] : self.starts[number + 1]]

    @property
    def owners(self) -> Ints:
        """(len(members),) the ring each entry of ``members`` belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    @property
    def following(self) -> Ints:
        """(len(members),) the vertex after each member on its ring: (member, following) are the directed edges."""
        following = np.roll(self.members, -1)
        following[self.starts[1:] - 1] = self.members[self.starts[:-1]]
        return following

    def polygons(self, vertices: Floats) -> NDArray[np.object_]:
        """(N,) shapely polygons without holes in the coordinates of ``vertices`` (V, 2)."""
        lines = shapely.linearrings(vertices[self.members], indices=self.owners)
        return np.asarray(shapely.polygons(lines), dtype=np.object_)


@dataclass(frozen=True, eq=False)
class Ground:
    """A city divided top-down into towns, communities, grids and cells, each level an exact coverage.

    ``vertices`` (V, 2) float64 lon, lat (EPSG:4326), on a lattice of 1e-8 degree; every level's rings are numbers
    into it, so a border is the same points, to the bit, for both neighbours and for every level it belongs to.
    Communities, grids and cells are stored parent by parent: ``community_town`` (M,), ``grid_community`` (G,) and
    ``cell_grid`` (C,) int32 ascend. ``metric_crs`` is the EPSG code that lengths are measured in.
    """

    vertices: Floats
    town_rings: Rings
    community_rings: Rings
    grid_rings: Rings
    cell_rings: Rings
    community_town: Ints
    grid_community: Ints
    cell_grid: Ints
    metric_crs: int

    def towns(self) -> NDArray[np.object_]:
        """(N,) town polygons, lon/lat."""
        return self.town_rings.polygons(self.vertices)

    def communities(self) -> NDArray[np.object_]:
        """(M,) community polygons, lon/lat."""
        return self.community_rings.polygons(self.vertices)

    def grids(self) -> NDArray[np.object_]:
        """(G,) grid polygons, lon/lat."""
        return self.grid_rings.polygons(self.vertices)

    def cells(self) -> NDArray[np.object_]:
        """(C,) cell polygons, lon/lat."""
        return self.cell_rings.polygons(self.vertices)

    @cached_property
    def vertices_m(self) -> Floats:
        """(V, 2) the vertices as easting, northing in metres of ``metric_crs``."""
        return project(self.vertices, WGS84, self.metric_crs)

    def cell_neighbours(self) -> tuple[Ints, Ints, Floats]:
        """Pairs of cells with a border in common: ``i < j`` and its length in metres, each (B,), ordered by i, then j.

        Cells that meet only at a corner are not neighbours.
        """
        return neighbours(self.cell_rings, self.vertices_m)


def neighbours(rings: Rings, vertices_m: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of rings that share edges: ``i < j`` (B,) int32 and the shared length (B,) in metres."""
    tail, head, owner = rings.members, rings.following, rings.owners
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((owner, high, low))
    first, second = order[:-1], order[1:]
    shared = (low[first] == low[second]) & (high[first] == high[second])
    first, second = first[shared], second[shared]
    lengths_m = np.hypot(*(vertices_m[tail[first]] - vertices_m[head[first]]).T)
    keys, place = np.unique(owner[first].astype(np.int64) * len(rings) + owner[second], return_inverse=True)
    i, j = (part.astype(np.int32) for part in np.divmod(keys, len(rings)))
    return i, j, np.bincount(place, weights=lengths_m, minlength=len(keys)).astype(np.float64)


def project(points: Floats, source_crs: int, target_crs: int) -> Floats:
    """(K, 2) points carried from one EPSG code to another, always in x, y (lon, lat) order."""
    carry = Transformer.from_crs(source_crs, target_crs, always_xy=True)
    return np.column_stack(carry.transform(points[:, 0], points[:, 1]))
