"""What is sent to reporters: written from the journal, due, sent once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.citizen_records import Notice


def write(
    conn: Connection, reporter_id: int, *, kind: str, at: datetime, seq: int | None = None, facts: Mapping[str, Any] | None = None
) -> None:
    """Put a notice into the outbox; what an entry of the journal said to a reporter is never said to her again."""
    conn.execute(
        text("""
            INSERT INTO notice (reporter_id, seq, kind, facts, at, next_at)
            VALUES (:reporter, :seq, :kind, CAST(:facts AS jsonb), :at, :at) ON CONFLICT (reporter_id, seq) DO NOTHING
        """),
        {"reporter": reporter_id, "seq": seq, "kind": kind, "facts": orjson.dumps(facts or {}).decode(), "at": at},
    )


def read_to(conn: Connection) -> int | None:
    """Up to which entry the journal was read for notices, held until this transaction ends; None while somebody else reads."""
    return conn.execute(text("SELECT seq FROM notice_read FOR UPDATE SKIP LOCKED")).scalar_one_or_none()


def note_read(conn: Connection, seq: int) -> None:
    """The journal was read up to here."""
    conn.execute(text("UPDATE notice_read SET seq = :seq"), {"seq": seq})


def to_be_told(conn: Connection, number: str) -> list[tuple[int, bool]]:
    """The reporters of a case, and of those merged into it, who want mail; and whether the words of answers are for them."""
    rows = conn.execute(
        text("""
            SELECT r.id, NOT r.joined OR m.visibility = 'shown' AS hears_answers
            FROM reporter r JOIN incident i ON i.id = r.incident_id JOIN matter m ON m.id = i.matter_id
            WHERE r.wants_mail AND i.id = ANY(ARRAY(
                SELECT id FROM incident WHERE number = :number UNION ALL SELECT id FROM incident WHERE merged_into = :number))
            ORDER BY r.id
        """),
        {"number": number},
    )
    return [(row.id, row.hears_answers) for row in rows]


def answer_of(conn: Connection, number: str, *, version: int, actions: Sequence[str]) -> str | None:
    """The words of a step of a case, where they answer who reported it."""
    return conn.execute(
        text("""
            SELECT s.note FROM incident_step s JOIN incident i ON i.id = s.incident_id
            WHERE i.number = :number AND s.version = :version AND s.action = ANY(:actions)
        """),
        {"number": number, "version": version, "actions": list(actions)},
    ).scalar_one_or_none()


def take_due(conn: Connection, *, now: datetime) -> Notice | None:
    """Take the notice that is due first; it is nobody else's from now on, and comes up again only by `put_back`.

    What stopped being wanted in the meantime is dropped.
    """
    conn.execute(
        text("""
            DELETE FROM notice n USING reporter r
            WHERE r.id = n.reporter_id AND NOT r.wants_mail AND n.sent_at IS NULL AND n.next_at IS NOT NULL
        """)
    )
    row = conn.execute(
        text("""
            WITH due AS (
                SELECT id FROM notice WHERE sent_at IS NULL AND next_at <= :now ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            UPDATE notice n SET tries = tries + 1, next_at = NULL FROM due, reporter r, incident i
            WHERE n.id = due.id AND r.id = n.reporter_id AND i.id = r.incident_id
            RETURNING n.id, n.kind, n.tries, n.facts, r.key, r.email, r.name, r.language, i.number
        """),
        {"now": now},
    ).one_or_none()
    return Notice(**row._mapping) if row else None


def note_sent(conn: Connection, notice_id: int, *, at: datetime) -> None:
    """A mail server has taken it."""
    conn.execute(text("UPDATE notice SET sent_at = :at, fault = NULL WHERE id = :id"), {"id": notice_id, "at": at})


def put_back(conn: Connection, notice_id: int, *, next_at: datetime | None, fault: str) -> None:
    """It was certainly not taken: try again then, or never when None."""
    conn.execute(
        text("UPDATE notice SET next_at = :next, fault = :fault WHERE id = :id"),
        {"id": notice_id, "next": next_at, "fault": fault[:500]},
    )
