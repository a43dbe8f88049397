"""Other ways to the same answers: shortest ways by general graph libraries, circles by PostGIS and by overlay, 2SFCA by tables.

Facilities and cells are put into the peers' graph as nodes of their own, so that every library answers exactly our question.
"""

from __future__ import annotations

import io
from typing import Any, NamedTuple, Protocol

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from bench.postgis import postgis_dsn
from bench.processor import Clock, cpu_s_of
from bench.report import skipped
from gis.records import Floats, Ints, Shapes
from gis.rules.walking_network import Snapped, WalkingNetwork

CHUNK = 100


class Graph(NamedTuple):
    """Edges once each with decimetres; facilities are nodes from `n` on, cells behind them, `source` leads to all facilities."""

    row: Ints
    column: Ints
    dm: Floats
    n: int
    facilities: int
    cells: int

    @property
    def nodes(self) -> int:
        return self.n + self.facilities + self.cells

    @property
    def first_cell(self) -> int:
        return self.n + self.facilities


def graph_of(network: WalkingNetwork, facilities: Snapped, cells: Snapped) -> Graph:
    """The network with places hung on both ends of their edges, and on each other where they share one."""
    n, f = len(network.xy_m), len(facilities.edge)
    rows, columns, dm = [network.start], [network.end], [network.length_dm]
    for first, places in ((n, facilities), (n + f, cells)):
        edge, number = places.edge, first + np.arange(len(places.edge))
        rows += [number, number]
        columns += [network.start[edge], network.end[edge]]
        dm += [places.leg_dm + places.along_dm, places.leg_dm + network.length_dm[edge] - places.along_dm]
    order = np.argsort(facilities.edge, kind="stable")
    low, high = (np.searchsorted(facilities.edge[order], cells.edge, side) for side in ("left", "right"))
    there = np.repeat(np.arange(len(cells.edge)), high - low)
    here = np.concatenate([order[a:b] for a, b in zip(low, high, strict=True) if b > a] or [np.empty(0, np.int64)])
    rows, columns = [*rows, n + here], [*columns, n + f + there]
    dm.append(np.abs(facilities.along_dm[here] - cells.along_dm[there]) + facilities.leg_dm[here] + cells.leg_dm[there])
    row, column, length = np.concatenate(rows), np.concatenate(columns), np.concatenate(dm).astype(float)
    row, column = np.minimum(row, column), np.maximum(row, column)
    order = np.lexsort((length, column, row))
    row, column, length = row[order], column[order], length[order]
    once = np.concatenate([[True], (row[1:] != row[:-1]) | (column[1:] != column[:-1])]) & (row != column)
    return Graph(row[once], column[once], np.maximum(length[once], 1e-6), n, f, len(cells.edge))


class Peer(Protocol):
    """Building the graph is not timed."""

    name: str

    def nearest_dm(self) -> Floats:
        """Decimetres from every cell to its nearest facility."""


class SciPy:
    name = "scipy csgraph.dijkstra"

    def __init__(self, graph: Graph, limit_dm: int) -> None:
        shape = (graph.nodes, graph.nodes)
        half = coo_array((graph.dm, (graph.row, graph.column)), shape=shape)
        self.streets, self.graph, self.limit_dm = csr_array(half + half.T), graph, limit_dm
        self.sources = graph.n + np.arange(graph.facilities)

    def nearest_dm(self) -> Floats:
        far = dijkstra(self.streets, indices=self.sources, min_only=True, limit=self.limit_dm)
        return np.asarray(far[self.graph.first_cell :])

    def pairs(self) -> int:
        """How many pairs of a facility and a cell are within the limit; in chunks, because a row has all nodes."""
        count = 0
        for begin in range(0, len(self.sources), CHUNK):
            far = dijkstra(self.streets, indices=self.sources[begin : begin + CHUNK], limit=self.limit_dm)
            count += int(np.isfinite(far[:, self.graph.first_cell :]).sum())
        return count


class Rustworkx:
    name = "rustworkx"

    def __init__(self, graph: Graph, limit_dm: int) -> None:
        import rustworkx

        self.library, self.graph, self.streets = rustworkx, graph, rustworkx.PyGraph()
        self.streets.add_nodes_from(range(graph.nodes + 1))
        self.streets.add_edges_from(_edges(graph))

    def nearest_dm(self) -> Floats:
        far = self.library.dijkstra_shortest_path_lengths(self.streets, self.graph.nodes, float)
        return _column(far, self.graph)


class NetworKit:
    name = "networkit"

    def __init__(self, graph: Graph, limit_dm: int) -> None:
        import networkit

        self.library, self.graph = networkit, graph
        self.streets = networkit.Graph(graph.nodes + 1, weighted=True)
        for begin, end, dm in _edges(graph):
            self.streets.addEdge(begin, end, dm)

    def nearest_dm(self) -> Floats:
        search = self.library.distance.Dijkstra(self.streets, self.graph.nodes, False)
        search.run()
        return np.asarray(search.getDistances())[self.graph.first_cell : self.graph.nodes]


