"""The city's working calendar: its hours, on the days that it works."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis.rules.working_time import WORKING_HOURS, Hours, WorkCalendar
from gis.store import days


def work_calendar(conn: Connection, timezone: str, *, hours: Hours = WORKING_HOURS) -> WorkCalendar:
    """The calendar that time limits are counted by, with the city's own exceptions as they stand."""
    return calendar_of(timezone, days.exceptions(conn), hours=hours)


def calendar_of(timezone: str, exceptions: Mapping[date, bool], *, hours: Hours = WORKING_HOURS) -> WorkCalendar:
    """The calendar of a city with these exceptions."""
    return _calendar(timezone, hours, tuple(sorted(exceptions.items())))


@lru_cache(maxsize=16)
def _calendar(timezone: str, hours: Hours, exceptions: tuple[tuple[date, bool], ...]) -> WorkCalendar:
    # The same one for the same exceptions: it remembers the spans of the days that it was asked for.
    return WorkCalendar(ZoneInfo(timezone), hours, dict(exceptions))
