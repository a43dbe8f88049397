"""Officers on shift: where they are, what they have in hand, and taking one of them for a case."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.errors import NobodyFree, NotFound, OfficerTaken
from gis.field_records import CasePlace, FieldOfficer, Ranked
from gis.records import Name, Reach, Unit
from gis.rules.case_steps import IN_HAND
from gis.rules.ranking import rank

NEAREST = "nearest"
CHOICES_AT_MOST = 300  # of the nearest, before they are ranked

WHERE_LAST = "coalesce(w.geom, v.label_point, a.label_point)"
IN_HANDS = """
    SELECT i.holder_id, count(*) AS load, count(*) FILTER (WHERE i.urgency = 1) AS urgent_load
    FROM incident i
    WHERE i.closed_at IS NULL AND i.state = ANY(:in_hand) AND i.id IS DISTINCT FROM CAST(:but AS bigint)
"""


def on_shift(conn: Connection, *, reach: Reach, area: str | None = None, near: CasePlace | None = None) -> list[FieldOfficer]:
    """Who is on shift and posted inside a reach (and an area), by number; with `near` only those nearest to a case.

    A case that somebody has already does not count in what he has in hand when it is given out anew.
    """
    order = f"{WHERE_LAST} <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) LIMIT :limit" if near else "s.number"
    rows = conn.execute(
        text(f"""
            WITH there AS (
                SELECT s.id, s.number, s.name_zh, s.name_en, s.duty, p.role, g.code AS grid, a.code AS area, a.level,
                       a.name_zh AS area_zh, a.name_en AS area_en, a.path::text AS path, lower(h.during) AS since,
                       {WHERE_LAST} AS geom, w.at, w.accuracy_m
                FROM shift h
                JOIN staff s ON s.id = h.staff_id
                JOIN posting p ON p.staff_id = s.id AND p.valid @> now()
                LEFT JOIN grid g ON g.id = p.grid_id
                LEFT JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> now()
                JOIN area a ON a.id = coalesce(p.area_id, v.community_id)
                LEFT JOIN position w ON w.staff_id = s.id AND w.at >= lower(h.during)
                WHERE upper_inf(h.during) AND a.path <@ CAST(:path AS ltree)
                  AND (CAST(:area AS text) IS NULL OR a.path <@ (SELECT path FROM area WHERE code = :area))
                ORDER BY {order}
            )
            SELECT s.*, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat, coalesce(l.load, 0) AS load,
                   coalesce(l.urgent_load, 0) AS urgent_load
            FROM there s LEFT JOIN ({IN_HANDS} AND i.holder_id IS NOT NULL GROUP BY 1) AS l ON l.holder_id = s.id ORDER BY s.number
        """),
        {
            "path": reach.area_path, "area": area, "in_hand": list(IN_HAND), "but": near.id if near else None,
            "limit": CHOICES_AT_MOST, **({"lon": near.lon, "lat": near.lat} if near else {}),
        },
    )  # fmt: skip
    return [_officer(row) for row in rows]


def _officer(row: Any) -> FieldOfficer:
    return FieldOfficer(
        row.id, row.number, Name(row.name_zh, row.name_en), row.duty, row.role, row.grid,
        Unit(row.area, Name(row.area_zh, row.area_en)), row.path, row.since, row.lon, row.lat, row.at, row.accuracy_m,
        row.load, row.urgent_load,
    )  # fmt: skip


def load(conn: Connection, staff_id: int, *, but: int | None = None) -> int:
    """How many cases somebody has in hand, without one of them."""
    counted = conn.execute(
        text(f"SELECT coalesce(sum(load), 0) FROM ({IN_HANDS} AND i.holder_id = :staff GROUP BY 1) AS held"),
        {"staff": staff_id, "but": but, "in_hand": list(IN_HAND)},
    ).scalar_one()
    return int(counted)


def case_place(conn: Connection, number: str, *, reach: Reach) -> CasePlace | None:
    """What of a case decides who is sent, or None for one outside the reach."""
    return _case(
        conn, "i.number = :number AND coalesce(c.path, k.path) <@ CAST(:path AS ltree)", number=number, path=reach.area_path
    )


def _case(conn: Connection, condition: str, **values: Any) -> CasePlace | None:
    row = conn.execute(
        text(f"""
            SELECT i.id, i.number, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, i.state, i.urgency, m.category_zh AS category,
                   g.code AS grid, coalesce(c.path, k.path)::text AS path
            FROM incident i JOIN matter m ON m.id = i.matter_id JOIN area k ON k.id = i.command_id
            LEFT JOIN area c ON c.id = i.community_id LEFT JOIN grid g ON g.id = i.grid_id
            WHERE {condition}
        """),
        values,
    ).one_or_none()
    return None if row is None else CasePlace(**row._mapping)


def ranking(conn: Connection, case: CasePlace, *, reach: Reach, now: datetime) -> list[Ranked]:
    """Who may be sent to a case of those on shift inside a reach, the best first."""
    return rank(on_shift(conn, reach=reach, near=case), case, now=now)


def take(conn: Connection, *, incident_id: int, officer: str, seen_load: int | None, reach: Reach, now: datetime) -> int:
    """Take an officer for a case: by number, or "nearest", the best of the ranking who is free; returns the id of the staff.

    The officer's row stays locked until the transaction ends, so that no two dispatchers take the same at once. Whoever named an
    officer says with `seen_load` how much she saw him have in hand. Raises OfficerTaken when that is not so any more, NobodyFree
    when nobody on shift is left, NotFound.
    """
    if officer == NEAREST:
        case = _case(conn, "i.id = :id", id=incident_id)
        choices = ranking(conn, case, reach=reach, now=now) if case else []
        return _nearest_free(conn, choices, but=incident_id)
    staff_id = _lock_by_number(conn, officer, reach=reach)
    held = load(conn, staff_id, but=incident_id)
    if seen_load is not None and held != seen_load:
        raise OfficerTaken(
            f"Somebody else was quicker: {officer} now has {held} cases in hand, not {seen_load}.", officer=officer, load=held
        )
    return staff_id


def _nearest_free(conn: Connection, choices: list[Ranked], *, but: int) -> int:
    """The first of the ranking whom nobody is just taking, and who has no more in hand than when he was ranked."""
    for choice in choices:
        locked = conn.execute(
            text("SELECT id FROM staff WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED"), {"id": choice.officer.id}
        ).one_or_none()
        if locked is not None and load(conn, choice.officer.id, but=but) <= choice.officer.load:
            return choice.officer.id
    raise NobodyFree("Nobody who may be sent is on shift in your part of the city.")


def _lock_by_number(conn: Connection, number: str, *, reach: Reach) -> int:
    """The officer with a number who is posted inside a reach, locked. Raises NotFound."""
    found = None if "\0" in number else conn.execute(
        text("""
            SELECT s.id FROM staff s JOIN posting p ON p.staff_id = s.id AND p.valid @> now()
            LEFT JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> now()
            JOIN area a ON a.id = coalesce(p.area_id, v.community_id)
            WHERE s.number = :number AND a.path <@ CAST(:path AS ltree) FOR NO KEY UPDATE OF s
        """),
        {"number": number, "path": reach.area_path},
    ).scalar_one_or_none()  # fmt: skip
    if found is None:
        raise NotFound(f"There is no member of staff with the number {number} in your part of the city.", field="officer")
    return int(found)
