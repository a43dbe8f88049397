"""Staff and where they are posted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import Reach, StaffRow
from gis.store import journal
from gis.store import staff as store
from gis.store.reach import holds_area


def post(conn: Connection, rows: Sequence[StaffRow], *, since: datetime, by: str) -> None:
    """Take staff on and post each of them, on a grid or at an area's command, from a moment on."""
    store.save(conn, rows, since=since)
    journal.append(conn, "staff.posted", subject=since.isoformat(), actor=by, staff=len(rows))


def describe(conn: Connection, number: str, *, reach: Reach) -> dict[str, Any]:
    """One member of staff with every posting, newest first. Raises NotFound, also for one whose place is outside the reach."""
    person = store.by_number(conn, number)
    postings = store.postings(conn, person["id"]) if person else []
    if person is None or not (reach.is_whole_city or any(_is_within(row, reach) for row in postings)):
        raise NotFound(f"There is no member of staff with the number {number}.")
    return person | {"postings": postings}


def _is_within(posting: dict[str, Any], reach: Reach) -> bool:
    return posting["now"] and posting["path"] is not None and holds_area(reach, posting["path"])
