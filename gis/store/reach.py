"""What a reach means in SQL: which incidents and which staff somebody may see."""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import Reach


def incident_filter(conn: Connection, reach: Reach, *, alias: str = "i") -> tuple[str, dict[str, Any]]:
    """A condition on `incident`, with its parameters; plain lists of ids, so that the planner knows how much they leave."""
    conditions, values = [], {}
    if not reach.is_whole_city:
        conditions.append(f"{alias}.community_id = ANY(:reach_communities)")
        values["reach_communities"] = communities(conn, reach)
    if reach.department is not None:
        conditions.append(f"{alias}.matter_id = ANY(:reach_matters)")
        values["reach_matters"] = matters(conn, reach.department)
    return " AND ".join(conditions) or "true", values


def drawn_filter(reach: Reach, *, alias: str, counted: bool) -> tuple[str, dict[str, str]]:
    """The same reach within one statement, for tiles: a condition on `incident`, or on the tables of counts."""
    conditions: list[str] = []
    values: dict[str, str] = {}
    if not reach.is_whole_city:
        inside = "SELECT id FROM area WHERE path <@ CAST(:reach_path AS ltree) AND level = 'community'"
        conditions.append(f"{alias}.community_id = ANY(ARRAY({inside}))")
        values["reach_path"] = reach.area_path
    if reach.department is not None:
        matters = "ANY(ARRAY(SELECT id FROM matter WHERE department = :reach_department))"
        conditions.append(f"{alias}.department = :reach_department" if counted else f"{alias}.matter_id = {matters}")
        values["reach_department"] = reach.department
    return " AND ".join(conditions) or "true", values


def communities(conn: Connection, reach: Reach) -> list[int]:
    """Ids of the communities inside a reach."""
    rows = conn.execute(
        text("SELECT id FROM area WHERE path <@ CAST(:path AS ltree) AND level = 'community'"), {"path": reach.area_path}
    )
    return [row.id for row in rows]


def matters(conn: Connection, department: str) -> list[int]:
    """Ids of the matters of a department, every version."""
    rows = conn.execute(text("SELECT id FROM matter WHERE department = :department"), {"department": department})
    return [row.id for row in rows]


def holds_area(reach: Reach, area_path: str) -> bool:
    """Whether an area lies inside a reach: the area itself or anything under it."""
    return f"{area_path}.".startswith(f"{reach.area_path}.")
