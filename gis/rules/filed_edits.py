"""Drafts from files: a table of cells with their grids, or outlines of grids, brought in as one edit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from gis.draft_records import Cut, EditFinding, Fresh, Outcome
from gis.plan_records import DraftGrid, Patch
from gis.records import Ints, Shapes
from gis.rules import deltas
from gis.rules.borders import split
from gis.rules.cutting import NOWHERE, CannotCut, Divided, by_most_ground, cut
from gis.rules.drawn_edits import told_cuts
from gis.rules.editing import new_grid
from gis.rules.settling import empty, place, settle

NAMED_AT_MOST = 20
LEAST_FRACTION = 0.1
"""An outline with less of its ground than this in a community makes no grid there."""
CELL_COLUMNS = ("cell", "cell_id", "id", "单元", "单元编号", "block")
GRID_COLUMNS = ("grid", "code", "grid_code", "district", "网格", "网格编码", "网格代码")
UNIT_CODE_COLUMNS = ("code", "grid", "grid_code", "网格编码", "网格代码", "网格编号", "wgbm", "wgdm")
KEY_COLUMNS = ("key",)
UNIT_TYPE_COLUMNS = ("unit_type",)


@dataclass(frozen=True)
class FiledUnits:
    """Outlines of grids from a file, cleaned: shapes in EPSG:4326, "" for a unit without a code or type.

    `by_key` tells that the codes are keys of the draft's grids.
    """

    shape: Shapes
    code: Sequence[str]
    unit_type: Sequence[str]
    by_key: bool = False


def column_of(fields: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The column of a file that bears one of some names, in whatever case."""
    found = {name.strip().lower(): name for name in fields}
    return next((found[name] for name in names if name in found), None)


def name_in_files(grid: DraftGrid) -> str:
    """What a grid is called in files: its code, or "new-1" for the first new one. No program takes that for a number."""
    return grid.code or f"new-{-grid.key}"


def keys_by_word(grids: Mapping[int, DraftGrid], *, by_key: bool = False) -> dict[str, int]:
    """The words by which a file may name a grid: as files call it and, of a new one, as maps do; or its key and nothing else."""
    alive = [grid for grid in grids.values() if grid.alive]
    if by_key:
        return {str(grid.key): grid.key for grid in alive}
    labels = {f"+{-grid.key}": grid.key for grid in alive if not grid.code}
    return labels | {name_in_files(grid): grid.key for grid in alive}


def from_table(
    patch: Patch, cells: Sequence[str], words: Sequence[str], *, rows: Ints, fresh: Fresh, by_key: bool = False
) -> Outcome:
    """Cells go to the grids that a table names, `by_key` by their keys; an unknown name is a new grid. Other cells stay."""
    known = {str(cell): at for at, cell in enumerate(patch.cell.tolist())}
    findings = list(_table_faults(cells, words, known, rows=rows))
    if findings:
        return empty(patch, *findings)
    keys = keys_by_word(patch.grids, by_key=by_key)
    at = np.array([known[cell] for cell in cells], np.int64)
    wanted = np.array(words, dtype=object)
    group = np.full(len(patch), "", dtype=object)
    group[at] = wanted
    return _regrouped(Divided(patch, np.arange(len(patch))), group, keys=keys, types={}, fresh=fresh)


def _table_faults(cells: Sequence[str], words: Sequence[str], known: Mapping[str, int], *, rows: Ints) -> Iterator[EditFinding]:
    unknown = [i for i, cell in enumerate(cells) if cell not in known]
    for i in unknown[:NAMED_AT_MOST]:
        yield EditFinding("unknown_cell", f"Row {rows[i]}: the draft's scope has no cell {cells[i]}.")
    if len(unknown) > NAMED_AT_MOST:
        yield EditFinding("unknown_cell", f"And {len(unknown) - NAMED_AT_MOST:,} more cells that the draft's scope does not have.")
    for i in [i for i, word in enumerate(words) if not word][:NAMED_AT_MOST]:
        yield EditFinding("unknown_grid", f"Row {rows[i]}: no grid is named for cell {cells[i]}.")
    once: dict[str, int] = {}
    for i, cell in enumerate(cells):
        if once.setdefault(cell, i) != i and words[i] != words[once[cell]]:
            yield EditFinding("named_twice", f"Rows {rows[once[cell]]} and {rows[i]} give cell {cell} to two grids.")


