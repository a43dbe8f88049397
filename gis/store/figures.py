"""One measure over all units of a level, by the plan in force."""

from datetime import datetime

from sqlalchemy import Connection, text

# What a grid contributes; an area's figure is the sum over its grids and, for staff, its own command too.
GRID_MEASURE = {
    "population": "v.population",
    "area": "v.area_m2 / 1e6",
    "incidents": "coalesce(a.days_365, 0)",
    "staff": "(SELECT count(*) FROM posting p WHERE p.grid_id = v.grid_id AND p.valid @> now())",
}


def by_grid(conn: Connection, measure: str) -> dict[str, float]:
    """The measure of every grid, by code; area in km2, incidents of the last 365 days."""
    rows = conn.execute(
        text(f"""
            SELECT g.code, ({GRID_MEASURE[measure]})::float AS value
            FROM grid_version v JOIN grid g ON g.id = v.grid_id LEFT JOIN grid_activity a ON a.grid_id = v.grid_id
            WHERE v.valid @> now()
        """)
    )
    return {row.code: row.value for row in rows}


def by_area(conn: Connection, measure: str, level: str) -> dict[str, float]:
    """The measure of every area of a level, by code; sums over the grids beneath it."""
    if measure == "staff":
        return _staff_by_area(conn, level)
    rows = conn.execute(
        text(f"""
            SELECT u.code, coalesce(sum({GRID_MEASURE[measure]}), 0)::float AS value
            FROM area u
            JOIN area c ON c.path <@ u.path
            LEFT JOIN grid_version v ON v.community_id = c.id AND v.valid @> now()
            LEFT JOIN grid_activity a ON a.grid_id = v.grid_id
            WHERE u.level = :level GROUP BY u.id
        """),
        {"level": level},
    )
    return {row.code: row.value for row in rows}


def _staff_by_area(conn: Connection, level: str) -> dict[str, float]:
    rows = conn.execute(
        text("""
            WITH posted AS (
                SELECT coalesce(p.area_id, v.community_id) AS area_id, count(*) AS staff
                FROM posting p LEFT JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> now()
                WHERE p.valid @> now() GROUP BY 1
            )
            SELECT u.code, coalesce(sum(posted.staff), 0)::float AS value
            FROM area u JOIN area c ON c.path <@ u.path LEFT JOIN posted ON posted.area_id = c.id
            WHERE u.level = :level GROUP BY u.id
        """),
        {"level": level},
    )
    return {row.code: row.value for row in rows}


def counted_at(conn: Connection) -> datetime:
    """When the incidents of the grids were last counted; now, where there is none to count."""
    at: datetime = conn.execute(text("SELECT coalesce((SELECT as_of FROM grid_activity LIMIT 1), now())")).scalar_one()
    return at
