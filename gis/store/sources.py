"""Departments' sources, and how they are."""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.records import Name, Reach
from gis.source_records import KnownCommunity, Source

FIELDS = """
    s.id, s.code, s.department, s.name_zh, s.name_en, s.mapping, s.active, s.opened_by, s.opened_at, s.pull_url, s.pull_every_min,
    s.pull_token, s.pull_state, s.hook_url, s.hook_secret, s.hook_seq, d.name_zh AS department_zh, d.name_en AS department_en
    FROM source s JOIN department d ON d.code = s.department
"""
SEEN = "(CASE WHEN CAST(:department AS text) IS NULL THEN :whole ELSE s.department = :department END)"


def _source_of(row: Any) -> Source:
    return Source(
        id=row.id, code=row.code, department=row.department, department_name=Name(row.department_zh, row.department_en),
        name=Name(row.name_zh, row.name_en), mapping=row.mapping, active=row.active, opened_by=row.opened_by,
        opened_at=row.opened_at, pull_url=row.pull_url, pull_every_min=row.pull_every_min, pull_token=row.pull_token,
        pull_state=row.pull_state, hook_url=row.hook_url, hook_secret=row.hook_secret, hook_seq=row.hook_seq,
    )  # fmt: skip


def _seen(reach: Reach | None) -> dict[str, Any]:
    return {"department": reach.department if reach else None, "whole": reach.is_whole_city if reach else True}


def listed(conn: Connection, *, reach: Reach | None = None) -> list[Source]:
    """The sources that somebody may see, by department and code; a department sees its own, a part of the city none."""
    rows = conn.execute(text(f"SELECT {FIELDS} WHERE {SEEN} ORDER BY s.department, s.code"), _seen(reach))
    return [_source_of(row) for row in rows]


def by_code(conn: Connection, code: str, *, reach: Reach | None = None, lock: bool = False) -> Source | None:
    """A source that somebody may see, by its code; None if there is none."""
    asked = f"SELECT {FIELDS} WHERE s.code = :code AND {SEEN} {'FOR UPDATE OF s' if lock else ''}"
    row = conn.execute(text(asked), {"code": code} | _seen(reach)).one_or_none()
    return _source_of(row) if row else None


def save(conn: Connection, *, code: str, department: str, name: Name, mapping: dict[str, Any], by: str) -> bool:
    """Write a new source; returns False where the code is taken."""
    written = conn.execute(
        text("""
            INSERT INTO source (code, department, name_zh, name_en, mapping, opened_by)
            VALUES (:code, :department, :zh, :en, :mapping, :by) ON CONFLICT (code) DO NOTHING
        """),
        {"code": code, "department": department, "zh": name.zh, "en": name.en, "mapping": _json(mapping), "by": by},
    )
    return written.rowcount == 1


def change(conn: Connection, source_id: int, **wanted: Any) -> None:
    """Write columns of a source anew."""
    kept = {name: _json(value) if name in ("mapping", "pull_state") else value for name, value in wanted.items()}
    conn.execute(
        text(f"UPDATE source SET {', '.join(f'{name} = :{name}' for name in kept)} WHERE id = :id"), kept | {"id": source_id}
    )


def keep_alone(conn: Connection, source_id: int) -> bool:
    """Take the lock of a source for this session; False if another has it."""
    held: bool = conn.execute(text("SELECT pg_try_advisory_lock(1936683619, :id)"), {"id": source_id}).scalar_one()
    return held


def leave(conn: Connection, source_id: int) -> None:
    """Give the lock of a source back."""
    conn.execute(text("SELECT pg_advisory_unlock(1936683619, :id)"), {"id": source_id})


def departments(conn: Connection) -> dict[str, Name]:
    """Every department by its code."""
    rows = conn.execute(text("SELECT code, name_zh, name_en FROM department ORDER BY code"))
    return {row.code: Name(row.name_zh, row.name_en) for row in rows}


def communities(conn: Connection) -> list[KnownCommunity]:
    """Every community with its town and the point of its name on the map."""
    rows = conn.execute(
        text("""
            SELECT c.code, c.name_zh, t.name_zh AS town, ST_X(c.label_point) AS lon, ST_Y(c.label_point) AS lat
            FROM area c JOIN area t ON t.id = c.parent_id WHERE c.level = 'community' ORDER BY c.code
        """)
    )
    return [KnownCommunity(row.code, row.name_zh, row.town, row.lon, row.lat) for row in rows]


def figures(conn: Connection, *, today: datetime, week: datetime) -> dict[int, dict[str, Any]]:
    """How every source is, by id: rows since the city's midnight and of seven days, the last delivery, rejects, calls."""
    rows = conn.execute(
        text("""
            SELECT s.id, l.*, f.*, r.*, c.* FROM source s
            LEFT JOIN LATERAL (
                SELECT at AS last_at, way AS last_way, fault AS last_fault, rows AS last_rows FROM delivery
                WHERE source_id = s.id AND way <> 'replay' ORDER BY at DESC, id DESC LIMIT 1
            ) l ON true
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(rows) FILTER (WHERE at >= :today), 0) AS rows_today,
                       coalesce(sum(accepted) FILTER (WHERE at >= :today), 0) AS accepted_today,
                       coalesce(sum(repeated) FILTER (WHERE at >= :today), 0) AS repeated_today,
                       coalesce(sum(late) FILTER (WHERE at >= :today), 0) AS late_today,
                       coalesce(sum(rejected) FILTER (WHERE at >= :today), 0) AS rejected_today,
                       coalesce(sum(rows), 0) AS rows_week, coalesce(sum(accepted), 0) AS accepted_week,
                       coalesce(sum(repeated), 0) AS repeated_week, coalesce(sum(late), 0) AS late_week,
                       coalesce(sum(rejected), 0) AS rejected_week
                FROM delivery WHERE source_id = s.id AND at >= :week
            ) f
            CROSS JOIN LATERAL (SELECT count(*) AS open_rejects FROM reject WHERE source_id = s.id AND state = 'open') r
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE next_at IS NOT NULL) AS calls_waiting,
                       count(*) FILTER (WHERE next_at IS NULL) AS calls_parked,
                       min(at) FILTER (WHERE next_at IS NOT NULL) AS calls_waiting_since, max(fault) AS calls_fault,
                       (SELECT max(done_at) FROM hook_call WHERE source_id = s.id) AS calls_done_at
                FROM hook_call WHERE source_id = s.id AND done_at IS NULL
            ) c
        """),
        {"today": today, "week": week},
    )
    return {row.id: dict(row._mapping) for row in rows}


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
