"""Queues of cases: in pages, late first; all open ones as points; the steps of a day."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis.case_records import CaseQuery
from gis.errors import NotFound
from gis.records import Account
from gis.rules import cursors
from gis.rules.case_steps import ENDED
from gis.store import accounts, case_days, stream
from gis.store import case_lists as store

COUNTED_AT_MOST = store.COUNTED_AT_MOST
POINT_COLUMNS = store.POINT_COLUMNS


def find(conn: Connection, query: CaseQuery, *, account: Account, now: datetime) -> tuple[list[dict[str, Any]], str | None, int]:
    """A page of cases, the cursor of the next one, and how many there are, counted to COUNTED_AT_MOST.

    Open ones by when they are due unless asked otherwise; as soon as ended ones are asked for, the newest first. Raises NotFound
    for an area that there is not, BadQuery for a cursor of another list.
    """
    _known_area(conn, query.area)
    asked = replace(query, sort="new") if ENDED & set(query.states) else query
    mark = cursors.question_mark("cases", account.id, replace(asked, after=None, limit=0))
    after = cursors.read(asked.after, mark, kinds=("moment", "integer")) if asked.after else None
    rows = store.page(conn, asked, account=account, now=now, after=(after[0], after[1]) if after else None)
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    following = cursors.written(mark, shown[-1]["sorted"], shown[-1]["id"]) if more else None
    return shown, following, store.count(conn, asked, account=account, now=now)


def points(conn: Connection, *, area: str | None, account: Account) -> tuple[list[list[Any]], int]:
    """Every open case as a row of POINT_COLUMNS, and the journal's number from which on a stream goes on. Raises NotFound."""
    _known_area(conn, area)
    seq = stream.whole_to(conn)
    return store.points(conn, area=area, account=account), seq


def replay(conn: Connection, day: date, *, area: str | None, account: Account, timezone: str) -> list[dict[str, Any]]:
    """The steps of a day in the city, oldest first, each with its seconds since the day's beginning. Raises NotFound."""
    _known_area(conn, area)
    start = datetime.combine(day, time(), ZoneInfo(timezone))
    return case_days.steps(conn, start, start + timedelta(days=1), area=area, account=account)


def _known_area(conn: Connection, code: str | None) -> None:
    if code is not None and accounts.area_path(conn, code) is None:
        raise NotFound(f"There is no area with the code {code}.")
