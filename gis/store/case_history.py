"""Open cases of a history that was recorded at once: who has them in hand, and the steps that brought them where they are."""

from datetime import datetime

from sqlalchemy import Connection, text

# The steps behind each state, the shortest way there is. The last one of a suspended case says where it goes back to.
WAYS = {
    "collected": ("report",),
    "accepted": ("report", "accept"),
    "dispatched": ("report", "accept", "dispatch"),
    "handling": ("report", "accept", "dispatch", "start"),
    "feedback": ("report", "accept", "dispatch", "start", "report_back"),
    "verified": ("report", "accept", "dispatch", "start", "report_back", "verify"),
    "returned": ("report", "accept", "dispatch", "refuse"),
    "suspended": ("report", "accept", "suspend"),
}
STATE_AFTER = {
    "report": "collected", "accept": "accepted", "dispatch": "dispatched", "start": "handling", "report_back": "feedback",
    "verify": "verified", "refuse": "returned", "suspend": "suspended",
}  # fmt: skip
WITHOUT_STEPS = """
    i.closed_at IS NULL AND NOT EXISTS (SELECT FROM incident_step s WHERE s.incident_id = i.id)
"""


def hand_out(conn: Connection) -> int:
    """Give what is in hand by its state to the manager of its grid, or else to its department; returns how many."""
    return conn.execute(
        text(f"""
            WITH manager AS (
                SELECT DISTINCT ON (p.grid_id) p.grid_id, p.staff_id FROM posting p
                WHERE p.role = 'manager' AND p.valid @> now() ORDER BY p.grid_id, p.staff_id
            ), open AS (
                SELECT i.id, i.reported_at, m.staff_id FROM incident i LEFT JOIN manager m ON m.grid_id = i.grid_id
                WHERE i.state IN ('dispatched', 'handling', 'feedback', 'verified') AND i.holder_id IS NULL
                  AND NOT i.with_department AND {WITHOUT_STEPS}
            )
            UPDATE incident i SET holder_id = o.staff_id, with_department = o.staff_id IS NULL
            FROM open o WHERE i.id = o.id AND i.reported_at = o.reported_at
        """)
    ).rowcount


def write_ways(conn: Connection, *, now: datetime, by: str) -> int:
    """Write the steps behind every open case that has none, spread evenly over its time so far; returns how many steps."""
    states = [state for state, way in WAYS.items() for _ in way]
    actions = [action for way in WAYS.values() for action in way]
    orders = [order for way in WAYS.values() for order in range(1, len(way) + 1)]
    values = {
        "states": states, "actions": actions, "orders": orders, "afters": [STATE_AFTER[action] for action in actions],
        "now": now, "by": by,
    }  # fmt: skip
    written: int = conn.execute(
        text(f"""
            WITH way AS (
                SELECT state, action, version, after, max(version) OVER (PARTITION BY state) AS steps
                FROM unnest(CAST(:states AS text[]), CAST(:actions AS text[]), CAST(:orders AS int[]), CAST(:afters AS text[]))
                    AS w (state, action, version, after)
            ), written AS (
                INSERT INTO incident_step (incident_id, version, action, state, at, actor, command_id, staff_id, geom, facts)
                SELECT i.id, w.version, w.action, w.after,
                       i.reported_at + greatest(:now - i.reported_at, interval '0') * (w.version - 1) / w.steps,
                       :by, i.command_id, CASE WHEN w.version > 2 THEN i.holder_id END,
                       CASE WHEN w.version = 1 THEN i.geom END,
                       CASE WHEN w.action = 'suspend' THEN '{{"before": "accepted"}}'::jsonb ELSE '{{}}'::jsonb END
                FROM incident i JOIN way w ON w.state = i.state
                WHERE {WITHOUT_STEPS}
                RETURNING incident_id, version
            ), last AS (
                SELECT incident_id, max(version) AS version FROM written GROUP BY incident_id
            ), counted AS (
                UPDATE incident i SET version = l.version FROM last l
                WHERE i.id = l.incident_id AND i.closed_at IS NULL AND i.version <> l.version
            )
            SELECT count(*) FROM written
        """),
        values,
    ).scalar_one()
    return written
