"""Scenarios that somebody keeps: a question, changes of facilities, what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.coverage_records import FacilityChange, ReachQuestion, Scenario

FIELDS = "id, name, question, changes, outcome, author, version, at, changed_at"
SET = "name = :name, question = CAST(:question AS jsonb), changes = CAST(:changes AS jsonb), outcome = CAST(:outcome AS jsonb)"


def save(
    conn: Connection, *, name: str, question: ReachQuestion, changes: Sequence[FacilityChange], outcome: Mapping[str, Any], by: str
) -> Scenario:
    """Write a scenario."""
    row = conn.execute(
        text(f"""
            INSERT INTO scenario (name, question, changes, outcome, author)
            VALUES (:name, CAST(:question AS jsonb), CAST(:changes AS jsonb), CAST(:outcome AS jsonb), :by) RETURNING {FIELDS}
        """),
        {**_written(name, question, changes, outcome), "by": by},
    ).one()
    return Scenario(**row._mapping)


def change(
    conn: Connection, scenario_id: int, *, name: str, question: ReachQuestion, changes: Sequence[FacilityChange],
    outcome: Mapping[str, Any],
) -> Scenario:  # fmt: skip
    """Write a scenario anew."""
    row = conn.execute(
        text(f"UPDATE scenario SET {SET}, version = version + 1, changed_at = now() WHERE id = :id RETURNING {FIELDS}"),
        {**_written(name, question, changes, outcome), "id": scenario_id},
    ).one()
    return Scenario(**row._mapping)


def by_id(conn: Connection, scenario_id: int, *, lock: bool = False) -> Scenario | None:
    """One scenario, or None."""
    held = text(f"SELECT {FIELDS} FROM scenario WHERE id = :id {'FOR UPDATE' if lock else ''}")
    row = conn.execute(held, {"id": scenario_id}).one_or_none()
    return None if row is None else Scenario(**row._mapping)


def find(conn: Connection, *, limit: int) -> list[Scenario]:
    """The scenarios that were changed last, newest first."""
    rows = conn.execute(text(f"SELECT {FIELDS} FROM scenario ORDER BY changed_at DESC, id DESC LIMIT :limit"), {"limit": limit})
    return [Scenario(**row._mapping) for row in rows]


def remove(conn: Connection, scenario_id: int) -> None:
    """Drop a scenario."""
    conn.execute(text("DELETE FROM scenario WHERE id = :id"), {"id": scenario_id})


def _written(
    name: str, question: ReachQuestion, changes: Sequence[FacilityChange], outcome: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "name": name, "question": orjson.dumps(asdict(question)).decode(),
        "changes": orjson.dumps([asdict(each) for each in changes]).decode(), "outcome": orjson.dumps(outcome).decode(),
    }  # fmt: skip
