"""Records of departments on their way in: by push, from the folder of files, and fetched; all end in `gis.deliveries.take_in`."""

import logging
import shutil
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Engine

from gis import calendars, city, deliveries, incidents, plans, record_files, sources
from gis.deliveries import ROWS_AT_ONCE, Intake
from gis.errors import BadFile
from gis.locating import Locator
from gis.records import Report
from gis.rules.source_mapping import mapping_of
from gis.rules.source_reading import Known, greatest_cursor
from gis.rules.working_time import WORKING_HOURS, Hours, WorkCalendar
from gis.source_records import Outcome, Source
from server.fetching import Fetched, FetchFailed, fetch

log = logging.getLogger(__name__)

SETTLED_AFTER_S = 5.0  # a file that was written to so lately may still be
PULL_TIMEOUT_S = 60.0
REPORT_ENDING = ".report.json"
NOT_MODIFIED = 304
EVERY_SOURCE = 0


@dataclass(frozen=True)
class Desk:
    """What records are taken in with at a moment."""

    intake: Intake
    known: Known
    now: datetime
    by: str


def desk(conn: Connection, *, locator: Locator, now: datetime, by: str, hours: Hours = WORKING_HOURS) -> Desk:
    """The desk of this moment; time limits are counted in these working hours. Raises NoCity."""
    timezone = city.get(conn).timezone
    known = sources.known(conn, on=now.astimezone(ZoneInfo(timezone)).date())
    calendar = calendars.work_calendar(conn, timezone, hours=hours)
    return Desk(_intake(conn, locator=locator, calendar=calendar, now=now, by=by), known, now, by)


def _intake(conn: Connection, *, locator: Locator, calendar: WorkCalendar, now: datetime, by: str) -> Intake:
    """Takes reports in, each placed by the plan of its own moment."""
    turns = sorted({turn for plan in plans.list_plans(conn) for turn in (plan.since, plan.until) if turn is not None})

    def take(inner: Connection, reports: Sequence[Report]) -> list[str]:
        numbers = [""] * len(reports)
        spans: dict[int, list[int]] = {}
        for at, report in enumerate(reports):
            spans.setdefault(bisect_right(turns, report.reported_at or now), []).append(at)
        for members in spans.values():
            atlas = locator.atlas_if_any(inner, reports[members[0]].reported_at or now)
            given = incidents.report_many(
                inner, [reports[at] for at in members], atlas=atlas, calendar=calendar, timezone=calendar.zone.key, now=now, by=by
            )
            for at, number in zip(members, given, strict=True):
                numbers[at] = number
        return numbers

    return take


def push(conn: Connection, source: Source, records: Sequence[Any], *, desk: Desk, way: str = "push") -> Outcome:
    """A delivery of one piece, in the caller's transaction."""
    delivery = deliveries.begin(conn, source, way=way, name=None, by=desk.by)
    outcome = deliveries.take_in(conn, source, delivery, records, intake=desk.intake, known=desk.known, now=desk.now, by=desk.by)
    deliveries.end(conn, delivery)
    return outcome


