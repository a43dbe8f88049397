"""Incidents: reported, placed in their grid, read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis.errors import BadReport, NoCity, NotFound
from gis.records import Floats, GridUnit, IncidentColumns, IntakeFacts, NewCase, Reach, Report, Texts
from gis.rules import intake
from gis.rules.atlas import Atlas
from gis.rules.case_steps import REPORTED, SUSPENDED
from gis.rules.numbers import tracking_number
from gis.rules.working_time import WARN_AT_FRACTION, WorkCalendar
from gis.store import case_journal, catalogue, done_once, journal, shapes
from gis.store import incidents as store
from gis.store import intake as facts_store

DESCRIPTION_LIMIT = 4000
ADDRESS_LIMIT = 500
MONTHS_AHEAD = 3
Known = Mapping[str, Mapping[str, Any]]


def report(
    conn: Connection, report: Report, *, atlas: Atlas | None, calendar: WorkCalendar, timezone: str, now: datetime, by: str
) -> str:
    """Take a report in and place it; returns its tracking number. As `take_in`."""
    taken = take_in(conn, report, atlas=atlas, calendar=calendar, timezone=timezone, now=now, by=by)
    return str(taken["number"])


def facts(conn: Connection, matter: str, *, at: datetime, now: datetime) -> IntakeFacts:
    """All that a report of a matter, made at a moment, is judged by. Raises NoCity."""
    found = facts_store.facts(conn, matter, at=at, now=now)
    if found is None:
        raise NoCity("The database holds no city yet.")
    return found


def take_in(
    conn: Connection,
    report: Report,
    *,
    atlas: Atlas | None,
    calendar: WorkCalendar,
    timezone: str,
    now: datetime,
    by: str,
    matter: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Take a report in, place it, give it its command and its time limit; returns the incident as `get` does, and `is_new`.

    `atlas` is the plan of the moment it was made at, None where none was in force. A report outside every grid, or from
    before every plan, is kept with no grid, and the city commands it. What comes with a key is taken in once. `matter` is what
    `facts` found, looked up if absent. Raises BadReport for an unknown matter, a moment ahead of now, an urgency or tier that
    there is not.
    """
    if report.key is not None and (before := done_once.begin(conn, actor=by, key=_kept_as(report.key))) is not None:
        return get(conn, before["number"]) | {"is_new": False}
    matter = matter or catalogue.matter_in_force(conn, report.matter, on=now.astimezone(ZoneInfo(timezone)).date())
    case = _judged([report], {report.matter: matter} if matter else {}, atlas=atlas, calendar=calendar, now=now)[0]
    taken = store.take_in(conn, case, action=REPORTED.action, now=now, by=by)
    if report.key is not None:
        done_once.keep(conn, actor=by, key=_kept_as(report.key), answer={"number": taken["number"]})
    return taken | {"is_new": True}


def report_many(
    conn: Connection,
    reports: Sequence[Report],
    *,
    atlas: Atlas | None,
    calendar: WorkCalendar,
    timezone: str,
    now: datetime,
    by: str,
) -> list[str]:
    """Take many reports in at once, all under the plan of `atlas`; returns their tracking numbers in the same order.

    As `report` for each, and many times as fast. Keys are not looked at: whoever sends many knows its own. Raises BadReport
    with the `row` of the first that cannot be taken in: then none is.
    """
    if not reports:
        return []
    cases = _judged(reports, _known(conn, now, timezone), atlas=atlas, calendar=calendar, now=now)
    ids = store.take_ids(conn, len(cases))
    numbers = [tracking_number(i, case.day) for i, case in zip(ids, cases, strict=True)]
    points = shapes.as_ewkb(np.asarray(shapely.points([(sent.lon, sent.lat) for sent in reports]), dtype=np.object_))
    city = store.city_command(conn)
    rows = list(zip(ids, numbers, cases, points, strict=True))
    store.save_many(conn, (_case_row(*row, city=city) for row in rows))
    store.save_first_steps(conn, (_step_row(i, case, point, city=city, now=now, by=by) for i, _, case, point in rows))
    case_journal.tell(conn, REPORTED.action, incidents=ids, actor=by)
    return numbers


def _kept_as(key: str) -> str:
    return f"report {key}"


def _known(conn: Connection, now: datetime, timezone: str) -> Known:
    return {row["code"]: row for row in catalogue.matters_in_force(conn, now.astimezone(ZoneInfo(timezone)).date())}


def _judged(
    reports: Sequence[Report], known: Known, *, atlas: Atlas | None, calendar: WorkCalendar, now: datetime
) -> list[NewCase]:
    for row, sent in enumerate(reports):
        fault = intake.fault_of(sent, known.get(sent.matter), now=now)
        if fault is not None:
            raise BadReport(fault[0], field=fault[1], **({"row": row} if len(reports) > 1 else {}))
    grids = _grids_of(reports, atlas)
    return [
        intake.new_case(sent, known[sent.matter], grid, calendar=calendar, now=now)
        for sent, grid in zip(reports, grids, strict=True)
    ]


def _grids_of(reports: Sequence[Report], atlas: Atlas | None) -> list[GridUnit | None]:
    if atlas is None:
        return [None] * len(reports)
    placed = atlas.place(np.array([sent.lon for sent in reports]), np.array([sent.lat for sent in reports]))
    return [atlas.grids[position] if position >= 0 else None for position in placed.tolist()]


