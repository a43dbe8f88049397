"""Notices: who reported hears what became of it, once, in her own language."""

from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from gis.citizen_records import Notice
from gis.rules.case_steps import STEPS_OF_LEAD
from gis.rules.plain_words import ANSWERS, MAILED
from gis.store import notices as store
from gis.store import stream

AT_ONCE: Final = 2_000
BACK_OFF_MIN: Final = (1, 5, 30, 120, 480, 1440)
CASE: Final = "case."
FIRST: Final = "report"  # confirmed when the reporter is written down, not from the journal


def gather(conn: Connection, *, now: datetime) -> bool:
    """Write notices from what is new in the journal; returns whether there is more to read.

    Its place in the journal and the notices ride in one transaction; whoever comes while another reads does nothing.
    """
    seq = store.read_to(conn)
    if seq is None:
        return False
    entries = stream.since(conn, seq, stream.whole_to(conn), AT_ONCE)
    for entry in entries:
        action = entry.kind.removeprefix(CASE)
        if entry.kind.startswith(CASE) and action in MAILED and action != FIRST:
            told = orjson.loads(entry.words)
            if not _is_said_of_its_lead(told, action):
                _write(conn, told, action=action, seq=entry.seq, now=now)
    if entries:
        store.note_read(conn, entries[-1].seq)
    return len(entries) == AT_ONCE


def _is_said_of_its_lead(told: dict[str, Any], action: str) -> bool:
    """Whether a merged case ended with the one that leads it: its reporters hear of that one."""
    return told["merged_into"] is not None and action in STEPS_OF_LEAD


def _write(conn: Connection, told: dict[str, Any], *, action: str, seq: int, now: datetime) -> None:
    reporters = store.to_be_told(conn, told["number"])
    if not reporters:
        return
    words = store.answer_of(conn, told["number"], version=told["version"], actions=tuple(ANSWERS))
    for reporter_id, hears_answers in reporters:
        store.write(conn, reporter_id, kind=action, at=now, seq=seq, facts={"words": words if hears_answers else None})


def take_due(conn: Connection, *, now: datetime) -> Notice | None:
    """The next notice to be sent, taken so that nobody else sends it. The caller commits before it sends."""
    return store.take_due(conn, now=now)


def note_sent(conn: Connection, notice: Notice, *, now: datetime) -> None:
    """A mail server has taken it."""
    store.note_sent(conn, notice.id, at=now)


def put_back(conn: Connection, notice: Notice, *, fault: str, now: datetime, for_good: bool = False) -> None:
    """It was not taken: it is tried again after 1, 5, 30 minutes, 2, 8 and 24 hours, and then or when refused for good no more."""
    again = None if for_good or notice.tries > len(BACK_OFF_MIN) else now + timedelta(minutes=BACK_OFF_MIN[notice.tries - 1])
    store.put_back(conn, notice.id, next_at=again, fault=fault)


def leave_open(conn: Connection, notice: Notice, *, fault: str) -> None:
    """Nobody knows whether it was taken: it is not sent again, because nobody is told the same twice."""
    store.put_back(conn, notice.id, next_at=None, fault=fault)
