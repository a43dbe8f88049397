"""Incidents: reported, placed in their grid, read."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis.errors import BadReport, NotFound
from gis.records import GridUnit, IncidentColumns, Reach, Report
from gis.rules.atlas import Atlas
from gis.rules.numbers import tracking_number
from gis.store import catalogue, journal, shapes
from gis.store import incidents as store

CLOCK_TOLERANCE = timedelta(minutes=5)  # how far a phone's clock may run ahead
DESCRIPTION_LIMIT = 4000
MONTHS_AHEAD = 3


def report(conn: Connection, report: Report, *, atlas: Atlas, timezone: str, now: datetime, by: str) -> str:
    """Take a report in and place it; returns its tracking number.

    `atlas` is the plan of the moment it was made at, None where none was in force. A report outside every grid, or from
    before every plan, is kept with no grid. Raises BadReport for an unknown matter or a moment ahead of now.
    """
    at = report.reported_at or now
    if at > now + CLOCK_TOLERANCE:
        raise BadReport(
            f"reported_at lies in the future: {at.isoformat()}; check the clock it was taken from.", field="reported_at"
        )
    zone = ZoneInfo(timezone)
    matter = _matter(conn, report.matter, on=now.astimezone(zone).date())
    grid = _grid_of(atlas, report)
    incident_id = store.take_ids(conn, 1)[0]
    number = tracking_number(incident_id, at.astimezone(zone).date())
    store.save(
        conn,
        incident_id=incident_id,
        number=number,
        reported_at=at,
        matter_id=matter["id"],
        urgency=matter["urgency"],
        channel=report.channel,
        lon=report.lon,
        lat=report.lat,
        grid_id=grid.id if grid else None,
        community_id=grid.community_id if grid else None,
        description=report.description,
    )
    journal.append(conn, "incident.reported", subject=number, actor=by, grid=grid.code if grid else None, urgency=matter["urgency"])
    return number


def _grid_of(atlas: Atlas | None, report: Report) -> GridUnit | None:
    if atlas is None:
        return None
    position = int(atlas.place(np.array([report.lon]), np.array([report.lat]))[0])
    return atlas.grids[position] if position >= 0 else None


def _matter(conn: Connection, code: str, *, on: date) -> dict[str, Any]:
    for matter in catalogue.matters_in_force(conn, on):
        if matter["code"] == code:
            return matter
    raise BadReport(f"There is no admitted matter with the code {code!r}; GET /api/v1/matters lists them.", field="matter")


def get(conn: Connection, number: str, *, reach: Reach | None = None) -> dict[str, Any]:
    """The incident with a tracking number. Raises NotFound, also for one outside the reach: its number says nothing more."""
    incident = store.by_number(conn, number, reach=reach)
    if incident is None:
        raise NotFound(f"There is no incident with the number {number}.")
    return incident


def record_history(
    conn: Connection, columns: IncidentColumns, *, atlas: Atlas | None, timezone: str, now: datetime, by: str
) -> int:
    """Record many past incidents at once, each placed; returns how many lie outside every grid.

    `atlas` is the plan of their moments, None where none was in force: they are kept without a grid then.

    Raises BadReport naming the matters that the catalogue does not know.
    """
    known = {row["code"]: row for row in catalogue.matters_in_force(conn, now.astimezone(ZoneInfo(timezone)).date())}
    strange = sorted(set(columns.matter.tolist()) - known.keys())
    if strange:
        raise BadReport(f"Unknown matters: {', '.join(strange[:10])}.", field="matter")
    store.prepare_months(conn, _months(columns.reported_at))
    placed = np.full(len(columns.lon), -1, dtype=np.int32) if atlas is None else atlas.place(columns.lon, columns.lat)
    ids = store.take_ids(conn, len(placed))
    store.save_many(conn, _rows(columns, placed, ids, atlas.grids if atlas else (), known, ZoneInfo(timezone)))
    journal.append(conn, "incidents.recorded", subject="history", actor=by, incidents=len(placed))
    return int((placed < 0).sum())


def _months(moments: NDArray[np.datetime64]) -> list[date]:
    return [month.astype(date) for month in np.unique(moments.astype("datetime64[M]"))]


def _rows(
    columns: IncidentColumns,
    placed: NDArray[np.int32],
    ids: range,
    grids: Sequence[GridUnit],
    known: dict[str, dict[str, Any]],
    zone: ZoneInfo,
) -> Iterator[tuple[Any, ...]]:
    homes = [(grid.id, grid.community_id) for grid in grids]
    points = shapes.as_ewkb(np.asarray(shapely.points(columns.lon, columns.lat), dtype=np.object_))
    shift = datetime.now(zone).utcoffset() or timedelta(0)
    days = (columns.reported_at + np.timedelta64(shift)).astype("datetime64[D]").astype(object).tolist()
    opened = np.char.add(np.datetime_as_string(columns.reported_at, unit="s"), "Z").tolist()
    closed = np.datetime_as_string(columns.closed_at, unit="s").tolist()
    fields = zip(
        ids,
        days,
        opened,
        closed,
        columns.matter.tolist(),
        columns.state.tolist(),
        columns.channel.tolist(),
        points,
        placed.tolist(),
        columns.description.tolist() if columns.description is not None else [None] * len(days),
        strict=True,
    )
    for i, day, at, end, matter, state, channel, point, position, description in fields:
        facts = known[matter]
        yield (
            i,
            at,
            tracking_number(i, day),
            facts["id"],
            state,
            facts["urgency"],
            channel,
            point,
            *(homes[position] if position >= 0 else (None, None)),
            "t",
            description,
            None if end == "NaT" else end + "Z",
            columns.synthetic,
        )


def prepare_months(conn: Connection, *, now: datetime) -> int:
    """Make the partitions of the months to come, and of months whose reports had to wait; returns how many."""
    ahead = [(now.replace(day=1) + timedelta(days=32 * step)).date().replace(day=1) for step in range(MONTHS_AHEAD + 1)]
    return store.prepare_months(conn, [*ahead, *store.waiting_months(conn)])


def renew_activity(conn: Connection) -> None:
    """Count the incidents of every grid anew."""
    store.renew_activity(conn)