def _case_row(incident_id: int, number: str, case: NewCase, point: str, *, city: int) -> tuple[Any, ...]:
    sent = case.report
    return (
        incident_id, case.reported_at, number, case.matter_id, case.state, case.urgency, sent.channel, point, case.grid_id,
        case.community_id, "t", sent.description, None, False, case.community_id or city, sent.holder, case.due_at, case.warn_at,
        None, case.tier, sent.address,
    )  # fmt: skip


def _step_row(incident_id: int, case: NewCase, point: str, *, city: int, now: datetime, by: str) -> tuple[Any, ...]:
    return (incident_id, 1, REPORTED.action, case.state, now, by, case.community_id or city, case.report.holder, point)


def get(conn: Connection, number: str, *, reach: Reach | None = None) -> dict[str, Any]:
    """The incident with a tracking number. Raises NotFound, also for one outside the reach: its number says nothing more."""
    incident = store.by_number(conn, number, reach=reach)
    if incident is None:
        raise NotFound(f"There is no incident with the number {number}.")
    return incident


def record_history(
    conn: Connection,
    columns: IncidentColumns,
    *,
    atlas: Atlas | None,
    calendar: WorkCalendar,
    timezone: str,
    now: datetime,
    by: str,
) -> int:
    """Record many past incidents at once, each placed; returns how many lie outside every grid.

    `atlas` is the plan of their moments, None where none was in force: they are kept without a grid then. Each has the time
    limit of its matter from the moment it was reported; of a suspended one it is not known how much is left, so it has it all.

    Raises BadReport naming the matters that the catalogue does not know.
    """
    known = _known(conn, now, timezone)
    strange = sorted(set(columns.matter.tolist()) - known.keys())
    if strange:
        raise BadReport(f"Unknown matters: {', '.join(strange[:10])}.", field="matter")
    store.prepare_months(conn, _months(columns.reported_at))
    placed = np.full(len(columns.lon), -1, dtype=np.int32) if atlas is None else atlas.place(columns.lon, columns.lat)
    ids = store.take_ids(conn, len(placed))
    homes = [(grid.id, grid.community_id) for grid in atlas.grids] if atlas else []
    store.save_many(conn, _rows(columns, placed, ids, homes, known, calendar, city=store.city_command(conn)))
    journal.append(conn, "incidents.recorded", subject="history", actor=by, incidents=len(placed))
    return int((placed < 0).sum())


def _months(moments: NDArray[np.datetime64]) -> list[date]:
    return [month.astype(date) for month in np.unique(moments.astype("datetime64[M]"))]


def _rows(
    columns: IncidentColumns,
    placed: NDArray[np.int32],
    ids: Sequence[int],
    homes: Sequence[tuple[int, int]],
    known: Known,
    calendar: WorkCalendar,
    *,
    city: int,
) -> Iterator[tuple[Any, ...]]:
    points = shapes.as_ewkb(np.asarray(shapely.points(columns.lon, columns.lat), dtype=np.object_))
    shift = datetime.now(calendar.zone).utcoffset() or timedelta(0)
    days = (columns.reported_at + np.timedelta64(shift)).astype("datetime64[D]").astype(object).tolist()
    limits = _limits_min(columns.matter, known, calendar)
    due, warn = (calendar.after_many(columns.reported_at, minutes=limits * share) for share in (1, WARN_AT_FRACTION))
    fields = zip(
        ids,
        days,
        *map(_written, (columns.reported_at, columns.closed_at, due, warn)),
        limits.tolist(),
        columns.matter.tolist(),
        columns.state.tolist(),
        columns.channel.tolist(),
        points,
        placed.tolist(),
        columns.description.tolist() if columns.description is not None else [None] * len(days),
        strict=True,
    )
    for i, day, at, end, due_at, warn_at, limit, matter, state, channel, point, position, description in fields:
        facts = known[matter]
        grid, community = homes[position] if position >= 0 else (None, None)
        clock = (None, None, limit) if state == SUSPENDED else (due_at, warn_at, None)
        yield (
            i, at, tracking_number(i, day), facts["id"], state, facts["urgency"], channel, point, grid, community, "t",
            description, end, columns.synthetic, community or city, None, *clock, None, None,
        )  # fmt: skip


def _limits_min(matters: Texts, known: Known, calendar: WorkCalendar) -> Floats:
    codes, position = np.unique(matters.astype(str), return_inverse=True)
    facts = [known[code] for code in codes.tolist()]
    limits = [intake.limit_of(row, urgency=row["urgency"], tier=intake.tier_of(None, row), calendar=calendar) for row in facts]
    return np.array(limits, dtype=np.float64)[position]


def _written(moments: NDArray[np.datetime64]) -> list[str | None]:
    return [None if moment == "NaT" else moment + "Z" for moment in np.datetime_as_string(moments, unit="s").tolist()]


def prepare_months(conn: Connection, *, now: datetime) -> int:
    """Make the partitions of the months to come, and of months whose reports had to wait; returns how many."""
    ahead = [(now.replace(day=1) + timedelta(days=32 * step)).date().replace(day=1) for step in range(MONTHS_AHEAD + 1)]
    return store.prepare_months(conn, [*ahead, *store.waiting_months(conn)])


def renew_activity(conn: Connection) -> None:
    """Count the incidents of every grid anew."""
    store.renew_activity(conn)
