"""The new course of a border between two neighbours, from a line that a hand drew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from gis.records import Shapes
from gis.rules.cleaning import LATTICE_DEG


@dataclass(frozen=True)
class Course:
    """A new border: the line as far as it counts, and the ground of both neighbours once it stands."""

    line: shapely.LineString
    grounds: Shapes


def polygons_of(outlines: Sequence[shapely.Geometry], lines: Sequence[shapely.Geometry]) -> Shapes:
    """The pieces that lines make of the ground inside some outlines, on the lattice."""
    ground = shapely.union_all(list(outlines))
    noded = shapely.union_all([*shapely.boundary(list(outlines)), *lines], grid_size=LATTICE_DEG)
    made = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return np.asarray(made[shapely.contains(ground, shapely.point_on_surface(made))], dtype=object)


def course(one: shapely.Geometry, other: shapely.Geometry, line: shapely.LineString) -> Course | None:
    """The border that a line stands for, of all it may mean the one that changes least; None if it is none.

    Where the line meets the old border it takes over, before and after that the old border stays; an end that lies inside a
    grid without meeting the border is led to the nearest place of it. An end beyond both grids is the end of the border.
    """
    both = shapely.union(one, other)
    border = shapely.line_merge(shapely.intersection(shapely.boundary(one), shapely.boundary(other)))
    strands: list[Any] = [part for part in shapely.get_parts(border) if shapely.length(part) > 0]
    strands.sort(key=lambda part: float(shapely.distance(part, line)))
    if not strands or not shapely.intersects(both, line):
        return None
    drawn = _trimmed(line, strands[0], both)
    if drawn is None:
        return None
    options = [_grounds(one, other, both, [drawn.line, *kept, *strands[1:]]) for kept in _kept(strands[0], drawn)]
    real = [option for option in options if option is not None]
    if not real:
        return None
    least = min(real, key=lambda option: option[0])
    return Course(drawn.line, least[1])


@dataclass(frozen=True)
class _Drawn:
    """A line between its ends on a border; `contact` holds how far along the border each end lies, None beyond the grids."""

    line: shapely.LineString
    contact: tuple[float | None, float | None]


def _trimmed(line: shapely.LineString, border: shapely.LineString, both: shapely.Geometry) -> _Drawn | None:
    """The line without what sticks out beyond the border, with ends that fall short led to it."""
    ends = shapely.get_coordinates(line)[[0, -1]]
    beyond = [not shapely.dwithin(both, shapely.Point(end), LATTICE_DEG) for end in ends]
    met = [shapely.Point(xy) for xy in shapely.get_coordinates(shapely.intersection(line, border))]
    at = np.unique(shapely.line_locate_point(line, met)) if met else np.zeros(0)
    start, end = 0.0, float(shapely.length(line))
    led = [False, False]
    if not beyond[0] and not beyond[1]:
        if len(at) >= 2:
            start, end = float(at[0]), float(at[-1])
        elif len(at) == 1 and at[0] < end / 2:
            start, led = float(at[0]), [False, True]
        elif len(at) == 1:
            end, led = float(at[0]), [True, False]
        else:
            led = [True, True]
    elif not beyond[0]:
        start, led = (float(at[0]), led) if len(at) else (start, [True, False])
    elif not beyond[1]:
        end, led = (float(at[-1]), led) if len(at) else (end, [False, True])
    if end - start <= 0:
        return None
    drawn: Any = substring(line, start, end)
    return _led(drawn, border, beyond, led)


def _led(line: shapely.LineString, border: shapely.LineString, beyond: list[bool], led: list[bool]) -> _Drawn:
    xy = shapely.get_coordinates(line)
    for end, lead in zip((0, -1), led, strict=True):
        if lead:
            onto = shapely.line_interpolate_point(border, shapely.line_locate_point(border, shapely.Point(xy[end])))
            xy = np.concatenate([shapely.get_coordinates(onto), xy] if end == 0 else [xy, shapely.get_coordinates(onto)])
    found = [
        None if out else float(shapely.line_locate_point(border, shapely.Point(xy[end])))
        for end, out in zip((0, -1), beyond, strict=True)
    ]
    return _Drawn(shapely.LineString(xy), (found[0], found[1]))


def _kept(border: shapely.LineString, drawn: _Drawn) -> Iterator[list[shapely.Geometry]]:
    """What may stay of the old border, one choice after the other."""
    length = float(shapely.length(border))
    met = sorted(at for at in drawn.contact if at is not None)
    if not met:
        yield []
    elif len(met) == 2:
        low, high = met
        yield [substring(border, 0, low), substring(border, high, length)]
        if shapely.is_closed(border):
            yield [substring(border, low, high)]
    else:
        yield [substring(border, 0, met[0])]
        yield [substring(border, met[0], length)]


def _grounds(
    one: shapely.Geometry, other: shapely.Geometry, both: shapely.Geometry, lines: Sequence[shapely.Geometry]
) -> tuple[float, Shapes] | None:
    """How much ground changes hands, and what each of the two has then; None if that is nothing or everything."""
    pieces = polygons_of([both], [line for line in lines if shapely.length(line) > 0])
    mine, theirs = (shapely.area(shapely.intersection(pieces, ground)) for ground in (one, other))
    is_mine = mine >= theirs
    if is_mine.all() or not is_mine.any():
        return None
    changed = float(np.where(is_mine, theirs, mine).sum())
    grounds = [shapely.coverage_union_all(pieces[is_mine]), shapely.coverage_union_all(pieces[~is_mine])]
    return (changed, np.array(grounds, dtype=object)) if changed > 0 else None
