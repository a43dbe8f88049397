"""Other ways of dividing communities: graph partitioners, each called community by community, so that no grid crosses one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bench.balance_city import City
from bench.report import skipped
from gis.rules.balance_ground import Grids
from gis.rules.placing_kernels import Int64s

SCALE = 100
"""Work and lengths as whole numbers, which all of these ask for."""


@dataclass(frozen=True)
class Part:
    """One community as a graph: lists of neighbours, weights, and its grids."""

    cells: Int64s
    first_grid: int
    k: int
    start: list[int]
    neighbour: list[int]
    length: list[int]
    edges: list[tuple[int, int]]
    edge_length: list[int]
    work: list[int]
    today: list[int]


def parts_of(city: City, grids: Grids) -> list[Part]:
    """The communities of a city with two grids or more."""
    ground, out = city.ground, []
    home = ground.community
    inner = home[ground.border[:, 0]] == home[ground.border[:, 1]]
    border, metres = ground.border[inner], np.maximum(ground.border_m[inner].astype(int), 1)
    of_border, at = home[border[:, 0]], np.empty(len(home), np.int64)
    for community in range(int(home.max()) + 1):
        cells, mine = np.flatnonzero(home == community), of_border == community
        own = np.flatnonzero(grids.community == community)
        if len(own) < 2:
            continue
        at[cells] = np.arange(len(cells))
        pairs, length = at[border[mine]], metres[mine]
        source, target = np.concatenate([pairs, pairs[:, ::-1]]).T
        order = np.lexsort((target, source))
        out.append(Part(
            cells, int(own[0]), len(own), np.searchsorted(source[order], np.arange(len(cells) + 1)).tolist(),
            target[order].tolist(), np.concatenate([length, length])[order].tolist(),
            [tuple(pair) for pair in pairs.tolist()], length.tolist(),
            np.maximum(ground.hours[cells] * SCALE, 1).astype(int).tolist(), (grids.of_cell[cells] - own[0]).tolist(),
        ))  # fmt: skip
    return out


class Peer(Protocol):
    """Divides one community: the number of the grid of each cell."""

    name: str

    def divide(self, part: Part) -> list[int]:
        """From nothing."""


class Metis:
    name = "METIS"

    def __init__(self) -> None:
        import pymetis

        self.library, self.options = pymetis, pymetis.Options(contig=1, seed=1)

    def divide(self, part: Part) -> list[int]:
        return list(self.library.part_graph(
            part.k, xadj=part.start, adjncy=part.neighbour, vweights=part.work, eweights=part.length, options=self.options
        )[1])  # fmt: skip


class KaHIP:
    name = "KaHIP eco"
    eco = 1

    def __init__(self) -> None:
        import kahip

        self.library = kahip

    def divide(self, part: Part) -> list[int]:
        return list(self.library.kaffpa(
            part.work, part.start, part.length, part.neighbour, part.k, 0.05, True, 1, self.eco
        )[1])  # fmt: skip


class MtKaHyPar:
    name = "Mt-KaHyPar"

    def __init__(self) -> None:
        import mtkahypar

        mtkahypar.set_seed(1)
        self.library, self.here = mtkahypar, mtkahypar.initialize(2)

    def _graph(self, part: Part, tolerance: float) -> tuple[Any, Any]:
        context = self.here.context_from_preset(self.library.PresetType.DEFAULT)
        context.set_partitioning_parameters(part.k, tolerance, self.library.Objective.CUT)
        context.logging = False
        graph = self.here.create_graph(context, len(part.cells), len(part.edges), part.edges, part.work, part.edge_length)
        return context, graph

    def divide(self, part: Part) -> list[int]:
        context, graph = self._graph(part, 0.05)
        return list(graph.partition(context).get_partition())

    def better(self, part: Part) -> list[int]:
        """From the grids of today, to ± 10 %."""
        context, graph = self._graph(part, 0.1)
        plan = graph.create_partitioned_hypergraph(context, part.k, part.today)
        plan.improve_partition(context, 1)
        return list(plan.get_partition())


def peers() -> list[Peer]:
    """The peers that can run here; says why the others cannot."""
    able: list[Peer] = []
    for kind in (Metis, KaHIP, MtKaHyPar):
        try:
            able.append(kind())
        except Exception as refusal:  # noqa: BLE001 - whatever keeps a peer from running, it is told and the others run
            skipped("balance", kind.name, f"{refusal}".strip().splitlines()[0])
    return able


def whole_plan(parts: list[Part], today: Int64s, found: list[list[int]]) -> Int64s:
    """The grid of every cell of the city."""
    out = today.copy()
    for part, label in zip(parts, found, strict=True):
        out[part.cells] = part.first_grid + np.asarray(label)
    return out
