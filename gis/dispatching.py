"""Whom to send: the officers on shift, ranked for a case, with the reasons."""

from datetime import datetime

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.field_records import Ranked
from gis.records import Reach
from gis.store import officers


def choices(conn: Connection, number: str, *, reach: Reach, now: datetime) -> list[Ranked]:
    """The officers who may be sent to a case, the best first. Raises NotFound, also for a case outside the reach."""
    case = officers.case_place(conn, number, reach=reach)
    if case is None:
        raise NotFound(f"There is no incident with the number {number}.")
    return officers.ranking(conn, case, reach=reach, now=now)
