"""Searches for sites: what was wished for, how far each is, what it found."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from gis.coverage_records import ReachQuestion, Siting, SitingWish
from gis.store.runs import Runs

RUNS: Final = Runs("siting", locks=41_900_355)
FIELDS = "id, question, wish, state, done, total, stop_asked, problem, outcome, author, at, ended_at"


def save(conn: Connection, *, question: ReachQuestion, wish: SitingWish, total: int, by: str) -> Siting:
    """Write a search that waits for its turn."""
    row = conn.execute(
        text(f"""
            INSERT INTO siting (question, wish, total, author)
            VALUES (CAST(:question AS jsonb), CAST(:wish AS jsonb), :total, :by) RETURNING {FIELDS}
        """),
        {
            "question": orjson.dumps(asdict(question)).decode(), "wish": orjson.dumps(asdict(wish)).decode(), "total": total,
            "by": by,
        },
    ).one()  # fmt: skip
    return Siting(**row._mapping)


def by_id(conn: Connection, siting_id: int) -> Siting | None:
    """One search, or None."""
    row = conn.execute(text(f"SELECT {FIELDS} FROM siting WHERE id = :id"), {"id": siting_id}).one_or_none()
    return None if row is None else Siting(**row._mapping)


def find(conn: Connection, *, limit: int) -> list[Siting]:
    """The newest searches, newest first."""
    rows = conn.execute(text(f"SELECT {FIELDS} FROM siting ORDER BY id DESC LIMIT :limit"), {"limit": limit})
    return [Siting(**row._mapping) for row in rows]


def note_outcome(conn: Connection, siting_id: int, outcome: Mapping[str, Any]) -> None:
    """Write what a search has found so far."""
    conn.execute(
        text("UPDATE siting SET outcome = CAST(:outcome AS jsonb) WHERE id = :id"),
        {"id": siting_id, "outcome": orjson.dumps(outcome, option=orjson.OPT_SERIALIZE_NUMPY).decode()},
    )
