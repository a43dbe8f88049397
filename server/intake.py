"""The way in for whatever is reported over HTTP, from the office, a phone or another program: one journey for what it is judged
by, one for taking it in.
"""

import re
from typing import Any

from flask import request
from sqlalchemy import Connection

from gis import calendars, incidents
from gis.errors import BadReport
from gis.records import Report
from server.database import hours, locator, now

KEY_PATTERN = r"^[!-~]{1,200}$"


def sent_key() -> str | None:
    """The key that this request carries in its header, or None. Raises BadReport for one that is none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.match(KEY_PATTERN, key):
        raise BadReport("Idempotency-Key is up to 200 printable ASCII characters without blanks.", field="Idempotency-Key")
    return key


def take_in(conn: Connection, report: Report, *, by: str) -> dict[str, Any]:
    """Take a report in as of this moment; returns the incident. Raises NoCity, BadReport."""
    moment = now()
    facts = incidents.facts(conn, report.matter, at=report.reported_at or moment, now=moment)
    return incidents.take_in(
        conn,
        report,
        atlas=locator().atlas_of(conn, facts.city, facts.plan) if facts.plan else None,
        calendar=calendars.calendar_of(facts.city.timezone, facts.exceptions, hours=hours()),
        timezone=facts.city.timezone,
        now=moment,
        by=by,
        matter=facts.matter,
    )
