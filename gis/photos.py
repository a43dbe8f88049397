"""Photos that come with reports and steps: taken in, shown to who may see them, swept away when nobody took them up."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import Account
from gis.store import attempts
from gis.store import photos as store

SENT_AT_MOST: Final = 60  # photos from one address in a window: some phones behind one line, no machine
WINDOW_S: Final = 60 * 60
KEPT_WAITING: Final = timedelta(days=1)


def count_sent(conn: Connection, *, address: str) -> int:
    """Count a photo that comes in without log-in; returns the seconds to wait, 0 when it may. The caller commits."""
    return attempts.wait_s(conn, "", "photo", address, at_most=SENT_AT_MOST, window_s=WINDOW_S)


def announce(conn: Connection, *, width: int, height: int, size: int, by: str) -> str:
    """Write a photo down before its file is written, and return its id: what has no row later has no file either.

    `width` and `height` in pixels, `size` in bytes.
    """
    photo_id = secrets.token_hex(16)
    store.save(conn, photo_id, width=width, height=height, size=size, sent_by=by)
    return photo_id


def withdraw(conn: Connection, photo_id: str) -> None:
    """Forget a photo whose file could not be written."""
    store.drop(conn, photo_id)


def give_to_report(conn: Connection, number: str, ids: Sequence[str], *, by: str) -> None:
    """Give the photos that somebody sent before to her report. Raises BadReport for one that is not there."""
    if ids:
        store.attach_to_report(conn, ids, number, sent_by=by)


def look(conn: Connection, photo_id: str, *, account: Account | None, key: str | None) -> None:
    """Raises NotFound unless a photo may be seen: by the account, or with the key of a report."""
    seen = account is not None and store.may_be_seen_by(conn, photo_id, account=account)
    if not seen and not (key and store.may_be_seen_with(conn, photo_id, key=key)):
        raise NotFound("There is no such photo, or it is not for you.")


def sweep(conn: Connection, *, now: datetime) -> list[str]:
    """Forget the photos that no report took up within a day; returns them, whose files go after the commit."""
    return store.take_waiting(conn, since_before=now - KEPT_WAITING)
