"""How units meet: overlaps pair by pair, gaps that they enclose, and border segments that no neighbour shares.

Everything works on shapes in EPSG:4326 that are valid and on the lattice; None is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.findings import ERROR, REPAIRED, Finding
from gis.rules.unit_shapes import ToMetres, areas_m2, places_of

SLIVER_M2 = 1.0
"""Smaller overlaps and gaps are counted together: they come from rounding, nobody acts on one."""
RIM_TOLERANCE_DEG = 2e-8
GAP_FRACTION = 0.25
NAMED_AT_MOST = 20


@dataclass(frozen=True)
class Overlaps:
    """Pairs of units, by position, that claim the same ground, with that ground."""

    one: Ints
    other: Ints
    shapes: Shapes
    m2: Floats


@dataclass(frozen=True)
class Gaps:
    """Ground that the units enclose and none claims; `units` holds the positions of those around each, longest border first."""

    shapes: Shapes
    m2: Floats
    units: list[Ints]


@dataclass(frozen=True)
class LooseSegments:
    """Border segments that only one unit has and that are not on the outer rim; `unit` is its position."""

    unit: Ints
    ends: Floats


def gap_limit_m2(unit_m2: Floats) -> float:
    """The largest gap that is given to a neighbour unasked: a quarter of the median unit."""
    there = unit_m2[unit_m2 > 0]
    return float(GAP_FRACTION * np.median(there)) if len(there) else 0.0


def faulty_units(shapes: Shapes) -> Ints:
    """Positions of the units whose border overlaps a neighbour or does not match its vertices."""
    edges = shapely.coverage_invalid_edges(shapes)
    return np.flatnonzero(~(shapely.is_empty(edges) | shapely.is_missing(edges)))


def overlaps(shapes: Shapes, faulty: Ints, *, to_metres: ToMetres) -> Overlaps:
    """Every pair of units whose ground overlaps, however little, largest first. One of each pair is among `faulty`."""
    at, found = shapely.STRtree(shapes).query(shapes[faulty], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([faulty[at], found]), axis=1), axis=0)
    one, other = pairs[pairs[:, 0] < pairs[:, 1]].T
    common = polygons_of(shapely.intersection(shapes[one], shapes[other]))
    m2 = areas_m2(common, to_metres=to_metres)
    real = np.flatnonzero(m2 > 0)
    order = real[np.argsort(-m2[real], kind="stable")]
    return Overlaps(one[order], other[order], common[order], m2[order])


def gaps(shapes: Shapes, whole: shapely.Geometry, *, to_metres: ToMetres) -> Gaps:
    """The holes in the union of the units, largest first, with the units around each."""
    holes = _holes(shapely.get_parts(whole))
    m2 = areas_m2(holes, to_metres=to_metres)
    order = np.argsort(-m2, kind="stable")
    holes, m2 = holes[order], m2[order]
    ends, unit = segments(shapes)
    hole_ends, hole = segments(holes)
    side, match = _equal_rows(hole_ends, ends)
    length = np.hypot(hole_ends[side, 2] - hole_ends[side, 0], hole_ends[side, 3] - hole_ends[side, 1])
    pairs, pair = np.unique(np.column_stack([hole[side], unit[match]]), axis=0, return_inverse=True)
    shared = np.bincount(pair.ravel(), weights=length, minlength=len(pairs))
    longest_first = np.lexsort((-shared, pairs[:, 0]))
    return Gaps(holes, m2, split(pairs[longest_first, 0], pairs[longest_first, 1], len(holes)))


def _holes(parts: Shapes) -> Shapes:
    """The open ground inside some polygons: their holes without the islands that lie in them."""
    rings = [ring for part in parts for ring in part.interiors]
    holes = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    islands = np.array([shapely.Polygon(part.exterior) for part in parts], dtype=object)
    hole, island = shapely.STRtree(islands).query(holes, predicate="covers")
    for at in np.unique(hole):
        holes[at] = shapely.difference(holes[at], shapely.union_all(islands[island[hole == at]]))
    return polygons_of(shapely.get_parts(holes))


def split(group: Ints, values: Ints, count: int) -> list[Ints]:
    """The values of each group 0..count-1, in their order."""
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=count))
    return np.split(values[order], ends[:-1]) if count else []


def loose_segments(shapes: Shapes, whole: shapely.Geometry) -> LooseSegments:
    """Border segments inside the city that no neighbour has with the same two ends; `whole` is the units' union.

    In a coverage every segment belongs to two units, or to one on the outer rim. What is left over lies at an overlap, at a
    gap, or where one side of a border has a vertex that the other lacks.
    """
    ends, unit = segments(shapes)
    _, first, times = np.unique(ends, axis=0, return_index=True, return_counts=True)
    once = np.sort(first[times == 1])
    inside = once[~_on_rim(ends[once], whole)]
    return LooseSegments(unit[inside], ends[inside])


def segments(shapes: Shapes) -> tuple[Floats, Ints]:
    """Every border segment as (west end, east end), an array of four columns, once per unit that has it, and the unit."""
    parts, unit_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    a, b, ring = _sides(rings)
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(turned[:, None], np.hstack([b, a]), np.hstack([a, b]))
    return ends, unit_of_part[part_of_ring[ring]].astype(np.int64)


def _sides(rings: Shapes) -> tuple[Floats, Floats, Ints]:
    """Both ends of every side of some rings, and the position of its ring."""
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    return xy[:-1][joined], xy[1:][joined], ring[:-1][joined]


def _equal_rows(few: Floats, many: Floats) -> tuple[Ints, Ints]:
    """Positions in both of all pairs of equal rows; each row of `few` occurs there once."""
    _, label = np.unique(np.vstack([few, many]), axis=0, return_inverse=True)
    label = label.ravel()
    at = np.full(len(few) + len(many), -1, np.int64)
    at[label[: len(few)]] = np.arange(len(few))
    found = at[label[len(few) :]]
    match = np.flatnonzero(found >= 0)
    return found[match], match


def _on_rim(ends: Floats, whole: shapely.Geometry) -> Flags:
    """Whether the middle of each segment lies on the outer rim of the union."""
    a, b, _ = _sides(shapely.get_exterior_ring(shapely.get_parts(whole)))
    rim = shapely.STRtree(_lines(np.hstack([a, b])))
    middle = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    on = np.zeros(len(ends), np.bool_)
    on[rim.query(middle, predicate="dwithin", distance=RIM_TOLERANCE_DEG)[0]] = True
    return on


def _lines(ends: Floats) -> Shapes:
    return np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), dtype=object)


def polygons_of(shapes: Shapes) -> Shapes:
    """The areas in geometries of any type, as polygons or multipolygons; empty where there are none."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    other = (shapely.get_dimensions(shapes) < 2) & ~shapely.is_missing(shapes)
    kept = shapes.copy()
    kept[other] = shapely.Polygon()
    for i in mixed[shapely.get_dimensions(shapes[mixed]) == 2]:
        parts = shapely.get_parts(shapely.get_parts(shapes[i]))
        areal = parts[shapely.get_dimensions(parts) == 2]
        kept[i] = areal[0] if len(areal) == 1 else shapely.multipolygons(areal)
    return kept


