"""The difference that an edit makes: applied to cells, written as JSON and read again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import shapely

from gis.draft_records import CellPart, Cut, Delta, GridChange
from gis.plan_records import CUT, DraftGrid, Patch
from gis.records import Ints

HOURS = ("inspections_h", "incidents_h", "people_h", "walking_h", "incidents")
COLUMNS = ("cell", "shape", "community", "grid", "area_m2", "population", "households", "unit_type", "root", "fraction", *HOURS)
PART_FIELDS = ("id", "root", "parent", "community", "area_m2", "population", "households", "unit_type", "fraction")


def written(delta: Delta) -> dict[str, Any]:
    """A delta as the JSON that an edit is kept as; shapes as hex WKB in EPSG:4326."""
    return {
        "cells": [list(move) for move in delta.cells],
        "grids": [[key, _grid_written(before), _grid_written(after)] for key, before, after in delta.grids],
        "cuts": [{"cell": cut.cell, "parts": [_part_written(part) for part in cut.parts]} for cut in delta.cuts],
        "communities": list(delta.communities),
    }


def read(kept: Mapping[str, Any]) -> Delta:
    """A delta from the JSON that it was kept as. The codes of its grids are left out: they are no part of a change."""
    return Delta(
        cells=tuple((cell, before, after) for cell, before, after in kept["cells"]),
        grids=tuple((key, _grid_read(key, before), _grid_read(key, after)) for key, before, after in kept["grids"]),
        cuts=tuple(Cut(cut["cell"], tuple(map(_part_read, cut["parts"]))) for cut in kept.get("cuts", ())),
        communities=tuple(kept.get("communities", ())),
    )


def _grid_written(grid: DraftGrid | None) -> dict[str, Any] | None:
    return None if grid is None else {name: value for name, value in asdict(grid).items() if name not in ("key", "code")}


def _grid_read(key: int, kept: Mapping[str, Any] | None) -> DraftGrid | None:
    return None if kept is None else DraftGrid(key=key, code="", **kept)


def _part_written(part: CellPart) -> dict[str, Any]:
    return {name: getattr(part, name) for name in PART_FIELDS} | {"wkb": shapely.to_wkb(part.shape, hex=True)}


def _part_read(kept: Mapping[str, Any]) -> CellPart:
    return CellPart(shape=shapely.from_wkb(kept["wkb"]), **{name: kept[name] for name in PART_FIELDS})


def backward(delta: Delta) -> Delta:
    """The same cells and grids the other way round. The cuts stay as they are: whoever undoes takes their parts away."""
    return replace(
        delta,
        cells=tuple((cell, after, before) for cell, before, after in delta.cells),
        grids=tuple((key, after, before) for key, before, after in delta.grids),
    )


def between(before: Patch, after: Ints, *, grids: Sequence[GridChange], cuts: Sequence[Cut] = ()) -> Delta:
    """What changes when the cells of a patch go to these grids. `cuts` are those that the patch shows the parts of."""
    parts = {part.id for cut in cuts for part in cut.parts}
    new = np.isin(before.cell, list(parts))
    moved = np.flatnonzero(new | (before.grid != after))
    was = np.where(new, CUT, before.grid)
    cells = list(zip(before.cell[moved].tolist(), was[moved].tolist(), after[moved].tolist(), strict=True))
    grid_of = dict(zip(before.cell.tolist(), before.grid.tolist(), strict=True))
    cells += [(cut.cell, grid_of[cut.parts[0].id], CUT) for cut in cuts]
    communities = {int(at) for at in before.community[moved]} | {
        grid.community_id for change in grids for grid in change[1:] if grid is not None
    }
    return Delta(tuple(cells), tuple(grids), tuple(cuts), tuple(sorted(communities)))


def applied(patch: Patch, delta: Delta) -> Patch:
    """A patch as it is after an edit."""
    whole = with_parts(patch, delta.cuts)
    key_of = {cell: after for cell, _, after in delta.cells}
    grid = np.array([key_of.get(cell, key) for cell, key in zip(whole.cell.tolist(), whole.grid.tolist(), strict=True)], np.int64)
    grids = regridded(patch.grids, delta.grids)
    return by_cell(replace(rows(whole, np.flatnonzero(grid != CUT)), grid=grid[grid != CUT], grids=grids))


def regridded(grids: Mapping[int, DraftGrid], changes: Sequence[GridChange]) -> dict[int, DraftGrid]:
    """Grids by key as they are after some changes; codes stay."""
    found = dict(grids)
    for key, _, after in changes:
        if after is None:
            found.pop(key, None)
        else:
            found[key] = replace(after, code=found[key].code if key in found else "")
    return found


def with_parts(patch: Patch, cuts: Sequence[Cut]) -> Patch:
    """A patch and below it the parts of its cut cells, each with the grid of its cell and its share of the hours."""
    if not cuts:
        return patch
    at = {cell: i for i, cell in enumerate(patch.cell.tolist())}
    parts = [part for cut in cuts for part in cut.parts]
    added = rows(patch, np.array([at[cut.cell] for cut in cuts for _ in cut.parts], np.int64))
    fraction = np.array([part.fraction for part in parts])
    ints: dict[str, Any] = {
        name: np.array([getattr(part, name) for part in parts], np.int64) for name in ("population", "households")
    }
    hours: dict[str, Any] = {name: getattr(added, name) * (fraction / added.fraction) for name in HOURS}
    added = replace(
        added, cell=np.array([part.id for part in parts], np.int64), fraction=fraction, **ints, **hours,
        area_m2=np.array([part.area_m2 for part in parts]), shape=np.array([part.shape for part in parts], dtype=object),
    )  # fmt: skip
    return joined([patch, added])


def rows(patch: Patch, chosen: Ints) -> Patch:
    """Some rows of a patch, in their order."""
    kept: dict[str, Any] = {name: getattr(patch, name)[chosen] for name in COLUMNS}
    return replace(patch, **kept)


def joined(patches: Sequence[Patch]) -> Patch:
    """Patches of the same grids one below the other."""
    columns: dict[str, Any] = {name: np.concatenate([getattr(patch, name) for patch in patches]) for name in COLUMNS}
    return replace(patches[0], **columns)


def by_cell(patch: Patch) -> Patch:
    """A patch ordered by the ids of its cells."""
    return rows(patch, np.argsort(patch.cell, kind="stable"))
