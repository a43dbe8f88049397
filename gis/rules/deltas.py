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


def between(before: Patch, after: Ints, *, grids: Sequence[GridChange]) -> Delta:
    """What changes when the cells of a patch go to these grids, without any cut."""
    moved = np.flatnonzero(before.grid != after)
    cells = tuple(zip(before.cell[moved].tolist(), before.grid[moved].tolist(), after[moved].tolist(), strict=True))
    communities = {int(at) for at in before.community[moved]} | {
        grid.community_id for change in grids for grid in change[1:] if grid is not None
    }
    return Delta(cells, tuple(grids), communities=tuple(sorted(communities)))


def applied(patch: Patch, delta: Delta) -> Patch:
    """A patch as it is after an edit."""
    whole = _with_parts(patch, delta.cuts)
    key_of = {cell: after for cell, _, after in delta.cells}
    grid = np.array([key_of.get(cell, key) for cell, key in zip(whole.cell.tolist(), whole.grid.tolist(), strict=True)], np.int64)
    grids = dict(patch.grids)
    for key, _, after in delta.grids:
        if after is None:
            grids.pop(key, None)
        else:
            code = grids[key].code if key in grids else ""
            grids[key] = replace(after, code=code)
    return _ordered(replace(whole, grid=grid, grids=grids), grid != CUT)


def _with_parts(patch: Patch, cuts: Sequence[Cut]) -> Patch:
    """The cells of a patch and below them the parts of those that are cut, with the key CUT."""
    if not cuts:
        return patch
    at = {cell: i for i, cell in enumerate(patch.cell.tolist())}
    parts = [part for cut in cuts for part in cut.parts]
    parent = np.array([at[cut.cell] for cut in cuts for _ in cut.parts], np.int64)
    fraction = np.array([part.fraction for part in parts])
    share = fraction / patch.fraction[parent]
    ints = {
        "cell": [part.id for part in parts], "community": [part.community for part in parts], "grid": [CUT] * len(parts),
        "population": [part.population for part in parts], "households": [part.households for part in parts],
        "root": [part.root for part in parts],
    }  # fmt: skip
    added: dict[str, Any] = {name: np.array(column, np.int64) for name, column in ints.items()}
    added |= {name: getattr(patch, name)[parent] * share for name in HOURS}
    added |= {
        "fraction": fraction, "area_m2": np.array([part.area_m2 for part in parts]),
        "shape": np.array([part.shape for part in parts], dtype=object),
        "unit_type": np.array([part.unit_type for part in parts], dtype=object),
    }  # fmt: skip
    longer: dict[str, Any] = {name: np.concatenate([getattr(patch, name), column]) for name, column in added.items()}
    return replace(patch, **longer)


def _ordered(patch: Patch, kept: Any) -> Patch:
    """Only the rows that are kept, by the id of the cell."""
    rows = np.flatnonzero(kept)
    rows = rows[np.argsort(patch.cell[rows], kind="stable")]
    names = ("cell", "shape", "community", "grid", "area_m2", "population", "households", "unit_type", "root", "fraction", *HOURS)
    return replace(patch, **{name: getattr(patch, name)[rows] for name in names})
