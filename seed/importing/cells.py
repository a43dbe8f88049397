"""Cells: the blocks that are never cut; they fill every community, and carry its residents."""

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import areas, cells, city
from gis.errors import ImportRefused
from gis.records import AreaNode, CellColumns, Ints, Shapes
from gis.rules.coverage import united
from seed.importing.incoming import Incoming
from seed.importing.request import Checked, Options, Tell
from seed.importing.units import clean_units, find_parents, fit_findings
from seed.shares import share_by_group


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell) -> Checked:
    """Judge cells against each other and against the communities."""
    held = city.get(conn)
    communities = communities_of_city(conn)
    if len(cells.every(conn).ids):
        raise ImportRefused("The city has its cells already; they are founded once, and plans are made of them.", field="kind")
    labels = incoming.labels("code")
    tell("Cleaning the outlines", 0, len(labels))
    units = clean_units(
        incoming.geoms, rows=incoming.rows, labels=labels, metric_srid=held.metric_srid, gap_max_m2=options.gap_max_m2
    )
    tell("Matching communities", 0, len(labels))
    named = incoming.texts("community")
    home, faults = find_parents(units, named, [""] * len(labels), communities)
    outlines = unions_by_parent(units.shapes, home, communities)
    fits = fit_findings(communities, outlines, metric_srid=held.metric_srid, most=options.fit_max_fraction)
    columns = _columns(units.shapes, home, communities, incoming)
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=[*incoming.findings, *units.findings, *faults, *fits],
        counts={"cells": len(columns.shape), "residents": int(columns.population.sum())},
        write=lambda conn, by: _write(conn, columns, outlines, by), shapes=units.shapes, labels=labels, rows=units.rows,
        changes=units.changes,
    )  # fmt: skip


def communities_of_city(conn: Connection) -> list[AreaNode]:
    """The communities, which cells and grids must lie in. Raises ImportRefused without any."""
    found = [node for node in areas.tree(conn) if node.level == "community"]
    if not found:
        raise ImportRefused("The city has no communities yet: import its areas down to the community first.", field="kind")
    return found


def unions_by_parent(shapes: Shapes, home: Ints, parents: list[AreaNode]) -> dict[str, object]:
    """What the units of each parent cover together, by the parent's code; parents without a unit are left out."""
    placed = np.flatnonzero(~shapely.is_missing(shapes) & (home >= 0))
    named, index = np.unique(home[placed], return_inverse=True)
    covered = united(shapes[placed], index, len(named))
    return {parents[at].code: shape for at, shape in zip(named.tolist(), covered, strict=True)}


def _columns(shapes: Shapes, home: Ints, communities: list[AreaNode], incoming: Incoming) -> CellColumns:
    use = np.flatnonzero(~shapely.is_missing(shapes) & (home >= 0))
    code = np.array([node.code for node in communities], dtype=object)
    # A block in several pieces is as many cells: a cell is one polygon. Its residents go by ground.
    parts, owner = shapely.get_parts(shapes[use], return_index=True)
    share = shapely.area(parts) / shapely.area(shapes[use])[owner]
    return CellColumns(
        ids=np.zeros(len(parts), dtype=np.int64),
        shape=parts,
        community=code[home[use]][owner],
        population=share_by_group(incoming.amounts("population")[use], owner, share),
        households=share_by_group(incoming.amounts("households")[use], owner, share),
        unit_type=incoming.unit_types()[use][owner],
        synthetic=np.zeros(len(parts), dtype=bool),
    )


def _write(conn: Connection, columns: CellColumns, outlines: dict[str, object], by: str) -> dict[str, int]:
    areas.fit(conn, outlines, by=by)
    cells.found(conn, columns, by=by)
    return {"cells": len(columns.shape), "residents": int(columns.population.sum())}