def overlap_findings(
    found: Overlaps, *, rows: Ints, names: Sequence[str], keepers: Ints
) -> list[Finding]:
    """A finding for each overlap, and one for all slivers. `keepers` holds the position of the unit that kept each."""
    told = []
    big = np.flatnonzero(found.m2 >= SLIVER_M2)
    for at, (lon, lat) in zip(big, places_of(found.shapes[big]), strict=True):
        i, j = int(found.one[at]), int(found.other[at])
        message = (
            f"{names[i]} (feature {rows[i]}) and {names[j]} (feature {rows[j]}) overlap by {found.m2[at]:,.0f} m² at "
            f"{lon:.6f}, {lat:.6f}. {names[keepers[at]]} keeps it; mend the layer if that is wrong."
        )
        told.append(
            Finding(
                "overlap", REPAIRED, (int(rows[i]), int(rows[j])), (names[i], names[j]), message, float(found.m2[at]), lon, lat,
                found.shapes[at],
            )
        )
    small = np.setdiff1d(np.arange(len(found.m2)), big)
    units = np.unique(np.concatenate([found.one[small], found.other[small]]))
    return told + _slivers("sliver_overlap", "overlaps", found.shapes[small], found.m2[small], units, rows=rows, names=names)


def gap_findings(
    found: Gaps, *, rows: Ints, names: Sequence[str], gap_max_m2: float
) -> list[Finding]:
    """A finding for each gap, and one for all slivers."""
    told = []
    big = np.flatnonzero(found.m2 >= SLIVER_M2)
    for at, (lon, lat) in zip(big, places_of(found.shapes[big]), strict=True):
        units = found.units[at]
        fills = found.m2[at] <= gap_max_m2
        amid = "inside" if len(units) == 1 else "between"
        where = f"A gap of {found.m2[at]:,.0f} m² at {lon:.6f}, {lat:.6f} {amid} {_listed(names, units)}"
        if not fills:
            fate = f"A unit may be missing here. Add it, or let gaps above {gap_max_m2:,.0f} m² be filled"
        else:
            fate = f"{names[units[0]]}, with the longest border, takes it"
        told.append(
            Finding(
                "gap", REPAIRED if fills else ERROR, tuple(int(row) for row in rows[units]), tuple(names[i] for i in units),
                f"{where}. {fate}.", float(found.m2[at]), lon, lat, found.shapes[at],
            )
        )
    small = np.setdiff1d(np.arange(len(found.m2)), big)
    units = np.unique(np.concatenate([np.empty(0, np.int64), *(found.units[at] for at in small)])).astype(np.int64)
    return told + _slivers("sliver_gap", "gaps", found.shapes[small], found.m2[small], units, rows=rows, names=names)


