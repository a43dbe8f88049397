"""Staff and their postings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import StaffRow
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


def of_grid(conn: Connection, grid_id: int) -> list[dict[str, Any]]:
    """The officers posted on a grid now, the manager first."""
    rows = conn.execute(
        text("""
            SELECT s.number, s.name_zh, s.name_en, s.duty, p.role
            FROM posting p JOIN staff s ON s.id = p.staff_id
            WHERE p.grid_id = :grid AND p.valid @> now()
            ORDER BY array_position(ARRAY['manager', 'assistant', 'police', 'supervisor'], p.role), s.number
        """),
        {"grid": grid_id},
    )
    return [dict(row._mapping) for row in rows]
