"""What departments delivered: deliveries, records received once, rejects."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, text

DELIVERY = "id, source_id, way, name, sent_by, at, ended_at, rows, accepted, repeated, late, rejected, fault"
REJECT = """
    r.id, r.source_id, r.delivery_id, r.row, r.source_key, r.record, r.reasons, r.state, r.number, r.note, r.settled_by,
    r.settled_at, d.at, d.way, d.name FROM reject r JOIN delivery d ON d.id = r.delivery_id
"""


def begin(conn: Connection, source_id: int, *, way: str, name: str | None, by: str) -> int:
    """Note that a delivery begins; returns its id."""
    begun: int = conn.execute(
        text("INSERT INTO delivery (source_id, way, name, sent_by) VALUES (:source, :way, :name, :by) RETURNING id"),
        {"source": source_id, "way": way, "name": name, "by": by},
    ).scalar_one()
    return begun


def count(conn: Connection, delivery_id: int, *, counts: Mapping[str, int]) -> None:
    """Add to the figures of a delivery."""
    conn.execute(
        text("""
            UPDATE delivery SET rows = rows + :rows, accepted = accepted + :accepted, repeated = repeated + :repeated,
                   late = late + :late, rejected = rejected + :rejected WHERE id = :id
        """),
        {"id": delivery_id, **counts},
    )


def end(conn: Connection, delivery_id: int, *, fault: str | None = None) -> None:
    """Note that a delivery is over, or why it failed."""
    conn.execute(
        text("UPDATE delivery SET ended_at = clock_timestamp(), fault = :fault WHERE id = :id"), {"id": delivery_id, "fault": fault}
    )


def end_broken_off(conn: Connection, source_id: int, *, way: str, fault: str) -> int:
    """End the deliveries of a source that nobody is at any more; returns how many."""
    return conn.execute(
        text("UPDATE delivery SET ended_at = now(), fault = :fault WHERE source_id = :source AND way = :way AND ended_at IS NULL"),
        {"source": source_id, "way": way, "fault": fault},
    ).rowcount


def get(conn: Connection, delivery_id: int) -> dict[str, Any]:
    """A delivery."""
    return dict(conn.execute(text(f"SELECT {DELIVERY} FROM delivery WHERE id = :id"), {"id": delivery_id}).one()._mapping)


def latest(conn: Connection, source_id: int, *, limit: int, before: int | None) -> list[dict[str, Any]]:
    """Deliveries of a source, newest first, from before one on."""
    rows = conn.execute(
        text(f"""
            SELECT {DELIVERY} FROM delivery WHERE source_id = :source AND id < coalesce(:before, 9223372036854775807)
            ORDER BY id DESC LIMIT :limit
        """),
        {"source": source_id, "limit": limit, "before": before},
    )
    return [dict(row._mapping) for row in rows]


def claim(conn: Connection, source_id: int, keys: Sequence[str]) -> set[str]:
    """Take records of a source in hand, by the numbers it gives them; returns those that nobody had.

    Whoever else is at one of them is waited for. In the order of the numbers, so that two who deliver the same do not wait for
    each other in a circle. The tracking numbers follow in the same transaction (`note_numbers`).
    """
    rows = conn.execute(
        text("""
            INSERT INTO received (source_id, source_key, number) SELECT :source, key, '' FROM unnest(CAST(:keys AS text[])) AS key
            ON CONFLICT DO NOTHING RETURNING source_key
        """),
        {"source": source_id, "keys": sorted(set(keys))},
    )
    return {row.source_key for row in rows}


def note_numbers(conn: Connection, source_id: int, numbers: Mapping[str, str]) -> None:
    """Write the tracking numbers beside the source's own."""
    conn.execute(
        text("""
            UPDATE received r SET number = n.number
            FROM unnest(CAST(:keys AS text[]), CAST(:numbers AS text[])) AS n (source_key, number)
            WHERE r.source_id = :source AND r.source_key = n.source_key
        """),
        {"source": source_id, "keys": list(numbers), "numbers": list(numbers.values())},
    )


def numbers_of(conn: Connection, source_id: int, keys: Sequence[str]) -> dict[str, str]:
    """Tracking numbers of the records that came in before, by the source's own."""
    rows = conn.execute(
        text("SELECT source_key, number FROM received WHERE source_id = :source AND source_key = ANY(:keys)"),
        {"source": source_id, "keys": list(keys)},
    )
    return {row.source_key: row.number for row in rows}


