"""Cases whose time is short, over, or come again: found and stepped set by set.

A case that somebody is just working on is left for the next time. A step of the clock keeps the moment for which it was taken,
so that nothing is said twice, whatever the clock does.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from gis.rules.case_steps import BY_ACTION

ESCALATED_FROM = BY_ACTION["escalate"].sources
NOT_SAID = """
    NOT EXISTS (
        SELECT FROM incident_step s WHERE s.incident_id = i.id AND s.action = :action
        AND (s.facts ->> 'due_at')::timestamptz = i.due_at
    )
"""
STEPPED = """
    stepped AS (
        UPDATE incident i SET version = i.version + 1 FROM chosen c
        WHERE i.id = c.id AND i.reported_at = c.reported_at
        RETURNING i.id, i.version, i.state, i.command_id, i.holder_id, i.due_at
    )
    INSERT INTO incident_step (incident_id, version, action, state, at, actor, command_id, staff_id, facts)
    SELECT id, version, :action, state, :now, :by, command_id, holder_id, jsonb_build_object('due_at', due_at) FROM stepped
    RETURNING incident_id
"""


def one_at_a_time(conn: Connection) -> None:
    """Wait for whoever tends cases just now, before it is looked what is due: nobody sees half of what another said."""
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('tend_cases'))"))


def warn(conn: Connection, *, now: datetime, by: str, limit: int) -> list[int]:
    """Write the step of those that are nearly due; returns their ids."""
    return _said(conn, "warn", "i.warn_at <= :now AND i.due_at > :now", now=now, by=by, limit=limit)


def late(conn: Connection, *, now: datetime, by: str, limit: int) -> list[int]:
    """Write the step of those that are overdue; returns their ids."""
    return _said(conn, "late", "i.due_at <= :now", now=now, by=by, limit=limit)


def _said(conn: Connection, action: str, condition: str, *, now: datetime, by: str, limit: int) -> list[int]:
    rows = conn.execute(
        text(f"""
            WITH chosen AS (
                SELECT i.id, i.reported_at FROM incident i
                WHERE i.closed_at IS NULL AND {condition} AND {NOT_SAID}
                ORDER BY i.id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
            ), {STEPPED}
        """),
        {"action": action, "now": now, "by": by, "limit": limit},
    )
    return sorted(row.incident_id for row in rows)


def escalate_late(conn: Connection, ids: Sequence[int], *, now: datetime, by: str) -> list[int]:
    """Give those of some cases that somebody still works on to the area above their command; returns their ids."""
    rows = conn.execute(
        text("""
            WITH stepped AS (
                UPDATE incident i SET version = i.version + 1, command_id = k.parent_id
                FROM area k JOIN area u ON u.id = k.parent_id
                WHERE i.id = ANY(:ids) AND k.id = i.command_id AND i.state = ANY(:states)
                RETURNING i.id, i.version, i.state, i.command_id, i.holder_id, k.code AS below, u.code AS above
            )
            INSERT INTO incident_step (incident_id, version, action, state, at, actor, command_id, staff_id, facts)
            SELECT id, version, 'escalate', state, :now, :by, command_id, holder_id,
                   jsonb_build_object('from', below, 'to', above, 'reason', 'late')
            FROM stepped RETURNING incident_id
        """),
        {"ids": list(ids), "states": list(ESCALATED_FROM), "now": now, "by": by},
    )
    return sorted(row.incident_id for row in rows)


def suspended_until(conn: Connection, *, now: datetime, limit: int) -> list[int]:
    """Ids of the suspended cases whose moment has come, kept for this transaction."""
    rows = conn.execute(
        text("""
            SELECT i.id FROM incident i
            WHERE i.closed_at IS NULL AND i.state = 'suspended' AND (
                SELECT (s.facts ->> 'until')::timestamptz FROM incident_step s
                WHERE s.incident_id = i.id AND s.action = 'suspend' ORDER BY s.version DESC LIMIT 1
            ) <= :now
            ORDER BY i.id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
        """),
        {"now": now, "limit": limit},
    )
    return [row.id for row in rows]
