"""Calls back to departments: what happened to their matters, from the journal, each told until it is heard.

Between the journal and a department stands a row for every call: whoever dies in the middle leaves it to the next, and the
department drops what it has heard by the event's name. Our side records a call as heard once.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.rules.retries import again_at
from gis.source_records import HookCall, Source
from gis.store import hook_calls as store
from gis.store import journal, stream

EVENTS_AT_ONCE = 10_000
LEASE = timedelta(seconds=60)
HEARD = range(200, 300)
FAULT_LIMIT = 300
KEPT_D = 90
# The fault is of the whole address: what else waits for it need not be tried now.
AWAY = frozenset({408, 425, 429, *range(500, 600)})


def collect(conn: Connection) -> tuple[int, bool]:
    """Make the calls that follow from the journal since the last look; returns how many, and whether there is more to look at."""
    return store.collect(conn, upto=stream.whole_to(conn), at_most=EVENTS_AT_ONCE)


def sources_due(conn: Connection) -> list[int]:
    """Ids of the sources that are to be called now."""
    return store.sources_due(conn)


def take_next(conn: Connection, source_id: int) -> HookCall | None:
    """The oldest call of a source that is due; ours for a minute, then another may take it."""
    return store.take_next(conn, source_id, lease=LEASE)


def note(conn: Connection, call: HookCall, *, status: int | None, fault: str | None, now: datetime) -> bool:
    """Note how a call went; returns whether it was heard. What was not is tried again, later and later for a day, then parked."""
    if status in HEARD and status is not None:
        store.note_heard(conn, call.id, status=status)
        return True
    next_at = again_at(tries=call.tries, begun=call.at, now=now)
    store.note_failed(conn, call.id, status=status, fault=(fault or f"answered {status}")[:FAULT_LIMIT], next_at=next_at)
    if next_at is not None and (status is None or status in AWAY):
        store.hold_back(conn, call.source_id, until=next_at)
    return False


def forget(conn: Connection) -> int:
    """Drop the calls that were heard long ago; returns how many."""
    return store.forget(conn, older_than_d=KEPT_D)


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """The header that proves a call: the moment in seconds, and HMAC-SHA256 over it, a dot and the body."""
    moment = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def latest(
    conn: Connection, source: Source, *, state: str | None = None, limit: int = 50, before: int | None = None
) -> list[dict[str, Any]]:
    """Calls of a source, newest first: all, or those `waiting`, `parked` or `done`."""
    return store.latest(conn, source.id, state=state, limit=limit, before=before)


def send_again(conn: Connection, source: Source, *, call_id: int | None, by: str) -> int:
    """Let one call that was not heard, or all parked ones, be tried once more now. Raises NotFound."""
    count = store.send_again(conn, source.id, call_id=call_id)
    if call_id is not None and not count:
        raise NotFound(f"The source {source.code} has no call {call_id} that was not heard.")
    journal.append(conn, "source.calls_again", subject=source.code, actor=by, calls=count)
    return count
