"""One measure over all units of a level, by the plan in force."""

from datetime import datetime

from sqlalchemy import Connection, text

AT = "coalesce(CAST(:at AS timestamptz), now())"

# What a grid contributes; an area's figure is the sum over its grids and, for staff, its own command too.
GRID_MEASURE = {
    "population": "v.population",
    "area": "v.area_m2 / 1e6",
    "incidents": "coalesce(a.days_365, 0)",
    "staff": f"(SELECT count(*) FROM posting p WHERE p.grid_id = v.grid_id AND p.valid @> {AT})",
}


def activity(at: datetime | None) -> str:
    """The incidents counted by grid: those kept for now, or counted as of a moment (`:at`)."""
    return "grid_activity" if at is None else "grid_activity_at(:at)"


def by_grid(conn: Connection, measure: str, *, at: datetime | None = None) -> dict[str, float]:
    """The measure of every grid, by code; area in km2, incidents of the last 365 days before the moment, now if None."""
    rows = conn.execute(
        text(f"""
            SELECT g.code, ({GRID_MEASURE[measure]})::float AS value
            FROM grid_version v JOIN grid g ON g.id = v.grid_id LEFT JOIN {activity(at)} a ON a.grid_id = v.grid_id
            WHERE v.valid @> {AT}
        """),
        {"at": at},
    )
    return {row.code: row.value for row in rows}


def by_area(conn: Connection, measure: str, level: str, *, at: datetime | None = None) -> dict[str, float]:
    """The measure of every area of a level, by code; sums over the grids beneath it."""
    if measure == "staff":
        return _staff_by_area(conn, level, at=at)
    rows = conn.execute(
        text(f"""
            SELECT u.code, coalesce(sum({GRID_MEASURE[measure]}), 0)::float AS value
            FROM area u
            JOIN area c ON c.path <@ u.path
            LEFT JOIN grid_version v ON v.community_id = c.id AND v.valid @> {AT}
            LEFT JOIN {activity(at)} a ON a.grid_id = v.grid_id
            WHERE u.level = :level GROUP BY u.id
        """),
        {"level": level, "at": at},
    )
    return {row.code: row.value for row in rows}


def _staff_by_area(conn: Connection, level: str, *, at: datetime | None) -> dict[str, float]:
    rows = conn.execute(
        text(f"""
            WITH posted AS (
                SELECT coalesce(p.area_id, v.community_id) AS area_id, count(*) AS staff
                FROM posting p LEFT JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> {AT}
                WHERE p.valid @> {AT} GROUP BY 1
            )
            SELECT u.code, coalesce(sum(posted.staff), 0)::float AS value
            FROM area u JOIN area c ON c.path <@ u.path LEFT JOIN posted ON posted.area_id = c.id
            WHERE u.level = :level GROUP BY u.id
        """),
        {"level": level, "at": at},
    )
    return {row.code: row.value for row in rows}


def counted_at(conn: Connection) -> datetime:
    """When the incidents of the grids were last counted; now, where there is none to count."""
    at: datetime = conn.execute(text("SELECT coalesce((SELECT as_of FROM grid_activity LIMIT 1), now())")).scalar_one()
    return at
