"""Officers in the field: one's own shift and places, who is on shift, and whom to send to a case."""

from datetime import datetime
from typing import Any

import numpy as np
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gis import cases, city, dispatching, field, queues
from gis.case_records import CaseQuery
from gis.errors import BadCoordinates
from gis.field_records import FieldOfficer, Fix, Ranked
from gis.records import Account
from gis.rules.case_steps import IN_HAND
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.datums import Datum, to_wgs84
from server.api import case_answers
from server.api.incidents import NumberPath
from server.api.words import DUTIES, OFFICER_ROLES, coded
from server.auth import current_account, reach
from server.database import calendar, now, reading, writing

bp = APIBlueprint("field", __name__, abp_tags=[Tag(name="field", description="Officers on shift: where they are, whom to send")])

POINTS_AT_MOST = 2_000
TASKS_AT_MOST = 50


class ShiftSwitch(BaseModel):
    """On shift, or not."""

    model_config = ConfigDict(extra="forbid")

    on: bool


class Point(BaseModel):
    """Where the phone was."""

    model_config = ConfigDict(extra="forbid")

    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    accuracy_m: float | None = Field(default=None, ge=0, le=1e6)
    at: AwareDatetime


class Points(BaseModel):
    """Some places, oldest first; what was sent before is harmless."""

    model_config = ConfigDict(extra="forbid")

    points: list[Point] = Field(max_length=POINTS_AT_MOST)


class OfficersQuery(BaseModel):
    """Of which area."""

    area: str | None = Field(default=None, max_length=50, pattern=r"^[^\x00]*$", description="Code of an area: all under it")


@bp.get("/me/shift")
def shift() -> dict[str, Any]:
    """Am I on shift, and since when?"""
    with reading() as conn:
        return _shift(field.shift_since(conn, me()))


@bp.post("/me/shift")
def switch_shift(body: ShiftSwitch) -> dict[str, Any]:
    """Begin or end one's shift. Off shift nobody's place is known."""
    with writing() as conn:
        return _shift(field.switch_shift(conn, me(), on=body.on, now=now()))


def _shift(since: datetime | None) -> dict[str, Any]:
    return {"on": since is not None, "since": since}


@bp.post("/me/positions")
def note_positions(body: Points) -> dict[str, Any]:
    """Where I was, in a batch. Only what lies in a shift is kept; what cannot be a place is passed over."""
    fixes = [fix for point in body.points if (fix := _fix(point)) is not None]
    with writing() as conn:
        kept = field.note_positions(conn, me(), fixes, now=now())
        since = field.shift_since(conn, me())
    return {"kept": kept, "sent": len(body.points), "on": since is not None}


@bp.get("/me/tasks")
def tasks() -> dict[str, Any]:
    """The cases that I have in hand, late first, each with its timeline and what I may do."""
    asked = CaseQuery(states=list(IN_HAND), mine=True, limit=TASKS_AT_MOST)
    account, moment = me(), now()
    with reading() as conn:
        field.staff_of(account)
        working = calendar(conn, city.get(conn).timezone)
        rows, _, matched = queues.find(conn, asked, account=account, now=moment)
        whole = [cases.describe(conn, row["number"], account=account, calendar=working, now=moment) for row in rows]
    return {"cases": [case_answers.whole(row, near=0, now=moment) for row in whole], "matched": matched}


def _fix(point: Point) -> Fix | None:
    try:
        return Fix(*placeable(point.lon, point.lat, point.datum), point.at, point.accuracy_m)
    except BadCoordinates:
        return None


def placeable(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """A place in WGS 84. Raises BadCoordinates, naming what is wrong with it."""
    x, y = np.array([lon]), np.array([lat])
    fault = CoordinateFault(int(coordinate_faults(x, y)[0]))
    if fault is not CoordinateFault.OK:
        raise BadCoordinates(f"lon, lat: {fault.message}", field="lon, lat", fault=fault.name.lower())
    x, y = to_wgs84(x, y, datum=datum)
    return float(x[0]), float(y[0])


@bp.get("/officers")
def officers(query: OfficersQuery) -> dict[str, Any]:
    """Who is on shift in one's own part of the city, where last, and how much in hand."""
    with reading() as conn:
        return {"officers": [answered(officer) for officer in field.on_shift(conn, reach=reach(), area=query.area)]}


@bp.get("/cases/<number>/officers")
def choices(path: NumberPath) -> dict[str, Any]:
    """The officers on shift who may be sent to a case, the best first, each with the reasons in minutes."""
    with reading() as conn:
        ranked = dispatching.choices(conn, path.number, reach=reach(), now=now())
    return {"officers": [_ranked(choice) for choice in ranked]}


def answered(officer: FieldOfficer) -> dict[str, Any]:
    """An officer on shift as the API says it; `at` is null where only the posting is known."""
    return {
        "number": officer.number,
        "name": officer.name.as_dict(),
        "duty": coded(DUTIES, officer.duty),
        "role": officer.role and coded(OFFICER_ROLES, officer.role),
        "grid": officer.grid,
        "area": officer.area.as_dict(),
        "on_shift": True,
        **{name: getattr(officer, name) for name in ("since", "lon", "lat", "at", "accuracy_m", "load", "urgent_load")},
    }


def _ranked(choice: Ranked) -> dict[str, Any]:
    return {
        **answered(choice.officer),
        **{name: getattr(choice, name) for name in ("metres", "minutes", "on_foot", "posted", "duty_fits", "score")},
        "reasons": [{"code": reason.code, "text": reason.text.as_dict(), "value": reason.value} for reason in choice.reasons],
    }


def me() -> Account:
    """Who asks."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    return account
