"""Audits of coverage: what was asked, of what, how it ended, and what is published."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from gis.coverage_records import Audit, ReachQuestion
from gis.records import Name
from gis.store.runs import Runs

RUNS: Final = Runs("audit", locks=41_900_354)
FIELDS = """
    u.id, u.name, u.question, a.code AS area_code, a.name_zh, a.name_en, u.state, u.done, u.total, u.stop_asked, u.problem,
    u.inputs, u.outcome, u.author, u.at, u.ended_at, u.repeats_id, u.key, u.statement, u.published_by, u.published_at
"""
FROM = "FROM audit u JOIN area a ON a.id = u.area_id"


def save(
    conn: Connection, *, name: str, question: ReachQuestion, total: int, by: str, repeats_id: int | None = None
) -> Audit | None:
    """Write an audit that waits for its turn; None if there is no such area."""
    row = conn.execute(
        text("""
            INSERT INTO audit (name, question, area_id, total, author, repeats_id)
            SELECT :name, CAST(:question AS jsonb), id, :total, :by, CAST(:repeats AS bigint) FROM area
            WHERE CASE WHEN CAST(:scope AS text) IS NULL THEN parent_id IS NULL ELSE code = :scope END
            RETURNING id
        """),
        {
            "name": name, "question": orjson.dumps(asdict(question)).decode(), "scope": question.scope, "total": total, "by": by,
            "repeats": repeats_id,
        },
    ).one_or_none()  # fmt: skip
    return None if row is None else by_id(conn, row.id)


def by_id(conn: Connection, audit_id: int) -> Audit | None:
    """One audit, or None."""
    return _one(conn, "u.id = :value", audit_id)


def by_key(conn: Connection, key: str) -> Audit | None:
    """The audit that is published under a key, or None."""
    return _one(conn, "u.key = :value", key)


def find(conn: Connection, *, limit: int) -> list[Audit]:
    """The newest audits, newest first."""
    rows = conn.execute(text(f"SELECT {FIELDS} {FROM} ORDER BY u.id DESC LIMIT :limit"), {"limit": limit})
    return [_audit(dict(row._mapping)) for row in rows]


def note_inputs(conn: Connection, audit_id: int, inputs: Mapping[str, Any]) -> None:
    """Write what an audit was asked of."""
    conn.execute(
        text("UPDATE audit SET inputs = CAST(:inputs AS jsonb) WHERE id = :id"),
        {"id": audit_id, "inputs": orjson.dumps(inputs).decode()},
    )


def publish(conn: Connection, audit_id: int, *, key: str, statement: str, by: str) -> bool:
    """Publish an audit that is done under a key; False if it is not done or published already."""
    written = conn.execute(
        text("""
            UPDATE audit SET key = :key, statement = :statement, published_by = :by, published_at = now()
            WHERE id = :id AND state = 'done' AND key IS NULL
        """),
        {"id": audit_id, "key": key, "statement": statement, "by": by},
    )
    return written.rowcount == 1


def withdraw(conn: Connection, audit_id: int) -> bool:
    """Take an audit back: its key opens nothing any more. False if it was not published."""
    written = conn.execute(
        text("""
            UPDATE audit SET key = NULL, statement = NULL, published_by = NULL, published_at = NULL
            WHERE id = :id AND key IS NOT NULL
        """),
        {"id": audit_id},
    )
    return written.rowcount == 1


def display_name(conn: Connection, login: str) -> str:
    """The name of whoever has a log-in; the log-in itself where nobody has it any more."""
    found: str | None = conn.execute(text("SELECT name FROM account WHERE login = :login"), {"login": login}).scalar_one_or_none()
    return found or login


def _one(conn: Connection, condition: str, value: int | str) -> Audit | None:
    row = conn.execute(text(f"SELECT {FIELDS} {FROM} WHERE {condition}"), {"value": value}).one_or_none()
    return None if row is None else _audit(dict(row._mapping))


def _audit(row: dict[str, Any]) -> Audit:
    return Audit(area_name=Name(row.pop("name_zh"), row.pop("name_en")), **row)
