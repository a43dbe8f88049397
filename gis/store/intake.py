"""What a report is judged by, asked in one journey to the database."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from gis.records import City, IntakeFacts, Name, PlanInForce
from gis.store.prepared import Prepared

FACTS = Prepared(
    "intake_facts",
    """
    SELECT c.code, c.name_zh, c.name_en, c.metric_srid, c.synthetic, c.timezone, c.code_scheme, c.founded_at,
           p.id AS plan_id, p.version AS plan_version, p.name_zh AS plan_zh, p.name_en AS plan_en,
           lower(p.valid) AS since, upper(p.valid) AS until, to_jsonb(m) AS matter,
           (SELECT jsonb_object_agg(day, works) FROM working_day) AS exceptions
    FROM city c
    LEFT JOIN plan p ON p.valid @> :at
    LEFT JOIN LATERAL (
        SELECT id, kind, urgency, time_limit_h FROM matter
        WHERE code = :matter AND admitted_on <= (:now AT TIME ZONE c.timezone)::date
          AND (retired_on IS NULL OR retired_on > (:now AT TIME ZONE c.timezone)::date)
        ORDER BY version DESC LIMIT 1
    ) m ON true
    """,
    at="timestamptz",
    matter="text",
    now="timestamptz",
)


def facts(conn: Connection, matter: str, *, at: datetime, now: datetime) -> IntakeFacts | None:
    """The city, its plan at the moment of the report, the matter as of now, the days it works; None before there is a city."""
    row = FACTS.row(conn, {"matter": matter, "at": at, "now": now})
    if row is None:
        return None
    city = City(
        row.code, Name(row.name_zh, row.name_en), row.metric_srid, row.synthetic, row.timezone, row.code_scheme, row.founded_at
    )
    exceptions = {date.fromisoformat(day): works for day, works in (row.exceptions or {}).items()}
    return IntakeFacts(city, _plan(row), row.matter, exceptions)


def _plan(row: Any) -> PlanInForce | None:
    if row.plan_id is None:
        return None
    return PlanInForce(row.plan_id, row.plan_version, Name(row.plan_zh, row.plan_en), row.since, row.until)
