"""The edits that are drawn: a line splits a grid or is the new course of a border, a polygon carves a new grid out."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import shapely

from gis.draft_records import Cut, EditFinding, Fresh, Outcome
from gis.plan_records import DraftGrid, Patch
from gis.records import Flags, Ints, Shapes
from gis.rules import neighbours
from gis.rules.courses import course, polygons_of
from gis.rules.cutting import CannotCut, Divided, by_most_ground, cut, on_lattice
from gis.rules.deltas import rows
from gis.rules.editing import REPAIR_ROUNDS, new_grid, unknown_findings
from gis.rules.settling import empty, named, pieces_of, place, settle, strays, touched_keys

GRID, REST = 0, 1


def split(patch: Patch, key: int, line: shapely.Geometry, *, snap: bool, fresh: Fresh, metric_srid: int) -> Outcome:
    """A grid falls into the pieces that a line makes of it; the largest keeps its key, the others are new.

    With `snap` the pieces follow the cells, otherwise the cells are cut.
    """
    unknown = unknown_findings(patch, [key])
    if unknown:
        return empty(patch, *unknown)
    mine = patch.of_grid(key)
    whole = shapely.coverage_union_all(patch.shape[mine])
    pieces = polygons_of([whole], [on_lattice(line)])
    if len(pieces) < 2:
        return empty(patch, _not_across(line, f"The line does not cross grid {named(patch, key)} from border to border.", key))
    divided = _divided(patch, mine, pieces, line=line, snap=snap, fresh=fresh, metric_srid=metric_srid)
    if isinstance(divided, Outcome):
        return divided
    sides = _by_ground(divided)
    if len(sides) < 2:
        message = f"No cell of grid {named(patch, key)} lies mostly beyond the line; cells would have to be cut."
        coordinates = shapely.get_coordinates(line).tolist()
        repair = {"kind": "split", "grid": key, "line": coordinates, "snap": False} if snap else None
        return empty(patch, replace(_not_across(line, message, key), repair=repair))
    keys = dict(zip(sides, [key, *(fresh.key - i for i in range(len(sides) - 1))], strict=True))
    after = np.array(
        [keys.get(side, grid) for side, grid in zip(divided.side.tolist(), divided.patch.grid.tolist(), strict=True)], np.int64
    )
    made = {new: _like(divided.patch, after == new, new, patch.grids[key]) for new in keys.values() if new != key}
    return _settled(divided, after, made=made)


def reshape(
    patch: Patch, line: shapely.Geometry, *, between: tuple[int, int], snap: bool, fresh: Fresh, metric_srid: int
) -> Outcome:
    """The border between two neighbours takes a new course, and both follow."""
    unknown = unknown_findings(patch, between)
    if unknown:
        return empty(patch, *unknown)
    one, other = (shapely.coverage_union_all(patch.shape[patch.of_grid(key)]) for key in between)
    names = " and ".join(named(patch, key) for key in between)
    drawn = course(one, other, on_lattice(line))
    if drawn is None:
        message = f"The line is no new border between the grids {names}: begin and end it on or beyond their common border."
        return empty(patch, replace(_not_across(line, message, between[0]), grids=between))
    concerned = np.isin(patch.grid, between)
    divided = _divided(patch, concerned, drawn.grounds, line=drawn.line, snap=snap, fresh=fresh, metric_srid=metric_srid)
    if isinstance(divided, Outcome):
        return divided
    after = np.where(divided.side == 0, between[0], np.where(divided.side == 1, between[1], divided.patch.grid))
    if not divided.cuts and (after == divided.patch.grid).all():
        message = "No cell lies mostly beyond the new course; cells would have to be cut."
        repair = {"kind": "reshape", "line": shapely.get_coordinates(line).tolist(), "between": list(between), "snap": False}
        return empty(patch, replace(_not_across(line, message, between[0]), grids=between, repair=repair if snap else None))
    return _settled(divided, after)


def neighbours_along(patch: Patch, line: shapely.Geometry) -> tuple[int, int] | None:
    """The two neighbours whose common border a line most likely redraws; None if it meets no two.

    Those that hold most of the line, and of them those to whose border its ends are nearest.
    """
    shapes = {int(key): shapely.coverage_union_all(patch.shape[patch.of_grid(int(key))]) for key in np.unique(patch.grid)}
    keys = [key for key, shape in shapes.items() if shapely.intersects(shape, line)]
    around = [key for key, shape in shapes.items() if any(shapely.intersects(shape, shapes[near]) for near in keys)]
    found = []
    for i, one in enumerate(around):
        for other in around[i + 1 :]:
            border = shapely.intersection(shapely.boundary(shapes[one]), shapely.boundary(shapes[other]))
            if shapely.length(border) > 0 and (one in keys or other in keys):
                held = shapely.length(shapely.intersection(line, shapely.union(shapes[one], shapes[other])))
                ends = shapely.points(shapely.get_coordinates(line)[[0, -1]])
                found.append(
                    (-round(float(held / shapely.length(line)), 1), float(shapely.distance(ends, border).sum()), one, other)
                )
    return min(found)[2:] if found else None


def carve(
    patch: Patch, ground: shapely.Geometry, *, snap: bool, fresh: Fresh, metric_srid: int, facts: DraftGrid | None = None,
    repair: bool = False,
) -> Outcome:  # fmt: skip
    """A new grid out of the ground of others, inside the community that has most of a polygon.

    With `repair`, what it would cut off from others goes along, and of several pieces the largest is taken.
    """
    whole = on_lattice(ground)
    community = _community_of(patch, whole)
    mine = patch.community == community
    outline = shapely.coverage_union_all(patch.shape[mine])
    grounds = np.array([shapely.intersection(whole, outline), shapely.difference(outline, whole)], dtype=object)
    held = rows(patch, np.flatnonzero(mine))
    if shapely.area(grounds[GRID]) == 0:
        return empty(patch, EditFinding("outside_scope", "The polygon holds no ground of the draft's scope.", (), *place(ground)))
    everything = np.ones(len(held), np.bool_)
    line = shapely.boundary(whole)
    divided = _divided(held, everything, grounds, line=line, snap=snap, fresh=fresh, metric_srid=metric_srid, gather=False)
    if isinstance(divided, Outcome):
        return divided
    inside = divided.side == GRID
    if not inside.any():
        message = "No cell lies mostly inside the polygon; cells would have to be cut."
        return empty(patch, EditFinding("line_does_not_cross", message, (), *place(ground)))
    after = np.where(inside, fresh.key, divided.patch.grid)
    outcome = _settled(divided, after, made={fresh.key: new_grid(divided.patch, inside, fresh.key, like=facts)})
    if outcome.findings and snap:
        outcome = _mended(divided, inside, outcome, key=fresh.key, repair=repair)
    return replace(outcome, notices=(*_beyond(whole, outline), *outcome.notices))


def _mended(divided: Divided, inside: Flags, refused: Outcome, *, key: int, repair: bool) -> Outcome:
    """The carved grid in one piece, with what it would cut off from others; offered, or done if that was asked for."""
    patch, wanted = divided.patch, inside.copy()
    for _ in range(REPAIR_ROUNDS):
        after = np.where(wanted, key, patch.grid)
        piece = pieces_of(patch, after)
        for one in touched_keys(patch, after).tolist():
            for rows_apart in strays(patch, after == one, piece):
                wanted[rows_apart] = one != key
    if not wanted.any():
        return refused
    outcome = _settled(divided, np.where(wanted, key, patch.grid), made={key: new_grid(patch, wanted, key)})
    if outcome.findings or repair:
        return refused if outcome.findings else outcome
    body = {"kind": "carve", "cells": patch.cell[wanted].tolist()}
    return replace(refused, findings=tuple(replace(finding, repair=body) for finding in refused.findings))


def _community_of(patch: Patch, ground: shapely.Geometry) -> int:
    shared = shapely.area(shapely.intersection(patch.shape, ground))
    homes, home = np.unique(patch.community, return_inverse=True)
    return int(homes[np.argmax(np.bincount(home, weights=shared))])


def _beyond(ground: shapely.Geometry, outline: shapely.Geometry) -> Iterator[EditFinding]:
    rest = shapely.difference(ground, outline)
    if shapely.area(rest) > 0.01 * shapely.area(ground):
        message = "The polygon reaches beyond the community; the new grid ends at its border."
        yield EditFinding("crosses_a_community", message, (), *place(rest), severity="notice")


def _divided(
    patch: Patch, concerned: Flags, grounds: Shapes, *, line: shapely.Geometry, snap: bool, fresh: Fresh, metric_srid: int,
    gather: bool = True,
) -> Divided | Outcome:  # fmt: skip
    """Cells on the sides of a line, whole or cut; or why they cannot be cut."""
    if snap:
        divided = by_most_ground(patch, concerned, grounds)
        return replace(divided, side=_gathered(patch, divided.side)) if gather else divided
    try:
        return cut(patch, concerned, grounds, line=line, fresh=fresh, metric_srid=metric_srid)
    except CannotCut as refused:
        return empty(patch, _not_across(line, str(refused), rule="cannot_cut"))


def _gathered(patch: Patch, side: Ints) -> Ints:
    """Sides that hang together: what of a side lies apart from its largest piece goes over to the side it borders on most."""
    inside = np.flatnonzero(side >= 0)
    a, b, length = neighbours.borders(patch.shape[inside], patch.shape[inside])
    own = side[inside].copy()
    for _ in range(len(inside)):
        piece = neighbours.pieces(own, a, b)
        size = np.bincount(piece, weights=patch.area_m2[inside])
        apart = [one for one in np.unique(piece) if size[one] < max(size[np.unique(piece[own == own[piece == one][0]])])]
        if not apart:
            break
        mine = piece == min(apart, key=lambda one: (size[one], one))
        edge = mine[a] != mine[b]
        beside = np.where(mine[a], own[b], own[a])[edge]
        foreign = beside != own[mine][0]
        if not foreign.any():
            break
        own[mine] = np.bincount(beside[foreign], weights=length[edge][foreign]).argmax()
    gathered = side.copy()
    gathered[inside] = own
    return gathered


def _by_ground(divided: Divided) -> list[int]:
    """The sides that have cells, the largest first."""
    sides = [side for side in np.unique(divided.side).tolist() if side >= 0]
    return sorted(sides, key=lambda side: -float(divided.patch.area_m2[divided.side == side].sum()))


def _like(patch: Patch, mine: Flags, key: int, parent: DraftGrid) -> DraftGrid:
    return replace(new_grid(patch, mine, key), kind=parent.kind)


def _settled(divided: Divided, after: Ints, *, made: dict[int, DraftGrid] | None = None) -> Outcome:
    outcome = settle(divided.patch, after, made=made or {}, cuts=divided.cuts)
    return replace(outcome, notices=tuple(told_cuts(divided.cuts)))


def told_cuts(cuts: tuple[Cut, ...]) -> Iterator[EditFinding]:
    """What was cut, and into what."""
    for one in cuts:
        if len(one.parts) > 1:
            into = ", ".join(f"{part.area_m2:,.0f} m² with {part.population} residents" for part in one.parts)
            message = f"Cell {one.parts[0].root} is cut into {len(one.parts)} parts: {into}."
            yield EditFinding("cells_cut", message, (), *place(one.parts[0].shape), severity="notice")


def _not_across(line: shapely.Geometry, message: str, *keys: int, rule: str = "line_does_not_cross") -> EditFinding:
    lon, lat = shapely.get_coordinates(line)[-1].tolist()
    return EditFinding(rule, message, keys, lon, lat)
