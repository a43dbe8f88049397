"""Residents: counted by area, by polygon or by point, shared out over the cells; the grids in force follow."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import areas, cells, city
from gis.errors import ImportRefused
from gis.records import AreaNode, CellColumns, Floats, Ints, Shapes
from gis.rules.findings import Finding
from gis.rules.homes import NOWHERE, homes_of_points
from gis.rules.unit_shapes import usable
from seed.importing.incoming import Incoming
from seed.importing.points import row_finding, settle
from seed.importing.request import Checked, Options, Tell
from seed.importing.units import words_of
from seed.shares import share_by_group


@dataclass(frozen=True)
class _Shares:
    """Which row's residents go to which cell, and by what weight."""

    row: Ints
    cell: Ints
    weight: Floats


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell) -> Checked:
    """Judge a count: every row must reach cells; the total that comes in is the total on the cells it reaches."""
    city.get(conn)
    blocks = cells.every(conn)
    if not len(blocks.ids):
        raise ImportRefused("The city has no cells yet: residents live on cells. Import cells or grids first.", field="kind")
    tell("Sharing out the residents", 0, len(incoming.rows))
    nodes = areas.tree(conn)
    by_code = any(incoming.texts("code"))
    shares, faults, codes = _by_area(incoming, blocks, nodes) if by_code else _by_place(incoming, blocks)
    findings, sound = settle([*incoming.findings, *faults], incoming.rows, leave_out=options.leave_out)
    keep = sound[shares.row]
    shares = _Shares(shares.row[keep], shares.cell[keep], shares.weight[keep])
    population, households = _counted(incoming, blocks, shares)
    people = incoming.amounts("population")
    official = {code: int(people[i]) for i, code in enumerate(codes) if code and sound[i]}
    counts = {"cells": len(np.unique(shares.cell)), "residents": int(people[np.unique(shares.row)].sum())}
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=findings, counts=counts,
        write=lambda conn, by: _write(conn, blocks, population, households, official, counts, by), shapes=incoming.geoms,
        labels=incoming.labels("code"), rows=incoming.rows,
    )  # fmt: skip


def _by_area(incoming: Incoming, blocks: CellColumns, nodes: list[AreaNode]) -> tuple[_Shares, list[Finding], list[str | None]]:
    """Rows name an area by code or name; its residents spread over its cells as those of today do."""
    words = words_of(nodes)
    path = _paths(nodes)
    named = [(word, [nodes[at].code for at in words.get(word or "", [])]) for word in incoming.texts("code")]
    codes = [namesakes[0] if len(namesakes) == 1 else None for _, namesakes in named]
    faults = [
        row_finding(incoming, i, "unmatched_parent", _unmatched(word, namesakes))
        for i, (word, namesakes) in enumerate(named) if word and len(namesakes) != 1
    ]  # fmt: skip
    faults += list(_nested(incoming, codes, path))
    under = np.array([path[code] for code in blocks.community], dtype=object)
    row, cell = [], []
    for i, code in enumerate(codes):
        if code is not None:
            own = np.flatnonzero([code in parts for parts in under])
            row.append(np.full(len(own), i, dtype=np.int64))
            cell.append(own)
    rows = np.concatenate(row) if row else np.zeros(0, dtype=np.int64)
    owned = np.concatenate(cell) if cell else np.zeros(0, dtype=np.int64)
    return _Shares(rows, owned, blocks.population[owned].astype(np.float64)), faults, codes


def _unmatched(said: str, namesakes: list[str]) -> str:
    return f"{said} is the name of {', '.join(namesakes)}: give the code" if namesakes else f"the city has no area {said!r}"


def _paths(nodes: list[AreaNode]) -> dict[str, frozenset[str]]:
    """For each area the codes from itself up to the city."""
    path: dict[str, frozenset[str]] = {}
    for node in nodes:
        path[node.code] = frozenset({node.code}) | path.get(node.parent_code or "", frozenset())
    return path


def _nested(incoming: Incoming, codes: list[str | None], path: dict[str, frozenset[str]]) -> Iterator[Finding]:
    """Rows whose area is listed twice or lies under another listed one: its residents would count twice."""
    listed = [code for code in codes if code]
    for i, code in enumerate(codes):
        if code and listed.count(code) > 1:
            yield row_finding(incoming, i, "counted_twice", f"area {code} is listed more than once")
        elif code and (above := (path[code] - {code}) & set(listed)):
            says = f"area {code} lies under {', '.join(sorted(above))}, which is listed too: its residents would count twice"
            yield row_finding(incoming, i, "counted_twice", says)


def _by_place(incoming: Incoming, blocks: CellColumns) -> tuple[_Shares, list[Finding], list[str | None]]:
    """Points go to the cell that they lie in, polygons to the cells that they overlap, by ground."""
    polygon = usable(incoming.geoms)
    point = np.asarray(shapely.get_type_id(incoming.geoms) == shapely.GeometryType.POINT)
    by_point = _points(incoming.geoms, np.flatnonzero(point), blocks.shape)
    by_ground = _polygons(incoming.geoms, np.flatnonzero(polygon), blocks.shape)
    shares = _Shares(*(np.concatenate([getattr(by_point, part), getattr(by_ground, part)]) for part in ("row", "cell", "weight")))
    lost = np.setdiff1d(np.arange(len(incoming.rows)), shares.row)
    faults = [
        row_finding(
            incoming, i, "outside_city", f"its {incoming.amounts('population')[i]:,} residents reach no cell of the city",
        )
        for i in lost.tolist()
    ]  # fmt: skip
    return shares, faults, [None] * len(incoming.rows)


def _points(geoms: Shapes, members: Ints, blocks: Shapes) -> _Shares:
    home = homes_of_points(geoms[members], blocks)
    inside = home != NOWHERE
    return _Shares(members[inside], home[inside], np.ones(int(inside.sum())))


def _polygons(geoms: Shapes, members: Ints, blocks: Shapes) -> _Shares:
    sound = shapely.make_valid(geoms[members])
    row, cell = shapely.STRtree(blocks).query(sound, predicate="intersects")
    shared = shapely.area(shapely.intersection(sound[row], blocks[cell]))
    some = shared > 0
    return _Shares(members[row[some]], cell[some], shared[some])


def _counted(incoming: Incoming, blocks: CellColumns, shares: _Shares) -> tuple[Ints, Ints]:
    """Residents and households of every cell: those that no row reaches keep what they have."""
    population, households = blocks.population.copy(), blocks.households.copy()
    population[shares.cell] = 0
    spread = share_by_group(incoming.amounts("population"), shares.row, shares.weight)
    np.add.at(population, shares.cell, spread)
    if any(incoming.amounts("households")):
        households[shares.cell] = 0
        np.add.at(households, shares.cell, share_by_group(incoming.amounts("households"), shares.row, shares.weight))
    return population, households


def _write(
    conn: Connection,
    blocks: CellColumns,
    population: Ints,
    households: Ints,
    official: dict[str, int],
    counts: dict[str, int],
    by: str,
) -> dict[str, int]:
    cells.populate(conn, cell_ids=blocks.ids, population=population, households=households, by=by)
    if official:
        areas.state_population(conn, official, by=by)
    return counts
