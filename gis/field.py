"""Officers in the field: on shift or not, and where."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gis.errors import NotInTheField
from gis.field_records import FieldOfficer, Fix, ShiftRow
from gis.records import Account, Reach
from gis.store import bells, journal, officers, positions, shifts

CLOCK_TOLERANCE: Final = timedelta(minutes=5)  # how far a phone's clock may run ahead
WHOLE_TRACK_H: Final = 24
ONE_POINT_PER_MIN: Final = 5
SHIFT_AT_MOST_H: Final = 16.0


def staff_of(account: Account) -> int:
    """The member of staff that an account belongs to. Raises NotInTheField."""
    if account.staff_id is None:
        raise NotInTheField("Your account belongs to no member of staff, so it has no shift and no patrol; ask an administrator.")
    return account.staff_id


def shift_since(conn: Connection, account: Account) -> datetime | None:
    """Since when somebody is on shift, or None. Raises NotInTheField."""
    return shifts.since(conn, staff_of(account))


def switch_shift(conn: Connection, account: Account, *, on: bool, now: datetime) -> datetime | None:
    """Begin or end one's shift; what is so already stays so. Returns since when it runs. Off shift nobody's place is known.

    Raises NotInTheField.
    """
    staff_id = staff_of(account)
    shifts.lock(conn, staff_id)
    since = shifts.since(conn, staff_id)
    if on == (since is not None):
        return since
    _switch(conn, staff_id, on=on, now=now)
    journal.append(conn, "shift.began" if on else "shift.ended", subject=account.login, actor=account.login)
    return shifts.since(conn, staff_id)


def _switch(conn: Connection, staff_id: int, *, on: bool, now: datetime) -> None:
    if on:
        shifts.begin(conn, staff_id, at=now)
    else:
        shifts.end(conn, staff_id, at=now)
        positions.forget(conn, staff_id)
    bells.ring_positions(conn)


def note_positions(conn: Connection, account: Account, fixes: Sequence[Fix], *, now: datetime) -> int:
    """Keep where somebody was while on shift; returns how many places were new. Places off shift, or yet to come, are not kept.

    A place older than the last one known goes into the track only. Raises NotInTheField.
    """
    staff_id = staff_of(account)
    return positions.save(conn, staff_id, [fix for fix in fixes if fix.at <= now + CLOCK_TOLERANCE])


def on_shift(conn: Connection, *, reach: Reach, area: str | None = None) -> list[FieldOfficer]:
    """Who is on shift and posted inside a reach, by number, with the last place and what is in hand."""
    return officers.on_shift(conn, reach=reach, area=area)


def tidy(conn: Connection, *, keep_track_d: int) -> int:
    """Thin and forget tracks, and end the shifts that were forgotten; returns how many rows that were."""
    ended = shifts.end_forgotten(conn, after_h=SHIFT_AT_MOST_H)
    return ended + positions.thin(conn, keep_d=keep_track_d, whole_for_h=WHOLE_TRACK_H, one_per_min=ONE_POINT_PER_MIN)


def record_shifts(conn: Connection, rows: Sequence[ShiftRow], *, by: str) -> None:
    """Write many shifts that run, each with its last place."""
    shifts.save_many(conn, rows)
    bells.ring_positions(conn)
    journal.append(conn, "shifts.recorded", subject="city", actor=by, shifts=len(rows))
