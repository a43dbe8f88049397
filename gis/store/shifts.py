"""Shifts: who is in the field, and since when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from gis.field_records import ShiftRow
from gis.store import bulk


def since(conn: Connection, staff_id: int) -> datetime | None:
    """Since when somebody is on shift, or None."""
    began: datetime | None = conn.execute(
        text("SELECT lower(during) FROM shift WHERE staff_id = :staff AND upper_inf(during)"), {"staff": staff_id}
    ).scalar_one_or_none()
    return began


def lock(conn: Connection, staff_id: int) -> None:
    """Let nobody else change this person's shift until the transaction ends."""
    conn.execute(text("SELECT id FROM staff WHERE id = :staff FOR NO KEY UPDATE"), {"staff": staff_id})


def begin(conn: Connection, staff_id: int, *, at: datetime) -> None:
    """Begin a shift."""
    conn.execute(text("INSERT INTO shift (staff_id, during) VALUES (:staff, tstzrange(:at, NULL))"), {"staff": staff_id, "at": at})


def end(conn: Connection, staff_id: int, *, at: datetime) -> None:
    """End the shift that somebody is on; a shift that would end before it began never was."""
    values = {"staff": staff_id, "at": at}
    conn.execute(text("DELETE FROM shift WHERE staff_id = :staff AND upper_inf(during) AND lower(during) >= :at"), values)
    conn.execute(
        text("UPDATE shift SET during = tstzrange(lower(during), :at) WHERE staff_id = :staff AND upper_inf(during)"), values
    )


def end_forgotten(conn: Connection, *, after_h: float) -> int:
    """End shifts that somebody forgot to end, at the moment of the last position; returns how many.

    Made-up staff of a demo never goes home.
    """
    return conn.execute(
        text("""
            UPDATE shift h SET during = tstzrange(lower(h.during), greatest(
                coalesce((SELECT w.at FROM position w WHERE w.staff_id = h.staff_id), lower(h.during)),
                lower(h.during) + interval '1 second'
            ))
            FROM staff s
            WHERE s.id = h.staff_id AND NOT s.synthetic AND upper_inf(h.during)
              AND lower(h.during) < now() - make_interval(mins => CAST(:after_h * 60 AS int))
        """),
        {"after_h": after_h},
    ).rowcount


def save_many(conn: Connection, rows: Sequence[ShiftRow]) -> None:
    """Write shifts that run, with the last place of each, by COPY."""
    ids = {row.number: row.id for row in conn.execute(text("SELECT number, id FROM staff"))}
    bulk.copy_rows(conn, "shift", ("staff_id", "during"), ((ids[row.number], f"[{row.since.isoformat()},)") for row in rows))
    bulk.copy_rows(
        conn, "position", ("staff_id", "at", "geom", "accuracy_m"),
        (
            (ids[row.number], row.last.at.isoformat(), f"SRID=4326;POINT({row.last.lon} {row.last.lat})", row.last.accuracy_m)
            for row in rows
        ),
    )  # fmt: skip
