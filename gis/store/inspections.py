"""Inspections of places: who came, when, and what was found."""

from datetime import datetime

from sqlalchemy import Connection, text

from gis.field_records import Inspection
from gis.records import Name


def save(
    conn: Connection, *, place_id: int, staff_id: int, at: datetime, outcome: str, note: str | None,
    lon: float | None, lat: float | None, incident_id: int | None,
) -> None:  # fmt: skip
    """Write an inspection; `lon`, `lat` is where the officer stood."""
    conn.execute(
        text("""
            INSERT INTO inspection (place_id, staff_id, at, outcome, note, geom, incident_id)
            VALUES (:place, :staff, :at, :outcome, :note, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :incident)
        """),
        {
            "place": place_id, "staff": staff_id, "at": at, "outcome": outcome, "note": note, "lon": lon, "lat": lat,
            "incident": incident_id,
        },
    )  # fmt: skip


def of_place(conn: Connection, place_id: int, *, limit: int = 10) -> list[Inspection]:
    """The latest inspections of a place, newest first."""
    rows = conn.execute(
        text("""
            SELECT p.code, s.outcome, s.at, f.name_zh, f.name_en, s.note, i.number
            FROM inspection s JOIN place p ON p.id = s.place_id JOIN staff f ON f.id = s.staff_id
            LEFT JOIN incident i ON i.id = s.incident_id
            WHERE s.place_id = :place ORDER BY s.at DESC, s.id DESC LIMIT :limit
        """),
        {"place": place_id, "limit": limit},
    )
    return [Inspection(row.code, row.outcome, row.at, Name(row.name_zh, row.name_en), row.note, row.number) for row in rows]


def done_since(conn: Connection, staff_id: int, moment: datetime) -> int:
    """How many places somebody called at since a moment."""
    counted: int = conn.execute(
        text("SELECT count(DISTINCT place_id) FROM inspection WHERE staff_id = :staff AND at >= :moment"),
        {"staff": staff_id, "moment": moment},
    ).scalar_one()
    return counted


def opened_case(conn: Connection, number: str) -> tuple[int, int | None]:
    """The id of a case and of its first step."""
    row = conn.execute(
        text("""
            SELECT i.id, s.id AS step_id FROM incident i LEFT JOIN incident_step s ON s.incident_id = i.id AND s.version = 1
            WHERE i.number = :number
        """),
        {"number": number},
    ).one()
    return row.id, row.step_id
