"""Ways over the walking network: the legs, the shortest ways, and who reaches whom; judged by scipy on the same streets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gis.rules import walking
from gis.rules.walking_network import ReachTable, Snapped, WalkingNetwork
from tests.builders_of_streets import a_network, a_random_network, helsinki

CROSSING = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 100)], [(0, 500), (50, 500)]]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    walking.compile_kernels()


def all_ways_dm(network: WalkingNetwork, sources: Snapped, targets: Snapped) -> np.ndarray:
    """The judge: places become nodes of their own, hung on both ends of their edges and on each other; scipy does the rest."""
    n, f, k = len(network.xy_m), len(sources.edge), len(targets.edge)
    rows, columns, dm = [network.start], [network.end], [network.length_dm]
    for first, places in ((n, sources), (n + f, targets)):
        known = np.flatnonzero(places.edge >= 0)
        edge = places.edge[known]
        rows += [first + known, first + known]
        columns += [network.start[edge], network.end[edge]]
        dm += [
            places.leg_dm[known] + places.along_dm[known],
            places.leg_dm[known] + network.length_dm[edge] - places.along_dm[known],
        ]
    here, there = np.nonzero((sources.edge[:, None] == targets.edge) & (sources.edge >= 0)[:, None])
    rows, columns = [*rows, n + here], [*columns, n + f + there]
    along = np.abs(sources.along_dm[here] - targets.along_dm[there])
    dm.append(along + sources.leg_dm[here] + targets.leg_dm[there])
    row, column, length = np.concatenate(rows), np.concatenate(columns), np.concatenate(dm).astype(float)
    row, column = np.minimum(row, column), np.maximum(row, column)
    order = np.lexsort((length, column, row))  # of double streets only the shortest: sparse matrices would add them
    row, column, length = row[order], column[order], length[order]
    keep = np.concatenate([[True], (row[1:] != row[:-1]) | (column[1:] != column[:-1])]) & (row != column)
    length = np.where(length == 0, 1e-9, length)  # a zero would be no street at all
    streets = coo_array((length[keep], (row[keep], column[keep])), shape=(n + f + k, n + f + k)).tocsr()
    return np.rint(dijkstra(streets, directed=False, indices=np.arange(n, n + f))[:, n + f :])


def metres_of(table: ReachTable, n_sources: int) -> np.ndarray:
    out = np.full((n_sources, table.n_cells), np.inf)
    out[np.repeat(np.arange(n_sources), np.diff(table.first)), table.cell] = table.metres
    return out


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 60), st.sampled_from([0.0, 30.0, 400.0, 2000.0]))
def test_every_way_is_as_long_as_scipy_says_to_the_decimetre(seed: int, n_nodes: int, n_edges: int, limit_m: float) -> None:
    network = a_random_network(n_nodes, n_edges, seed=seed)
    random = np.random.default_rng(seed)
    sources = walking.snap(network, random.uniform(0, 1000, (5, 2)), reach_m=150)
    targets = walking.snap(network, random.uniform(0, 1000, (40, 2)), reach_m=150)
    ways_m = all_ways_dm(network, sources, targets) / 10
    within_m = np.where(ways_m <= limit_m, ways_m, np.inf).astype(np.float32)
    table = walking.pairs(network, sources, targets, limit_m=limit_m)
    assert np.array_equal(metres_of(table, 5), within_m)
    for limit in (limit_m, np.inf):
        metres, source = walking.nearest(network, sources, targets, limit_m=limit)
        expected = np.where(ways_m <= limit, ways_m, np.inf)
        assert np.array_equal(metres, expected.min(axis=0))
        assert np.array_equal(source, np.where(np.isfinite(metres), expected.argmin(axis=0), -1))


def test_threads_change_nothing_and_progress_is_told() -> None:
    network = a_random_network(200, 400, seed=5)
    random = np.random.default_rng(5)
    sources, targets = (walking.snap(network, random.uniform(0, 1000, (k, 2)), reach_m=200) for k in (300, 500))
    told: list[tuple[int, int]] = []
    one = walking.pairs(network, sources, targets, limit_m=500, progress=lambda done, total: told.append((done, total)))
    two = walking.pairs(network, sources, targets, limit_m=500, threads=2)
    assert [np.array_equal(a, b) for a, b in ((one.first, two.first), (one.cell, two.cell), (one.metres, two.metres))] == [True] * 3
    assert told[-1] == (300, 300)
    with pytest.raises(walking.SearchStopped):
        walking.pairs(network, sources, targets, limit_m=500, stop=lambda: True)


def test_nobody_to_reach_and_nothing_to_reach_are_answers() -> None:
    network = a_network(CROSSING)
    nowhere = walking.snap(network, np.empty((0, 2)), reach_m=50)
    somewhere = walking.snap(network, np.array([[30.0, 4.0], [9000.0, 0.0]]), reach_m=50)
    assert walking.pairs(network, nowhere, somewhere, limit_m=100).first.tolist() == [0]
    assert walking.pairs(network, somewhere, nowhere, limit_m=100).first.tolist() == [0, 0, 0]
    assert walking.nearest(network, nowhere, somewhere)[1].tolist() == [-1, -1]
    assert walking.nearest(network, somewhere, somewhere)[0].tolist() == [8.0, np.inf]


def test_in_helsinki_every_way_is_as_long_as_scipy_says() -> None:
    network, random = helsinki(), np.random.default_rng(6)
    low, high = network.xy_m.min(axis=0), network.xy_m.max(axis=0)
    sources, targets = (walking.snap(network, random.uniform(low, high, (k, 2)), reach_m=500) for k in (80, 1500))
    ways_m = all_ways_dm(network, sources, targets) / 10
    reached = np.where(ways_m <= 1200, ways_m, np.inf)
    table = walking.pairs(network, sources, targets, limit_m=1200)
    assert len(table.cell) > 1000
    assert np.array_equal(metres_of(table, 80), reached.astype(np.float32))
    metres, source = walking.nearest(network, sources, targets)
    assert np.array_equal(metres, ways_m.min(axis=0))
    assert np.array_equal(source, np.where(np.isfinite(metres), ways_m.argmin(axis=0), -1))
