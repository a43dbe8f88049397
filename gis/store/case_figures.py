"""Figures of cases while it happens: what came in, what is open and overdue, what was closed in time and how fast."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Account
from gis.store.case_lists import UNDER_AREA
from gis.store.cases import seen_by

KEYS = {
    "level": "k.level",
    "matter": "m.code",
    "department": "m.department",
    "area": "u.code",
}
# The areas right under one, and the communities of each.
UNDER = """
    SELECT c.id, p.code FROM area p JOIN area c ON c.path <@ p.path
    WHERE p.parent_id = (SELECT id FROM area WHERE code = :root) OR (p.code = :root AND p.level = 'community')
"""
NAMES = {
    "level": "SELECT DISTINCT level AS code, level AS name_zh, level AS name_en FROM area",
    "matter": "SELECT DISTINCT ON (code) code, name_zh, name_en FROM matter ORDER BY code, version DESC",
    "department": "SELECT code, name_zh, name_en FROM department",
    "area": "SELECT code, name_zh, name_en FROM area",
}


def of_period(
    conn: Connection, *, by: str, area: str | None, root: str, since: datetime, until: datetime, now: datetime, account: Account
) -> list[dict[str, Any]]:
    """A row for each level, matter, department or area right under `root`, and first the row of all (`code` None, `whole`).

    Received and closed count in the period (until not included), open and late at this moment; the handling time of a closed case
    is what passed from its report to its end, by the clock and not in working time.
    """
    inside, values = seen_by(conn, account)
    if area is not None:
        inside += f" AND {UNDER_AREA}"
    joins = {
        "level": "JOIN area k ON k.id = i.command_id",
        "matter": "JOIN matter m ON m.id = i.matter_id",
        "department": "JOIN matter m ON m.id = i.matter_id",
        "area": f"LEFT JOIN ({UNDER}) u ON u.id = i.community_id",
    }[by]
    groups = f"GROUP BY GROUPING SETS (({KEYS[by]}), ())"
    rows = conn.execute(
        text(f"""
            WITH came AS (
                SELECT {KEYS[by]} AS code, grouping({KEYS[by]}) = 1 AS whole, count(*) AS received
                FROM incident i {joins} WHERE i.reported_at >= :since AND i.reported_at < :until AND {inside} {groups}
            ), waiting AS (
                SELECT {KEYS[by]} AS code, grouping({KEYS[by]}) = 1 AS whole, count(*) AS open,
                       count(*) FILTER (WHERE i.due_at <= :now) AS late
                FROM incident i {joins} WHERE i.closed_at IS NULL AND {inside} {groups}
            ), done AS (
                SELECT {KEYS[by]} AS code, grouping({KEYS[by]}) = 1 AS whole, count(*) AS closed,
                       count(*) FILTER (WHERE i.closed_at <= i.due_at)::float / nullif(count(i.due_at), 0) AS on_time_fraction,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM i.closed_at - i.reported_at) / 60)
                           AS median_handling_min
                FROM incident i {joins}
                WHERE i.closed_at >= :since AND i.closed_at < :until AND i.state = 'closed' AND {inside} {groups}
            ), every AS (
                SELECT code, whole FROM came UNION SELECT code, whole FROM waiting UNION SELECT code, whole FROM done
            )
            SELECT e.code, e.whole, n.name_zh, n.name_en, coalesce(c.received, 0) AS received, coalesce(w.open, 0) AS open,
                   coalesce(w.late, 0) AS late, coalesce(d.closed, 0) AS closed, d.on_time_fraction, d.median_handling_min
            FROM every e
            LEFT JOIN came c ON c.code IS NOT DISTINCT FROM e.code AND c.whole = e.whole
            LEFT JOIN waiting w ON w.code IS NOT DISTINCT FROM e.code AND w.whole = e.whole
            LEFT JOIN done d ON d.code IS NOT DISTINCT FROM e.code AND d.whole = e.whole
            LEFT JOIN ({NAMES[by]}) n ON n.code = e.code
            ORDER BY e.whole DESC, e.code
        """),
        values | {"area": area, "root": root, "since": since, "until": until, "now": now},
    )
    return [dict(row._mapping) for row in rows]
