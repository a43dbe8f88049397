"""The journal: append-only events in the transaction of what they tell; a trigger rings the bell at commit."""

from typing import Any

import orjson
from sqlalchemy import Connection, text


def append(conn: Connection, kind: str, *, subject: str, actor: str, **payload: Any) -> int:
    """Append one event and return its sequence number."""
    seq: int = conn.execute(
        text("INSERT INTO journal (kind, subject, payload, actor) VALUES (:kind, :subject, :payload, :actor) RETURNING seq"),
        {"kind": kind, "subject": subject, "payload": orjson.dumps(payload).decode(), "actor": actor},
    ).scalar_one()
    return seq
