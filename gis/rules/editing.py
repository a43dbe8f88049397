"""The edits that move whole cells: merge, transfer, a lasso, a proposal; and those that change only what is known of grids."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from gis.draft_records import Delta, EditFinding, Fresh, GridChange, Move, Outcome, Step
from gis.plan_records import DraftGrid, Patch
from gis.records import Flags, Ints
from gis.rules.settling import empty, named, pieces_of, place, settle, strays, touched_keys

REPAIR_ROUNDS = 4
UNKNOWN = -(2**31)
"""From here downward: keys that no draft has given."""


def merge(patch: Patch, keys: Sequence[int]) -> Outcome:
    """Grids become one, under the key and facts of the first."""
    gone = [key for key in keys[1:] if key != keys[0]]
    unknown = unknown_findings(patch, [keys[0], *gone])
    if unknown or not gone:
        nothing = EditFinding("nothing_to_do", "Name two grids or more.", tuple(keys))
        return empty(patch, *(unknown or [nothing]))
    locked = [key for key in (keys[0], *gone) if patch.grids[key].locked]
    outcome = settle(patch, np.where(np.isin(patch.grid, gone), keys[0], patch.grid), may_end=gone)
    if any(finding.rule in ("splits_a_grid", "not_neighbours") for finding in outcome.findings) and not locked:
        names = ", ".join(named(patch, key) for key in keys)
        where = place(patch.shape[np.flatnonzero(patch.of_grid(gone[0]))[0]])
        return empty(patch, EditFinding("not_neighbours", f"The grids {names} do not hang together.", tuple(keys), *where))
    return outcome


def lassoed(patch: Patch, ground: shapely.Geometry, *, to: int, grids: Sequence[int] | None = None) -> list[int]:
    """The cells whose middle a lasso holds, of the community of a grid and outside of it; with `grids`, only of these."""
    home = patch.grids[to].community_id if to in patch.grids else None
    shapely.prepare(ground)
    inside = shapely.contains(ground, shapely.point_on_surface(patch.shape)) & (patch.community == home) & (patch.grid != to)
    if grids is not None:
        inside &= np.isin(patch.grid, list(grids))
    found: list[int] = patch.cell[inside].tolist()
    return found


def transfer(patch: Patch, cells: Sequence[int], *, to: int, repair: bool = False) -> Outcome:
    """Cells go to a grid. With `repair`, what speaks against it is mended: cells that would be cut off go along."""
    unknown = unknown_findings(patch, [to])
    wanted = np.isin(patch.cell, list(cells))
    if unknown or not wanted.any():
        nothing = EditFinding("nothing_to_do", "No cell of the plan's scope was named.", (to,))
        return empty(patch, *(unknown or [nothing]))
    outcome = _transferred(patch, wanted, to=to)
    if not outcome.findings:
        return outcome
    mended = _mended(patch, wanted, to=to)
    if mended is None:
        return outcome
    if repair:
        return _transferred(patch, mended, to=to)
    body = {"kind": "transfer", "cells": patch.cell[mended].tolist(), "to": to}
    return replace(
        outcome, findings=tuple(finding if finding.repair else replace(finding, repair=body) for finding in outcome.findings)
    )


def _transferred(patch: Patch, wanted: Flags, *, to: int) -> Outcome:
    return settle(patch, np.where(wanted, to, patch.grid))


def _mended(patch: Patch, wanted: Flags, *, to: int) -> Flags | None:
    """Other cells that may go where these may not; None if there are none.

    Cells of other communities and of locked grids stay, and so do those that do not hang together with the grid; what a grid
    would have cut off goes along.
    """
    home = patch.grids[to].community_id
    firm = np.array([patch.grids[key].locked for key in patch.grid.tolist()], np.bool_)
    mended = wanted & (patch.community == home) & ~firm
    for _ in range(REPAIR_ROUNDS):
        after = np.where(mended, to, patch.grid)
        piece = pieces_of(patch, after)
        mended = _reaching(patch, mended, after, piece, to=to)
        after = np.where(mended, to, patch.grid)
        piece = pieces_of(patch, after)
        for key in touched_keys(patch, after).tolist():
            for rows in strays(patch, after == key, piece) if key != to else []:
                mended[rows] = True
        outcome = _transferred(patch, mended, to=to)
        if not outcome.findings:
            return mended if mended.any() else None
    return None


def _reaching(patch: Patch, mended: Flags, after: Ints, piece: Ints, *, to: int) -> Flags:
    """Of the cells that go over, those that hang together with the largest piece of the grid as it is."""
    own = np.flatnonzero(patch.of_grid(to))
    sizes = Counter[int]()
    for row in own.tolist():
        sizes[int(piece[row])] += 1
    return mended & (piece == sizes.most_common(1)[0][0]) if sizes else mended


def assign(
    patch: Patch,
    moves: Mapping[int, int],
    *,
    fresh: Fresh,
    facts: Mapping[int, DraftGrid] | None = None,
    may_end: bool = True,
) -> Outcome:
    """Cells go to grids all at once, as a proposal or a file says: `moves` holds the key wanted by cell.

    A key below zero that the draft does not know is a new grid, numbered from `fresh` on, of the type that most of its ground
    has unless `facts` says. Grids that are left without cells end if they `may_end`.
    """
    wanted = np.array([moves.get(cell, key) for cell, key in zip(patch.cell.tolist(), patch.grid.tolist(), strict=True)], np.int64)
    new = [key for key in sorted(set(wanted.tolist()), reverse=True) if key < 0 and key not in patch.grids]
    number = {key: fresh.key - i for i, key in enumerate(new)}
    after = np.array([number.get(key, key) for key in wanted.tolist()], np.int64)
    made = {number[key]: new_grid(patch, after == number[key], number[key], like=(facts or {}).get(key)) for key in new}
    ended = np.setdiff1d(np.unique(patch.grid), np.unique(after)).tolist() if may_end else []
    return settle(patch, after, made=made, may_end=ended)


def touched(since: Sequence[Step], homes: Iterable[int]) -> list[int]:
    """Those communities that are not as they were before some steps; what was done and undone again is as it was."""
    first = {step.seq: step for step in reversed(since)}
    last = {step.seq: step for step in since}
    changed = [step for seq, step in last.items() if (step.action == "undo") == (first[seq].action == "undo")]
    if any(not step.delta.communities for step in changed):  # a rebase: it may be anywhere
        return sorted(homes)
    return sorted(set(homes) & {home for step in changed for home in step.delta.communities})


def out_of_date(community: str) -> EditFinding:
    """What speaks against taking what was proposed for a community, by its code."""
    message = f"The grids of {community} changed since this was proposed; ask for a new proposal there, or take the others."
    return EditFinding("proposal_out_of_date", message, community=community)


def take(patch: Patch, proposed: Mapping[int, Sequence[Move]], *, fresh: Fresh) -> Outcome:
    """The moves that a machine proposed, by community, as one edit; refused where a cell has another grid by now.

    Every community numbers its new grids by itself, from -1 downward.
    """
    grid_of = dict(zip(patch.cell.tolist(), patch.grid.tolist(), strict=True))
    moved = [(home, *move) for home, moves in proposed.items() for move in moves]
    late = [cell for _, cell, before, _ in moved if grid_of.get(cell) != before]
    if late:
        message = f"{len(late):,} cells have another grid by now than when this was proposed; ask for a new proposal."
        at = np.flatnonzero(np.isin(patch.cell, late))
        return empty(patch, EditFinding("proposal_out_of_date", message, (), *(place(patch.shape[at[0]]) if len(at) else ())))
    there = {(grid.community_id, key) for key, grid in patch.grids.items() if grid.alive}
    apart = sorted({(home, after) for home, _, _, after in moved if (home, after) not in there}, reverse=True)
    number = {pair: UNKNOWN - i for i, pair in enumerate(apart)}
    return assign(patch, {cell: number.get((home, after), after) for home, cell, _, after in moved}, fresh=fresh)


def new_grid(patch: Patch, mine: Flags | Ints, key: int, *, like: DraftGrid | None = None) -> DraftGrid:
    """A grid that is new in the draft: of the community of its cells, and of the type that most of its ground has."""
    ground: Counter[str] = Counter()
    for kind, m2 in zip(patch.unit_type[mine].tolist(), patch.area_m2[mine].tolist(), strict=True):
        ground[kind] += m2
    made = DraftGrid(key, "", int(patch.community[mine][0]), "basic", max(ground, key=lambda kind: (ground[kind], kind)))
    if like is None:
        return made
    return replace(made, kind=like.kind, unit_type=like.unit_type or made.unit_type, name_zh=like.name_zh, name_en=like.name_en)


def describe(patch: Patch, key: int, facts: Mapping[str, Any]) -> Outcome:
    """Other facts of a grid: `kind`, `unit_type`, `name_zh`, `name_en`."""
    unknown = unknown_findings(patch, [key])
    if unknown:
        return empty(patch, *unknown)
    if patch.grids[key].locked:
        return empty(patch, EditFinding("locked", f"Grid {named(patch, key)} is locked. Unlock it first.", (key,)))
    return _redescribed(patch, [(key, patch.grids[key], replace(patch.grids[key], **facts))])


def lock(patch: Patch, keys: Sequence[int], *, locked: bool) -> Outcome:
    """Grids are locked against edits and against the machine, or opened again."""
    unknown = unknown_findings(patch, keys)
    if unknown:
        return empty(patch, *unknown)
    return _redescribed(patch, [(key, patch.grids[key], replace(patch.grids[key], locked=locked)) for key in keys])


def _redescribed(patch: Patch, changes: Sequence[GridChange]) -> Outcome:
    real = tuple(change for change in changes if change[1] != change[2])
    homes = sorted({change[2].community_id for change in real if change[2] is not None})
    grids = dict(patch.grids) | {key: after for key, _, after in real if after is not None}
    return Outcome(replace(patch, grids=grids), Delta(grids=real, communities=tuple(homes)))


def unknown_findings(patch: Patch, keys: Sequence[int]) -> list[EditFinding]:
    """A finding for each key that is no grid of the patch."""
    gone = [key for key in keys if key not in patch.grids or not patch.grids[key].alive]
    return [EditFinding("unknown_grid", f"The plan's scope has no grid {named(patch, key)}.", (key,)) for key in gone]
