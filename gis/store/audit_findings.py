"""What audits found: rows by unit, columns of cells, gaps and facilities, as they were then."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from gis.coverage_records import AuditCells, AuditFacility, AuditGap, AuditRow
from gis.records import Floats, Ints, Name
from gis.store import bulk, shapes

ROW = (
    "level", "code", "parent_code", "residents", "covered_residents", "households", "covered_households", "area_m2",
    "covered_area_m2", "cells", "covered_cells", "covered", "mean_m", "accessibility",
)  # fmt: skip
FACILITY = ("kind", "floor_area_m2", "capacity", "residents_within", "residents_nearest", "off_network_m")


def save_rows(conn: Connection, audit_id: int, rows: Sequence[AuditRow]) -> None:
    """Write what was found by unit."""
    columns = ("audit_id", *ROW, "name_zh", "name_en")
    told = ((audit_id, *(getattr(row, name) for name in ROW), row.name.zh, row.name.en) for row in rows)
    bulk.copy_rows(conn, "audit_row", columns, told)


def save_cells(conn: Connection, audit_id: int, cells: AuditCells) -> None:
    """Write what was found by cell."""
    conn.execute(
        text("""
            INSERT INTO audit_cells (audit_id, cell_id, metres, within, accessibility)
            VALUES (:id, CAST(:cell AS bigint[]), CAST(:metres AS real[]), CAST(:within AS smallint[]), CAST(:access AS real[]))
        """),
        {
            "id": audit_id, "cell": _array(cells.cell_id), "metres": _array(cells.metres.round(1)), "within": _array(cells.within),
            "access": None if cells.accessibility is None else _array(cells.accessibility.round(3)),
        },
    )  # fmt: skip


def save_gaps(conn: Connection, audit_id: int, gaps: Sequence[AuditGap]) -> None:
    """Write the ground that nobody reaches from."""
    written = shapes.as_ewkb(np.array([gap.shape for gap in gaps], dtype=object))
    rows = (
        (audit_id, seq, shape, gap.residents, gap.households, gap.area_m2, gap.community_code)
        for seq, (gap, shape) in enumerate(zip(gaps, written, strict=True))
    )
    columns = ("audit_id", "seq", "geom", "residents", "households", "area_m2", "community_code")
    bulk.copy_rows(conn, "audit_gap", columns, rows)


def save_facilities(conn: Connection, audit_id: int, facilities: Sequence[AuditFacility]) -> None:
    """Write the facilities that were counted."""
    rows = (
        (
            audit_id, each.id, *(getattr(each, name) for name in FACILITY), each.name.zh, each.name.en,
            f"SRID=4326;POINT({each.lon!r} {each.lat!r})", f"{{{','.join(each.fails)}}}",
        )
        for each in facilities
    )  # fmt: skip
    columns = ("audit_id", "facility_id", *FACILITY, "name_zh", "name_en", "geom", "fails")
    bulk.copy_rows(conn, "audit_facility", columns, rows)


def rows(conn: Connection, audit_id: int, *, level: str | None = None, covered: bool | None = None) -> list[AuditRow]:
    """What was found by unit, of a level, of those covered or not, by level and code."""
    found = conn.execute(
        text(f"""
            SELECT {", ".join(ROW)}, name_zh, name_en FROM audit_row
            WHERE audit_id = :id AND (CAST(:level AS text) IS NULL OR level = :level)
              AND (CAST(:covered AS boolean) IS NULL OR covered = :covered)
            ORDER BY level, code
        """),
        {"id": audit_id, "level": level, "covered": covered},
    )
    return [_row(dict(row._mapping)) for row in found]


def cells(conn: Connection, audit_id: int) -> AuditCells | None:
    """What was found by cell, or None before the audit's end."""
    row = conn.execute(
        text("SELECT cell_id, metres, within, accessibility FROM audit_cells WHERE audit_id = :id"), {"id": audit_id}
    ).one_or_none()
    if row is None:
        return None
    access = None if row.accessibility is None else np.array(row.accessibility, np.float64)
    return AuditCells(
        np.array(row.cell_id, np.int64), np.array(row.metres, np.float64), np.array(row.within, np.int64), access
    )


def cell_shapes(conn: Connection, audit_id: int) -> dict[int, Any]:
    """The polygons of the cells that an audit counted, EPSG:4326, by id."""
    held = bulk.read_columns(
        conn,
        """
            SELECT c.id, encode(ST_AsBinary(c.geom), 'hex') AS shape FROM cell c
            WHERE c.id = ANY (SELECT unnest(cell_id) FROM audit_cells WHERE audit_id = :id)
        """,
        {"id": audit_id},
        kinds={"id": int, "shape": str},
    )
    return dict(zip(held["id"].tolist(), shapes.from_hex(held["shape"]), strict=True))


def outlines(conn: Connection, audit_id: int, *, level: str, plan_id: int) -> dict[str, Any]:
    """The ground of the units of a level that an audit judged, EPSG:4326, by code; of grids as the plan of then has them."""
    ground = (
        "SELECT g.code, v.geom FROM grid g JOIN grid_version v ON v.grid_id = g.id AND v.plan_id = :plan"
        if level == "grid"
        else "SELECT code, geom FROM area WHERE CAST(:plan AS bigint) IS NOT NULL"
    )
    rows = conn.execute(
        text(f"""
            SELECT r.code, ST_AsBinary(s.geom) AS shape FROM audit_row r JOIN ({ground}) AS s ON s.code = r.code
            WHERE r.audit_id = :id AND r.level = :level ORDER BY r.code
        """),
        {"id": audit_id, "level": level, "plan": plan_id},
    ).all()
    return dict(zip((row.code for row in rows), shapes.from_wkb(row.shape for row in rows), strict=True))


def gaps(conn: Connection, audit_id: int) -> list[AuditGap]:
    """The ground that nobody reaches from, by community, those with most residents first."""
    found = conn.execute(
        text("""
            SELECT ST_AsBinary(geom) AS shape, residents, households, area_m2, community_code FROM audit_gap
            WHERE audit_id = :id ORDER BY seq
        """),
        {"id": audit_id},
    ).all()
    drawn = shapes.from_wkb(row.shape for row in found)
    return [
        AuditGap(shape, row.residents, row.households, row.area_m2, row.community_code)
        for shape, row in zip(drawn, found, strict=True)
    ]


def facilities(conn: Connection, audit_id: int) -> list[AuditFacility]:
    """The facilities that were counted, by id."""
    found = conn.execute(
        text(f"""
            SELECT facility_id AS id, {", ".join(FACILITY)}, name_zh, name_en, ST_X(geom) AS lon, ST_Y(geom) AS lat, fails
            FROM audit_facility WHERE audit_id = :id ORDER BY facility_id
        """),
        {"id": audit_id},
    )
    return [_facility(dict(row._mapping)) for row in found]


def _row(row: dict[str, Any]) -> AuditRow:
    return AuditRow(name=Name(row.pop("name_zh"), row.pop("name_en")), **row)


def _facility(row: dict[str, Any]) -> AuditFacility:
    return AuditFacility(name=Name(row.pop("name_zh"), row.pop("name_en")), **row)


def _array(values: Floats | Ints) -> str:
    return f"{{{','.join(map(str, values.tolist()))}}}".replace("inf", "Infinity")
