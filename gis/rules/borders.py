"""How units meet: overlaps pair by pair, gaps that they enclose, and border segments that no neighbour shares.

Everything works on shapes in EPSG:4326 that are valid and on the lattice; None is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gis.records import Flags, Floats, Ints, Shapes
from gis.rules.findings import ERROR, REPAIRED, Finding
from gis.rules.unit_shapes import ToMetres, areas_m2, mended, place_of, usable

SLIVER_M2 = 1.0
"""Smaller overlaps and gaps are counted together: they come from rounding, nobody acts on one."""
RIM_TOLERANCE_DEG = 1e-9
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
    """Ground that the units enclose and none claims; `units` holds the positions of those around each."""

    shapes: Shapes
    m2: Floats
    units: list[Ints]


@dataclass(frozen=True)
class LooseSegments:
    """Border segments that only one unit has and that are not on the outer rim; `unit` is its position."""

    unit: Ints
    ends: Floats


def coverage_findings(
    shapes: Shapes, *, rows: Ints, names: Sequence[str], to_metres: ToMetres, gap_max_m2: float | None = None
) -> list[Finding]:
    """Every overlap, gap and unmatched border of units in EPSG:4326, as they come.

    A gap above `gap_max_m2` (by default a quarter of the median unit) is an error: a unit may be missing there.
    """
    firm = mended(np.where(usable(shapes), shapes, None))
    m2 = areas_m2(firm, to_metres=to_metres)
    limit_m2 = gap_limit_m2(m2) if gap_max_m2 is None else gap_max_m2
    found = overlap_findings(overlaps(firm, to_metres=to_metres), rows=rows, names=names)
    found += gap_findings(gaps(firm, to_metres=to_metres), rows=rows, names=names, gap_max_m2=limit_m2)
    return found + loose_findings(loose_segments(firm), rows=rows, names=names, to_metres=to_metres)


def gap_limit_m2(unit_m2: Floats) -> float:
    """The largest gap that is given to a neighbour unasked: a quarter of the median unit."""
    there = unit_m2[unit_m2 > 0]
    return float(GAP_FRACTION * np.median(there)) if len(there) else 0.0


def overlaps(shapes: Shapes, *, to_metres: ToMetres) -> Overlaps:
    """Every pair of units whose ground overlaps, however little."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = one < other
    one, other = one[pair], other[pair]
    crossing = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[crossing], other[crossing]
    common = polygons_of(shapely.intersection(shapes[one], shapes[other]))
    m2 = areas_m2(common, to_metres=to_metres)
    real = m2 > 0
    order = np.argsort(-m2[real], kind="stable")
    return Overlaps(one[real][order], other[real][order], common[real][order], m2[real][order])


def gaps(shapes: Shapes, *, to_metres: ToMetres) -> Gaps:
    """Every hole that the units together enclose."""
    return holes_of(shapely.union_all(shapes[~shapely.is_missing(shapes)]), shapes, to_metres=to_metres)


def holes_of(whole: shapely.Geometry, shapes: Shapes, *, to_metres: ToMetres) -> Gaps:
    """The holes in the union of some units, largest first, with the units around each."""
    parts = shapely.get_parts(whole)
    rings = [ring for part in parts for ring in part.interiors]
    holes = np.array(shapely.polygons(rings), dtype=object) if rings else np.empty(0, object)
    m2 = areas_m2(holes, to_metres=to_metres)
    order = np.argsort(-m2, kind="stable")
    holes, m2 = holes[order], m2[order]
    hole, unit = shapely.STRtree(shapes).query(holes, predicate="dwithin", distance=RIM_TOLERANCE_DEG)
    return Gaps(holes, m2, _split(hole, unit, len(holes)))


def _split(group: Ints, values: Ints, count: int) -> list[Ints]:
    """The values of each group 0..count-1."""
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=count))
    return np.split(values[order], ends[:-1]) if count else []


def loose_segments(shapes: Shapes) -> LooseSegments:
    """Border segments inside the city that no neighbour has with the same two ends.

    In a coverage every segment belongs to two units, or to one on the outer rim. What is left over lies at an overlap, at a
    gap, or where one side of a border has a vertex that the other lacks.
    """
    ends, unit = _segments(shapes)
    _, first, times = np.unique(ends, axis=0, return_index=True, return_counts=True)
    once = np.sort(first[times == 1])
    if len(once) == 0:
        return LooseSegments(unit[once], ends[once])
    inside = ~_on_rim(ends[once], shapes)
    return LooseSegments(unit[once][inside], ends[once][inside])


def _segments(shapes: Shapes) -> tuple[Floats, Ints]:
    """Every border segment as (west end, east end), each once per unit that has it, and the unit."""
    parts, unit_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inside = ring[1:] == ring[:-1]
    a, b = xy[:-1][inside], xy[1:][inside]
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(turned[:, None], np.hstack([b, a]), np.hstack([a, b]))
    return ends, unit_of_part[part_of_ring[ring[:-1][inside]]].astype(np.int64)


