"""Cases as they stand: locked, read, written."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, text

from gis.case_records import Case, CaseMatter, Command, Spot
from gis.records import Account
from gis.store import reach

STANDING = """
    i.id, i.number, i.reported_at, i.version, i.state, i.urgency, i.matter_id, m.code AS matter, m.department, m.time_limit_h,
    m.urgency AS usual_urgency, m.kind, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat, i.grid_id, i.community_id, c.path::text AS path,
    i.command_id, k.path::text AS command_path, k.level, i.holder_id, i.with_department, i.due_at, i.warn_at, i.left_min,
    i.returns, i.extensions, i.supervised, i.tier, i.merged_into, i.closed_at,
    ARRAY(SELECT p.department FROM incident_party p WHERE p.incident_id = i.id) AS parties,
    CASE WHEN i.state = 'suspended' THEN (
        SELECT b.facts ->> 'before' FROM incident_step b
        WHERE b.incident_id = i.id AND b.action = 'suspend' ORDER BY b.version DESC LIMIT 1
    ) END AS before
    FROM incident i
    JOIN matter m ON m.id = i.matter_id
    JOIN area k ON k.id = i.command_id
    LEFT JOIN area c ON c.id = i.community_id
"""


def case_of(row: Any) -> Case:
    """The case of a row of STANDING."""
    return Case(
        id=row.id, number=row.number, reported_at=row.reported_at, version=row.version, state=row.state, urgency=row.urgency,
        matter=CaseMatter(row.matter_id, row.matter, row.department, row.time_limit_h, row.usual_urgency, row.kind),
        spot=Spot(row.lon, row.lat, row.grid_id, row.community_id, row.path),
        command=Command(row.command_id, row.command_path, row.level),
        holder_id=row.holder_id, with_department=row.with_department, due_at=row.due_at, warn_at=row.warn_at,
        left_min=row.left_min, before=row.before, returns=row.returns, extensions=row.extensions, supervised=row.supervised,
        tier=row.tier, merged_into=row.merged_into, closed_at=row.closed_at, parties=frozenset(row.parties),
    )  # fmt: skip


def lock(conn: Connection, numbers: Sequence[str]) -> dict[str, Case]:
    """Keep cases for this transaction, told by their numbers, always in the same order; those there are, by number."""
    rows = conn.execute(
        text("SELECT id FROM incident WHERE number = ANY(:numbers) ORDER BY id FOR NO KEY UPDATE"), {"numbers": list(numbers)}
    ).all()
    return {case.number: case for case in standing(conn, [row.id for row in rows])}


def standing(conn: Connection, ids: Sequence[int]) -> list[Case]:
    """Cases as they stand, by id."""
    rows = conn.execute(text(f"SELECT {STANDING} WHERE i.id = ANY(:ids) ORDER BY i.id"), {"ids": list(ids)})
    return [case_of(row) for row in rows]


def merged_into(conn: Connection, number: str) -> list[str]:
    """Numbers of the cases that were merged into one."""
    return [row.number for row in _merged(conn, number)]


def ids_merged_into(conn: Connection, number: str) -> list[int]:
    """Ids of the cases that were merged into one."""
    return [row.id for row in _merged(conn, number)]


def _merged(conn: Connection, number: str) -> Sequence[Any]:
    return conn.execute(
        text("SELECT id, number FROM incident WHERE state = 'merged' AND merged_into = :number ORDER BY id"), {"number": number}
    ).all()


def save(conn: Connection, case: Case) -> None:
    """Write a case as it stands after a step."""
    flat = asdict(case)
    conn.execute(
        text("""
            UPDATE incident SET
                version = :version, state = :state, urgency = :urgency, matter_id = :matter_id, grid_id = :grid_id,
                community_id = :community_id, command_id = :command_id, holder_id = :holder_id, with_department = :with_department,
                due_at = :due_at, warn_at = :warn_at, left_min = :left_min, returns = :returns, extensions = :extensions,
                supervised = :supervised, tier = :tier, merged_into = :merged_into, closed_at = :closed_at,
                geom = CASE WHEN ST_X(geom) = :lon AND ST_Y(geom) = :lat THEN geom
                            ELSE ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) END
            WHERE id = :id AND reported_at = :reported_at
        """),
        flat | flat["spot"] | {"matter_id": case.matter.id, "command_id": case.command.id},
    )


def add_parties(conn: Connection, case_id: int, departments: Sequence[str]) -> None:
    """Note the departments that join in."""
    conn.execute(
        text("""
            INSERT INTO incident_party (incident_id, department) SELECT :id, unnest(CAST(:departments AS text[]))
            ON CONFLICT DO NOTHING
        """),
        {"id": case_id, "departments": list(departments)},
    )


def known_departments(conn: Connection, codes: Sequence[str]) -> set[str]:
    """Those of some codes that are departments."""
    return set(conn.execute(text("SELECT code FROM department WHERE code = ANY(:codes)"), {"codes": list(codes)}).scalars())


def command_at(conn: Connection, path: str | None) -> Command:
    """The area with a path, or the root of the tree, as a command."""
    row = conn.execute(
        text("""
            SELECT id, path::text AS path, level FROM area
            WHERE CASE WHEN CAST(:path AS text) IS NULL THEN parent_id IS NULL ELSE path = CAST(:path AS ltree) END
        """),
        {"path": path},
    ).one()
    return Command(row.id, row.path, row.level)


def seen_by(conn: Connection, account: Account) -> tuple[str, dict[str, Any]]:
    """A condition on `incident i` for the cases that somebody may see, with its parameters.

    Those of the own part of the city, for a department of its matters; and wherever they are, those in hand or joined.
    """
    inside, values = reach.incident_filter(conn, account.reach)
    ways = [f"({inside})"]
    if inside == "true":
        return inside, values
    if account.staff_id is not None:
        ways.append("i.holder_id = :own_staff")
        values["own_staff"] = account.staff_id
    if account.department is not None and account.role == "department":
        ways.append("EXISTS (SELECT FROM incident_party p WHERE p.incident_id = i.id AND p.department = :own_department)")
        values["own_department"] = account.department
    return f"({' OR '.join(ways)})", values


def id_seen(conn: Connection, number: str, *, account: Account) -> int | None:
    """The id of the case with a number if somebody may see it, or None."""
    inside, values = seen_by(conn, account)
    found: int | None = conn.execute(
        text(f"SELECT i.id FROM incident i WHERE i.number = :number AND {inside}"), {"number": number} | values
    ).scalar_one_or_none()
    return found


def id_of(conn: Connection, number: str) -> int:
    """The id of the case with a number, which there is."""
    found: int = conn.execute(text("SELECT id FROM incident WHERE number = :number"), {"number": number}).scalar_one()
    return found
