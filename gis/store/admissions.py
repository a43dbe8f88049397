"""Versions of matters, and the decisions by which they enter, change and leave the catalogue."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, text

CONTENT = (
    "category_zh", "category_en", "name_zh", "name_en", "department", "time_limit_h", "standard_min", "inspection_interval_d",
    "urgency", "kind", "visibility", "icon", "by_citizens",
)  # fmt: skip
VERSION = f"m.id, m.code, m.version, m.admitted_on, m.retired_on, {', '.join(f'm.{name}' for name in CONTENT)}"
DECISION = """
    id, code, what, state, content, reason, decision, effective_on, proposed_by, proposed_at, decided_by, decided_at
    FROM matter_decision
"""


def newest_versions(conn: Connection) -> list[dict[str, Any]]:
    """The newest version of every matter that is, was or will be admitted, with its department's name."""
    rows = conn.execute(
        text(f"""
            SELECT DISTINCT ON (m.code) {VERSION}, d.name_zh AS department_zh, d.name_en AS department_en
            FROM matter m JOIN department d ON d.code = m.department ORDER BY m.code, m.version DESC
        """)
    )
    return [dict(row._mapping) for row in rows]


def versions(conn: Connection, code: str, *, lock: bool = False) -> list[dict[str, Any]]:
    """Every version of a matter, newest first; locked, nobody else decides on it."""
    if lock:
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('matter ' || :code))"), {"code": code})
    rows = conn.execute(
        text(f"""
            SELECT {VERSION}, d.name_zh AS department_zh, d.name_en AS department_en
            FROM matter m JOIN department d ON d.code = m.department WHERE m.code = :code ORDER BY m.version DESC
        """),
        {"code": code},
    )
    return [dict(row._mapping) for row in rows]


def add_version(conn: Connection, code: str, *, version: int, content: Mapping[str, Any], on: date) -> None:
    """Write a version that is admitted on a day."""
    conn.execute(
        text(f"""
            INSERT INTO matter (code, version, admitted_on, {", ".join(CONTENT)})
            VALUES (:code, :version, :on, {", ".join(f":{name}" for name in CONTENT)})
        """),
        {"code": code, "version": version, "on": on} | {name: content[name] for name in CONTENT},
    )


def end_version(conn: Connection, matter_id: int, *, on: date) -> None:
    """End a version: its last day is the one before."""
    conn.execute(text("UPDATE matter SET retired_on = :on WHERE id = :id"), {"id": matter_id, "on": on})


def propose(conn: Connection, *, code: str, what: str, content: Mapping[str, Any], reason: str, by: str) -> int:
    """Write a proposal; returns its id."""
    proposed: int = conn.execute(
        text("""
            INSERT INTO matter_decision (code, what, content, reason, proposed_by)
            VALUES (:code, :what, :content, :reason, :by) RETURNING id
        """),
        {"code": code, "what": what, "content": orjson.dumps(dict(content)).decode(), "reason": reason, "by": by},
    ).scalar_one()
    return proposed


def decision(conn: Connection, decision_id: int, *, lock: bool = False) -> dict[str, Any] | None:
    """A proposal or decision, or None."""
    found = text(f"SELECT {DECISION} WHERE id = :id {'FOR UPDATE' if lock else ''}")
    row = conn.execute(found, {"id": decision_id}).one_or_none()
    return dict(row._mapping) if row else None


def decisions(conn: Connection, *, code: str | None = None, state: str | None = None, limit: int = 200) -> list[dict[str, Any]]:
    """Proposals and decisions, newest first; of one matter, or in one state."""
    rows = conn.execute(
        text(f"""
            SELECT {DECISION} WHERE code = coalesce(:code, code) AND state = coalesce(:state, state) ORDER BY id DESC LIMIT :limit
        """),
        {"code": code, "state": state, "limit": limit},
    )
    return [dict(row._mapping) for row in rows]


def settle(conn: Connection, decision_id: int, *, state: str, decision: str, effective_on: date | None, by: str) -> None:
    """Write what was decided on a proposal."""
    conn.execute(
        text("""
            UPDATE matter_decision SET state = :state, decision = :decision, effective_on = :on, decided_by = :by,
                   decided_at = now()
            WHERE id = :id
        """),
        {"id": decision_id, "state": state, "decision": decision, "on": effective_on, "by": by},
    )
