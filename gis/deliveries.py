"""What departments deliver, by push, file or pull: every record once, by the number its source gives it.

A record that comes again is answered with the number it got; one that cannot be taken is kept with every reason, corrected and
replayed; the others come in. Deliveries of the same record at the same moment wait for each other: it becomes one incident.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gis.errors import NotFound, RejectSettled, SourceClosed
from gis.records import Report
from gis.rules.source_mapping import mapping_of
from gis.rules.source_reading import Known, cleaned, read_records
from gis.source_records import Outcome, RowOutcome, Source, SourceRead
from gis.store import deliveries as store
from gis.store import journal

ROWS_AT_ONCE = 5_000
LATE_AFTER = timedelta(hours=24)
BROKEN_OFF = "broken off: the worker ended in the middle; what it had not reached was delivered again"

Intake = Callable[[Connection, Sequence[Report]], list[str]]
"""Takes reports in and returns their tracking numbers in the same order."""


def begin(conn: Connection, source: Source, *, way: str, name: str | None, by: str) -> int:
    """Note that a delivery begins; returns its id. Raises SourceClosed."""
    if not source.active:
        raise SourceClosed(f"The source {source.code} is closed: it takes no deliveries.", source=source.code)
    return store.begin(conn, source.id, way=way, name=name, by=by)


def take_in(
    conn: Connection, source: Source, delivery_id: int, records: Sequence[Any], *,
    intake: Intake, known: Known, now: datetime, by: str, first_row: int = 1,
) -> Outcome:  # fmt: skip
    """Take the records of a delivery in, or a part of them; says what became of each row. Rows count from `first_row`."""
    held = [cleaned(record) for record in records]
    reads = read_records(held, mapping=mapping_of(source.mapping), known=known, now=now)
    numbers, fresh = _numbers(conn, source, reads, intake=intake, by=by)
    rows = tuple(_outcomes(reads, numbers, fresh, now=now, first_row=first_row))
    bad = [
        {"row": row.row, "key": row.key, "record": record, "reasons": [reason.as_dict() for reason in row.reasons]}
        for row, record in zip(rows, held, strict=True)
        if row.state == "rejected"
    ]
    if bad:
        store.save_rejects(conn, source.id, delivery_id, bad)
    outcome = Outcome(delivery_id, rows)
    store.count(conn, delivery_id, counts=_counts(outcome))
    return outcome


def end(conn: Connection, delivery_id: int, *, fault: str | None = None) -> None:
    """Note that a delivery is over, or why it failed."""
    store.end(conn, delivery_id, fault=fault)


def end_broken_off(conn: Connection, source: Source, *, way: str) -> int:
    """End what a worker left when it died; returns how many deliveries."""
    return store.end_broken_off(conn, source.id, way=way, fault=BROKEN_OFF)


def latest(conn: Connection, source: Source, *, limit: int = 50, before: int | None = None) -> list[dict[str, Any]]:
    """Deliveries of a source, newest first."""
    return store.latest(conn, source.id, limit=limit, before=before)


def rejects(
    conn: Connection, source: Source, *, state: str | None = "open", limit: int = 50, before: int | None = None
) -> tuple[list[dict[str, Any]], int]:
    """Rejected records of a source, newest first, and how many there are in that state."""
    return store.rejects(conn, source.id, state=state, limit=limit, before=before)


def reject(conn: Connection, source: Source, reject_id: int) -> dict[str, Any]:
    """A rejected record of a source. Raises NotFound."""
    found = store.reject(conn, reject_id)
    if found is None or found["source_id"] != source.id:
        raise NotFound(f"The source {source.code} has no rejected record {reject_id}.")
    return found


def correct(conn: Connection, source: Source, reject_id: int, *, record: Any, known: Known, now: datetime) -> dict[str, Any]:
    """Write a rejected record anew; it stays where it is until it is replayed, with what is still wrong with it.

    Raises NotFound, RejectSettled.
    """
    reject(conn, source, reject_id)
    held = cleaned(record)
    read = read_records([held], mapping=mapping_of(source.mapping), known=known, now=now)[0]
    reasons = [reason.as_dict() for reason in read.reasons]
    if not store.correct(conn, reject_id, record=held, reasons=reasons, key=read.key):
        raise RejectSettled("This record was replayed or dropped already.", number=reject(conn, source, reject_id)["number"])
    return reject(conn, source, reject_id)


def drop(conn: Connection, source: Source, reject_id: int, *, note: str, by: str) -> dict[str, Any]:
    """Put a rejected record aside for good, with a reason. Raises NotFound, RejectSettled."""
    reject(conn, source, reject_id)
    if not store.settle(conn, reject_id, state="dropped", number=None, note=note, by=by):
        raise RejectSettled("This record was replayed or dropped already.", number=reject(conn, source, reject_id)["number"])
    journal.append(conn, "source.reject_dropped", subject=source.code, actor=by, reject=reject_id)
    return reject(conn, source, reject_id)


def replay(
    conn: Connection, source: Source, reject_ids: Sequence[int] | None, *, intake: Intake, known: Known, now: datetime, by: str
) -> Outcome:
    """Take rejected records in as they now stand, or all open ones; what still cannot be taken stays with its reasons.

    One that was replayed before is answered with the number that it got. Raises NotFound.
    """
    wanted = _wanted(conn, source, reject_ids)
    delivery_id = begin(conn, source, way="replay", name=None, by=by)
    still_open = [each for each in wanted if each["state"] == "open"]
    mapping = mapping_of(source.mapping)
    reads = read_records([each["record"] for each in still_open], mapping=mapping, known=known, now=now)
    numbers, fresh = _numbers(conn, source, reads, intake=intake, by=by)
    rows = dict(zip((each["id"] for each in still_open), _outcomes(reads, numbers, fresh, now=now, first_row=1), strict=True))
    for each in still_open:
        _settle(conn, each, rows[each["id"]], by=by)
    outcome = Outcome(delivery_id, tuple(rows.get(each["id"]) or _settled(each) for each in wanted))
    store.count(conn, delivery_id, counts=_counts(outcome))
    store.end(conn, delivery_id)
    return outcome


def _wanted(conn: Connection, source: Source, reject_ids: Sequence[int] | None) -> list[dict[str, Any]]:
    if reject_ids is None:
        return store.rejects(conn, source.id, state="open", limit=ROWS_AT_ONCE, before=None)[0]
    return [reject(conn, source, reject_id) for reject_id in reject_ids]


def _settled(held: Mapping[str, Any]) -> RowOutcome:
    """What is said of a record that was settled before."""
    return RowOutcome(held["row"], held["source_key"], "repeated" if held["number"] else "rejected", held["number"])


def _settle(conn: Connection, held: Mapping[str, Any], row: RowOutcome, *, by: str) -> None:
    if row.number:
        store.settle(conn, held["id"], state="replayed", number=row.number, note=None, by=by)
    else:
        reasons = [reason.as_dict() for reason in row.reasons]
        store.correct(conn, held["id"], record=held["record"], reasons=reasons, key=row.key)


def _numbers(
    conn: Connection, source: Source, reads: Sequence[SourceRead], *, intake: Intake, by: str
) -> tuple[dict[str, str], set[int]]:
    """Tracking numbers by the source's own, of the new and the known; and the rows that became incidents now."""
    first: dict[str, int] = {}
    for at, read in enumerate(reads):
        if read.key is not None and read.report is not None:
            first.setdefault(read.key, at)
    claimed = store.claim(conn, source.id, list(first)) if first else set()
    new = {key: at for key, at in first.items() if key in claimed}
    reports = [report for at in new.values() if (report := reads[at].report) is not None]
    taken = dict(zip(new, intake(conn, reports), strict=True)) if new else {}
    if taken:
        store.note_numbers(conn, source.id, taken)
        store.settle_by_key(conn, source.id, taken, by=by)
        contacts = {taken[key]: contact for key, at in new.items() if (contact := reads[at].contact) is not None}
        if contacts:
            store.save_contacts(conn, contacts)
    others = {read.key for read in reads if read.key is not None} - taken.keys()
    return (store.numbers_of(conn, source.id, sorted(others)) if others else {}) | taken, set(new.values())


def _outcomes(
    reads: Sequence[SourceRead], numbers: Mapping[str, str], fresh: set[int], *, now: datetime, first_row: int
) -> Iterator[RowOutcome]:
    for at, read in enumerate(reads):
        number = numbers.get(read.key) if read.key is not None else None
        reported_at = read.report.reported_at if read.report else None
        late = at in fresh and reported_at is not None and now - reported_at > LATE_AFTER
        state = "taken" if at in fresh else "repeated" if number else "rejected"
        yield RowOutcome(first_row + at, read.key, state, number, late, read.reasons if state == "rejected" else ())


def _counts(outcome: Outcome) -> dict[str, int]:
    return {
        "rows": len(outcome.rows), "accepted": outcome.count("taken"), "repeated": outcome.count("repeated"),
        "late": outcome.late, "rejected": outcome.count("rejected"),
    }  # fmt: skip
