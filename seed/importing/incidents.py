"""Incidents of the past: each placed by the plan that was in force when it was reported."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import calendars, catalogue, city, incidents, plans, tending
from gis.records import Floats, IncidentColumns, Ints, PlanInForce
from gis.rules.atlas import Atlas
from gis.rules.findings import Finding
from seed.importing.incoming import Incoming
from seed.importing.points import lonlat, place_findings, row_finding, settle
from seed.importing.request import Checked, Options, Tell

AtlasAt = Callable[[Connection, datetime], Atlas | None]
STATE, CHANNEL = "closed", "patrol"
LIMIT = incidents.DESCRIPTION_LIMIT


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell, *, now: datetime, atlas_at: AtlasAt) -> Checked:
    """Judge incidents: a place, an admitted matter, a moment in the past. Outside every grid is no fault: it is kept."""
    held = city.get(conn)
    lon, lat = lonlat(incoming)
    tell("Judging the incidents", 0, len(lon))
    codes, matter_faults = _matters(conn, incoming, now.astimezone(ZoneInfo(held.timezone)))
    opened, closed = (incoming.moments(name) for name in ("reported_at", "closed_at"))
    findings = [*incoming.findings, *place_findings(incoming, lon, lat), *matter_faults, *_times(incoming, opened, closed, now)]
    findings, sound = settle(findings, incoming.rows, leave_out=options.leave_out)
    use = np.flatnonzero(sound)
    columns = IncidentColumns(
        reported_at=opened[use], closed_at=closed[use], lon=lon[use], lat=lat[use],
        matter=np.array([codes[i] for i in use.tolist()], dtype=object), state=_states(incoming, closed)[use],
        channel=np.array(incoming.coded("channel", CHANNEL), dtype=object)[use], synthetic=False,
        description=_descriptions(incoming)[use],
    )  # fmt: skip
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=findings, counts={"incidents": len(use)},
        write=lambda conn, by: _write(conn, columns, held.timezone, now, atlas_at, by), shapes=shapely.points(lon, lat),
        labels=incoming.labels("matter"), rows=incoming.rows,
    )  # fmt: skip


def _matters(conn: Connection, incoming: Incoming, now: datetime) -> tuple[list[str | None], list[Finding]]:
    """The code of each row's matter, given as code or name in either language."""
    known = catalogue.matters(conn, on=now.date())
    words = {str(word).casefold(): row["code"] for row in known for word in (row["code"], row["name_zh"], row["name_en"])}
    said = incoming.texts("matter")
    codes = [words.get((word or "").casefold()) for word in said]
    faults = [
        row_finding(incoming, i, "unknown_matter", f"its matter {word!r} is not admitted; GET /api/v1/matters lists those that are")
        for i, (word, code) in enumerate(zip(said, codes, strict=True))
        if code is None and word
    ]
    return codes, faults


def _times(incoming: Incoming, opened: Any, closed: Any, now: datetime) -> list[Finding]:
    moment = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "s")
    future = np.flatnonzero(opened > moment).tolist()
    before = np.flatnonzero(closed < opened).tolist()
    return [row_finding(incoming, i, "in_future", f"reported at {opened[i]}Z, which lies in the future") for i in future] + [
        row_finding(incoming, i, "closed_before", f"closed at {closed[i]}Z, before it was reported at {opened[i]}Z") for i in before
    ]


def _states(incoming: Incoming, closed: Any) -> Any:
    """The state that a row gives; without one, closed where there is a closing, else collected."""
    said = incoming.coded("state", "")
    return np.array(
        [state or (STATE if shut else "collected") for state, shut in zip(said, ~np.isnat(closed), strict=True)], dtype=object
    )


def _descriptions(incoming: Incoming) -> Any:
    return np.array([text and text[:LIMIT] for text in incoming.texts("description")], dtype=object)


def _write(conn: Connection, columns: IncidentColumns, timezone: str, now: datetime, atlas_at: AtlasAt, by: str) -> dict[str, int]:
    known, calendar = plans.list_plans(conn), calendars.work_calendar(conn, timezone)
    outside = 0
    for members, moment in _by_plan(columns, known):
        atlas = atlas_at(conn, moment) if moment else None
        outside += incidents.record_history(
            conn, _some(columns, members), atlas=atlas, calendar=calendar, timezone=timezone, now=now, by=by
        )
    tending.open_history(conn, now=now, by=by)
    return {"incidents": len(columns.lon), "without_a_grid": outside}


def _by_plan(columns: IncidentColumns, known: Sequence[PlanInForce]) -> list[tuple[Ints, datetime | None]]:
    """The rows of each plan, with a moment at which it was in force; None for those from before every plan."""
    starts = sorted(plan.since for plan in known)
    bounds = np.array([start.astimezone(UTC).replace(tzinfo=None) for start in starts], dtype="datetime64[s]")
    number = np.searchsorted(bounds, columns.reported_at, side="right")
    return [(np.flatnonzero(number == n), starts[n - 1] if n else None) for n in np.unique(number).tolist()]


def _some(columns: IncidentColumns, members: Ints | Floats) -> IncidentColumns:
    names = ("reported_at", "closed_at", "lon", "lat", "matter", "state", "channel", "description")
    return replace(columns, **{name: getattr(columns, name)[members] for name in names})
