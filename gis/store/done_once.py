"""What was sent with a key is done once: phones send again what they got no answer to."""

from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.store.prepared import Prepared

LOCK = Prepared(
    "key_lock", "SELECT pg_advisory_xact_lock(hashtextextended(:actor || ' ' || :key, 0))::text", actor="text", key="text"
)
KEPT = Prepared("key_kept", "SELECT answer FROM done_once WHERE actor = :actor AND key = :key", actor="text", key="text")


def begin(conn: Connection, *, actor: str, key: str) -> dict[str, Any] | None:
    """The answer that this key got before, or None: then the caller does it, and keeps the answer with `keep`.

    Whoever sends the same key at the same moment waits until the first is committed.
    """
    LOCK.rows(conn, {"actor": actor, "key": key})
    found = KEPT.row(conn, {"actor": actor, "key": key})
    answer: dict[str, Any] | None = found and found.answer
    return answer


def keep(conn: Connection, *, actor: str, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer, in the transaction of what was done."""
    conn.execute(
        text("INSERT INTO done_once (actor, key, answer) VALUES (:actor, :key, :answer)"),
        {"actor": actor, "key": key, "answer": orjson.dumps(answer, default=str).decode()},
    )


def forget(conn: Connection, *, older_than_d: int) -> int:
    """Drop answers that nobody asks for any more; returns how many."""
    return conn.execute(
        text("DELETE FROM done_once WHERE at < now() - make_interval(days => :days)"), {"days": older_than_d}
    ).rowcount
