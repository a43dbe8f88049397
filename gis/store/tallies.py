"""What work comes from, counted by cell: places that are inspected, and incidents by matter and month."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from gis.records import Ints, Name, Shapes
from gis.rules.homes import homes_of_points
from gis.store import bulk, shapes


@dataclass(frozen=True)
class PlaceTally:
    """How many places of a kind a cell has."""

    cell_id: int
    kind: str
    n: int


@dataclass(frozen=True)
class MatterTally:
    """How many incidents of a matter a cell had in a period; standard minutes are those of the catalogue."""

    cell_id: int
    code: str
    name: Name
    standard_min: float
    n: int


@dataclass(frozen=True)
class PeopleTally:
    """Who lives in a cell."""

    cell_id: int
    population: int
    households: int


def save_places(conn: Connection, kinds: Sequence[str], rows: Iterable[tuple[int, str, int]]) -> None:
    """Write how many places of a kind each present cell has: (cell id, kind, number above zero).

    They stand for all of their kinds; cells of another time keep what they had, unless they are named.
    """
    rows = list(rows)
    conn.execute(
        text("""
            DELETE FROM cell_place p USING cell c
            WHERE p.kind = ANY (:kinds) AND c.id = p.cell_id
              AND (c.valid @> now() OR c.id = ANY (CAST(:named AS bigint[])))
        """),
        {"kinds": list(kinds), "named": sorted({cell for cell, _, _ in rows})},
    )
    bulk.copy_rows(conn, "cell_place", ("cell_id", "kind", "n"), rows)


def count_incidents(conn: Connection, *, since: date, until: date) -> int:
    """Count the incidents of a period anew by cell, matter and month; returns how many lie in a present cell.

    Each counts once at every time: among the present cells, and among those of every plan that was or will be in force. One on
    the border of two cells counts in the one with the lower number, or in what was cut from it.
    """
    given = {"since": since, "until": until}
    conn.execute(
        text("DELETE FROM cell_matter WHERE month >= date_trunc('month', CAST(:since AS date)) AND month < :until"), given
    )
    found = bulk.read_columns(
        conn,
        """
            SELECT CAST(date_trunc('month', i.reported_at AT TIME ZONE city.timezone) AS date) - CAST('1970-01-01' AS date)
                       AS month, i.matter_id, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
            FROM city CROSS JOIN incident i
            WHERE i.state <> 'rejected'
              AND i.reported_at >= CAST(:since AS timestamp) AT TIME ZONE city.timezone
              AND i.reported_at < CAST(:until AS timestamp) AT TIME ZONE city.timezone
        """,
        given,
        kinds={"month": int, "matter_id": int, "lon": float, "lat": float},
    )
    cells = _cells_ever(conn)
    homes = list(_homes_over_time(cells, np.asarray(shapely.points(found["lon"], found["lat"]), dtype=object)))
    point, cell = (np.concatenate(side) for side in zip(*homes, strict=True))
    counted = np.column_stack([found["month"][point], cell, found["matter_id"][point]])
    keys, n = np.unique(counted, axis=0, return_counts=True)
    months = keys[:, 0].astype("datetime64[D]").astype(object)
    written = zip(months, keys[:, 1].tolist(), keys[:, 2].tolist(), n.tolist(), strict=True)
    bulk.copy_rows(conn, "cell_matter", ("month", "cell_id", "matter_id", "n"), written)
    return len(homes[0][0])


def _cells_ever(conn: Connection) -> dict[str, Any]:
    """Every cell that was, is or will be, behind each one what was cut from it; their times as numbers of one order."""
    cells = bulk.read_columns(
        conn,
        """
            WITH RECURSIVE line AS (
                SELECT id, ARRAY[id] AS line FROM cell WHERE parent_id IS NULL
                UNION ALL SELECT c.id, l.line || c.id FROM line l JOIN cell c ON c.parent_id = l.id
            )
            SELECT c.id, coalesce(extract(epoch FROM lower(c.valid)), '-infinity') AS since,
                   coalesce(extract(epoch FROM upper(c.valid)), 'infinity') AS until, extract(epoch FROM now()) AS present,
                   encode(ST_AsBinary(c.geom), 'hex') AS shape
            FROM line JOIN cell c USING (id) WHERE NOT isempty(c.valid) ORDER BY line.line
        """,
        {}, kinds={"id": int, "since": float, "until": float, "present": float, "shape": str},
    )  # fmt: skip
    return cells | {"shape": shapes.from_hex(cells["shape"])}


def _homes_over_time(cells: Mapping[str, Any], points: Shapes) -> Iterator[tuple[Ints, Ints]]:
    """Points by position with the ids of the cells they lie in: of the present first, then of cells of each other time."""
    moments = [*cells["present"][:1].tolist(), *np.unique(cells["since"]).tolist()]
    counted = np.zeros(len(cells["id"]), np.bool_)
    for moment in moments or [0.0]:
        alive = np.flatnonzero((cells["since"] <= moment) & (moment < cells["until"]))
        fresh = alive[~counted[alive]]
        near = np.unique(shapely.STRtree(cells["shape"][fresh]).query(points, predicate="intersects")[0])
        home = alive[homes_of_points(points[near], cells["shape"][alive])]
        mine = ~counted[home]
        counted[fresh] = True
        yield near[mine], cells["id"][home[mine]]


def changed_since(conn: Connection, moment: datetime) -> list[str]:
    """What was brought in after a moment that hours are counted from, as kinds of entries of the journal."""
    rows = conn.execute(
        text("SELECT DISTINCT kind FROM journal WHERE at > :moment AND kind = ANY (:kinds) ORDER BY kind"),
        {"moment": moment, "kinds": list(GROUND)},
    )
    return [row.kind for row in rows]


# Entries of the journal after which hours that were counted before are old.
GROUND = (
    "cells.founded", "population.counted", "places.registered", "incidents.recorded", "matters.admitted", "plan.published",
    "plan.cancelled",
)  # fmt: skip


def places(conn: Connection, cells: Sequence[int]) -> list[PlaceTally]:
    """The places of some cells, by kind."""
    rows = conn.execute(
        text("SELECT cell_id, kind, n FROM cell_place WHERE cell_id = ANY (:cells) ORDER BY kind, cell_id"), {"cells": list(cells)}
    )
    return [PlaceTally(*row) for row in rows]


def matters(conn: Connection, cells: Sequence[int], *, since: date, until: date) -> list[MatterTally]:
    """The incidents of some cells in a period, by matter; versions of one matter are one."""
    rows = conn.execute(
        text("""
            SELECT k.cell_id, m.code, m.name_zh, m.name_en, m.standard_min, sum(k.n) AS n
            FROM cell_matter k JOIN matter m ON m.id = k.matter_id
            WHERE k.cell_id = ANY (:cells) AND k.month >= date_trunc('month', CAST(:since AS date)) AND k.month < :until
            GROUP BY k.cell_id, m.id ORDER BY m.code, k.cell_id
        """),
        {"cells": list(cells), "since": since, "until": until},
    )
    return [MatterTally(row.cell_id, row.code, Name(row.name_zh, row.name_en), row.standard_min, int(row.n)) for row in rows]


def people(conn: Connection, cells: Sequence[int]) -> list[PeopleTally]:
    """Who lives in some cells."""
    rows = conn.execute(text("SELECT id, population, households FROM cell WHERE id = ANY (:cells)"), {"cells": list(cells)})
    return [PeopleTally(*row) for row in rows]
