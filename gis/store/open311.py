"""Cases as Open311 asks for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Reach
from gis.store.reach import incident_filter

FOUND = """
    SELECT i.id, i.number, i.state, i.version, i.urgency, i.tier, i.reported_at, i.closed_at, i.due_at, i.description, i.address,
           i.merged_into, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, m.code AS matter, m.name_zh, m.name_en, m.visibility,
           d.name_zh AS department_zh, d.name_en AS department_en, g.code AS grid, k.code AS command, k.level AS command_level,
           coalesce((SELECT max(s.at) FROM incident_step s WHERE s.incident_id = i.id), i.closed_at, i.reported_at) AS updated_at
    FROM incident i
    JOIN matter m ON m.id = i.matter_id JOIN department d ON d.code = m.department
    JOIN area k ON k.id = i.command_id LEFT JOIN grid g ON g.id = i.grid_id
"""
NOT_HIDDEN = "m.visibility <> 'hidden'"


def by_numbers(conn: Connection, numbers: Sequence[str], *, reach: Reach | None) -> list[dict[str, Any]]:
    """The cases with these numbers, newest first; of those inside the reach if there is one."""
    inside, values = incident_filter(conn, reach) if reach else ("true", {})
    rows = conn.execute(
        text(f"{FOUND} WHERE i.number = ANY(:numbers) AND {inside} ORDER BY i.reported_at DESC, i.id DESC"),
        {"numbers": list(numbers)} | values,
    )
    return [dict(row._mapping) for row in rows]


def between(
    conn: Connection, start: datetime, end: datetime, *, matters: Sequence[str] | None, is_open: bool | None, reach: Reach | None,
    limit: int, offset: int,
) -> list[dict[str, Any]]:
    """The cases reported between two moments, newest first. Without a reach those of hidden matters are left out."""
    inside, values = incident_filter(conn, reach) if reach else (NOT_HIDDEN, {})
    openness = {None: "true", True: "i.closed_at IS NULL", False: "i.closed_at IS NOT NULL"}[is_open]
    rows = conn.execute(
        text(f"""
            {FOUND}
            WHERE i.reported_at BETWEEN :start AND :end AND {inside} AND {openness}
              AND (CAST(:matters AS text[]) IS NULL OR m.code = ANY(CAST(:matters AS text[])))
            ORDER BY i.reported_at DESC, i.id DESC LIMIT :limit OFFSET :offset
        """),
        {"start": start, "end": end, "matters": None if matters is None else list(matters), "limit": limit, "offset": offset}
        | values,
    )
    return [dict(row._mapping) for row in rows]


def steps_between(
    conn: Connection, start: datetime, end: datetime, *, actions: Sequence[str], reach: Reach | None, limit: int, offset: int
) -> list[dict[str, Any]]:
    """The steps of these kinds taken between two moments, oldest first. Without a reach those of hidden matters are left out."""
    inside, values = incident_filter(conn, reach) if reach else (NOT_HIDDEN, {})
    rows = conn.execute(
        text(f"""
            SELECT s.id, i.number, s.action, s.state, s.at, s.note
            FROM incident_step s JOIN incident i ON i.id = s.incident_id JOIN matter m ON m.id = i.matter_id
            WHERE s.at BETWEEN :start AND :end AND s.action = ANY(:actions) AND {inside}
            ORDER BY s.at, s.id LIMIT :limit OFFSET :offset
        """),
        {"start": start, "end": end, "actions": list(actions), "limit": limit, "offset": offset} | values,
    )
    return [dict(row._mapping) for row in rows]


def number_of_key(conn: Connection, key: str) -> str | None:
    """The number of the report that was sent with a key, whoever sent it."""
    number: str | None = conn.execute(
        text("SELECT answer ->> 'number' FROM done_once WHERE key = 'report ' || :key ORDER BY at LIMIT 1"), {"key": key}
    ).scalar_one_or_none()
    return number


def place_at(conn: Connection, code: str) -> tuple[float, float, str | None] | None:
    """Where a place with a code lies, in WGS 84, and its address."""
    row = conn.execute(
        text("SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, coalesce(address, name) AS address FROM place WHERE code = :code"),
        {"code": code},
    ).one_or_none()
    return (row.lon, row.lat, row.address) if row else None


def first_step(conn: Connection, number: str) -> tuple[int, int]:
    """Ids of a case and of its first step."""
    row = conn.execute(
        text("""
            SELECT i.id, s.id AS step FROM incident i JOIN incident_step s ON s.incident_id = i.id AND s.version = 1
            WHERE i.number = :number
        """),
        {"number": number},
    ).one()
    return row.id, row.step


def comment(conn: Connection, number: str, *, note: str, at: datetime, by: str, reach: Reach) -> tuple[int, int] | None:
    """Add a comment to the steps of a case inside the reach; returns the ids of the case and the step, or None."""
    inside, values = incident_filter(conn, reach)
    row = conn.execute(
        text(f"""
            WITH i AS (
                UPDATE incident i SET version = version + 1 WHERE i.number = :number AND {inside}
                RETURNING id, version, state, command_id, holder_id
            )
            INSERT INTO incident_step (incident_id, version, action, state, at, actor, command_id, staff_id, note)
            SELECT id, version, 'comment', state, :at, :by, command_id, holder_id, :note FROM i
            RETURNING incident_id, id
        """),
        {"number": number, "note": note, "at": at, "by": by} | values,
    ).one_or_none()
    return (row.incident_id, row.id) if row else None