class Receiver:
    """What the worker does for the departments: takes files from their folders, and fetches what they hold ready."""

    def __init__(self, engine: Engine, locator: Locator, inbox: Path, *, hours: Hours = WORKING_HOURS) -> None:
        """`inbox` holds a folder for every source, named by its code; `hours` are those that the city works."""
        self.engine, self.locator, self.inbox, self.hours = engine, locator, inbox, hours

    def run(self, *, now: datetime, settled_after_s: float = SETTLED_AFTER_S) -> None:
        """Take what lies there for every source, and fetch from those that are due."""
        with self._alone(EVERY_SOURCE) as mine:  # a slow department keeps one round busy, not all of the worker
            if mine:
                with self.engine.connect() as conn:
                    found = sources.listed(conn)
                for source in found:
                    self._look_after(source, now=now, settled_after_s=settled_after_s)

    def _look_after(self, source: Source, *, now: datetime, settled_after_s: float) -> None:
        (self.inbox / source.code).mkdir(parents=True, exist_ok=True)
        if not source.active:
            return
        with self._alone(source.id) as mine:
            if mine:
                self._take_files(source, now=now, settled_after_s=settled_after_s)
                if is_due(source, now=now):
                    self.pull(source, now=now)

    def run_one(self, code: str, *, pull: bool, now: datetime) -> None:
        """Take the files of one source, whenever they were written, or fetch from it now."""
        with self.engine.connect() as conn:
            source = sources.get(conn, code)
        with self._alone(source.id) as mine:
            if mine and pull:
                self.pull(source, now=now)
            elif mine:
                self._take_files(source, now=now, settled_after_s=0)

    @contextmanager
    def _alone(self, source_id: int) -> Iterator[bool]:
        """Whether nobody else is at the files of this source; a worker that dies is at them no more."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            mine = sources.keep_alone(conn, source_id)
            try:
                yield mine
            finally:
                if mine:
                    sources.leave(conn, source_id)

    def _take_files(self, source: Source, *, now: datetime, settled_after_s: float) -> None:
        with self.engine.begin() as conn:
            deliveries.end_broken_off(conn, source, way="file")
        for file in waiting_files(self.inbox / source.code, settled_after_s=settled_after_s):
            self._take_file(source, file, now=now)

    def _take_file(self, source: Source, file: Path, *, now: datetime) -> None:
        by = f"inbox {source.code}"
        with self.engine.begin() as conn:
            delivery = deliveries.begin(conn, source, way="file", name=file.name, by=by)
        try:
            records = record_files.read(file, rows=mapping_of(source.mapping).rows)
            outcome, fault = self._take(source, delivery, records, now=now, by=by), None
        except BadFile as error:
            outcome, fault = Outcome(delivery, ()), error.detail
        with self.engine.begin() as conn:
            deliveries.end(conn, delivery, fault=fault)
        _put_away(file, "failed" if fault else "done", told=_told(outcome, fault), now=now)

    def _take(self, source: Source, delivery: int, records: Sequence[Any], *, now: datetime, by: str) -> Outcome:
        """Piece by piece: what one piece brought in stays, whatever happens to the next."""
        rows: list[Any] = []
        for at in range(0, len(records), ROWS_AT_ONCE):
            with self.engine.begin() as conn:
                held = desk(conn, locator=self.locator, now=now, by=by, hours=self.hours)
                piece = records[at : at + ROWS_AT_ONCE]
                rows += deliveries.take_in(
                    conn, source, delivery, piece, intake=held.intake, known=held.known, now=now, by=by, first_row=at + 1
                ).rows
        return Outcome(delivery, tuple(rows))

    def pull(self, source: Source, *, now: datetime) -> None:
        """Fetch what a department holds ready since the last time, and remember how far that was."""
        try:
            answered = _fetch(source)
            records = [] if answered.status == NOT_MODIFIED else _records(source, answered)
            if records:
                self._take_pulled(source, records, now=now)
        except (FetchFailed, BadFile) as error:
            log.warning("nothing came from %s: %s", source.code, error)
            state = {"fault": str(error), "tries": source.pull_state.get("tries", 0) + 1}
        else:
            cursor = greatest_cursor(records, mapping=mapping_of(source.mapping)) or source.pull_state.get("cursor")
            etag = answered.headers.get("etag") or source.pull_state.get("etag")
            state = {"fault": None, "tries": 0, "cursor": cursor, "etag": etag, "rows": len(records)}
        with self.engine.begin() as conn:
            sources.note_pull(conn, source, asked_at=now.isoformat(), **state)

    def _take_pulled(self, source: Source, records: Sequence[Any], *, now: datetime) -> None:
        by = f"pull {source.code}"
        with self.engine.begin() as conn:
            deliveries.end_broken_off(conn, source, way="pull")
            delivery = deliveries.begin(conn, source, way="pull", name=None, by=by)
        self._take(source, delivery, records, now=now, by=by)
        with self.engine.begin() as conn:
            deliveries.end(conn, delivery)


def is_due(source: Source, *, now: datetime) -> bool:
    """Whether it is time to fetch from a source again."""
    if not source.pull_url or not source.pull_every_min:
        return False
    asked_at = source.pull_state.get("asked_at")
    # A little early rather than a whole round late.
    return asked_at is None or now >= datetime.fromisoformat(asked_at) + timedelta(minutes=source.pull_every_min, seconds=-10)


def waiting_files(folder: Path, *, settled_after_s: float) -> list[Path]:
    """Files that lie in a folder whole, by name: not the hidden, not those still written to."""
    whole = time.time() - settled_after_s
    return [
        file
        for file in sorted(folder.iterdir() if folder.exists() else [])
        if file.is_file()
        and not file.name.startswith(".")
        and not file.name.endswith((".part", ".tmp"))
        and file.stat().st_mtime <= whole
    ]


def _fetch(source: Source) -> Fetched:
    state = source.pull_state
    url = (source.pull_url or "").replace("{since}", quote(str(state.get("cursor") or ""), safe=""))
    headers = {"Accept": "application/json"}
    if source.pull_token:
        headers["Authorization"] = f"Bearer {source.pull_token}"
    if state.get("etag"):
        headers["If-None-Match"] = state["etag"]
    answered = fetch(url, headers=headers, timeout_s=PULL_TIMEOUT_S, limit_bytes=record_files.JSON_LIMIT_BYTES)
    if answered.status not in (200, 204, NOT_MODIFIED):
        raise FetchFailed(f"The department's server answered {answered.status}.")
    return answered


def _records(source: Source, answered: Fetched) -> list[Any]:
    if not answered.body.strip():
        return []
    return record_files.records_of(answered.body, rows=mapping_of(source.mapping).rows, name="The answer")


def _told(outcome: Outcome, fault: str | None) -> dict[str, Any]:
    return {
        "delivery": outcome.delivery_id, "fault": fault, "rows": len(outcome.rows), "late": outcome.late,
        **{state: outcome.count(state) for state in ("taken", "repeated", "rejected")},
        "rejects": [
            {"row": row.row, "id": row.key, "reasons": [reason.as_dict() for reason in row.reasons]}
            for row in outcome.rows
            if row.state == "rejected"
        ],
    }  # fmt: skip


def _put_away(file: Path, shelf: str, *, told: dict[str, Any], now: datetime) -> None:
    """Move a file to `done` or `failed`, with a report beside it. A name that is there already gets the moment before it."""
    folder = file.parent / shelf
    folder.mkdir(exist_ok=True)
    there = folder / f"{now:%Y%m%dT%H%M%SZ}-{file.name}"
    turn = 1
    while there.exists():
        turn += 1
        there = folder / f"{now:%Y%m%dT%H%M%SZ}-{turn}-{file.name}"
    there.with_name(there.name + REPORT_ENDING).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    shutil.move(file, there)
