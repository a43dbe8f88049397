"""Facilities and their kinds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from gis.records import FacilityRow, Name
from gis.store import areas, bulk


def save_kinds(conn: Connection, kinds: dict[str, Name]) -> None:
    """Write the kinds that are not there yet."""
    conn.execute(
        text("INSERT INTO facility_kind (code, name_zh, name_en) VALUES (:code, :zh, :en) ON CONFLICT DO NOTHING"),
        [{"code": code, "zh": name.zh, "en": name.en} for code, name in kinds.items()],
    )


def save(conn: Connection, rows: Sequence[FacilityRow]) -> None:
    """Write facilities by COPY."""
    community = areas.ids_by_code(conn)
    columns = (
        "kind", "community_id", "name_zh", "name_en", "level", "geom", "floor_area_m2", "capacity", "opening_hours", "synthetic",
    )
    bulk.copy_rows(
        conn, "facility", columns,
        (
            (
                row.kind, community[row.community_code], row.name.zh, row.name.en, row.level,
                f"SRID=4326;POINT({row.lon!r} {row.lat!r})", row.floor_area_m2, row.capacity, row.opening_hours, row.synthetic,
            )
            for row in rows
        ),
    )


def places(conn: Connection) -> list[tuple[str, str, float, float]]:
    """Kind, Chinese name, longitude and latitude of every facility."""
    rows = conn.execute(text("SELECT kind, name_zh, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility"))
    return [(row.kind, row.name_zh, row.lon, row.lat) for row in rows]


def kinds(conn: Connection) -> list[dict[str, Any]]:
    """Every kind with how many facilities it has."""
    rows = conn.execute(
        text("""
            SELECT k.code, k.name_zh, k.name_en, count(f.id) AS count
            FROM facility_kind k LEFT JOIN facility f ON f.kind = k.code GROUP BY k.code ORDER BY k.code
        """)
    )
    return [dict(row._mapping) for row in rows]


def describe(conn: Connection, facility_id: int) -> dict[str, Any] | None:
    """One facility with its community and grid, or None."""
    row = conn.execute(
        text("""
            SELECT f.id, f.name_zh, f.name_en, f.level, f.floor_area_m2, f.capacity, f.opening_hours, f.synthetic,
                   k.code AS kind, k.name_zh AS kind_zh, k.name_en AS kind_en, c.code AS community_code,
                   c.name_zh AS community_zh, c.name_en AS community_en, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat,
                   (SELECT code FROM grid WHERE id = grid_at(f.geom, now())) AS grid
            FROM facility f JOIN facility_kind k ON k.code = f.kind JOIN area c ON c.id = f.community_id
            WHERE f.id = :id
        """),
        {"id": facility_id},
    ).one_or_none()
    return dict(row._mapping) if row else None
