"""Whether cells may go to other grids: nothing breaks apart, is emptied, leaks over a border or is taken from a locked grid."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import numpy as np
import shapely

from gis.draft_records import Cut, Delta, EditFinding, GridChange, Outcome
from gis.plan_records import DraftGrid, Patch
from gis.records import Flags, Ints
from gis.rules import deltas, neighbours

NO_GRIDS: Mapping[int, DraftGrid] = {}


def settle(
    before: Patch,
    after: Ints,
    *,
    made: Mapping[int, DraftGrid] = NO_GRIDS,
    may_end: Collection[int] = (),
    cuts: tuple[Cut, ...] = (),
) -> Outcome:
    """Judge that each cell of a patch goes to the grid `after` names, and say what that changes.

    `made` are the grids that are new. Grids that are left without cells end if they are among `may_end`, else that is a
    finding. `cuts` are those that `before` already shows the parts of.
    """
    held = replace(before, grids={**before.grids, **made})
    moved = np.flatnonzero(held.grid != after)
    findings = [*_unknown(held, after[moved]), *_locked(held, moved, after)]
    if not findings:
        findings = [*_leaks(held, moved, after), *_emptied(held, after, may_end=may_end, made=made), *_broken(held, after)]
    ended: list[GridChange] = [
        (key, held.grids[key], replace(held.grids[key], alive=False)) for key in may_end if not (after == key).any()
    ]
    changes: list[GridChange] = [(key, None, grid) for key, grid in made.items()] + ended
    delta = deltas.between(held, after, grids=changes, cuts=cuts)
    now = deltas.by_cell(replace(held, grid=after, grids=deltas.regridded(held.grids, changes)))
    return Outcome(now, delta, tuple(findings))


def place(shape: shapely.Geometry) -> tuple[float, float]:
    """A place inside a shape, longitude and latitude."""
    inside = shapely.point_on_surface(shape)
    return float(shapely.get_x(inside)), float(shapely.get_y(inside))


def named(patch: Patch, key: int) -> str:
    """A grid as a finding names it."""
    grid = patch.grids.get(key)
    return grid.code if grid is not None and grid.code else f"+{-key}" if key < 0 else str(key)


def pieces_of(patch: Patch, group: Ints) -> Ints:
    """The connected piece that each cell lies in when cells are grouped so."""
    a, b, _ = neighbours.borders(patch.shape, patch.shape)
    return neighbours.pieces(group, a, b)


def _unknown(patch: Patch, keys: Ints) -> Iterator[EditFinding]:
    for key in np.unique(keys).tolist():
        grid = patch.grids.get(key)
        if grid is None or not grid.alive:
            yield EditFinding("unknown_grid", f"The plan has no grid {named(patch, key)}.", (key,))


def _locked(patch: Patch, moved: Ints, after: Ints) -> Iterator[EditFinding]:
    for key in np.unique([patch.grid[moved], after[moved]]).tolist():
        if key in patch.grids and patch.grids[key].locked:
            concerned = moved[(patch.grid[moved] == key) | (after[moved] == key)]
            yield EditFinding(
                "locked", f"Grid {named(patch, key)} is locked. Unlock it first.", (key,), *place(patch.shape[concerned[0]])
            )


def _leaks(patch: Patch, moved: Ints, after: Ints) -> Iterator[EditFinding]:
    home = np.array([patch.grids[key].community_id for key in after[moved].tolist()], np.int64)
    over = moved[patch.community[moved] != home]
    for key in np.unique(after[over]).tolist():
        first = over[after[over] == key]
        message = f"{len(first)} cells lie in another community than grid {named(patch, key)}: no grid crosses that border."
        yield EditFinding("crosses_a_community", message, (key,), *place(patch.shape[first[0]]))


def _emptied(patch: Patch, after: Ints, *, may_end: Collection[int], made: Collection[int]) -> Iterator[EditFinding]:
    for key in np.setdiff1d(np.unique(patch.grid), np.union1d(np.unique(after), np.array(list(may_end), np.int64))).tolist():
        message = f"Grid {named(patch, key)} would be left without ground. Merge it instead."
        taker = int(after[patch.of_grid(key)][0])
        known = patch.grids[taker].alive and taker not in made
        repair = {"kind": "merge", "grids": [taker, key]} if known else None
        yield EditFinding(
            "empties_a_grid", message, (key,), *place(patch.shape[np.flatnonzero(patch.of_grid(key))[0]]), repair=repair
        )


def _broken(patch: Patch, after: Ints) -> Iterator[EditFinding]:
    """Every grid that the edit breaks into more pieces than it had."""
    touched = touched_keys(patch, after)
    concerned = np.flatnonzero(np.isin(patch.grid, touched) | np.isin(after, touched))
    if not len(concerned):
        return
    patch, after = deltas.rows(patch, concerned), after[concerned]
    a, b, _ = neighbours.borders(patch.shape, patch.shape)
    before_piece, after_piece = neighbours.pieces(patch.grid, a, b), neighbours.pieces(after, a, b)
    for key in touched.tolist():
        held = np.unique(before_piece[patch.of_grid(key)])
        left = strays(patch, after == key, after_piece)
        if len(left) + 1 > max(len(held), 1):
            yield _apart(patch, after, key, np.concatenate(left), pieces=len(left) + 1)


def _apart(patch: Patch, after: Ints, key: int, rest: Ints, *, pieces: int) -> EditFinding:
    """What does not hang together with a grid: cells that it gets from afar, or what it is cut off from."""
    where = place(patch.shape[rest[0]])
    if (patch.grid[rest] != key).all() and patch.of_grid(key).any():
        return EditFinding("not_neighbours", f"{len(rest)} cells do not lie beside grid {named(patch, key)}.", (key,), *where)
    return EditFinding("splits_a_grid", f"Grid {named(patch, key)} would fall into {pieces} pieces.", (key,), *where)


def strays(patch: Patch, mine: Flags, piece: Ints) -> list[Ints]:
    """The cells of every piece of a grid but its largest."""
    rows = np.flatnonzero(mine)
    parts = [rows[piece[rows] == one] for one in np.unique(piece[rows])]
    parts.sort(key=lambda part: -float(patch.area_m2[part].sum()))
    return parts[1:]


def touched_keys(patch: Patch, after: Ints) -> Ints:
    """Every grid that gives or gets a cell."""
    moved = patch.grid != after
    return np.unique(np.concatenate([patch.grid[moved], after[moved]]))


def empty(patch: Patch, *findings: EditFinding) -> Outcome:
    """The outcome of an edit that cannot be judged further."""
    return Outcome(patch, Delta(), tuple(findings))
