"""What cut cells have to do, shared among their parts so that the parts add up to the whole."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gis.plan_records import Patch
from gis.records import Floats, Ints

HOURS = ("inspections_h", "incidents_h", "people_h", "walking_h")


def whole_parts(amount: Ints, fraction: Floats, root: Ints) -> Ints:
    """Whole amounts of cut cells shared among their parts, so that the parts add up: the largest remainders get one more.

    Columns of parts: the amount of the whole cell, the part's share of it, and the cell that it is of.
    """
    _, first, cell = np.unique(root, return_index=True, return_inverse=True)
    exact = amount * fraction / np.bincount(cell, weights=fraction)[cell]
    down = np.floor(exact + 1e-9)
    missing = np.rint(amount[first] - np.bincount(cell, weights=down)).astype(np.int64)
    order = np.lexsort((np.arange(len(root)), down - exact, cell))
    turn = np.empty(len(root), dtype=np.int64)
    turn[order] = np.arange(len(root)) - np.searchsorted(cell[order], cell[order])
    return np.asarray(down + (turn < missing[cell]), np.int64)


def share_amounts(
    counted: Sequence[tuple[str, tuple[Any, ...], int, int]], parts: Patch, *, ids: Ints
) -> Mapping[str, list[tuple[Any, ...]]]:
    """Counts of cut cells (table, key, cell, number) as rows of their parts: (*key, id of the part, number), by table."""
    members = _members(parts)
    shared: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for table, key, cell, n in counted:
        own = members[cell]
        given = whole_parts(np.full(len(own), n), parts.fraction[own], parts.root[own])
        shared[table] += [(*key, part, some) for part, some in zip(ids[own].tolist(), given.tolist(), strict=True) if some]
    return shared


def share_loads(loads: Sequence[Any], parts: Patch, *, ids: Ints) -> list[tuple[Any, ...]]:
    """What cut cells have to do by each workload model, as rows of their parts; the last part takes what is left of the hours."""
    members = _members(parts)
    rows: list[tuple[Any, ...]] = []
    for load in loads:
        own = members[load.cell_id]
        incidents = whole_parts(np.full(len(own), load.incidents), parts.fraction[own], parts.root[own])
        hours = np.column_stack([_split(getattr(load, name), parts.fraction[own]) for name in HOURS])
        rows += [
            (load.model_id, part, *row, n)
            for part, row, n in zip(ids[own].tolist(), hours.tolist(), incidents.tolist(), strict=True)
        ]
    return rows


def _members(parts: Patch) -> dict[int, Ints]:
    return {root: np.flatnonzero(parts.root == root) for root in np.unique(parts.root).tolist()}


def _split(whole: float, fraction: Floats) -> Floats:
    given: Floats = whole * fraction / fraction.sum()
    given[-1] = max(whole - given[:-1].sum(), 0.0)
    return given
