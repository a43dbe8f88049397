"""Incidents, partitioned by month."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Reach
from gis.store import bulk
from gis.store.reach import incident_filter

COLUMNS = (
    "id",
    "reported_at",
    "number",
    "matter_id",
    "state",
    "urgency",
    "channel",
    "geom",
    "grid_id",
    "community_id",
    "placed",
    "description",
    "closed_at",
    "synthetic",
)


def prepare_months(conn: Connection, months: Iterable[date]) -> int:
    """Make the partitions of these months where they are missing; returns how many were made."""
    return sum(conn.execute(text("SELECT prepare_incident_month(:month)"), {"month": month}).scalar_one() for month in months)


def take_ids(conn: Connection, count: int) -> range:
    """Reserve ids, so that tracking numbers can be made before the rows are written."""
    return bulk.take_ids(conn, "incident", count)


def save_many(conn: Connection, rows: Iterable[Sequence[Any]]) -> None:
    """Write placed incidents by COPY, in the order of `COLUMNS`."""
    bulk.copy_rows(conn, "incident", COLUMNS, rows)


def save(
    conn: Connection,
    *,
    incident_id: int,
    number: str,
    reported_at: datetime,
    matter_id: int,
    urgency: int,
    channel: str,
    lon: float,
    lat: float,
    grid_id: int | None,
    community_id: int | None,
    description: str | None,
) -> None:
    """Write one placed incident."""
    conn.execute(
        text("""
            INSERT INTO incident (id, number, reported_at, matter_id, urgency, channel, geom, grid_id, community_id,
                                  placed, description)
            VALUES (:id, :number, :at, :matter, :urgency, :channel, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :grid, :community,
                    true, :description)
        """),
        {
            "id": incident_id,
            "number": number,
            "at": reported_at,
            "matter": matter_id,
            "urgency": urgency,
            "channel": channel,
            "lon": lon,
            "lat": lat,
            "grid": grid_id,
            "community": community_id,
            "description": description,
        },
    )


FIELDS = """
    i.number, i.state, i.urgency, i.channel, i.reported_at, i.closed_at, i.description, i.synthetic,
    ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, m.code AS matter, m.name_zh AS matter_zh, m.name_en AS matter_en,
    m.department, g.code AS grid
"""


def by_number(conn: Connection, number: str, *, reach: Reach | None = None) -> dict[str, Any] | None:
    """The incident with a tracking number if it lies inside the reach, or None."""
    inside, values = incident_filter(conn, reach) if reach else ("true", {})
    row = conn.execute(
        text(f"""
            SELECT {FIELDS} FROM incident i JOIN matter m ON m.id = i.matter_id LEFT JOIN grid g ON g.id = i.grid_id
            WHERE i.number = :number AND {inside}
        """),
        {"number": number} | values,
    ).one_or_none()
    return dict(row._mapping) if row else None


def latest_in_grid(
    conn: Connection, grid_id: int, *, reach: Reach, limit: int, until: datetime | None = None
) -> list[dict[str, Any]]:
    """The newest incidents of a grid until a moment, of those inside the reach."""
    inside, values = incident_filter(conn, reach)
    rows = conn.execute(
        text(f"""
            SELECT {FIELDS} FROM incident i JOIN matter m ON m.id = i.matter_id LEFT JOIN grid g ON g.id = i.grid_id
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
