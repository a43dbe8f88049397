"""The catalogue: departments and the matters admitted to the grid."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from gis.records import MatterRow, Name
from gis.store.prepared import Prepared

MATTERS = """
    SELECT DISTINCT ON (m.code) m.id, m.code, m.version, m.category_zh, m.category_en, m.name_zh, m.name_en,
           m.time_limit_h, m.standard_min, m.inspection_interval_d, m.urgency, m.department,
           m.kind, m.visibility, m.icon, m.by_citizens,
           d.name_zh AS department_zh, d.name_en AS department_en
    FROM matter m JOIN department d ON d.code = m.department
    WHERE m.admitted_on <= :day AND (m.retired_on IS NULL OR m.retired_on > :day)
"""
NEWEST_FIRST = "ORDER BY m.code, m.version DESC"
OF_ONE_CODE = Prepared("matter_in_force", f"{MATTERS} AND m.code = :code {NEWEST_FIRST}", day="date", code="text")


def save_departments(conn: Connection, departments: dict[str, Name]) -> None:
    """Write the departments."""
    conn.execute(
        text("INSERT INTO department (code, name_zh, name_en) VALUES (:code, :zh, :en)"),
        [{"code": code, "zh": name.zh, "en": name.en} for code, name in departments.items()],
    )


def department_codes(conn: Connection) -> set[str]:
    """Codes of all departments."""
    return set(conn.execute(text("SELECT code FROM department")).scalars())


def save_matters(conn: Connection, matters: Sequence[MatterRow], *, admitted_on: date) -> None:
    """Write the first version of every matter."""
    conn.execute(
        text("""
            INSERT INTO matter (code, category_zh, category_en, name_zh, name_en, department, time_limit_h, standard_min,
                                inspection_interval_d, urgency, admitted_on, kind, visibility, icon, by_citizens)
            VALUES (:code, :czh, :cen, :zh, :en, :department, :limit, :minutes, :interval, :urgency, :admitted, :kind, :visibility,
                    :icon, :by_citizens)
        """),
        [
            {
                "code": row.code, "czh": row.category.zh, "cen": row.category.en, "zh": row.name.zh, "en": row.name.en,
                "department": row.department, "limit": row.time_limit_h, "minutes": row.standard_min,
                "interval": row.inspection_interval_d, "urgency": row.urgency, "admitted": admitted_on,
                "kind": row.kind, "visibility": row.visibility, "icon": row.icon, "by_citizens": row.by_citizens,
            }
            for row in matters
        ],
    )


def fill_in(conn: Connection, matters: Sequence[MatterRow]) -> int:
    """Give matters that have no picture theirs, and what citizens may do with them; returns how many."""
    values = [
        {"code": row.code, "zh": row.name.zh, "icon": row.icon, "visibility": row.visibility, "by": row.by_citizens}
        for row in matters
    ]
    return conn.execute(
        text("""
            UPDATE matter m SET icon = g.icon, visibility = g.visibility, by_citizens = g.by
            FROM jsonb_to_recordset(CAST(:given AS jsonb)) AS g (code text, zh text, icon text, visibility text, by boolean)
            WHERE m.code = g.code AND m.name_zh = g.zh AND m.icon IS NULL
        """),
        {"given": json.dumps(values)},
    ).rowcount


def matters_in_force(conn: Connection, on: date, *, kind: str | None = None) -> list[dict[str, Any]]:
    """The matters admitted on a day, newest version of each; of one kind (matter or wish), or of both."""
    rows = conn.execute(text(f"{MATTERS} AND m.kind = coalesce(:kind, m.kind) {NEWEST_FIRST}"), {"day": on, "kind": kind})
    return [dict(row._mapping) for row in rows]


def matter_in_force(conn: Connection, code: str, *, on: date) -> dict[str, Any] | None:
    """The matter admitted on a day under a code, or None."""
    row = OF_ONE_CODE.row(conn, {"code": code, "day": on})
    return row and dict(row._mapping)


def codes_ever(conn: Connection) -> set[str]:
    """Codes of all matters that are or were in the catalogue."""
    return {row.code for row in conn.execute(text("SELECT DISTINCT code FROM matter"))}