def _slivers(
    rule: str, word: str, shapes: Shapes, m2: Floats, units: Ints, *, rows: Ints, names: Sequence[str]
) -> list[Finding]:
    if not len(shapes):
        return []
    lon, lat = shapely.get_coordinates(shapes[0])[0].tolist()
    message = (
        f"{len(shapes)} {word} smaller than {SLIVER_M2:g} m², {m2.sum():,.4f} m² together, the largest at {lon:.6f}, {lat:.6f}, in "
        f"{_listed(names, units)}. They are closed."
    )
    concerned = tuple(int(row) for row in rows[units]), tuple(names[i] for i in units)
    where = shapely.multipolygons(shapely.get_parts(shapes))
    return [Finding(rule, REPAIRED, *concerned, message, float(m2.sum()), lon, lat, where)]


def _listed(names: Sequence[str], units: Ints) -> str:
    shown = ", ".join(names[i] for i in units[:NAMED_AT_MOST])
    return shown + (f" and {len(units) - NAMED_AT_MOST} more" if len(units) > NAMED_AT_MOST else "")


def loose_findings(
    found: LooseSegments, *, rows: Ints, names: Sequence[str], to_metres: ToMetres
) -> list[Finding]:
    """A finding per unit with all its loose segments; the amounts add up to their number."""
    if not len(found.unit):
        return []
    lines = _lines(found.ends)
    length_m = shapely.length(to_metres(lines))
    told = []
    units, position = np.unique(found.unit, return_inverse=True)
    for unit, mine in zip(units, split(position, np.arange(len(position)), len(units)), strict=True):
        lon, lat = found.ends[mine[np.argmax(length_m[mine])], :2].tolist()
        message = (
            f"{names[unit]} (feature {rows[unit]}): {len(mine)} border segments, {length_m[mine].sum():,.1f} m, are not shared "
            f"by a neighbour, the longest at {lon:.6f}, {lat:.6f}. They are matched to the neighbour's vertices."
        )
        told.append(
            Finding(
                "unmatched_edge", REPAIRED, (int(rows[unit]),), (names[unit],), message, float(len(mine)), lon, lat,
                shapely.multilinestrings(lines[mine]),
            )
        )
    return told
