"""Steps of cases: written once, never changed; read as the timeline of a case."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.case_records import Case


def write(
    conn: Connection, case: Case, action: str, *, at: datetime, by: str, note: str | None = None,
    place: tuple[float, float] | None = None, facts: dict[str, Any] | None = None,
) -> int:
    """Write the step that made a case what it is now; returns its id. `place` is where it was taken, in WGS 84."""
    lon, lat = place or (None, None)
    step_id: int = conn.execute(
        text("""
            INSERT INTO incident_step (incident_id, version, action, state, at, actor, command_id, staff_id, note, geom, facts)
            VALUES (:id, :version, :action, :state, :at, :by, :command, :staff, :note,
                    ST_SetSRID(ST_MakePoint(CAST(:lon AS float), CAST(:lat AS float)), 4326), :facts)
            RETURNING id
        """),
        {
            "id": case.id, "version": case.version, "action": action, "state": case.state, "at": at, "by": by,
            "command": case.command.id, "staff": case.holder_id, "note": note, "lon": lon, "lat": lat,
            "facts": orjson.dumps(facts or {}, default=str).decode(),
        },
    ).scalar_one()
    return step_id


def timeline(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Every step of a case, oldest first, with its photos; those that came with no step belong to the report."""
    rows = conn.execute(
        text("""
            SELECT t.version, t.action, t.state, t.at, t.actor, a.name AS actor_name, t.note, t.facts,
                   ST_X(t.geom) AS lon, ST_Y(t.geom) AS lat, k.code AS command, k.level, k.name_zh AS command_zh,
                   k.name_en AS command_en, s.number AS officer, s.name_zh AS officer_zh, s.name_en AS officer_en,
                   ARRAY(
                       SELECT f.id FROM photo f
                       WHERE f.incident_id = t.incident_id AND (f.step_id = t.id OR (f.step_id IS NULL AND t.version = 1))
                       ORDER BY f.at, f.id
                   ) AS photos
            FROM incident_step t
            JOIN area k ON k.id = t.command_id
            LEFT JOIN staff s ON s.id = t.staff_id
            LEFT JOIN account a ON a.login = t.actor
            WHERE t.incident_id = :id ORDER BY t.version
        """),
        {"id": case_id},
    )
    return [dict(row._mapping) for row in rows]


def reporters(conn: Connection, case_id: int) -> list[dict[str, Any]]:
    """Who reported a case, in the order of their reports."""
    rows = conn.execute(
        text("SELECT name, phone, email, wants_mail, rating, words FROM reporter WHERE incident_id = :id ORDER BY id"),
        {"id": case_id},
    )
    return [dict(row._mapping) for row in rows]
