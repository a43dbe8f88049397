"""Figures of cases while it happens, by level, matter, department or area."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis.errors import BadQuery, NotFound
from gis.records import Account
from gis.store import accounts
from gis.store import case_figures as store

USUAL_D = 30
LONGEST_D = 366


def of_period(
    conn: Connection, *, by: str, area: str | None, first: date | None, last: date | None, account: Account, timezone: str,
    now: datetime,
) -> tuple[date, date, list[dict[str, Any]]]:
    """The period, both days included, and the rows of `gis.store.case_figures`; the last 30 days unless asked otherwise.

    Raises NotFound for an area that there is not, BadQuery for a period that ends before it begins or is longer than a year.
    """
    zone = ZoneInfo(timezone)
    end = last or now.astimezone(zone).date()
    begin = first or end - timedelta(days=USUAL_D - 1)
    if not 0 <= (end - begin).days < LONGEST_D:
        raise BadQuery("from, to: a period has 1 to 366 days, the first before the last.", field="from")
    if area is not None and accounts.area_path(conn, area) is None:
        raise NotFound(f"There is no area with the code {area}.")
    since, until = (datetime.combine(day, time(), zone) for day in (begin, end + timedelta(days=1)))
    rows = store.of_period(
        conn, by=by, area=area, root=area or account.area_code, since=since, until=until, now=now, account=account
    )
    return begin, end, rows
