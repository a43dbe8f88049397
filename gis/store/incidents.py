"""Incidents, partitioned by month."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import NewCase, Reach
from gis.rules.numbers import ALPHABET, LETTERS, SPACE, STRIDE
from gis.store import bulk
from gis.store.case_journal import MARKER, MARKER_OF
from gis.store.prepared import Prepared
from gis.store.reach import incident_filter

COLUMNS = (
    "id", "reported_at", "number", "matter_id", "state", "urgency", "channel", "geom", "grid_id", "community_id", "placed",
    "description", "closed_at", "synthetic", "command_id", "holder_id", "due_at", "warn_at", "left_min", "tier", "address",
)  # fmt: skip
STEP_COLUMNS = ("incident_id", "version", "action", "state", "at", "actor", "command_id", "staff_id", "geom")
FIELDS = """
    i.number, i.version, i.state, i.urgency, i.channel, i.reported_at, i.closed_at, i.due_at, i.description, i.address, i.tier,
    i.synthetic, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, m.code AS matter, m.name_zh AS matter_zh, m.name_en AS matter_en,
    m.department, g.code AS grid, k.code AS command, k.name_zh AS command_zh, k.name_en AS command_en, k.level AS command_level
"""
FIELDS_OF = """
    JOIN matter m ON m.id = i.matter_id JOIN area k ON k.id = i.command_id LEFT JOIN grid g ON g.id = i.grid_id
"""


def _number_sql(incident_id: str, day: str) -> str:
    """`numbers.tracking_number` in SQL, for an id and a day given as expressions."""
    left, base = f"({incident_id} * {STRIDE} % {SPACE})", len(ALPHABET)
    letters = (f"substr('{ALPHABET}', ({left} / {base**place} % {base})::integer + 1, 1)" for place in range(LETTERS))
    return f"to_char({day}, 'YYMMDD-') || {' || '.join(letters)}"


# The whole of taking one report in, in one journey to the database: its row, its first step, and what the journal says of it.
# The journal's trigger runs before the first of its rows has a number, as `case_journal` asks.
TAKE_IN = Prepared("take_in", f"""
    WITH came AS MATERIALIZED (SELECT nextval('incident_id_seq') AS id), i AS (
        INSERT INTO incident (id, number, reported_at, matter_id, state, urgency, channel, geom, grid_id, community_id, placed,
                              description, address, tier, command_id, holder_id, due_at, warn_at)
        SELECT came.id, {_number_sql("came.id", "CAST(:day AS date)")}, :at, :matter, :state, :urgency, :channel,
               ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :grid, :community, true, :description, :address, :tier,
               coalesce(:community, (SELECT id FROM area WHERE parent_id IS NULL)), :holder, :due, :warn
        FROM came
        RETURNING *
    ), step AS (
        INSERT INTO incident_step (incident_id, version, action, state, at, actor, command_id, staff_id, geom)
        SELECT i.id, 1, :action, i.state, :now, :by, i.command_id, i.holder_id, i.geom FROM i
    ), told AS (
        INSERT INTO journal (kind, subject, payload, actor) SELECT 'case.' || :action, i.number, {MARKER}, :by FROM i {MARKER_OF}
    )
    SELECT {FIELDS} FROM i {FIELDS_OF}
""", action="text", day="date", at="timestamptz", matter="bigint", state="text", urgency="smallint", channel="text", lon="float8",
    lat="float8", grid="bigint", community="bigint", description="text", address="text", tier="text", holder="bigint",
    due="timestamptz", warn="timestamptz", now="timestamptz", by="text")  # fmt: skip


def take_in(conn: Connection, case: NewCase, *, action: str, now: datetime, by: str) -> dict[str, Any]:
    """Write a placed report with its first step and tell the journal; returns it as `by_number` does."""
    report = case.report
    values = {
        "action": action, "day": case.day, "at": case.reported_at, "matter": case.matter_id, "state": case.state,
        "urgency": case.urgency, "channel": report.channel, "lon": report.lon, "lat": report.lat, "grid": case.grid_id,
        "community": case.community_id, "description": report.description, "address": report.address, "tier": case.tier,
        "holder": report.holder, "due": case.due_at, "warn": case.warn_at, "now": now, "by": by,
    }  # fmt: skip
    return dict(TAKE_IN.rows(conn, values)[0]._mapping)


def prepare_months(conn: Connection, months: Iterable[date]) -> int:
    """Make the partitions of these months where they are missing; returns how many were made."""
    return sum(conn.execute(text("SELECT prepare_incident_month(:month)"), {"month": month}).scalar_one() for month in months)


def take_ids(conn: Connection, count: int) -> list[int]:
    """Reserve ids, so that tracking numbers can be made before the rows are written; those of other writers may lie between."""
    taken = conn.execute(text("SELECT nextval('incident_id_seq') FROM generate_series(1, :count)"), {"count": count})
    return list(taken.scalars())


def save_many(conn: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Write placed incidents by COPY, in the order of `COLUMNS`."""
    bulk.copy_rows(conn, "incident", COLUMNS, rows)


def save_first_steps(conn: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Write the first steps of incidents by COPY, in the order of `STEP_COLUMNS`."""
    bulk.copy_rows(conn, "incident_step", STEP_COLUMNS, rows)


def city_command(conn: Connection) -> int:
    """Id of the whole city as an area: it commands what lies outside every grid."""
    found: int = conn.execute(text("SELECT id FROM area WHERE parent_id IS NULL")).scalar_one()
    return found


def by_number(conn: Connection, number: str, *, reach: Reach | None = None) -> dict[str, Any] | None:
    """The incident with a tracking number if it lies inside the reach, or None."""
    inside, values = incident_filter(conn, reach) if reach else ("true", {})
    row = conn.execute(
        text(f"SELECT {FIELDS} FROM incident i {FIELDS_OF} WHERE i.number = :number AND {inside}"), {"number": number} | values
    ).one_or_none()
    return dict(row._mapping) if row else None


def latest_in_grid(
    conn: Connection, grid_id: int, *, reach: Reach, limit: int, until: datetime | None = None
) -> list[dict[str, Any]]:
    """The newest incidents of a grid until a moment, of those inside the reach."""
    inside, values = incident_filter(conn, reach)
    rows = conn.execute(
        text(f"""
            SELECT {FIELDS} FROM incident i {FIELDS_OF}
            WHERE i.grid_id = :grid AND {inside} AND i.reported_at <= coalesce(CAST(:until AS timestamptz), 'infinity')
            ORDER BY i.reported_at DESC LIMIT :limit
        """),
        {"grid": grid_id, "limit": limit, "until": until} | values,
    )
    return [dict(row._mapping) for row in rows]


def renew_activity(conn: Connection) -> None:
    """Count the incidents of every grid anew; readers keep the old counts until it is done."""
    filled = conn.execute(text("SELECT relispopulated FROM pg_class WHERE oid = 'grid_activity'::regclass")).scalar_one()
    conn.exec_driver_sql(f"REFRESH MATERIALIZED VIEW {'CONCURRENTLY' if filled else ''} grid_activity")


def waiting_months(conn: Connection) -> list[date]:
    """Months that have reports in the partition of last resort."""
    rows = conn.execute(
        text("SELECT DISTINCT date_trunc('month', reported_at AT TIME ZONE 'UTC')::date AS month FROM incident_rest")
    )
    return [row.month for row in rows]
