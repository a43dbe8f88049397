"""Cells that two plans have cut otherwise, laid over each other: the pieces that lie in one part of each."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.comparison import Pieces

LEAST_FRACTION = 1e-6
"""Of the smaller part's ground: less is what rounding leaves where two cuts run along each other."""


@dataclass(frozen=True)
class Parts:
    """Cells or parts of cells as one plan has them, as columns. `root` is the cell of the city that they were cut from.

    Shapes are polygons in EPSG:4326. `loads` are as in Pieces; `weighed` says that the workload model knows the cell.
    """

    root: Ints
    community: Ints
    grid: Ints
    shape: Shapes = field(repr=False)
    area_m2: Floats
    population: Ints
    households: Ints
    loads: Floats = field(repr=False)
    weighed: Flags

    def __len__(self) -> int:
        """Number of parts."""
        return len(self.root)


def overlaid(before: Parts, after: Parts) -> Pieces:
    """The pieces of the same cells in two plans; what a part holds is spread over them by their ground, people as whole numbers.

    The amounts are those of the side that the workload model knows, of two the one that cut the cell, of two the second.
    """
    one, other = _meeting(before, after)
    shape = _common_ground(before, after, one, other)
    share = shapely.area(shape)
    real = share > LEAST_FRACTION * np.minimum(shapely.area(before.shape[one]), shapely.area(after.shape[other]))
    one, other, shape, share = one[real], other[real], shape[real], share[real]
    by_after = _told_by_after(before, after, one, other)
    sides = [_spread(after, other, share), _spread(before, one, share)]
    area_m2, people, homes, loads = (
        np.where(by_after if theirs.ndim == 1 else by_after[:, None], theirs, ours) for theirs, ours in zip(*sides, strict=True)
    )
    centre = shapely.get_coordinates(shapely.centroid(shape)).reshape(-1, 2)
    return Pieces(
        after.root[other], after.community[other], before.grid[one], after.grid[other], area_m2, people, homes, loads,
        centre[:, 0], centre[:, 1], shape,
    )  # fmt: skip


def _meeting(before: Parts, after: Parts) -> tuple[Ints, Ints]:
    """Pairs of parts of the same cell whose boxes meet."""
    one, other = shapely.STRtree(after.shape).query(before.shape)
    same = before.root[one] == after.root[other]
    return one[same].astype(np.int64), other[same].astype(np.int64)


def _common_ground(before: Parts, after: Parts, one: Ints, other: Ints) -> Shapes:
    """Ground of each pair; of a cell that is whole on one side, the part of the other side with every corner as it is."""
    whole_before, whole_after = _alone(before.root)[one], _alone(after.root)[other]
    ground = np.where(whole_after, before.shape[one], after.shape[other])
    cut = np.flatnonzero(~whole_before & ~whole_after)
    met = shapely.intersection(before.shape[one[cut]], after.shape[other[cut]])
    ground[cut] = [_polygonal(each) for each in met]
    return np.asarray(ground, dtype=object)


def _told_by_after(before: Parts, after: Parts, one: Ints, other: Ints) -> Flags:
    knows, knew = after.weighed[other], before.weighed[one]
    only_before_cut = _alone(after.root)[other] & ~_alone(before.root)[one]
    return np.asarray(np.where(knows == knew, ~only_before_cut, knows), np.bool_)


def _alone(root: Ints) -> Flags:
    _, place, count = np.unique(root, return_inverse=True, return_counts=True)
    return np.asarray(count[place] == 1, np.bool_)


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """The ground of an intersection, without the lines and points where two parts only touch."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _spread(parts: Parts, of: Ints, share: Floats) -> tuple[Floats, Ints, Ints, Floats]:
    """Area, residents, households and loads of the pieces of some parts, by their share of the ground."""
    whole = np.bincount(of, weights=share, minlength=len(parts))
    fraction = share / whole[of]
    people, homes = (_whole_numbers(column, of, fraction) for column in (parts.population, parts.households))
    return parts.area_m2[of] * fraction, people, homes, parts.loads[of] * fraction[:, None]


def _whole_numbers(amount: Ints, of: Ints, fraction: Floats) -> Ints:
    """Whole numbers in proportion that add up to the whole: differences of the rounded running total."""
    order = np.argsort(of, kind="stable")
    running = np.cumsum(fraction[order])
    first = np.r_[True, of[order][1:] != of[order][:-1]] if len(of) else np.zeros(0, bool)
    started = np.maximum.accumulate(np.where(first, running - fraction[order], -np.inf))
    upto = np.rint(amount[of[order]] * (running - started)).astype(np.int64)
    found = np.empty(len(of), dtype=np.int64)
    found[order] = np.where(first, upto, upto - np.r_[0, upto[:-1]]) if len(of) else upto
    return found