def from_outlines(patch: Patch, units: FiledUnits, *, cut_cells: bool, fresh: Fresh, metric_srid: int) -> Outcome:
    """Each cell goes to the outline that has most of it, or is cut along the outlines; what no outline holds stays.

    An outline over several communities makes a grid in each where it has more than a little ground: no grid crosses that border.
    """
    try:
        divided = _divided(patch, units, cut_cells=cut_cells, fresh=fresh, metric_srid=metric_srid)
    except CannotCut as refused:
        return empty(patch, EditFinding("cannot_cut", str(refused)))
    inside = (divided.side != NOWHERE) & ~_barely(divided, units)
    if not inside.any():
        return empty(patch, EditFinding("outside_scope", "No outline of the file lies over the draft's scope."))
    words = np.array([code or f"unit {i}" for i, code in enumerate(units.code)], dtype=object)
    group = np.full(len(divided.patch), "", dtype=object)
    group[inside] = words[divided.side[inside]]
    types = {word: kind for word, kind in zip(words.tolist(), units.unit_type, strict=True) if kind}
    outcome = _regrouped(divided, group, keys=keys_by_word(patch.grids, by_key=units.by_key), types=types, fresh=fresh)
    return replace(outcome, notices=(*_uncovered(divided.patch, inside), *outcome.notices))


def _barely(divided: Divided, units: FiledUnits) -> Any:
    """The cells of a community into which an outline reaches with less than a tenth of what it holds: a crooked border."""
    pair = divided.side * len(np.unique(divided.patch.community)) + np.unique(divided.patch.community, return_inverse=True)[1]
    _, pair = np.unique(pair, return_inverse=True)
    held = np.bincount(divided.side + 1, weights=divided.patch.area_m2)[divided.side + 1]
    return np.bincount(pair, weights=divided.patch.area_m2)[pair] < LEAST_FRACTION * held


def _uncovered(patch: Patch, inside: Any) -> Iterator[EditFinding]:
    left = np.flatnonzero(~inside)
    if len(left):
        message = f"{len(left):,} cells lie in no outline of the file and stay where they are."
        yield EditFinding("uncovered", message, (), *place(patch.shape[left[0]]), severity="notice")


def _divided(patch: Patch, units: FiledUnits, *, cut_cells: bool, fresh: Fresh, metric_srid: int) -> Divided:
    """The cells of every community on the outlines, one community after the other when they are cut."""
    everything = np.ones(len(patch), np.bool_)
    if not cut_cells:
        return by_most_ground(patch, everything, units.shape)
    found: list[Divided] = []
    number = fresh.cell
    for community in np.unique(patch.community).tolist():
        mine = deltas.rows(patch, np.flatnonzero(patch.community == community))
        found.append(_cut_one(mine, units, fresh=Fresh(fresh.key, number), metric_srid=metric_srid))
        number -= sum(len(one.parts) for one in found[-1].cuts)
    whole = deltas.joined([one.patch for one in found])
    cuts: tuple[Cut, ...] = tuple(part for one in found for part in one.cuts)
    return Divided(whole, np.concatenate([one.side for one in found]), cuts)


def _cut_one(patch: Patch, units: FiledUnits, *, fresh: Fresh, metric_srid: int) -> Divided:
    outline = shapely.coverage_union_all(patch.shape)
    everything = np.ones(len(patch), np.bool_)
    over = np.flatnonzero(shapely.intersects(units.shape, outline))
    lines = shapely.union_all(shapely.boundary(units.shape[over]))
    inside = shapely.intersection(lines, shapely.buffer(outline, -1e-6))
    if shapely.is_empty(inside) or not len(over):
        return by_most_ground(patch, everything, units.shape)
    return cut(patch, everything, units.shape, line=lines, fresh=fresh, metric_srid=metric_srid)


def _regrouped(divided: Divided, group: Any, *, keys: Mapping[str, int], types: Mapping[str, str], fresh: Fresh) -> Outcome:
    """Cells go to the grids of their group's name ("" stays); an unknown name, or one of elsewhere, is new in each community."""
    patch = divided.patch
    after, made, number = patch.grid.copy(), {}, fresh.key
    named = np.flatnonzero(group != "")
    words, word = np.unique(group[named].astype(str), return_inverse=True)
    pairs, pair = np.unique(np.column_stack([word, patch.community[named]]), axis=0, return_inverse=True)
    for (at, home), mine in zip(pairs.tolist(), split(pair.ravel(), named, len(pairs)), strict=True):
        key = keys.get(words[at])
        if key is None or patch.grids[key].community_id != home:
            key, number = number, number - 1
            grid = new_grid(patch, mine, key)
            made[key] = replace(grid, unit_type=types.get(words[at], grid.unit_type))
        after[mine] = key
    ended = np.setdiff1d(np.unique(patch.grid), np.unique(after)).tolist()
    outcome = settle(patch, after, made=made, may_end=ended, cuts=divided.cuts)
    return replace(outcome, notices=tuple(told_cuts(divided.cuts)))
