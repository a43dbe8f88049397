"""What the journal says of a case: all that a live map needs to draw it, and that tells who may see it."""

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import Connection, text

# The marker of a case: `i` is its row of `incident`, the others are what `MARKER_OF` joins to it.
MARKER = """
    jsonb_build_object(
        'number', i.number, 'version', i.version, 'action', CAST(:action AS text), 'state', i.state, 'urgency', i.urgency,
        'matter', m.code, 'department', m.department, 'lon', ST_X(i.geom), 'lat', ST_Y(i.geom), 'grid', g.code,
        'path', coalesce(c.path, k.path)::text, 'command', k.code, 'level', k.level, 'officer', s.number,
        'tier', i.tier, 'channel', i.channel, 'supervised', i.supervised, 'merged_into', i.merged_into,
        'reported_at', i.reported_at, 'due_at', i.due_at, 'warn_at', i.warn_at, 'closed_at', i.closed_at,
        'parties', ARRAY(SELECT p.department FROM incident_party p WHERE p.incident_id = i.id ORDER BY 1)
    )
"""
MARKER_OF = """
    JOIN matter m ON m.id = i.matter_id
    JOIN area k ON k.id = i.command_id
    LEFT JOIN area c ON c.id = i.community_id
    LEFT JOIN grid g ON g.id = i.grid_id
    LEFT JOIN staff s ON s.id = i.holder_id
"""


def tell(conn: Connection, action: str, *, incidents: Sequence[int], actor: str, was: Mapping[str, str] | None = None) -> None:
    """Append `case.<action>` for each of these incidents as they now stand.

    `was` says, of a step that moved them, under which `path` and `department` they were: who saw them there hears it.
    Call it last in a transaction: readers of the journal wait for whoever has begun to append.
    """
    conn.execute(
        text(f"""
            INSERT INTO journal (kind, subject, payload, actor)
            SELECT 'case.' || :action, i.number, {MARKER} || CAST(:was AS jsonb), :actor
            FROM incident i {MARKER_OF}
            WHERE i.id = ANY(:incidents)
            ORDER BY i.id
        """),
        {
            "action": action, "incidents": list(incidents), "actor": actor,
            "was": orjson.dumps({"was": dict(was)} if was else {}).decode(),
        },
    )  # fmt: skip
