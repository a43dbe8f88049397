"""How far it is on foot over the street network: places are put on their nearest streets, ways are shortest ways.

A way has three parts: the leg from the source to its street (gis.rules.snapping), the way along streets, the leg to the target.
Legs count. Streets are walked in both directions. All ways are sums of whole
decimetres, so that the same question has the same answer on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np

from gis.records import Floats, Ints
from gis.rules import snapping
from gis.rules import walking_kernels as kernels
from gis.rules.remembering import remembered
from gis.rules.walking_network import DM_PER_M, ReachTable, Snapped, WalkingNetwork
from gis.rules.walking_streets import Streets, firsts, streets_of

CHUNK: Final = 64
"""Sources between two looks at the stop button."""
_LONGEST_DM: Final = 2**30

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]


snap = snapping.snap


class SearchStopped(Exception):
    """Somebody stopped the search before its end: there is no table."""


def nearest(network: WalkingNetwork, sources: Snapped, targets: Snapped, *, limit_m: float = np.inf) -> tuple[Floats, Ints]:
    """Metres to the nearest source of every target, and which it is; infinite and -1 where none is within the limit.

    Of sources as near to the decimetre the first.
    """
    limit_dm, streets = _decimetres(limit_m), ready(network)
    seeds = _places(streets, sources)
    known = np.flatnonzero(seeds.street >= 0)
    node = np.concatenate([seeds.start[known], seeds.end[known]])
    dm = np.concatenate([seeds.start_dm[known], seeds.end_dm[known]])
    order = np.argsort(dm, kind="stable")
    source = np.concatenate([known, known])[order].astype(np.int32)
    ring = kernels.ring_for(streets, limit_dm)
    best = kernels.spread(streets.first_arc, streets.arcs, node[order], dm[order], source, ring, limit_dm)
    keys = kernels.nearest_of(best, _places_of(network, targets), seeds, len(streets.length_dm), limit_dm)
    reached = keys != kernels.UNREACHED
    return np.where(reached, (keys >> 32) / DM_PER_M, np.inf), np.where(reached, keys & 0xFFFFFFFF, -1)


def pairs(
    network: WalkingNetwork,
    sources: Snapped,
    targets: Snapped,
    *,
    limit_m: float,
    threads: int = 1,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> ReachTable:
    """All pairs of a source and a target that are at most `limit_m` apart. Raises SearchStopped when `stop` says so.

    The same with any number of threads. A source or target without an edge is in no pair.
    """
    limit_dm, streets, n = _decimetres(limit_m), ready(network), len(sources.edge)
    ring = kernels.ring_for(streets, limit_dm)
    from_, reached = _places(streets, sources), _reached_of(network, targets)
    starts = range(0, n, CHUNK)
    done = 0

    def work(mine: range) -> list[tuple[Any, Any, Any]]:
        nonlocal done
        scratch = kernels.a_scratch(streets.n_crossings, reached.n_places, ring)
        out = []
        for begin in mine:
            if stop is not None and stop():
                raise SearchStopped
            end = min(begin + CHUNK, n)
            out.append(kernels.reach(streets.arcs, begin, end, from_, reached, scratch, limit_dm))
            done += end - begin
            if progress is not None:
                progress(done, n)
        return out

    if threads == 1 or len(starts) < 2:
        parts = work(starts)
    else:
        parts = [None] * len(starts)  # type: ignore[list-item]
        with ThreadPoolExecutor(threads) as pool:
            for thread, out in enumerate(pool.map(work, [starts[thread::threads] for thread in range(threads)])):
                parts[thread::threads] = out
    return _table(parts, n, reached.n_places)


def _table(parts: list[tuple[Any, Any, Any]], n: int, n_cells: int) -> ReachTable:
    first = np.zeros(n + 1, np.int64)
    if not parts:
        return ReachTable(first, np.empty(0, np.int32), np.empty(0, np.float32), n_cells)
    counts, cells, dm = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    np.cumsum(counts, out=first[1:])
    return ReachTable(first, cells, (dm / np.float32(DM_PER_M)).astype(np.float32), n_cells)


def _decimetres(limit_m: float) -> int:
    return int(min(limit_m * DM_PER_M + 1e-6, _LONGEST_DM))


def ready(network: WalkingNetwork) -> Streets:
    """The network as the searches want it: made once, a fraction of a second, and kept as long as it lives."""
    return remembered(network, "streets", lambda: streets_of(network))


def _places(streets: Streets, snapped: Snapped) -> kernels.Places:
    """Places by their streets. Where there is no edge, there is no street."""
    known = snapped.edge >= 0
    if not known.any():
        nowhere = np.full(len(known), -1, np.int32)
        return kernels.Places(nowhere, nowhere, nowhere, nowhere, nowhere, nowhere, nowhere)
    edge = np.where(known, snapped.edge, 0)
    street = streets.street[edge]
    walked = np.where(streets.turned[edge], -snapped.along_dm, snapped.along_dm)
    along = (streets.offset_dm[edge] + walked).astype(np.int32)
    leg = snapped.leg_dm.astype(np.int32)
    return kernels.Places(
        np.where(known, street, -1).astype(np.int32), along, leg,
        streets.start[street], leg + along, streets.end[street], leg + streets.length_dm[street] - along,
    )  # fmt: skip


def _places_of(network: WalkingNetwork, targets: Snapped) -> kernels.Places:
    """Targets by street. The note holds the network too, so that no other can come to have its id."""
    return remembered(targets, f"places on {id(network)}", lambda: (network, _places(ready(network), targets)))[1]


def _reached_of(network: WalkingNetwork, targets: Snapped) -> kernels.Reached:
    """Targets by crossing and street."""
    return remembered(targets, f"reached on {id(network)}", lambda: (network, _reached(network, targets)))[1]


def _reached(network: WalkingNetwork, targets: Snapped) -> kernels.Reached:
    streets, places = ready(network), _places_of(network, targets)
    known = np.flatnonzero(places.street >= 0).astype(np.int32)
    crossing = np.concatenate([places.start[known], places.end[known]])
    extra = np.concatenate([places.start_dm[known], places.end_dm[known]])
    order = np.lexsort((extra, crossing))
    return kernels.Reached(
        np.column_stack([streets.first_arc, firsts(crossing, streets.n_crossings)]),
        np.column_stack([np.concatenate([known, known]), extra])[order],
        firsts(places.street[known], len(streets.length_dm)), known[np.argsort(places.street[known], kind="stable")],
        places.along_dm, places.leg_dm, len(places.street),
    )  # fmt: skip


def compile_kernels() -> None:
    """Compile all searches now (a few seconds once, then kept on disk), so that no question waits for it."""
    network = WalkingNetwork(
        xy_m=np.array([[0.0, 0.0], [10.0, 0.0]]), start=np.array([0], np.int32), end=np.array([1], np.int32),
        length_dm=np.array([100], np.int32), first_vertex=np.array([0, 2]), vertices_m=np.array([[0.0, 0.0], [10.0, 0.0]]),
        first_arc=np.array([0, 1, 2]), arc_node=np.array([1, 0], np.int32), arc_dm=np.array([100, 100], np.int32),
        island=np.zeros(2, np.int32), barriers_m=np.array([], object), metric_srid=4547,
    )  # fmt: skip
    places = snap(network, np.array([[1.0, 1.0]]), reach_m=5.0)
    nearest(network, places, places)
    pairs(network, places, places, limit_m=5.0)
