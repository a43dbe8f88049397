"""Units as they come, made a coverage: overlaps to one side, gaps to a neighbour, borders matched, all on the lattice.

Only units at a fault and those around them are rebuilt; every other unit keeps its coordinates to the bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.borders import (
    Gaps,
    Overlaps,
    faulty_units,
    gap_findings,
    gap_limit_m2,
    gaps,
    loose_findings,
    loose_segments,
    overlap_findings,
    overlaps,
    split,
)
from gis.rules.findings import ERROR, Finding
from gis.rules.unit_shapes import ToMetres, areas_m2, mended, only, places_of, usable

ROUNDS = 12
"""A rebuilt unit may touch one that was not rebuilt with it: then a wider surrounding is. Usually one round does."""


LATTICE_DEG = 1e-8
SNAP_DEG = LATTICE_DEG / 2
"""New corners go to old ones, and no two old ones become one. With no snapping at all GEOS loses whole units."""


@dataclass(frozen=True)
class Cleaned:
    """A coverage, what was wrong with it before, and what each unit gained and lost, in square metres of the city's zone.

    `shapes` has None for a unit without a usable shape. `before_m2` is the unit's area as delivered, once valid.
    """

    shapes: Shapes
    findings: list[Finding]
    before_m2: Floats
    after_m2: Floats
    gained_m2: Floats
    lost_m2: Floats
    changed: Flags

    @property
    def change_fraction(self) -> Floats:
        """How much the area of each unit changed, as a signed fraction of what it was."""
        return np.divide(
            self.after_m2 - self.before_m2, self.before_m2, out=np.zeros(len(self.before_m2)), where=self.before_m2 > 0
        )


def coverage_findings(
    shapes: Shapes, *, rows: Ints, names: Sequence[str], to_metres: ToMetres, gap_max_m2: float | None = None
) -> list[Finding]:
    """Every overlap, gap and unmatched border of units in EPSG:4326, as `clean` would find and mend them."""
    return clean(shapes, rows=rows, names=names, to_metres=to_metres, gap_max_m2=gap_max_m2).findings


def clean(
    shapes: Shapes, *, rows: Ints, names: Sequence[str], to_metres: ToMetres, gap_max_m2: float | None = None
) -> Cleaned:
    """Make units in EPSG:4326 a coverage on the lattice of 1e-8 degree.

    An overlap goes to the smaller unit, so that an enclave drawn over its surroundings stays whole. A gap up to `gap_max_m2`
    (by default a quarter of the median unit) goes to the neighbour with the longest border; a larger one stays and is an
    error. A unit that is left with no ground is an error and gets its own shape back, so the result is then no coverage.
    """
    firm = mended(only(shapes, usable(shapes)))
    before_m2 = areas_m2(firm, to_metres=to_metres)
    limit_m2 = gap_limit_m2(before_m2) if gap_max_m2 is None else gap_max_m2
    there = np.flatnonzero(~shapely.is_missing(firm))
    faulty = there[faulty_units(firm[there])]
    result = firm.copy()
    result[there] = _edges_matched(firm[there])
    whole = shapely.coverage_union_all(result[there])
    findings: list[Finding] = []
    if len(faulty):
        crossing = overlaps(firm, faulty, to_metres=to_metres)
        findings += overlap_findings(crossing, rows=rows, names=names, keepers=_keepers(crossing, result))
    found_gaps = gaps(result, whole, to_metres=to_metres)
    findings += gap_findings(found_gaps, rows=rows, names=names, gap_max_m2=limit_m2)
    if findings or len(faulty):
        findings += loose_findings(loose_segments(firm, whole), rows=rows, names=names, to_metres=to_metres)
    _fill(result, found_gaps, gap_max_m2=limit_m2)
    findings += _swallowed(result, firm, before_m2, rows=rows, names=names)
    findings += _unclean(result, rows=rows, names=names)
    return _told(firm, result, findings, before_m2, to_metres=to_metres)


def _edges_matched(shapes: Shapes) -> Shapes:
    """No overlap left and every shared border with the same vertices on both sides. An emptied unit comes back empty."""
    result = shapes.copy()
    for turn in range(ROUNDS):
        bad = faulty_units(result)
        if not len(bad):
            break
        # What touches a faulty unit may get a corner of it; after some turns look further, and at last at everything.
        local = _around(result, bad, rings=1 + turn // 3) if turn < ROUNDS - 3 else np.arange(len(result))
        rebuilt = _cleaned_by_geos(result[local]) if turn == 0 else _rebuilt(result[local])
        same = shapely.equals_exact(_comparable(rebuilt), _comparable(result[local]), tolerance=0.0)
        result[local] = np.where(same, result[local], rebuilt)
    return result


def _comparable(shapes: Shapes) -> Shapes:
    """Shapes with their rings in a fixed order and turn, a single polygon in a collection as that polygon."""
    single = (shapely.get_num_geometries(shapes) == 1) & ~shapely.is_empty(shapes)
    return np.asarray(shapely.normalize(np.where(single, shapely.get_geometry(shapes, 0), shapes)), dtype=object)


def _around(shapes: Shapes, units: Ints, *, rings: int) -> Ints:
    tree = shapely.STRtree(shapes)
    for _ in range(rings):
        units = np.union1d(units, tree.query(shapes[units], predicate="intersects")[1])
    return units.astype(np.int64)


def _cleaned_by_geos(shapes: Shapes) -> Shapes:
    """The quick way: what GEOS makes of it, brought to the lattice, or the slow way if that loses a unit."""
    # GEOS compares with the missing number of an empty envelope now and then; numpy would pass that on as a warning.
    with np.errstate(invalid="ignore"):
        snapped = shapely.coverage_clean(shapes, snapping_distance=SNAP_DEG, merge_strategy="min_area")  # type: ignore[attr-defined]
    firm = mended(snapped)
    return _rebuilt(shapes) if shapely.is_missing(firm).any() else firm


def _rebuilt(shapes: Shapes) -> Shapes:
    """Units put together again from the faces that all their borders cut, each face given to the smallest unit it lies in.

    All borders are noded at once on the lattice (snap rounding), so that faces share their corners to the bit.
    """
    borders = shapely.union_all(shapely.boundary(shapes), grid_size=LATTICE_DEG)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(borders)))
    face, unit = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), predicate="intersects")
    smallest_first = np.lexsort((unit, shapely.area(shapes)[unit], face))
    owned, first = np.unique(face[smallest_first], return_index=True)
    owner = unit[smallest_first][first]
    pieces = split(owner, owned, len(shapes))
    return np.array([shapely.coverage_union_all(faces[mine]) if len(mine) else shapely.Polygon() for mine in pieces], dtype=object)


def _fill(shapes: Shapes, found: Gaps, *, gap_max_m2: float) -> None:
    """Give each small gap to the neighbour with the longest common border, in place.

    A gap's corners are the neighbours' own, so that joining along them makes no new corner.
    """
    small = np.array([i for i, units in enumerate(found.units) if found.m2[i] <= gap_max_m2 and len(units)], np.int64)
    takers, group = np.unique([int(found.units[i][0]) for i in small], return_inverse=True)
    for taker, holes in zip(takers.astype(np.int64), split(group, small, len(takers)), strict=True):
        shapes[taker] = shapely.coverage_union_all([shapes[taker], *found.shapes[holes]])


def _keepers(found: Overlaps, shapes: Shapes) -> Ints:
    """Which of the two units has most of each overlap now."""
    one = shapely.area(shapely.intersection(found.shapes, shapes[found.one]))
    other = shapely.area(shapely.intersection(found.shapes, shapes[found.other]))
    keepers: Ints = np.where(one >= other, found.one, found.other)
    return keepers


def _swallowed(result: Shapes, firm: Shapes, before_m2: Floats, *, rows: Ints, names: Sequence[str]) -> list[Finding]:
    """Units that lost all their ground; they get their shape back, in place."""
    told = []
    for i in np.flatnonzero(shapely.is_empty(result) & ~shapely.is_missing(result)).tolist():
        result[i] = firm[i]
        lon, lat = places_of(firm[[i]])[0]
        message = f"{names[i]} (feature {rows[i]}): other units claim all of its {before_m2[i]:,.0f} m². Take one of them out."
        told.append(Finding("swallowed", ERROR, (int(rows[i]),), (names[i],), message, float(before_m2[i]), lon, lat, firm[i]))
    return told


def _unclean(result: Shapes, *, rows: Ints, names: Sequence[str]) -> list[Finding]:
    told = []
    there = np.flatnonzero(~shapely.is_missing(result))
    edges = shapely.coverage_invalid_edges(result[there])
    for at in np.flatnonzero(~(shapely.is_empty(edges) | shapely.is_missing(edges))):
        i = int(there[at])
        lon, lat = shapely.get_coordinates(edges[at])[0].tolist()
        message = f"{names[i]} (feature {rows[i]}): its border could not be matched at {lon:.6f}, {lat:.6f}. Mend it by hand."
        told.append(Finding("unclean", ERROR, (int(rows[i]),), (names[i],), message, None, lon, lat, edges[at]))
    return told


def _told(firm: Shapes, result: Shapes, findings: list[Finding], before_m2: Floats, *, to_metres: ToMetres) -> Cleaned:
    changed = np.array([a is not b for a, b in zip(firm, result, strict=True)], np.bool_)
    after_m2, gained_m2, lost_m2 = before_m2.copy(), np.zeros(len(firm)), np.zeros(len(firm))
    old, new = firm[changed], result[changed]
    after_m2[changed] = areas_m2(new, to_metres=to_metres)
    gained_m2[changed] = areas_m2(shapely.difference(new, old), to_metres=to_metres)
    lost_m2[changed] = areas_m2(shapely.difference(old, new), to_metres=to_metres)
    return Cleaned(result, findings, before_m2, after_m2, gained_m2, lost_m2, changed)
