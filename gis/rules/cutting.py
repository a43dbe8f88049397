"""Cells cut by a line, so that neighbours still share their corners to the bit and nobody is lost or counted twice.

Everything is in EPSG:4326 on the lattice of 1e-8 degree. The border of the community gets no new corner: what lies beyond it is
not ours to change, so a line that leaves it does so at the nearest corner there is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gis.draft_records import CellPart, Cut, Fresh
from gis.plan_records import Patch
from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.borders import split
from gis.rules.cleaning import LATTICE_DEG
from gis.rules.deltas import rows, with_parts
from gis.rules.homes import homes_by_overlap
from gis.rules.unit_shapes import LATTICE_DECIMALS
from gis.rules.zones import project

LEAST_PART_M2 = 1.0
"""A smaller part is not cut off: a line along a border means the border."""
ROUNDS = 6
NOWHERE = -1


@dataclass(frozen=True)
class Divided:
    """Cells beside each other on the sides of a line: a patch whose cells may be cut, and the side of each of its rows.

    `side` is the position of the ground that the row lies in, NOWHERE for cells that were not asked about.
    """

    patch: Patch
    side: Ints
    cuts: tuple[Cut, ...] = ()


class CannotCut(ValueError):
    """A line that cannot be brought onto the lattice without touching what lies beyond the community."""


def on_lattice(shape: Any) -> Any:
    """A shape with its corners on the lattice."""
    return shapely.transform(shape, lambda part: np.round(part, LATTICE_DECIMALS))


def by_most_ground(patch: Patch, concerned: Flags, grounds: Shapes) -> Divided:
    """Whole cells: each goes to the side where most of it lies."""
    side = np.full(len(patch), NOWHERE, np.int64)
    side[concerned] = homes_by_overlap(patch.shape[concerned], grounds).home
    return Divided(patch, side)


def cut(patch: Patch, concerned: Flags, grounds: Shapes, *, line: shapely.Geometry, fresh: Fresh, metric_srid: int) -> Divided:
    """The cells of a community cut along a line, and the side of each part; `concerned` are the cells that may be cut.

    Cells that only got new corners are cut into one part. Raises CannotCut.
    """
    outline = shapely.coverage_union_all(patch.shape)
    face, owner = _faces(patch.shape, _ending_on_corners(on_lattice(line), outline))
    side = np.where(concerned[owner], homes_by_overlap(face, grounds).home, NOWHERE)
    side = _without_crumbs(face, owner, side, metric_srid=metric_srid)
    cuts = tuple(_cuts(patch, face, owner, side, fresh=fresh, metric_srid=metric_srid))
    divided = _put_in(patch, cuts, concerned, grounds)
    _must_be_whole(divided.patch.shape, outline)
    return divided


def _ending_on_corners(line: shapely.Geometry, outline: shapely.Geometry) -> shapely.Geometry:
    """What of a line lies inside an outline, led to the nearest corner of the outline wherever it would leave it."""
    border = shapely.boundary(outline)
    corners: Shapes = np.array([shapely.Point(xy) for xy in np.unique(shapely.get_coordinates(border), axis=0)], dtype=object)
    tree = shapely.STRtree(corners)
    for _ in range(ROUNDS):
        inside = shapely.get_parts(shapely.line_merge(shapely.intersection(line, outline)))
        inside = inside[shapely.get_type_id(inside) == shapely.GeometryType.LINESTRING]
        led = [found for part in inside if (found := _led(part, border, corners, tree)) is not None]
        line = shapely.union_all(led)
        if shapely.is_empty(line):
            raise CannotCut("The line does not cross the community.")
        if _meets_at_corners(line, outline, border, corners, tree):
            return line
    raise CannotCut("The line follows the border of the community too closely: draw it clearly inside or beyond.")


def _led(part: shapely.Geometry, border: shapely.Geometry, corners: Shapes, tree: shapely.STRtree) -> shapely.Geometry | None:
    xy = np.round(shapely.get_coordinates(part), LATTICE_DECIMALS)
    for end in (0, -1):
        point = shapely.Point(xy[end])
        if shapely.dwithin(point, border, 2 * LATTICE_DEG):
            xy[end] = shapely.get_coordinates(corners[tree.nearest(point)])[0]
    keep = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
    return shapely.LineString(xy[keep]) if keep.sum() > 1 else None


def _meets_at_corners(
    line: shapely.Geometry, outline: shapely.Geometry, border: shapely.Geometry, corners: Shapes, tree: shapely.STRtree
) -> bool:
    """Whether a line lies in an outline and meets its border only where that has a corner."""
    met = shapely.get_parts(shapely.intersection(line, border))
    points: Shapes = np.array([shapely.Point(xy) for xy in shapely.get_coordinates(met)], dtype=object)
    at_corner = len(points) == 0 or shapely.dwithin(points, corners[tree.nearest(points)], LATTICE_DEG).all()
    beyond = shapely.length(shapely.difference(line, outline))
    return bool(at_corner and beyond < LATTICE_DEG)


def _faces(shapes: Shapes, line: shapely.Geometry) -> tuple[Shapes, Ints]:
    """What a line makes of the cells it comes near to, and the row of the cell that each face lies in.

    The borders of all these cells are noded with the line at once, so that a new corner is one of every cell beside it.
    """
    near = np.flatnonzero(shapely.dwithin(shapes, line, 2 * LATTICE_DEG))
    noded = shapely.union_all([*shapely.boundary(shapes[near]), line], grid_size=LATTICE_DEG)
    made = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    face, at = shapely.STRtree(shapes[near]).query(shapely.point_on_surface(made), predicate="intersects")
    _, first = np.unique(face, return_index=True)
    return made[face[first]], near[at[first]]


def _without_crumbs(face: Shapes, owner: Ints, side: Ints, *, metric_srid: int) -> Ints:
    """Faces that are too small to be parts go to the side where most of their cell lies."""
    area_m2 = shapely.area(project(face, to=metric_srid))
    largest_first = np.lexsort((-area_m2, owner))
    owners, first = np.unique(owner[largest_first], return_index=True)
    main = side[largest_first[first]][np.searchsorted(owners, owner)]
    return np.where(area_m2 < LEAST_PART_M2, main, side)


def _cuts(patch: Patch, face: Shapes, owner: Ints, side: Ints, *, fresh: Fresh, metric_srid: int) -> Iterator[Cut]:
    number = fresh.cell
    owners, group = np.unique(owner, return_inverse=True)
    for row, mine in zip(owners.tolist(), split(group, np.arange(len(face)), len(owners)), strict=True):
        shapes = np.concatenate(
            [shapely.get_parts(shapely.coverage_union_all(face[mine][side[mine] == one])) for one in np.unique(side[mine])]
        )
        if len(shapes) == 1 and shapely.equals_exact(shapely.normalize(shapes[0]), shapely.normalize(patch.shape[row])):
            continue
        yield Cut(int(patch.cell[row]), tuple(_parts(patch, row, shapes, number=number, metric_srid=metric_srid)))
        number -= len(shapes)


def _parts(patch: Patch, row: int, shapes: Shapes, *, number: int, metric_srid: int) -> Iterator[CellPart]:
    area_m2 = shapely.area(project(shapes, to=metric_srid))
    share = area_m2 / area_m2.sum()
    people, homes = shared_out(int(patch.population[row]), share), shared_out(int(patch.households[row]), share)
    for i, shape in enumerate(shapes):
        yield CellPart(
            number - i, int(patch.root[row]), int(patch.cell[row]), int(patch.community[row]), shape, float(area_m2[i]),
            int(people[i]), int(homes[i]), str(patch.unit_type[row]), float(patch.fraction[row] * share[i]),
        )  # fmt: skip


def shared_out(total: int, share: Floats) -> Ints:
    """A whole number shared out by fractions that sum to 1, exactly: what is left over goes to the largest remainders."""
    exact = total * share
    given = np.floor(exact).astype(np.int64)
    most_left = np.argsort(given - exact, kind="stable")[: total - int(given.sum())]
    given[most_left] += 1
    return given


def _put_in(patch: Patch, cuts: tuple[Cut, ...], concerned: Flags, grounds: Shapes) -> Divided:
    """The parts in the place of the cells, with the grid that the cell had; and every row's side."""
    row_of = {cell: i for i, cell in enumerate(patch.cell.tolist())}
    whole = with_parts(patch, cuts)
    asked = np.append(concerned, [concerned[row_of[one.cell]] for one in cuts for _ in one.parts]).astype(np.bool_)
    side = np.full(len(whole), NOWHERE, np.int64)
    side[asked] = homes_by_overlap(whole.shape[asked], grounds).home
    kept = np.setdiff1d(np.arange(len(whole)), [row_of[one.cell] for one in cuts])
    return Divided(rows(whole, kept), side[kept], cuts)


def _must_be_whole(shapes: Shapes, outline: shapely.Geometry) -> None:
    """Nothing lost, nothing twice, and the outline as it was to the bit. Raises CannotCut."""
    same = shapely.equals_exact(shapely.normalize(shapely.coverage_union_all(shapes)), shapely.normalize(outline), tolerance=0.0)
    if not (same and shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes)):
        raise CannotCut("The line meets corners of cells too closely: draw it a little beside.")
