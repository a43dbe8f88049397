"""Gaps: the ground of uncovered cells, joined into polygons with the people who live there. For maps and lists.

Cells share their corners, but for rounding: corners are snapped to the millimetre first, or nothing would join.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.cover import sums

DIGITS_OF_MM: Final = 3


@dataclass(frozen=True)
class Gaps:
    """g gaps, each inside one community: polygons in metres, residents, households, cells, and the community's position.

    By community, and in it the one with the most residents first.
    """

    shape_m: Shapes
    residents: Floats
    households: Floats
    area_m2: Floats
    cells: Ints
    community: Ints


def gaps(shapes_m: Shapes, uncovered: Flags, *, community: Ints, residents: Ints, households: Ints) -> Gaps:
    """Join uncovered cells that share a side and a community; cells without a community (-1) are out of scope.

    `shapes_m` (n,) are polygons of a coverage in metres. Every uncovered cell is in exactly one gap.
    """
    cells = np.flatnonzero(uncovered & (community >= 0))
    cells = cells[np.argsort(community[cells], kind="stable")]
    whole = snapped_to_mm(shapes_m[cells])
    starts = np.flatnonzero(np.diff(community[cells], prepend=-1))
    united = [shapely.coverage_union_all(group) for group in np.split(whole, starts[1:]) if len(group)]
    parts, of_group = shapely.get_parts(np.array(united, object), return_index=True)
    home = community[cells][starts][of_group]
    gap = _gap_of_cells(whole, community[cells], parts, home)
    lived = sums(gap, residents[cells], count=len(parts))
    order = np.lexsort((-lived, home))
    return Gaps(
        parts[order], lived[order], sums(gap, households[cells], count=len(parts))[order],
        np.asarray(shapely.area(parts[order])), np.bincount(gap, minlength=len(parts))[order], home[order],
    )  # fmt: skip


def snapped_to_mm(shapes_m: Shapes) -> Shapes:
    """The same shapes with corners on whole millimetres."""
    return np.asarray(shapely.transform(shapes_m, lambda corners: np.round(corners, DIGITS_OF_MM)), object)


def _gap_of_cells(cells: Shapes, community: Ints, parts: Shapes, home: Ints) -> Ints:
    """Which part each cell went into: that of its own community around a point inside it."""
    inner = shapely.point_on_surface(cells)
    cell, part = shapely.STRtree(parts).query(inner, predicate="intersects")
    own = home[part] == community[cell]
    gap = np.full(len(cells), -1)
    gap[cell[own]] = part[own]
    return gap
