"""The services that facilities offer, and what a facility of a kind must have."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection, text

from gis.coverage_records import FacilityStandard, ServiceRow, StandardKept, TooSmall
from gis.records import Ints, Name


def save(conn: Connection, rows: Sequence[ServiceRow]) -> None:
    """Write services; one that is known already takes the new words."""
    conn.execute(
        text("""
            INSERT INTO service (code, category_zh, category_en, name_zh, name_en, at_station)
            VALUES (:code, :category_zh, :category_en, :zh, :en, :at_station)
            ON CONFLICT (code) DO UPDATE SET category_zh = excluded.category_zh, category_en = excluded.category_en,
                name_zh = excluded.name_zh, name_en = excluded.name_en, at_station = excluded.at_station
        """),
        [
            {
                "code": row.code, "category_zh": row.category.zh, "category_en": row.category.en, "zh": row.name.zh,
                "en": row.name.en, "at_station": row.at_station,
            }
            for row in rows
        ],
    )  # fmt: skip


def find(conn: Connection) -> list[ServiceRow]:
    """Every service, by code."""
    rows = conn.execute(text("SELECT * FROM service ORDER BY code"))
    return [
        ServiceRow(row.code, Name(row.category_zh, row.category_en), Name(row.name_zh, row.name_en), row.at_station)
        for row in rows
    ]


def offer(conn: Connection, *, kind: str, services: Sequence[str], floor_area_m2: float | None = None) -> int:
    """Every facility of a kind, of a floor area where one is given, offers these services; returns how many lines are new."""
    return conn.execute(
        text("""
            INSERT INTO facility_service (facility_id, service)
            SELECT f.id, s.code FROM facility f CROSS JOIN unnest(CAST(:services AS text[])) AS s (code)
            WHERE f.kind = :kind AND (CAST(:floor AS float) IS NULL OR f.floor_area_m2 >= :floor)
            ON CONFLICT DO NOTHING
        """),
        {"kind": kind, "services": list(services), "floor": floor_area_m2},
    ).rowcount


def counts(conn: Connection) -> dict[str, int]:
    """How many facilities offer each service."""
    rows = conn.execute(text("SELECT service, count(*) AS n FROM facility_service GROUP BY service"))
    return {row.service: row.n for row in rows}


def facilities_of(conn: Connection) -> dict[str, Ints]:
    """Ids of the facilities that offer each service, ascending."""
    rows = conn.execute(
        text("SELECT service, array_agg(facility_id ORDER BY facility_id) AS ids FROM facility_service GROUP BY service")
    )
    return {row.service: np.array(row.ids, dtype=np.int64) for row in rows}


def kinds_that_offer(conn: Connection) -> list[str]:
    """Kinds of facilities of which at least one offers a service."""
    rows = conn.execute(
        text("SELECT DISTINCT kind FROM facility WHERE id IN (SELECT facility_id FROM facility_service) ORDER BY kind")
    )
    return [row.kind for row in rows]


def save_standard(conn: Connection, standard: FacilityStandard) -> bool:
    """Write what a facility of a kind must have; false where there is no such kind."""
    written = conn.execute(
        text("""
            INSERT INTO facility_standard (kind, floor_area_m2, m2_per_resident, residents_per_place, source)
            SELECT code, CAST(:floor AS float), CAST(:per_resident AS float), CAST(:per_place AS float), :source
            FROM facility_kind WHERE code = :kind
            ON CONFLICT (kind) DO UPDATE SET floor_area_m2 = excluded.floor_area_m2,
                m2_per_resident = excluded.m2_per_resident, residents_per_place = excluded.residents_per_place,
                source = excluded.source
        """),
        {
            "kind": standard.kind, "floor": standard.floor_area_m2, "per_resident": standard.m2_per_resident,
            "per_place": standard.residents_per_place, "source": standard.source,
        },
    )  # fmt: skip
    return written.rowcount == 1


def drop_standard(conn: Connection, kind: str) -> bool:
    """A kind has no standard any more; false if it had none."""
    return conn.execute(text("DELETE FROM facility_standard WHERE kind = :kind"), {"kind": kind}).rowcount == 1


def standards(conn: Connection) -> list[StandardKept]:
    """Every standard with how the facilities of its kind stand to it, by kind."""
    rows = conn.execute(
        text("""
            SELECT s.kind, s.floor_area_m2, s.m2_per_resident, s.residents_per_place, s.source, k.name_zh, k.name_en,
                   count(f.id) AS facilities, count(f.id) FILTER (WHERE f.floor_area_m2 IS NULL) AS unmeasured,
                   count(f.id) FILTER (WHERE f.floor_area_m2 < s.floor_area_m2) AS too_small
            FROM facility_standard s JOIN facility_kind k ON k.code = s.kind LEFT JOIN facility f ON f.kind = s.kind
            GROUP BY s.kind, k.code ORDER BY s.kind
        """)
    )
    return [
        StandardKept(
            FacilityStandard(row.kind, row.floor_area_m2, row.m2_per_resident, row.residents_per_place, row.source),
            Name(row.name_zh, row.name_en), row.facilities, row.unmeasured, row.too_small,
        )
        for row in rows
    ]  # fmt: skip


def too_small(conn: Connection) -> list[TooSmall]:
    """Facilities with less floor area than their standard asks for: by kind, what lacks most first."""
    rows = conn.execute(
        text("""
            SELECT f.id, f.kind, f.name_zh, f.name_en, c.name_zh AS community_zh, c.name_en AS community_en,
                   ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat, f.floor_area_m2, s.floor_area_m2 AS least_m2
            FROM facility f JOIN facility_standard s ON s.kind = f.kind JOIN area c ON c.id = f.community_id
            WHERE f.floor_area_m2 < s.floor_area_m2 ORDER BY f.kind, f.floor_area_m2 / s.floor_area_m2, f.id
        """)
    )
    return [
        TooSmall(
            row.id, row.kind, Name(row.name_zh, row.name_en), Name(row.community_zh, row.community_en), row.lon, row.lat,
            row.floor_area_m2, row.least_m2,
        )
        for row in rows
    ]  # fmt: skip