def save_contacts(conn: Connection, contacts: Mapping[str, tuple[str | None, str | None]]) -> None:
    """Write name and telephone of whom a department names, by tracking number."""
    conn.execute(
        text("""
            INSERT INTO reporter (incident_id, name, phone, key)
            SELECT i.id, c.name, c.phone, gen_random_uuid()::text
            FROM unnest(CAST(:numbers AS text[]), CAST(:names AS text[]), CAST(:phones AS text[])) AS c (number, name, phone)
            JOIN incident i ON i.number = c.number
        """),
        {
            "numbers": list(contacts), "names": [name for name, _ in contacts.values()],
            "phones": [phone for _, phone in contacts.values()],
        },
    )  # fmt: skip


def save_rejects(conn: Connection, source_id: int, delivery_id: int, rejects: Sequence[dict[str, Any]]) -> None:
    """Keep rows that could not be taken: `row`, `key`, `record`, `reasons`. One that lies there open already is not kept twice."""
    conn.execute(
        text("""
            INSERT INTO reject (source_id, delivery_id, row, source_key, record, reasons)
            SELECT :source, :delivery, (n->>'row')::integer, n->>'key', n->'record', n->'reasons'
            FROM jsonb_array_elements(CAST(:rejects AS jsonb)) AS n
            WHERE NOT EXISTS (
                SELECT 1 FROM reject o WHERE o.source_id = :source AND o.state = 'open' AND o.record = n->'record'
                  AND o.source_key IS NOT DISTINCT FROM n->>'key'
            )
        """),
        {"source": source_id, "delivery": delivery_id, "rejects": orjson.dumps(rejects, default=str).decode()},
    )


def settle_by_key(conn: Connection, source_id: int, numbers: Mapping[str, str], *, by: str) -> int:
    """What lay rejected and came in whole since is settled; returns how many."""
    return conn.execute(
        text("""
            UPDATE reject r SET state = 'replayed', number = n.number, settled_by = :by, settled_at = now()
            FROM unnest(CAST(:keys AS text[]), CAST(:numbers AS text[])) AS n (source_key, number)
            WHERE r.source_id = :source AND r.state = 'open' AND r.source_key = n.source_key
        """),
        {"source": source_id, "keys": list(numbers), "numbers": list(numbers.values()), "by": by},
    ).rowcount


def rejects(
    conn: Connection, source_id: int, *, state: str | None, limit: int, before: int | None
) -> tuple[list[dict[str, Any]], int]:
    """Rejects of a source, newest first, from before one on; and how many there are in that state."""
    asked = {"source": source_id, "state": state, "limit": limit, "before": before}
    where = "r.source_id = :source AND (CAST(:state AS text) IS NULL OR r.state = :state)"
    rows = conn.execute(
        text(f"SELECT {REJECT} WHERE {where} AND r.id < coalesce(:before, 9223372036854775807) ORDER BY r.id DESC LIMIT :limit"),
        asked,
    ).all()
    return [dict(row._mapping) for row in rows], conn.execute(
        text(f"SELECT count(*) FROM reject r WHERE {where}"), asked
    ).scalar_one()


def reject(conn: Connection, reject_id: int) -> dict[str, Any] | None:
    """A reject, or None."""
    row = conn.execute(text(f"SELECT {REJECT} WHERE r.id = :id"), {"id": reject_id}).one_or_none()
    return dict(row._mapping) if row else None


def correct(conn: Connection, reject_id: int, *, record: Any, reasons: Sequence[dict[str, Any]], key: str | None) -> bool:
    """Write an open reject anew; False if it is not open any more."""
    return conn.execute(
        text("""
            UPDATE reject SET record = :record, reasons = :reasons, source_key = :key WHERE id = :id AND state = 'open'
        """),
        {"id": reject_id, "record": orjson.dumps(record).decode(), "reasons": orjson.dumps(list(reasons)).decode(), "key": key},
    ).rowcount == 1  # fmt: skip


def settle(conn: Connection, reject_id: int, *, state: str, number: str | None, note: str | None, by: str) -> bool:
    """Settle an open reject; False if it is not open any more."""
    return conn.execute(
        text("""
            UPDATE reject SET state = :state, number = :number, note = :note, settled_by = :by, settled_at = now()
            WHERE id = :id AND state = 'open'
        """),
        {"id": reject_id, "state": state, "number": number, "note": note, "by": by},
    ).rowcount == 1  # fmt: skip
