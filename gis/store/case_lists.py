"""Cases as they are shown: one with its names, the queue in pages, every open one as a point."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.case_records import CaseQuery
from gis.records import Account
from gis.store.cases import seen_by

SHOWN = """
    i.id, i.number, i.version, i.state, i.urgency, i.channel, i.address, i.description, i.tier, i.supervised, i.reported_at,
    i.due_at, i.warn_at, i.closed_at, i.left_min, i.merged_into, i.with_department,
    ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, m.code AS matter, m.name_zh AS matter_zh, m.name_en AS matter_en,
    m.category_zh, m.category_en, d.code AS department, d.name_zh AS department_zh, d.name_en AS department_en, g.code AS grid,
    c.code AS community, c.name_zh AS community_zh, c.name_en AS community_en,
    t.code AS town, t.name_zh AS town_zh, t.name_en AS town_en,
    k.code AS command, k.name_zh AS command_zh, k.name_en AS command_en, k.level,
    s.number AS officer, s.name_zh AS officer_zh, s.name_en AS officer_en,
    (SELECT count(*) FROM photo f WHERE f.incident_id = i.id) AS photos
"""
# Joined to `incident i`, which must stand first: the planner does not put so many tables in another order.
JOINS = """
    JOIN matter m ON m.id = i.matter_id
    JOIN department d ON d.code = m.department
    JOIN area k ON k.id = i.command_id
    LEFT JOIN grid g ON g.id = i.grid_id
    LEFT JOIN area c ON c.id = i.community_id
    LEFT JOIN area t ON t.id = c.parent_id
    LEFT JOIN staff s ON s.id = i.holder_id
"""
NEVER = "timestamptz '2200-01-01 00:00+00'"  # cases without a moment that they are due at stand last
COUNTED_AT_MOST = 10_000


def by_id(conn: Connection, case_id: int) -> dict[str, Any]:
    """One case with its names."""
    row = conn.execute(text(f"SELECT {SHOWN} FROM incident i {JOINS} WHERE i.id = :id"), {"id": case_id}).one()
    return dict(row._mapping)


def page(
    conn: Connection, query: CaseQuery, *, account: Account, now: datetime, after: tuple[datetime, int] | None
) -> list[dict[str, Any]]:
    """A page of the queue, one row more than asked for where there are more."""
    chosen, values = _chosen(conn, query, account=account, now=now)
    column, way, order = ("i.due_at", ">", "ASC") if query.sort == "due" else ("i.reported_at", "<", "DESC")
    key = f"coalesce({column}, {NEVER})" if query.sort == "due" else column
    if after:
        chosen += f" AND ({key}, i.id) {way} (:after_at, :after_id)"
        values |= {"after_at": after[0], "after_id": after[1]}
    rows = conn.execute(
        text(f"""
            WITH chosen AS MATERIALIZED (
                SELECT i.id, i.reported_at, {key} AS sorted FROM incident i WHERE {chosen}
                ORDER BY {column} {order}, i.id {order} LIMIT :limit
            )
            SELECT {SHOWN}, w.sorted FROM chosen w JOIN incident i ON i.id = w.id AND i.reported_at = w.reported_at {JOINS}
            ORDER BY w.sorted {order}, i.id {order}
        """),
        values | {"limit": query.limit + 1},
    )
    return [dict(row._mapping) for row in rows]


def count(conn: Connection, query: CaseQuery, *, account: Account, now: datetime) -> int:
    """How many cases a query finds, counted to COUNTED_AT_MOST."""
    chosen, values = _chosen(conn, query, account=account, now=now)
    counted = text(f"SELECT count(*) FROM (SELECT FROM incident i WHERE {chosen} LIMIT :most) AS found")
    found: int = conn.execute(counted, values | {"most": COUNTED_AT_MOST}).scalar_one()
    return found


def points(conn: Connection, *, area: str | None, account: Account) -> list[list[Any]]:
    """Every open case under an area that somebody may see, as rows of POINT_COLUMNS; moments as text."""
    inside, values = seen_by(conn, account)
    if area is not None:
        inside += f" AND {UNDER_AREA}"
        values["area"] = area
    rows = conn.execute(
        text(f"""
            SELECT i.number, round(ST_X(i.geom)::numeric, 6)::float, round(ST_Y(i.geom)::numeric, 6)::float, i.state, i.urgency,
                   m.code, m.department, k.level, k.code, s.number, i.due_at, i.warn_at, i.reported_at, i.version,
                   i.channel, i.tier, c.code
            FROM incident i
            JOIN matter m ON m.id = i.matter_id
            JOIN area k ON k.id = i.command_id
            LEFT JOIN area c ON c.id = i.community_id
            LEFT JOIN staff s ON s.id = i.holder_id
            WHERE i.closed_at IS NULL AND {inside}
        """),
        values,
    )
    return [list(row) for row in rows]


POINT_COLUMNS = (
    "number", "lon", "lat", "state", "urgency", "matter", "department", "level", "command", "officer", "due_at", "warn_at",
    "reported_at", "version", "channel", "tier", "community",
)  # fmt: skip
# A case lies under an area by its place; outside every grid it lies under what commands it.
UNDER_AREA = """
    coalesce(i.community_id, i.command_id) = ANY(ARRAY(
        SELECT u.id FROM area u WHERE u.path <@ (SELECT a.path FROM area a WHERE a.code = :area)
    ))
