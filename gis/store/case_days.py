"""What happened to cases on a day."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Account
from gis.store.case_lists import UNDER_AREA
from gis.store.cases import seen_by


def steps(conn: Connection, since: datetime, until: datetime, *, area: str | None, account: Account) -> list[dict[str, Any]]:
    """Steps from a moment (included) to another (not), oldest first, of the cases that somebody may see."""
    inside, values = seen_by(conn, account)
    if area is not None:
        inside += f" AND {UNDER_AREA}"
        values["area"] = area
    rows = conn.execute(
        text(f"""
            SELECT round(extract(epoch FROM t.at - :since))::int AS at_s, i.number, round(ST_X(i.geom)::numeric, 6)::float AS lon,
                   round(ST_Y(i.geom)::numeric, 6)::float AS lat, t.action, t.state, i.urgency
            FROM incident_step t JOIN incident i ON i.id = t.incident_id
            WHERE t.at >= :since AND t.at < :until AND {inside} ORDER BY t.at, t.id
        """),
        values | {"since": since, "until": until},
    )
    return [dict(row._mapping) for row in rows]
