"""The clock of cases, as the worker runs it: every minute, a part at a time, each in its own transaction."""

import logging
from datetime import UTC, datetime

from sqlalchemy import Engine

from gis import calendars, city, tending
from gis.rules.working_time import Hours

log = logging.getLogger(__name__)


def tend_all(engine: Engine, *, hours: Hours, now: datetime | None = None) -> int:
    """Warn, say what is overdue, escalate and take up again, until nothing is left; returns how many cases were touched."""
    moment, touched = now or datetime.now(UTC), 0
    while True:
        with engine.begin() as conn:
            held = city.find(conn)
            if held is None:
                return touched
            done = tending.tend(conn, calendar=calendars.work_calendar(conn, held.timezone, hours=hours), now=moment)
        touched += done
        if not done:
            return touched
        log.info("%d cases tended", done)
