"""Imports under way and done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.records import ImportJob

# One import writes at a time: the number is arbitrary, only ours. Each run also holds its own job's number.
WRITE_LOCK = 41_900_351
RUN_LOCKS = 41_900_352

FIELDS = """
    id, kind, state, filename, bytes, source, options, step, done, total, cancel_asked, outcome, problem, opened_by, opened_at,
    changed_at
"""


def _job(row: Any) -> ImportJob | None:
    return row and ImportJob(**row._mapping)


def save(conn: Connection, *, kind: str, filename: str, size: int, by: str) -> ImportJob:
    """Write an import whose file is coming in."""
    row = conn.execute(
        text(f"""
            INSERT INTO import_job (kind, filename, bytes, opened_by) VALUES (:kind, :filename, :bytes, :by) RETURNING {FIELDS}
        """),
        {"kind": kind, "filename": filename, "bytes": size, "by": by},
    ).one()
    return ImportJob(**row._mapping)


def by_id(conn: Connection, job_id: int, *, lock: bool = False) -> ImportJob | None:
    """One import, or None; with `lock` nobody else changes it until the transaction ends."""
    return _job(
        conn.execute(
            text(f"SELECT {FIELDS} FROM import_job WHERE id = :id {'FOR UPDATE' if lock else ''}"), {"id": job_id}
        ).one_or_none()
    )


def latest(conn: Connection, *, limit: int) -> list[ImportJob]:
    """The newest imports first, without those that were abandoned."""
    rows = conn.execute(
        text(f"SELECT {FIELDS} FROM import_job WHERE state <> 'abandoned' ORDER BY id DESC LIMIT :limit"), {"limit": limit}
    )
    return [ImportJob(**row._mapping) for row in rows]


def in_states(conn: Connection, states: Sequence[str]) -> list[ImportJob]:
    """Every import in one of these states."""
    rows = conn.execute(text(f"SELECT {FIELDS} FROM import_job WHERE state = ANY(:states) ORDER BY id"), {"states": list(states)})
    return [ImportJob(**row._mapping) for row in rows]


def change(conn: Connection, job_id: int, **columns: Any) -> None:
    """Set columns of an import; dictionaries become JSON."""
    listed = ", ".join(f"{name} = :{name}" for name in columns)
    values = {name: orjson.dumps(value).decode() if isinstance(value, dict) else value for name, value in columns.items()}
    conn.execute(text(f"UPDATE import_job SET {listed}, changed_at = now() WHERE id = :id"), {"id": job_id} | values)


def advance(conn: Connection, job_id: int, *, step: str, done: int, total: int) -> bool:
    """Write how far a run is; returns whether somebody asked to cancel it."""
    asked: bool = conn.execute(
        text("""
            UPDATE import_job SET step = :step, done = :done, total = :total, changed_at = now() WHERE id = :id
            RETURNING cancel_asked
        """),
        {"id": job_id, "step": step, "done": done, "total": total},
    ).scalar_one()
    return asked


def try_write_lock(conn: Connection) -> bool:
    """Be the only import that writes, until this transaction ends; False while another one is."""
    taken: bool = conn.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": WRITE_LOCK}).scalar_one()
    return taken


def try_run_lock(conn: Connection, job_id: int) -> bool:
    """Be the only run of this import, until this transaction ends; False while it is running elsewhere."""
    taken: bool = conn.execute(
        text("SELECT pg_try_advisory_xact_lock(:key, :job)"), {"key": RUN_LOCKS, "job": job_id % 2**31}
    ).scalar_one()
    return taken


def applied_at(conn: Connection, digest: str) -> datetime | None:
    """When a file with this digest was last brought in, by the journal."""
    found: datetime | None = conn.execute(
        text("SELECT max(at) FROM journal WHERE kind = 'import.applied' AND payload ->> 'digest' = :digest"), {"digest": digest}
    ).scalar_one()
    return found
