"""The administrative tree."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, text

from gis.records import AreaNode, AreaRow, Floats, Name, Shapes, Unit
from gis.store import bulk, shapes
from gis.store.figures import AT, activity

COLUMNS = (
    "id", "parent_id", "code", "path", "level", "name_zh", "name_en", "geom", "label_point", "area_m2",
    "population_official", "synthetic",
)

NO_PARENTS: Mapping[str, AreaNode] = MappingProxyType({})


def save(
    conn: Connection, rows: Sequence[AreaRow], *, geoms: Shapes, areas_m2: Floats, parents: Mapping[str, AreaNode] = NO_PARENTS
) -> dict[str, int]:
    """Write areas, parents before children; returns id by code. `parents` are areas that stand already."""
    ids = dict(zip((row.code for row in rows), bulk.take_ids(conn, "area", len(rows)), strict=True))
    above = {code: node.id for code, node in parents.items()} | ids
    paths = _paths(conn) if parents else {}
    for row in rows:
        paths[row.code] = f"{paths[row.parent_code]}.{row.code}" if row.parent_code else row.code
    labels = shapes.as_ewkb(shapes.label_points(geoms))
    written = zip(rows, shapes.as_ewkb(geoms), labels, areas_m2, strict=True)
    bulk.copy_rows(
        conn, "area", COLUMNS,
        (
            (
                ids[row.code], above[row.parent_code] if row.parent_code else None, row.code, paths[row.code], row.level,
                row.name.zh, row.name.en, geom, label, area_m2, row.population_official, row.synthetic,
            )
            for row, geom, label, area_m2 in written
        ),
    )
    return ids


def _paths(conn: Connection) -> dict[str, str]:
    return {row.code: row.path for row in conn.execute(text("SELECT code, path::text AS path FROM area"))}


def nodes(conn: Connection) -> list[AreaNode]:
    """Every area as it stands, parents before children."""
    rows = conn.execute(
        text("""
            SELECT a.id, a.code, p.code AS parent_code, a.level, a.name_zh, a.name_en, a.area_m2, ST_AsBinary(a.geom) AS geom
            FROM area a LEFT JOIN area p ON p.id = a.parent_id ORDER BY nlevel(a.path), a.code
        """)
    ).all()
    geoms = shapes.from_wkb(row.geom for row in rows)
    return [
        AreaNode(row.id, row.code, row.parent_code, row.level, Name(row.name_zh, row.name_en), geom, row.area_m2)
        for row, geom in zip(rows, geoms, strict=True)
    ]


def redraw(conn: Connection, ids: Sequence[int], *, geoms: Shapes, areas_m2: Floats) -> None:
    """Give areas another shape."""
    labels = shapes.as_ewkb(shapes.label_points(geoms))
    conn.execute(
        text("UPDATE area SET geom = :geom, label_point = :label, area_m2 = :m2 WHERE id = :id"),
        [
            {"id": i, "geom": geom, "label": label, "m2": m2}
            for i, geom, label, m2 in zip(ids, shapes.as_ewkb(geoms), labels, areas_m2.tolist(), strict=True)
        ],
    )


def state_population(conn: Connection, official: Mapping[str, int]) -> int:
    """Write official residents by area code; returns how many areas were found."""
    return sum(
        conn.execute(text("UPDATE area SET population_official = :n WHERE code = :code"), {"code": code, "n": n}).rowcount
        for code, n in official.items()
    )


def ids_by_code(conn: Connection) -> dict[str, int]:
    """Id of every area by its code."""
    rows = conn.execute(text("SELECT code, id FROM area"))
    return {row.code: row.id for row in rows}


def communities_under(conn: Connection, code: str) -> dict[int, str]:
    """Codes of the communities inside an area, the area itself among them if it is one, by id; none without such an area."""
    rows = conn.execute(
        text("""
            SELECT c.id, c.code FROM area a JOIN area c ON c.path <@ a.path
            WHERE a.code = :code AND c.level = 'community' ORDER BY c.id
        """),
        {"code": code},
    )
    return {row.id: row.code for row in rows}


def inside(conn: Connection, path: str, level: str) -> list[Unit]:
    """The areas of a level under an area, which is told by its path; the area itself among them if it is one."""
    rows = conn.execute(
        text("SELECT code, name_zh, name_en FROM area WHERE path <@ CAST(:path AS ltree) AND level = :level ORDER BY code"),
        {"path": path, "level": level},
    )
    return [Unit(row.code, Name(row.name_zh, row.name_en)) for row in rows]


def chains(conn: Connection) -> dict[int, tuple[tuple[Unit, ...], tuple[str, ...]]]:
    """For every area, the units from itself up to the root, and their levels."""
    rows = {row.id: row for row in conn.execute(text("SELECT id, parent_id, code, level, name_zh, name_en FROM area"))}

    def climb(area_id: int) -> list[Any]:
        row = rows[area_id]
        return [row, *(climb(row.parent_id) if row.parent_id else [])]

    return {
        area_id: (
            tuple(Unit(row.code, Name(row.name_zh, row.name_en)) for row in climb(area_id)),
            tuple(row.level for row in climb(area_id)),
        )
        for area_id in rows
    }


def describe(conn: Connection, code: str, *, at: datetime | None = None) -> dict[str, Any] | None:
    """One area with its sums over the plan in force at a moment, now if None; or None."""
    row = conn.execute(
        text(f"""
            SELECT a.id, a.code, a.level, a.name_zh, a.name_en, a.area_m2, a.population_official, a.synthetic,
                   p.code AS parent_code, p.level AS parent_level, p.name_zh AS parent_zh, p.name_en AS parent_en,
                   ST_X(a.label_point) AS lon, ST_Y(a.label_point) AS lat,
                   ST_XMin(a.geom) AS w, ST_YMin(a.geom) AS s, ST_XMax(a.geom) AS e, ST_YMax(a.geom) AS n,
                   sums.*, (SELECT count(*) FROM area u WHERE u.path <@ a.path AND u.level = 'community') AS communities,
                   (SELECT count(*) FROM posting po LEFT JOIN grid_version gv ON gv.grid_id = po.grid_id AND gv.valid @> {AT}
                    JOIN area pa ON pa.id = coalesce(po.area_id, gv.community_id)
                    WHERE po.valid @> {AT} AND pa.path <@ a.path) AS staff
            FROM area a LEFT JOIN area p ON p.id = a.parent_id
            CROSS JOIN LATERAL (
                SELECT count(*) AS grids, coalesce(sum(v.population), 0) AS population,
                       coalesce(sum(v.households), 0) AS households,
                       coalesce(sum(g.days_30), 0) AS days_30, coalesce(sum(g.days_365), 0) AS days_365,
                       coalesce(sum(g.open), 0) AS open
                FROM area u JOIN grid_version v ON v.community_id = u.id AND v.valid @> {AT}
                LEFT JOIN {activity(at)} g ON g.grid_id = v.grid_id
                WHERE u.path <@ a.path
            ) AS sums
            WHERE a.code = :code
        """),
        {"code": code, "at": at},
    ).one_or_none()
    return dict(row._mapping) if row else None


def children(conn: Connection, area_id: int, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """The areas right under one, with residents and grids of the plan in force at a moment, now if None."""
    rows = conn.execute(
        text(f"""
            SELECT c.code, c.level, c.name_zh, c.name_en, count(v.id) AS grids, coalesce(sum(v.population), 0) AS population
            FROM area c
            LEFT JOIN area u ON u.path <@ c.path
            LEFT JOIN grid_version v ON v.community_id = u.id AND v.valid @> {AT}
            WHERE c.parent_id = :id
            GROUP BY c.id ORDER BY c.code
        """),
        {"id": area_id, "at": at},
    )
    return [dict(row._mapping) for row in rows]


def grids(conn: Connection, area_id: int, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """The grids in force at a moment, now if None, right under an area, with their residents."""
    rows = conn.execute(
        text(f"""
            SELECT g.code, 'grid' AS level, g.code AS name_zh, g.code AS name_en, 1 AS grids, v.population
            FROM grid_version v JOIN grid g ON g.id = v.grid_id
            WHERE v.community_id = :id AND v.valid @> {AT} ORDER BY g.code
        """),
        {"id": area_id, "at": at},
    )
    return [dict(row._mapping) for row in rows]


def labels(conn: Connection, level: str) -> list[dict[str, Any]]:
    """Name and label point of every area of a level."""
    rows = conn.execute(
        text("""
            SELECT code, name_zh AS zh, name_en AS en, round(ST_X(label_point)::numeric, 6)::float AS lon,
                   round(ST_Y(label_point)::numeric, 6)::float AS lat, round((area_m2 / 1e6)::numeric, 3)::float AS area_km2
            FROM area WHERE level = :level ORDER BY code
        """),
        {"level": level},
    )
    return [dict(row._mapping) for row in rows]
