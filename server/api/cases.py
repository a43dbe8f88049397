"""Cases: the queue, one from end to end, its steps; every open one as a point; what happened on a day."""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection

from gis import cases, city, duplicates, queues
from gis.case_records import Asked, CaseQuery
from gis.errors import BadCoordinates, BadQuery, StaleCase
from gis.records import Account
from gis.rules.asking import bbox
from gis.rules.case_steps import STATES, STEPS
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from server import problems
from server.api import case_answers
from server.api.incidents import Key, NumberPath
from server.api.texts import Text
from server.auth import current_account, reach
from server.database import calendar, locator, now, reading, writing
from server.intake import sent_key

bp = APIBlueprint("cases", __name__, abp_tags=[Tag(name="cases", description="Incidents from the report to the end")])

AreaCode = Annotated[str, StringConstraints(pattern=r"^\d{2,15}$")]
Code = Annotated[Text, StringConstraints(min_length=1, max_length=40)]


class CasesQuery(BaseModel):
    """Which cases."""

    area: AreaCode | None = Field(default=None, description="Code of an area: all that lie under it")
    state: Text | None = Field(default=None, max_length=200, description="States with commas between; all open ones if absent")
    matter: Code | None = None
    department: Code | None = None
    urgency: int | None = Field(default=None, ge=1, le=3)
    level: Literal["city", "district", "town", "community"] | None = Field(default=None, description="Level of the command")
    officer: Code | None = Field(default=None, description="Number of who has it in hand")
    due: Literal["late", "soon", "none"] | None = None
    mine: bool = Field(default=False, description="In one's own hands: an officer's, a department's; a dispatcher's own level")
    wish: bool | None = Field(default=None, description="Wishes only, or none of them")
    q: Text | None = Field(default=None, max_length=100, description="Part of a number, an address or a description")
    bbox: Text | None = Field(default=None, max_length=200, description="west,south,east,north in degrees")
    sort: Literal["due", "new"] = "due"
    limit: int = Field(default=50, ge=1, le=500)
    cursor: Text | None = Field(default=None, max_length=1000, description="`next` of the page before")


class AreaQuery(BaseModel):
    """Of which area."""

    area: AreaCode | None = Field(default=None, description="Code of an area: all that lie under it")


class DayQuery(AreaQuery):
    """Of which day."""

    day: date | None = Field(default=None, description="A day in the city; today if absent")


class NewStep(BaseModel):
    """A step to be taken. GET /api/v1/cases/steps says what each needs."""

    model_config = ConfigDict(extra="forbid")

    action: Text = Field(max_length=40)
    seen_version: int = Field(ge=0, lt=2**31, description="Version of the case when it was read")
    note: Text | None = Field(default=None, max_length=cases.NOTE_LIMIT)
    officer: Code | None = Field(default=None, description="Number of a member of staff, or nearest")
    department: bool = Field(default=False, description="Hand it to the matter's department")
    seen_load: int | None = Field(default=None, ge=0, lt=2**31, description="Cases in hand that were shown beside the officer")
    until: AwareDatetime | None = Field(default=None, description="Suspended until this moment")
    hours: float | None = Field(default=None, gt=0, le=2_000, description="Working hours more")
    lead: Text | None = Field(default=None, max_length=20, description="Number of the case that this one is merged into")
    lon: float | None = Field(default=None, description="Where the step is taken, or the right place; WGS 84")
    lat: float | None = None
    matter: Code | None = None
    urgency: Literal[1, 2, 3] | None = None
    parties: list[Code] = Field(default_factory=list, max_length=50, description="Codes of departments")
    photos: list[Code] = Field(default_factory=list, max_length=20, description="Ids of photos that were sent before")
    area: AreaCode | None = Field(default=None, description="Where to escalate or send down to; the next level if absent")
    key: Key | None = Field(default=None, description="Of the sender's choice: what is sent again with it is done once")


@bp.get("/cases")
def find(query: CasesQuery) -> dict[str, Any]:
    """The queue of one's own part of the city: late first, then by when they are due."""
    asked = CaseQuery(
        area=query.area, states=_states(query.state), matter=query.matter, department=query.department, urgency=query.urgency,
        level=query.level, officer=query.officer, due=query.due, mine=query.mine, wish=query.wish, words=query.q,
        bbox=bbox("bbox", query.bbox) if query.bbox else None, sort=query.sort, limit=query.limit, after=query.cursor,
    )  # fmt: skip
    moment = now()
    with reading() as conn:
        rows, following, matched = queues.find(conn, asked, account=_me(), now=moment)
    return {
        "cases": [case_answers.case(row, now=moment) for row in rows], "next": following, "matched": matched,
        "matched_at_least": matched >= queues.COUNTED_AT_MOST,
    }  # fmt: skip


