"""Staff and where they are posted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from gis.records import StaffRow
from gis.store import journal
from gis.store import staff as store


def post(conn: Connection, rows: Sequence[StaffRow], *, since: datetime, by: str) -> None:
    """Take staff on and post each of them, on a grid or at an area's command, from a moment on."""
    store.save(conn, rows, since=since)
    journal.append(conn, "staff.posted", subject=since.isoformat(), actor=by, staff=len(rows))
