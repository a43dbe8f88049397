"""Open cases around one."""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import Account
from gis.rules.duplicates import SAME_MATTER_M, WITHIN_D
from gis.store.case_lists import JOINS, SHOWN
from gis.store.cases import seen_by

AROUND = f"""
    FROM incident o
    JOIN matter om ON om.id = o.matter_id
    JOIN incident i ON i.geom_3857 && ST_Expand(o.geom_3857, {SAME_MATTER_M} / cos(radians(ST_Y(o.geom))))
        AND i.closed_at IS NULL AND i.id <> o.id
        AND i.reported_at BETWEEN o.reported_at - interval '{WITHIN_D} days' AND o.reported_at + interval '{WITHIN_D} days'
    JOIN matter im ON im.id = i.matter_id AND im.category_zh = om.category_zh AND im.kind = om.kind
    WHERE o.id = :id
"""


def around(conn: Connection, case_id: int, *, account: Account) -> list[dict[str, Any]]:
    """The open cases of the same category that may be the same thing, of those that somebody may see.

    Each with its distance in metres and the minutes from the one to its report.
    """
    inside, values = seen_by(conn, account)
    rows = conn.execute(
        text(f"""
            WITH near AS MATERIALIZED (
                SELECT i.id, i.reported_at, im.code = om.code AS same_matter,
                       ST_Distance(o.geom::geography, i.geom::geography) AS metres,
                       extract(epoch FROM i.reported_at - o.reported_at) / 60 AS minutes
                {AROUND} AND {inside}
            )
            SELECT {SHOWN}, n.same_matter, n.metres, n.minutes::float AS minutes
            FROM near n JOIN incident i ON i.id = n.id AND i.reported_at = n.reported_at {JOINS}
        """),
        values | {"id": case_id},
    )
    return [dict(row._mapping) for row in rows]