def _me() -> Account:
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    reach()  # every question below is put for the account, which has the reach in it
    return account


def _states(text: str | None) -> list[str]:
    asked = [state.strip() for state in text.split(",")] if text else []
    strange = [state for state in asked if state not in STATES]
    if strange:
        raise BadQuery(f"state: there is no state {strange[0]!r}; there are {', '.join(STATES)}.", field="state")
    return asked


@bp.get("/cases/steps")
def steps() -> dict[str, Any]:
    """The table of transitions: every step, from which states to which, who may take it and what it needs."""
    return {"steps": [case_answers.step(each) for each in STEPS]}


@bp.get("/cases/points")
def points(query: AreaQuery) -> Response:
    """Every open case as a row, for a map; `seq` is where the stream of events goes on from."""
    with reading() as conn:
        rows, seq = queues.points(conn, area=query.area, account=_me())
    body = orjson.dumps({"columns": queues.POINT_COLUMNS, "rows": rows, "seq": seq}, option=orjson.OPT_UTC_Z)
    return Response(body, content_type="application/json")


@bp.get("/cases/replay")
def replay(query: DayQuery) -> dict[str, Any]:
    """The steps of a day in the city, oldest first, each `at_s` seconds after the day began."""
    with reading() as conn:
        zone = city.get(conn).timezone
        day = query.day or now().astimezone(ZoneInfo(zone)).date()
        found = queues.replay(conn, day, area=query.area, account=_me(), timezone=zone)
    return {"events": found}


@bp.get("/cases/<number>")
def read(path: NumberPath) -> dict[str, Any]:
    """One case: how it stands, its timeline, what you may do."""
    with reading() as conn:
        working = calendar(conn, city.get(conn).timezone)
        row = cases.describe(conn, path.number, account=_me(), calendar=working, now=now())
        return _whole(conn, row)


@bp.get("/cases/<number>/near")
def near(path: NumberPath) -> dict[str, Any]:
    """Open cases that may be the same thing, the likeliest first."""
    with reading() as conn:
        rows = duplicates.near(conn, path.number, account=_me())
    moment = now()
    return {"cases": [case_answers.case(row, now=moment) | {"metres": row["metres"], "minutes": row["minutes"]} for row in rows]}


@bp.post("/cases/<number>/steps")
def take_step(path: NumberPath, body: NewStep) -> dict[str, Any]:
    """Take a step of a case; answered as the case then is. Sent again with the same key it is not taken again."""
    _check_place(body)
    given = body.model_dump(exclude={"key"})
    asked = Asked(**given, key=body.key or sent_key())
    with writing() as conn:
        moment = now()
        working = calendar(conn, city.get(conn).timezone)
        cases.take_step(
            conn, path.number, asked, account=_me(), calendar=working, now=moment,
            atlas_at=lambda at: locator().atlas_if_any(conn, at),
        )
        row = cases.after_step(conn, path.number, account=_me(), calendar=working, now=moment)
        return _whole(conn, row)


def _check_place(body: NewStep) -> None:
    if body.lon is None and body.lat is None:
        return
    lon, lat = (np.array([value if value is not None else np.nan]) for value in (body.lon, body.lat))
    fault = CoordinateFault(int(coordinate_faults(lon, lat)[0]))
    if fault is not CoordinateFault.OK:
        raise BadCoordinates(f"lon, lat: {fault.message}", field="lon, lat", fault=fault.name.lower())


def _whole(conn: Connection, row: dict[str, Any]) -> dict[str, Any]:
    alike = duplicates.near_id(conn, row["id"], account=_me()) if row["closed_at"] is None else []
    return case_answers.whole(row, near=len(alike), now=now())


@bp.errorhandler(StaleCase)
def _stale(error: StaleCase) -> Response:
    """Beside what was refused the case as it stands, so that the page can show what changed."""
    with reading() as conn:
        working = calendar(conn, city.get(conn).timezone)
        row = cases.describe(conn, error.facts["number"], account=_me(), calendar=working, now=now())
        shown = _whole(conn, row)
    facts = error.facts | {"case": shown}
    return problems.answer(problems.STATUS[StaleCase], error.detail, kind="urn:wangge:StaleCase", **facts)
