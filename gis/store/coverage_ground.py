"""Where people live and what there is to reach, as columns: read once, and again only when something changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Name, Unit
from gis.store import bulk
from gis.store.prepared import Prepared

LAYERS = ("areas", "grids", "cells", "facilities")
CELLS: Mapping[str, type] = {
    "id": int, "shape": str, "area_m2": float, "population": int, "households": int, "community": str, "grid": str,
}  # fmt: skip
UNITS: Mapping[str, type] = {"code": str, "zh": str, "en": str, "parent": str, "lon": float, "lat": float}
FACILITIES: Mapping[str, type] = {
    "id": int, "kind": str, "zh": str, "en": str, "lon": float, "lat": float, "capacity": float, "floor_area_m2": float,
    "level": str, "hours": str, "community": str,
}  # fmt: skip
STAMP = Prepared(
    "coverage_stamp",
    """
        SELECT p.id AS plan_id, p.version AS plan_version, p.name_zh, p.name_en, city.code, city.metric_srid, city.founded_at,
               city.timezone,
               (SELECT json_object_agg(layer, version) FROM (
                    SELECT layer, to_hex(bit_xor(mark)) AS version FROM layer_change GROUP BY layer) AS marked) AS versions
        FROM city LEFT JOIN plan p ON p.valid @> now()
    """,
)


def stamp(conn: Connection) -> Any | None:
    """The plan in force, the city, and marks that are others as soon as areas, grids, cells or facilities are; None without a city.

    `plan_id` is None where no plan is in force.
    """
    return STAMP.row(conn)


def cells(conn: Connection, plan_id: int) -> dict[str, Any]:
    """The cells of a plan by id, with the codes of community and grid; shapes as hex."""
    return bulk.read_columns(
        conn,
        """
            SELECT c.id, encode(ST_AsBinary(c.geom), 'hex') AS shape, c.area_m2, c.population, c.households, a.code, g.code
            FROM cell_assignment s JOIN cell c ON c.id = s.cell_id JOIN area a ON a.id = c.community_id
            JOIN grid g ON g.id = s.grid_id WHERE s.plan_id = :plan ORDER BY c.id
        """,
        {"plan": plan_id},
        kinds=CELLS,
    )


def communities(conn: Connection) -> dict[str, Any]:
    """The lowest areas by code."""
    return _areas(conn, "NOT EXISTS (SELECT 1 FROM area child WHERE child.parent_id = a.id)")


def towns(conn: Connection) -> dict[str, Any]:
    """The areas right above the lowest, by code."""
    return _areas(
        conn,
        """
            EXISTS (SELECT 1 FROM area child WHERE child.parent_id = a.id
                    AND NOT EXISTS (SELECT 1 FROM area below WHERE below.parent_id = child.id))
        """,
    )


def districts(conn: Connection) -> dict[str, Any]:
    """The districts that towns lie in, by code; a city without towns has none here, because its districts stand for them."""
    return _areas(
        conn,
        """
            a.level = 'district' AND EXISTS (SELECT 1 FROM area town JOIN area low ON low.parent_id = town.id
                                             WHERE town.parent_id = a.id)
        """,
    )


def _areas(conn: Connection, which: str) -> dict[str, Any]:
    return bulk.read_columns(
        conn,
        f"""
            SELECT a.code, a.name_zh, a.name_en, coalesce(parent.code, '') AS parent, ST_X(a.label_point), ST_Y(a.label_point)
            FROM area a LEFT JOIN area parent ON parent.id = a.parent_id WHERE {which} ORDER BY a.code
        """,
        {},
        kinds=UNITS,
    )


def grids(conn: Connection, plan_id: int) -> dict[str, Any]:
    """The grids of a plan by code; one without a name is called by its code."""
    return bulk.read_columns(
        conn,
        """
            SELECT g.code, coalesce(v.name_zh, g.code), coalesce(v.name_en, v.name_zh, g.code), a.code AS parent,
                   ST_X(v.label_point), ST_Y(v.label_point)
            FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area a ON a.id = v.community_id
            WHERE v.plan_id = :plan ORDER BY g.code
        """,
        {"plan": plan_id},
        kinds=UNITS,
    )


def facilities(conn: Connection) -> dict[str, Any]:
    """All facilities by id; what is not known of one is NaN or empty."""
    return bulk.read_columns(
        conn,
        """
            SELECT f.id, f.kind, f.name_zh, f.name_en, ST_X(f.geom), ST_Y(f.geom), coalesce(f.capacity::float, 'NaN'),
                   coalesce(f.floor_area_m2, 'NaN'), f.level, coalesce(f.opening_hours, ''), a.code
            FROM facility f JOIN area a ON a.id = f.community_id ORDER BY f.id
        """,
        {},
        kinds=FACILITIES,
    )


def kinds(conn: Connection) -> dict[str, Name]:
    """The kinds of facilities that there are, with their names."""
    rows = conn.execute(text("SELECT code, name_zh, name_en FROM facility_kind ORDER BY code"))
    return {row.code: Name(row.name_zh, row.name_en) for row in rows}


def services(conn: Connection) -> set[str]:
    """The services that there are."""
    return set(conn.execute(text("SELECT code FROM service")).scalars())


def areas_above(conn: Connection) -> list[tuple[str, list[Unit]]]:
    """The areas that are not the lowest, by level from the city down, each by code."""
    rows = conn.execute(
        text("""
            SELECT a.level, a.code, a.name_zh, a.name_en FROM area a
            WHERE EXISTS (SELECT 1 FROM area child WHERE child.parent_id = a.id) ORDER BY nlevel(a.path), a.code
        """)
    )
    found: dict[str, list[Unit]] = {}
    for row in rows:
        found.setdefault(row.level, []).append(Unit(row.code, Name(row.name_zh, row.name_en)))
    return list(found.items())


def offering(conn: Connection, services: Sequence[str]) -> list[int]:
    """The facilities that offer all of these services."""
    rows = conn.execute(
        text("""
            SELECT facility_id FROM facility_service WHERE service = ANY (:services)
            GROUP BY facility_id HAVING count(*) = :wanted
        """),
        {"services": list(services), "wanted": len(set(services))},
    )
    return list(rows.scalars())


def under(conn: Connection, code: str) -> list[str]:
    """Codes of the lowest areas under an area, itself if it is one; empty if there is none of that code."""
    rows = conn.execute(
        text("""
            SELECT a.code FROM area top JOIN area a ON a.path <@ top.path
            WHERE top.code = :code AND NOT EXISTS (SELECT 1 FROM area child WHERE child.parent_id = a.id)
        """),
        {"code": code},
    )
    return list(rows.scalars())
