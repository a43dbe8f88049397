"""Staff and their postings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.plan_records import Officer
from gis.records import Name, StaffRow
from gis.store import areas, bulk


def save(conn: Connection, rows: Sequence[StaffRow], *, since: datetime) -> None:
    """Write staff and post them from a moment on."""
    ids = bulk.take_ids(conn, "staff", len(rows))
    area = areas.ids_by_code(conn)
    grid = {row.code: row.id for row in conn.execute(text("SELECT code, id FROM grid"))}
    bulk.copy_rows(
        conn, "staff", ("id", "number", "name_zh", "name_en", "duty", "synthetic"),
        ((i, row.number, row.name.zh, row.name.en, row.duty, row.synthetic) for i, row in zip(ids, rows, strict=True)),
    )
    valid = f"[{since.isoformat()},)"
    bulk.copy_rows(
        conn, "posting", ("staff_id", "grid_id", "area_id", "role", "valid"),
        (
            (i, grid[row.grid_code] if row.grid_code else None, area[row.area_code] if row.area_code else None, row.role, valid)
            for i, row in zip(ids, rows, strict=True)
        ),
    )


def of_grid(conn: Connection, grid_id: int, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """The officers posted on a grid at a moment, now if None, the manager first."""
    rows = conn.execute(
        text("""
            SELECT s.number, s.name_zh, s.name_en, s.duty, p.role
            FROM posting p JOIN staff s ON s.id = p.staff_id
            WHERE p.grid_id = :grid AND p.valid @> coalesce(CAST(:at AS timestamptz), now())
            ORDER BY array_position(ARRAY['manager', 'assistant', 'police', 'supervisor'], p.role), s.number
        """),
        {"grid": grid_id, "at": at},
    )
    return [dict(row._mapping) for row in rows]


def on_grids(conn: Connection, grids: Sequence[int]) -> list[Officer]:
    """Who is posted on these grids now, of each duty the managers first."""
    rows = conn.execute(
        text("""
            SELECT s.id, s.number, s.name_zh, s.name_en, s.duty, p.role, p.grid_id
            FROM posting p JOIN staff s ON s.id = p.staff_id
            WHERE p.grid_id = ANY (:grids) AND p.valid @> now()
            ORDER BY s.duty, array_position(ARRAY['manager', 'assistant', 'police', 'supervisor'], p.role), s.number
        """),
        {"grids": list(grids)},
    )
    return [Officer(row.id, row.number, Name(row.name_zh, row.name_en), row.duty, row.role, row.grid_id) for row in rows]


def by_number(conn: Connection, number: str) -> dict[str, Any] | None:
    """The member of staff with a number, or None."""
    if "\0" in number:
        return None
    row = conn.execute(
        text("SELECT id, number, name_zh, name_en, duty, synthetic FROM staff WHERE number = :number"), {"number": number}
    ).one_or_none()
    return dict(row._mapping) if row else None


def postings(conn: Connection, staff_id: int) -> list[dict[str, Any]]:
    """Every posting of somebody, newest first, each with its place as it was last in that time."""
    rows = conn.execute(
        text("""
            SELECT p.role, g.code AS grid, a.code AS area, a.level, a.name_zh AS area_zh, a.name_en AS area_en,
                   a.path::text AS path, lower(p.valid) AS valid_from, upper(p.valid) AS valid_to, p.valid @> now() AS now
            FROM posting p
            LEFT JOIN grid g ON g.id = p.grid_id
            LEFT JOIN LATERAL (
                SELECT community_id FROM grid_version v
                WHERE v.grid_id = p.grid_id AND v.valid && p.valid ORDER BY v.valid DESC LIMIT 1
            ) AS v ON true
            LEFT JOIN area a ON a.id = coalesce(p.area_id, v.community_id)
            WHERE p.staff_id = :id ORDER BY lower(p.valid) DESC
        """),
        {"id": staff_id},
    )
    return [dict(row._mapping) for row in rows]
