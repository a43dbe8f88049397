"""What cases need without anybody asking: told that their time is short or over, given to the next level, taken up again.

Each call does some and says how many; whoever calls it commits, and calls again until there is nothing left. Whatever was
committed is not done again: a step says for which moment it was taken.
"""

from datetime import datetime

from sqlalchemy import Connection

from gis.case_records import Given
from gis.case_writing import Pen
from gis.rules.actors import CLOCK
from gis.rules.case_steps import BY_ACTION
from gis.rules.working_time import WorkCalendar
from gis.store import case_history, case_journal, case_watch
from gis.store import cases as store

AT_ONCE = 500  # cases of one transaction: nobody who wants to take a step waits long


def tend(conn: Connection, *, calendar: WorkCalendar, now: datetime) -> int:
    """Do the next part of what is due; returns how many cases were touched, 0 when there is nothing left."""
    case_watch.one_at_a_time(conn)
    return warn(conn, now=now) or overdue(conn, now=now) or take_up(conn, calendar=calendar, now=now)


def warn(conn: Connection, *, now: datetime) -> int:
    """Say of cases, once for each moment that they are due at, that their time is nearly over."""
    ids = case_watch.warn(conn, now=now, by=CLOCK, limit=AT_ONCE)
    _tell(conn, "warn", ids)
    return len(ids)


def overdue(conn: Connection, *, now: datetime) -> int:
    """Say of cases, once for each moment that they were due at, that their time is over, and give them to the next level."""
    ids = case_watch.late(conn, now=now, by=CLOCK, limit=AT_ONCE)
    _tell(conn, "late", ids)
    _tell(conn, "escalate", case_watch.escalate_late(conn, ids, now=now, by=CLOCK))
    return len(ids)


def _tell(conn: Connection, action: str, ids: list[int]) -> None:
    if ids:
        case_journal.tell(conn, action, incidents=ids, actor=CLOCK)


def take_up(conn: Connection, *, calendar: WorkCalendar, now: datetime) -> int:
    """Take up again the suspended cases whose moment has come."""
    pen = Pen(conn, now, calendar)
    for case in store.standing(conn, case_watch.suspended_until(conn, now=now, limit=AT_ONCE)):
        pen.write(case, BY_ACTION["resume"], Given(), by=CLOCK)
    pen.tell()
    return len(pen.said)


def open_history(conn: Connection, *, now: datetime, by: str) -> int:
    """Give the open cases of a history, recorded at once, to those who have them by their state, and write the way they came.

    Returns how many steps were written.
    """
    case_history.hand_out(conn)
    return case_history.write_ways(conn, now=now, by=by)
