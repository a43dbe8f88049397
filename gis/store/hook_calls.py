"""Calls to departments: what happened to their matters, each told once and until it is heard."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from gis.source_records import HookCall

CALL = "c.id, c.source_id, c.seq, c.number, c.kind, c.body, c.at, c.next_at, c.tries, c.status, c.fault, c.done_at"


def collect(conn: Connection, *, upto: int, at_most: int) -> tuple[int, bool]:
    """Make the calls that follow from the journal up to a number, of cases that are or were its department's, or came from it.

    Looks at so many events at most; returns how many calls were made, and whether there is more to look at. What one worker
    collects, no other does at the same time.
    """
    if not conn.execute(text("SELECT pg_try_advisory_xact_lock(hashtext('hook_call'))")).scalar_one():
        return 0, False
    least = conn.execute(text("SELECT min(hook_seq) FROM source WHERE hook_seq IS NOT NULL")).scalar_one()
    if least is None or least >= upto:
        return 0, False
    until = min(upto, least + at_most)
    made = conn.execute(
        text("""
            INSERT INTO hook_call (source_id, seq, number, kind, body)
            SELECT s.id, j.seq, j.subject, j.kind, jsonb_build_object(
                'event', s.code || '-' || j.seq, 'seq', j.seq, 'kind', j.kind, 'at', j.at, 'source', s.code, 'id', r.source_key,
                'case', j.payload
            )
            FROM source s
            JOIN journal j ON j.seq > s.hook_seq AND j.seq <= :until AND j.kind LIKE 'case.%'
            LEFT JOIN received r ON r.source_id = s.id AND r.number = j.subject
            WHERE s.active AND s.hook_url IS NOT NULL
              AND (r.source_key IS NOT NULL OR j.payload->>'department' = s.department
                   OR j.payload->'was'->>'department' = s.department
                   OR coalesce(jsonb_exists(j.payload->'parties', s.department), false))
            ON CONFLICT DO NOTHING
        """),
        {"until": until},
    ).rowcount
    conn.execute(text("UPDATE source SET hook_seq = :until WHERE hook_seq < :until"), {"until": until})
    return made, until < upto


def sources_due(conn: Connection) -> list[int]:
    """Ids of the sources that are to be called now."""
    rows = conn.execute(
        text("""
            SELECT DISTINCT c.source_id FROM hook_call c JOIN source s ON s.id = c.source_id
            WHERE c.done_at IS NULL AND c.next_at <= clock_timestamp() AND s.active AND s.hook_url IS NOT NULL
        """)
    )
    return [row.source_id for row in rows]


def take_next(conn: Connection, source_id: int, *, lease: timedelta) -> HookCall | None:
    """The oldest call of a source that is due, ours until the lease is over: if we die, another takes it then."""
    row = conn.execute(
        text(f"""
            UPDATE hook_call c SET tries = c.tries + 1, next_at = clock_timestamp() + :lease FROM source s
            WHERE s.id = c.source_id AND c.id = (
                SELECT id FROM hook_call WHERE source_id = :source AND done_at IS NULL AND next_at <= clock_timestamp()
                ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED
            ) RETURNING {CALL}, s.hook_url, s.hook_secret
        """),
        {"source": source_id, "lease": lease},
    ).one_or_none()
    return HookCall(row.id, row.source_id, row.body, row.at, row.tries, row.hook_url, row.hook_secret) if row else None


def note_heard(conn: Connection, call_id: int, *, status: int) -> None:
    """The department has it."""
    conn.execute(
        text("UPDATE hook_call SET done_at = clock_timestamp(), next_at = NULL, status = :status, fault = NULL WHERE id = :id"),
        {"id": call_id, "status": status},
    )


def note_failed(conn: Connection, call_id: int, *, status: int | None, fault: str, next_at: datetime | None) -> None:
    """The department did not take it; without a next try it is parked."""
    conn.execute(
        text("UPDATE hook_call SET status = :status, fault = :fault, next_at = :next WHERE id = :id AND done_at IS NULL"),
        {"id": call_id, "status": status, "fault": fault, "next": next_at},
    )


def hold_back(conn: Connection, source_id: int, *, until: datetime) -> None:
    """Nobody answers there: what else waits for this source waits until then."""
    conn.execute(
        text("UPDATE hook_call SET next_at = :until WHERE source_id = :source AND done_at IS NULL AND next_at < :until"),
        {"source": source_id, "until": until},
    )


def latest(conn: Connection, source_id: int, *, state: str | None, limit: int, before: int | None) -> list[dict[str, Any]]:
    """Calls of a source, newest first: all, or those `waiting`, `parked` or `done`."""
    state_sql = {
        "waiting": "c.next_at IS NOT NULL",
        "parked": "c.next_at IS NULL AND c.done_at IS NULL",
        "done": "c.done_at IS NOT NULL",
    }
    rows = conn.execute(
        text(f"""
            SELECT {CALL} FROM hook_call c WHERE c.source_id = :source AND {state_sql.get(state or "", "true")}
              AND c.id < coalesce(:before, 9223372036854775807) ORDER BY c.id DESC LIMIT :limit
        """),
        {"source": source_id, "limit": limit, "before": before},
    )
    return [dict(row._mapping) for row in rows]


def send_again(conn: Connection, source_id: int, *, call_id: int | None) -> int:
    """Let one parked call, or all of a source, be tried once more now; returns how many."""
    return conn.execute(
        text("""
            UPDATE hook_call SET next_at = clock_timestamp()
            WHERE source_id = :source AND done_at IS NULL AND (next_at IS NULL OR id = :call) AND id = coalesce(:call, id)
        """),
        {"source": source_id, "call": call_id},
    ).rowcount


def forget(conn: Connection, *, older_than_d: int) -> int:
    """Drop calls that were heard so long ago; returns how many. What was not heard stays."""
    return conn.execute(
        text("DELETE FROM hook_call WHERE done_at < now() - make_interval(days => :days)"), {"days": older_than_d}
    ).rowcount