def _on_rim(ends: Floats, shapes: Shapes) -> Flags:
    """Whether the middle of each segment lies on the outer rim of the union."""
    whole = shapely.union_all(shapes[~shapely.is_missing(shapes)])
    xy, ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(whole)), return_index=True)
    inside = ring[1:] == ring[:-1]
    rim = shapely.STRtree(shapely.linestrings(np.stack([xy[:-1][inside], xy[1:][inside]], axis=1)))
    middle = shapely.points((ends[:, :2] + ends[:, 2:]) / 2)
    on = np.zeros(len(ends), np.bool_)
    on[rim.query(middle, predicate="dwithin", distance=RIM_TOLERANCE_DEG)[0]] = True
    return on


def polygons_of(shapes: Shapes) -> Shapes:
    """The areas in geometries of any type, as polygons or multipolygons; empty where there are none."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    other = (shapely.get_dimensions(shapes) < 2) & ~shapely.is_missing(shapes)
    kept = np.where(other, shapely.from_wkt("POLYGON EMPTY"), shapes)
    for i in mixed[shapely.get_dimensions(shapes[mixed]) == 2]:
        parts = shapely.get_parts(shapely.get_parts(shapes[i]))
        areal = parts[shapely.get_dimensions(parts) == 2]
        kept[i] = areal[0] if len(areal) == 1 else shapely.multipolygons(areal)
    return kept


def overlap_findings(
    found: Overlaps, *, rows: Ints, names: Sequence[str], keepers: Ints | None = None
) -> list[Finding]:
    """A finding for each overlap, and one for all slivers. `keepers` holds the position of the unit that kept each."""
    told = []
    big = np.flatnonzero(found.m2 >= SLIVER_M2)
    for at in big:
        i, j = int(found.one[at]), int(found.other[at])
        lon, lat = place_of(found.shapes[at])
        fate = "The smaller unit keeps it" if keepers is None else f"{names[keepers[at]]} keeps it"
        message = (
            f"{names[i]} (feature {rows[i]}) and {names[j]} (feature {rows[j]}) overlap by {found.m2[at]:,.0f} m² at "
            f"{lon:.6f}, {lat:.6f}. {fate}; mend the layer if that is wrong."
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
    found: Gaps, *, rows: Ints, names: Sequence[str], gap_max_m2: float, takers: Sequence[int] | None = None
) -> list[Finding]:
    """A finding for each gap, and one for all slivers. `takers` holds the position of the unit that took each, or -1."""
    told = []
    big = np.flatnonzero(found.m2 >= SLIVER_M2)
    for at in big:
        units = found.units[at]
        lon, lat = place_of(found.shapes[at])
        fills = found.m2[at] <= gap_max_m2
        where = f"A gap of {found.m2[at]:,.0f} m² at {lon:.6f}, {lat:.6f} between {_listed(names, units)}"
        if not fills:
            fate = f"A unit may be missing here: it is larger than {gap_max_m2:,.0f} m². Add the unit, or allow larger gaps to be filled"
        elif takers is None or takers[at] < 0:
            fate = "The neighbour with the longest border takes it"
        else:
            fate = f"{names[takers[at]]} takes it"
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
    return [
        Finding(
            rule, REPAIRED, tuple(int(row) for row in rows[units]), tuple(names[i] for i in units), message, float(m2.sum()), lon, lat,
            shapely.multipolygons(shapely.get_parts(shapes)),
        )
    ]


def _listed(names: Sequence[str], units: Ints) -> str:
    shown = ", ".join(names[i] for i in units[:NAMED_AT_MOST])
    return shown + (f" and {len(units) - NAMED_AT_MOST} more" if len(units) > NAMED_AT_MOST else "")


def loose_findings(
    found: LooseSegments, *, rows: Ints, names: Sequence[str], to_metres: ToMetres
) -> list[Finding]:
    """A finding per unit with all its loose segments; the amounts add up to their number."""
    if not len(found.unit):
        return []
    lines = shapely.linestrings(found.ends.reshape(-1, 2, 2))
    length_m = shapely.length(to_metres(lines))
    told = []
    units, position = np.unique(found.unit, return_inverse=True)
    for unit, mine in zip(units, _split(position, np.arange(len(position)), len(units)), strict=True):
        lon, lat = found.ends[mine[np.argmax(length_m[mine])], :2].tolist()
        message = (
            f"{names[unit]} (feature {rows[unit]}): {len(mine)} border segments, {length_m[mine].sum():,.1f} m, are not shared by a "
            f"neighbour, the longest at {lon:.6f}, {lat:.6f}. They are matched to the neighbour's vertices."
        )
        told.append(
            Finding(
                "unmatched_edge", REPAIRED, (int(rows[unit]),), (names[unit],), message, float(len(mine)), lon, lat,
                shapely.multilinestrings(lines[mine]),
            )
        )
    return told
