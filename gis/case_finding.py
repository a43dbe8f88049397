"""What a step of a case needs, found and allowed: an officer, an area up or down the tree, a matter, a place, another case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection

from gis.case_records import Asked, Case, CaseMatter, Given, Spot
from gis.errors import BadStep, NotFound
from gis.records import Account
from gis.rules.atlas import Atlas
from gis.rules.case_life import stays_under
from gis.rules.case_steps import ENDED
from gis.rules.escalation import ancestors, ways_down
from gis.rules.working_time import WorkCalendar
from gis.store import cases as store
from gis.store import catalogue, officers

AtlasAt = Callable[[datetime], Atlas | None]


@dataclass(frozen=True)
class Desk:
    """Where a step is taken: by whom, when, under which calendar; `atlas_at` finds the plan of a moment."""

    account: Account
    now: datetime
    calendar: WorkCalendar
    atlas_at: AtlasAt
    held: Mapping[str, Case]


def found(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    """What a step changes the case to. Raises BadStep naming the field, OfficerTaken, NobodyFree, NotFound."""
    finder = FINDERS.get(asked.action)
    return finder(conn, case, asked, desk) if finder else Given()


def _officer(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    if asked.officer is None:
        return Given(facts={"department": case.matter.department})
    staff_id = officers.take(
        conn, incident_id=case.id, officer=asked.officer, seen_load=asked.seen_load, reach=desk.account.reach, now=desk.now
    )
    return Given(staff_id=staff_id)


def _above(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    return _to(conn, case, asked.area, ancestors(case.command.path))


def _below(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    return _to(conn, case, asked.area, ways_down(case.command.path, case.spot.path))


def _to(conn: Connection, case: Case, code: str | None, ways: list[str]) -> Given:
    """The area asked for on one of these ways, or the next one."""
    codes = [path.rsplit(".", 1)[-1] for path in ways]
    if code is not None and code not in codes:
        raise BadStep(f"area: the case can go to {', '.join(codes)}, not to {code}.", field="area", areas=codes)
    target = store.command_at(conn, ways[codes.index(code) if code else 0])
    return Given(command=target, facts={"from": case.command.code, "to": target.code})


def _suspension(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    if asked.until is not None and asked.until <= desk.now:
        raise BadStep("until: the moment at which the case is taken up again lies in the past.", field="until")
    return Given(facts={"before": case.state, "until": asked.until})


def _hours(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    if asked.hours is None or asked.hours <= 0:
        raise BadStep("hours: an extension gives working hours above zero.", field="hours")
    return Given(hours=asked.hours, facts={"hours": asked.hours})


def _lead(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    lead = desk.held.get(asked.lead or "")
    if lead is None or lead.id == case.id or store.id_seen(conn, lead.number, account=desk.account) is None:
        raise BadStep("lead: there is no other case with that number in your part of the city.", field="lead")
    if lead.state in ENDED:
        raise BadStep(f"lead: {lead.number} is {lead.state}; a case is merged into an open one.", field="lead", state=lead.state)
    if store.merged_into(conn, case.number):
        raise BadStep(f"lead: others were merged into {case.number}; merge {lead.number} into it instead.", field="lead")
    return Given(lead=lead.number, facts={"lead": lead.number})


def _parties(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    strange = sorted(set(asked.parties) - store.known_departments(conn, asked.parties))
    if strange:
        raise BadStep(f"parties: there is no department {strange[0]}.", field="parties")
    fresh = frozenset(asked.parties) - case.parties - {case.matter.department}
    if not fresh:
        raise BadStep("parties: those have the case, or joined in, already.", field="parties")
    return Given(parties=fresh, facts={"parties": sorted(fresh)})


def _matter(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    row = catalogue.matter_in_force(conn, asked.matter or "", on=desk.now.astimezone(desk.calendar.zone).date())
    if row is None:
        raise BadStep(f"matter: there is no admitted matter with the code {asked.matter}.", field="matter")
    matter = CaseMatter(row["id"], row["code"], row["department"], row["time_limit_h"], row["urgency"], row["kind"])
    return Given(matter=matter, facts={"from": case.matter.code, "to": matter.code})


def _urgency(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    if asked.urgency not in (1, 2, 3):
        raise BadStep("urgency: 1 (the most urgent), 2 or 3.", field="urgency")
    return Given(urgency=asked.urgency, facts={"from": case.urgency, "to": asked.urgency})


def _place(conn: Connection, case: Case, asked: Asked, desk: Desk) -> Given:
    """The place by the plan of the day of the report, and who commands there: the community unless the case was escalated."""
    assert asked.lon is not None and asked.lat is not None, "the step was held against its needs"
    spot = _spot(asked.lon, asked.lat, desk.atlas_at(case.reported_at))
    command = case.command if stays_under(case, spot.path) else store.command_at(conn, spot.path)
    return Given(spot=spot, command=command, facts={"from": [case.spot.lon, case.spot.lat], "to": [asked.lon, asked.lat]})


def _spot(lon: float, lat: float, atlas: Atlas | None) -> Spot:
    position = -1 if atlas is None else int(atlas.place(np.array([lon]), np.array([lat]))[0])
    if atlas is None or position < 0:
        return Spot(lon, lat)
    grid = atlas.grids[position]
    return Spot(lon, lat, grid.id, grid.community_id, ".".join(unit.code for unit in reversed(grid.areas)))


def held_for(held: Mapping[str, Case], number: str) -> Case:
    """The case that was locked under a number. Raises NotFound."""
    if number not in held:
        raise NotFound(f"There is no case with the number {number}.")
    return held[number]


Finder = Callable[[Connection, Case, Asked, Desk], Given]
FINDERS: Mapping[str, Finder] = {
    "dispatch": _officer, "escalate": _above, "send_down": _below, "suspend": _suspension, "extend": _hours, "merge": _lead,
    "join": _parties, "reclassify": _matter, "prioritise": _urgency, "relocate": _place,
}  # fmt: skip
PRESENT: Mapping[str, Callable[[Asked], Any]] = {
    "note": lambda asked: (asked.note or "").strip(),
    "whom": lambda asked: asked.officer or asked.department,
    "photo": lambda asked: asked.photos,
    "hours": lambda asked: asked.hours,
    "lead": lambda asked: asked.lead,
    "place": lambda asked: asked.lon is not None and asked.lat is not None,
    "matter": lambda asked: asked.matter,
    "urgency": lambda asked: asked.urgency,
    "parties": lambda asked: asked.parties,
}


def present(asked: Asked) -> list[str]:
    """What comes with a step, in the words of `gis.rules.case_steps.Step.needs`."""
    return [need for need, of in PRESENT.items() if of(asked)]