class NetworkX:
    name = "networkx"

    def __init__(self, graph: Graph, limit_dm: int) -> None:
        import networkx

        self.library, self.graph, self.streets = networkx, graph, networkx.Graph()
        self.streets.add_weighted_edges_from(_edges(graph))

    def nearest_dm(self) -> Floats:
        return _column(self.library.single_source_dijkstra_path_length(self.streets, self.graph.nodes), self.graph)


class IGraph:
    name = "igraph"

    def __init__(self, graph: Graph, limit_dm: int) -> None:
        import igraph

        edges = _edges(graph)
        self.graph, self.weights = graph, [dm for _, _, dm in edges]
        self.streets = igraph.Graph(graph.nodes + 1, [(begin, end) for begin, end, _ in edges])

    def nearest_dm(self) -> Floats:
        cells = range(self.graph.first_cell, self.graph.nodes)
        return np.asarray(self.streets.distances(self.graph.nodes, cells, weights=self.weights)[0])


class PostGIS:
    """Pairs within a radius by an index on the cells; without parallel workers, so that its backend's time is all of it."""

    name = "PostGIS ST_DWithin"

    def __init__(self, points_m: Floats, cells_m: Floats, *, limit_m: float) -> None:
        import psycopg2

        dsn = postgis_dsn()
        if dsn is None:
            raise RuntimeError("WANGGE_DATABASE_URL names no database")
        self.cursor, self.limit_m = psycopg2.connect(dsn).cursor(), limit_m
        self.cursor.execute("SET max_parallel_workers_per_gather = 0; SET jit = off; SELECT pg_backend_pid()")
        (pid,) = self.cursor.fetchone() or (0,)
        self.clock: Clock = lambda: cpu_s_of(pid)
        for table, places in (("place", points_m), ("home", cells_m)):
            rows = "".join(f"SRID=4547;POINT({x!r} {y!r})\n" for x, y in places.tolist())
            self.cursor.execute(f"CREATE TEMP TABLE {table} (geom geometry)")
            self.cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(rows))
            self.cursor.execute(f"CREATE INDEX ON {table} USING gist (geom); ANALYZE {table}")

    def pairs(self) -> int:
        """How many pairs are within the limit."""
        self.cursor.execute("SELECT count(*) FROM place p JOIN home h ON ST_DWithin(p.geom, h.geom, %s)", [self.limit_m])
        (count,) = self.cursor.fetchone() or (0,)
        return int(count)


def ground_by_overlay(shapes_m: Shapes, points_m: Floats, *, radius_m: float) -> Floats:
    """The share of each cell inside the circles' union, by overlaying every cell with all circles near it."""
    circles = shapely.buffer(shapely.points(points_m), radius_m, quad_segs=64)
    tree = shapely.STRtree(circles)
    share = np.zeros(len(shapes_m))
    for at, shape in enumerate(shapes_m):
        near = tree.query(shape, predicate="intersects")
        if len(near):
            share[at] = shapely.intersection(shape, shapely.union_all(circles[near])).area / shape.area
    return share


def two_step_by_tables(facility: Ints, cell: Ints, places: Floats, residents: Ints) -> Floats:
    """2SFCA as PySAL's access does it: joins and sums of data frames."""
    import pandas

    near = pandas.DataFrame({"origin": cell, "dest": facility})
    demand, supply = pandas.DataFrame({"people": residents}), pandas.DataFrame({"places": places})
    wanted = near.merge(demand, left_on="origin", right_index=True).groupby("dest")["people"].sum()
    supply["each"] = supply["places"] / wanted
    given = near.merge(supply, left_on="dest", right_index=True).groupby("origin")["each"].sum()
    return np.asarray(given.reindex(demand.index).fillna(0.0))


def peers_for(graph: Graph, *, limit_dm: int, quick: bool) -> list[Peer]:
    """The graph libraries that can run here; says why the others cannot."""
    able: list[Peer] = []
    for kind in (SciPy, Rustworkx, NetworKit, IGraph) if quick else (SciPy, Rustworkx, NetworKit, IGraph, NetworkX):
        try:
            able.append(kind(graph, limit_dm))
        except ImportError as refusal:
            skipped("coverage", kind.name, str(refusal))
    return able


def _edges(graph: Graph) -> list[tuple[int, int, float]]:
    """All edges, and one without length from a node of its own to each facility."""
    every = list(zip(graph.row.tolist(), graph.column.tolist(), graph.dm.tolist(), strict=True))
    return every + [(graph.nodes, graph.n + facility, 0.0) for facility in range(graph.facilities)]


def _column(far: Any, graph: Graph) -> Floats:
    return np.array(
        [far.get(cell, np.inf) if isinstance(far, dict) else _or_far(far, cell) for cell in range(graph.first_cell, graph.nodes)]
    )


def _or_far(far: Any, cell: int) -> float:
    try:
        return float(far[cell])
    except (KeyError, IndexError):
        return float("inf")
