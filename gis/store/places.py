"""Places that are inspected: where they are, how often, and which are due. Their grid is that of the plan in force."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.field_records import Place, PlaceRow
from gis.records import Name, Reach, Unit
from gis.rules.numbers import place_code
from gis.store import bulk

COLUMNS = ("id", "code", "kind", "name", "address", "geom", "interval_d", "inspected_at", "synthetic")
PLACE = """
    p.id, p.code, p.kind, k.name_zh, k.name_en, p.name, p.address, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,
    coalesce(p.interval_d, k.interval_d) AS interval_d, k.standard_min, p.inspected_at, p.active, p.synthetic,
    ((p.inspected_at + make_interval(days => coalesce(p.interval_d, k.interval_d))) AT TIME ZONE c.timezone)::date AS due_on
"""
# A place on a border has the first grid of the two: a patrol is no file number. IS TRUE keeps the planner from reading the index of
# all grids in force for every place.
GRID = """
    SELECT min(g.code) AS code FROM grid_version v JOIN grid g ON g.id = v.grid_id
    WHERE (v.valid @> now()) IS TRUE AND ST_Covers(v.geom, p.geom)
"""
WITH_KIND = "place p JOIN place_kind k ON k.code = p.kind CROSS JOIN city c"


def save_many(conn: Connection, rows: Sequence[PlaceRow]) -> None:
    """Write places by COPY; each gets its code."""
    ids = bulk.take_ids(conn, "place", len(rows))
    bulk.copy_rows(conn, "place", COLUMNS, _written(ids, rows))


def _written(ids: range, rows: Sequence[PlaceRow]) -> Iterable[tuple[Any, ...]]:
    for place_id, row in zip(ids, rows, strict=True):
        point = f"SRID=4326;POINT({row.lon} {row.lat})"
        inspected = row.inspected_at.isoformat() if row.inspected_at else None
        yield (
            place_id, place_code(place_id), row.kind, row.name, row.address, point, row.interval_d, inspected, row.synthetic,
        )  # fmt: skip


def by_code(conn: Connection, code: str, *, reach: Reach, lock: bool = False) -> Place | None:
    """The place with a code, if it lies inside the reach, or None."""
    row = None if "\0" in code else conn.execute(
        text(f"""
            SELECT {PLACE}, g.code AS grid FROM {WITH_KIND} LEFT JOIN LATERAL ({GRID}) AS g ON true
            WHERE p.code = :code AND EXISTS (
                SELECT FROM area a WHERE a.path = CAST(:path AS ltree) AND (a.parent_id IS NULL OR ST_Covers(a.geom, p.geom))
            ) {"FOR UPDATE OF p" if lock else ""}
        """),
        {"code": code, "path": reach.area_path},
    ).one_or_none()  # fmt: skip
    return None if row is None else _place(row)


def of_grid(conn: Connection, grid: str, *, reach: Reach) -> list[Place]:
    """The places of a grid in force, if it lies inside the reach, by code."""
    rows = conn.execute(
        text(f"""
            SELECT {PLACE}, g.code AS grid
            FROM grid g JOIN grid_version v ON v.grid_id = g.id AND v.valid @> now() JOIN area a ON a.id = v.community_id,
                 {WITH_KIND}
            WHERE g.code = :grid AND a.path <@ CAST(:path AS ltree) AND p.active AND ST_Covers(v.geom, p.geom) ORDER BY p.code
        """),
        {"grid": grid, "path": reach.area_path},
    )
    return [_place(row) for row in rows]


def in_area(conn: Connection, area: str | None, *, reach: Reach, after: str, limit: int) -> list[Place]:
    """The places inside an area, and inside the reach, by code, behind a code."""
    rows = conn.execute(
        text(f"""
            WITH ground AS (
                SELECT CASE WHEN a.path <@ r.path THEN a.geom ELSE r.geom END AS geom,
                       a.parent_id IS NULL AND r.parent_id IS NULL AS is_whole_city
                FROM area a, area r
                WHERE a.code = coalesce(:area, r.code) AND r.path = CAST(:path AS ltree) AND (a.path <@ r.path OR r.path <@ a.path)
            ), chosen AS (
                SELECT p.id FROM ground n, place p
                WHERE p.active AND p.code > :after AND (n.is_whole_city OR (p.geom && n.geom AND ST_Covers(n.geom, p.geom)))
                ORDER BY p.code LIMIT :limit
            )
            SELECT {PLACE}, g.code AS grid FROM {WITH_KIND} JOIN chosen ON chosen.id = p.id
            LEFT JOIN LATERAL ({GRID}) AS g ON true ORDER BY p.code
        """),
        {"area": area, "path": reach.area_path, "after": after, "limit": limit},
    )
    return [_place(row) for row in rows]


def due(conn: Connection, staff_id: int, *, until: datetime) -> list[Place]:
    """The places of somebody's grids that are due before a moment and were not called at in the day before it, oldest first."""
    rows = conn.execute(
        text(f"""
            SELECT {PLACE}, g.code AS grid
            FROM posting o JOIN grid g ON g.id = o.grid_id JOIN grid_version v ON v.grid_id = g.id AND v.valid @> now(),
                 {WITH_KIND}
            WHERE o.staff_id = :staff AND o.valid @> now() AND p.active AND ST_Covers(v.geom, p.geom)
              AND (p.inspected_at IS NULL
                   OR p.inspected_at + make_interval(days => coalesce(p.interval_d, k.interval_d)) < :until)
              AND NOT EXISTS (
                SELECT FROM inspection s WHERE s.place_id = p.id AND s.at >= CAST(:until AS timestamptz) - interval '1 day'
            )
            ORDER BY due_on NULLS FIRST, p.code
        """),
        {"staff": staff_id, "until": until},
    )
    return [_place(row) for row in rows]


def grids_of(conn: Connection, staff_id: int) -> dict[str, tuple[float, float]]:
    """The grids that somebody is posted on, each with its middle in degrees."""
    rows = conn.execute(
        text("""
            SELECT g.code, ST_X(v.label_point) AS lon, ST_Y(v.label_point) AS lat
            FROM posting o JOIN grid g ON g.id = o.grid_id JOIN grid_version v ON v.grid_id = g.id AND v.valid @> now()
            WHERE o.staff_id = :staff AND o.valid @> now() ORDER BY g.code
        """),
        {"staff": staff_id},
    )
    return {row.code: (row.lon, row.lat) for row in rows}


def note_inspected(conn: Connection, place_id: int, *, at: datetime) -> None:
    """Remember when a place was inspected last."""
    conn.execute(text("UPDATE place SET inspected_at = greatest(inspected_at, :at) WHERE id = :id"), {"id": place_id, "at": at})


def _place(row: Any) -> Place:
    return Place(
        row.id, row.code, Unit(row.kind, Name(row.name_zh, row.name_en)), row.name, row.address, row.lon, row.lat, row.grid,
        row.interval_d, row.standard_min, row.inspected_at, row.due_on, row.active, row.synthetic,
    )  # fmt: skip