"""


def _chosen(conn: Connection, query: CaseQuery, *, account: Account, now: datetime) -> tuple[str, dict[str, Any]]:
    """The condition of a query on `incident i`, with its parameters."""
    inside, values = seen_by(conn, account)
    west, south, east, north = query.bbox or (None, None, None, None)
    own_staff, own_area = account.staff_id, account.area_code
    asked: list[tuple[bool, str, dict[str, Any]]] = [
        (query.area is not None, UNDER_AREA, {"area": query.area}),
        (bool(query.states), "i.state = ANY(:states)", {"states": list(query.states)}),
        (not _asks_for_ended(query), "i.closed_at IS NULL", {}),
        (query.matter is not None, OF_MATTER, {"matter": query.matter}),
        (query.department is not None, OF_DEPARTMENT, {"department": query.department}),
        (query.urgency is not None, "i.urgency = :urgency", {"urgency": query.urgency}),
        (query.level is not None, AT_LEVEL, {"level": query.level}),
        (query.officer is not None, "i.holder_id = (SELECT id FROM staff WHERE number = :officer)", {"officer": query.officer}),
        (query.due == "late", "i.due_at <= :now", {"now": now}),
        (query.due == "soon", "i.due_at > :now AND i.warn_at <= :now", {"now": now}),
        (query.due == "none", "i.due_at IS NULL", {}),
        (query.mine and account.role == "officer", "i.holder_id = :mine", {"mine": own_staff}),
        (query.mine and account.role == "department", "i.with_department", {}),
        (query.mine and account.role == "dispatcher", COMMANDED_BY, {"own_area": own_area}),
        (query.wish is not None, OF_KIND, {"kind": "wish" if query.wish else "matter"}),
        (query.words is not None, MENTIONS, {"words": _part(query.words or "")}),
        (query.bbox is not None, IN_BOX, {"west": west, "south": south, "east": east, "north": north}),
    ]
    for wanted, condition, given in asked:
        if wanted:
            inside, values = f"{inside} AND {condition}", values | given
    return inside, values


OF_MATTER = "i.matter_id = ANY(ARRAY(SELECT id FROM matter WHERE code = :matter))"
AT_LEVEL = "i.command_id = ANY(ARRAY(SELECT id FROM area WHERE level = :level))"
OF_DEPARTMENT = "i.matter_id = ANY(ARRAY(SELECT id FROM matter WHERE department = :department))"
OF_KIND = "i.matter_id = ANY(ARRAY(SELECT id FROM matter WHERE kind = :kind))"
COMMANDED_BY = "i.command_id = (SELECT id FROM area WHERE code = :own_area)"
MENTIONS = "(i.number ILIKE :words OR i.address ILIKE :words OR i.description ILIKE :words)"
IN_BOX = "i.geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857)"


def _asks_for_ended(query: CaseQuery) -> bool:
    return bool({"closed", "rejected", "merged"} & set(query.states))


def _part(words: str) -> str:
    escaped = words.replace("\0", "").strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
