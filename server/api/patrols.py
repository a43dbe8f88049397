"""Patrols: today's places in walking order, what was found at them, and the QR code of each place."""

import io
from datetime import datetime, timedelta
from typing import Any, Literal

import segno
from flask import Response, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gis import city, incidents, patrols
from gis.errors import BadReport
from gis.field_records import Call, Inspection, Place
from gis.records import Report
from gis.rules.datums import Datum
from gis.rules.patrol import FINDING, OUTCOMES
from server.api.field import me, placeable
from server.api.texts import Text
from server.auth import actor, reach
from server.database import calendar, locator, now, reading, writing

bp = APIBlueprint("patrols", __name__, abp_tags=[Tag(name="patrols", description="Places that are inspected")])

CODE = r"^P-[0-9A-Z]{6}$"
CLOCK_TOLERANCE = timedelta(minutes=5)
SHEET_MODULE_PX = 4


class PlacePath(BaseModel):
    """Which place."""

    place: str = Field(pattern=CODE, description="Code of a place, such as P-K7M3QX")


class StartQuery(BaseModel):
    """Where the officer stands; the middle of the grid if absent."""

    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84


class PlacesQuery(BaseModel):
    """Which places."""

    area: str | None = Field(default=None, max_length=50, pattern=r"^[^\x00]*$", description="Code of an area: all under it")
    after: str = Field(default="", max_length=20, pattern=r"^[^\x00]*$", description="Code of the last place of the page before")
    limit: int = Field(default=patrols.PAGE, ge=1, le=patrols.PAGE)


class Told(BaseModel):
    """What an officer says of what she found, where and when."""

    model_config = ConfigDict(extra="forbid")

    note: Text | None = Field(default=None, max_length=patrols.NOTE_LIMIT)
    matter: str | None = Field(default=None, max_length=50, description="Of a finding: the code of an admitted matter")
    lon: float | None = None
    lat: float | None = None
    datum: Datum = Datum.WGS84
    photos: list[str] = Field(default=[], max_length=9)
    at: AwareDatetime | None = Field(default=None, description="When it was made, for what is sent later; now if absent")
    key: str | None = Field(default=None, min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")


class NewInspection(Told):
    """What was found at a place."""

    place: str = Field(pattern=CODE)
    outcome: Literal["fine", "finding", "closed", "refused"]


@bp.get("/me/patrol")
def patrol(query: StartQuery) -> dict[str, Any]:
    """The places that I inspect today, in walking order: what is due or overdue in my grids, as much as fits into a day."""
    start = None if query.lon is None or query.lat is None else placeable(query.lon, query.lat, query.datum)
    with reading() as conn:
        found = patrols.today(conn, me(), start=start, now=now(), timezone=city.get(conn).timezone)
    return {
        "day": found.day.isoformat(),
        "grids": list(found.grids),
        "start": found.start and {"lon": found.start[0], "lat": found.start[1]},
        "places": [_call(call) for call in found.calls],
        "metres": round(sum(call.leg_m for call in found.calls)),
        "minutes": round(sum(call.leg_min + call.place.standard_min for call in found.calls)),
        "left_over": found.left_over,
        "done": found.done,
    }


def _call(call: Call) -> dict[str, Any]:
    return answered(call.place) | {"overdue_d": call.overdue_d, "leg_m": call.leg_m, "leg_min": call.leg_min}


@bp.post("/inspections")
def inspect(body: NewInspection) -> tuple[dict[str, Any], int]:
    """What I found at a place. A finding opens a case there, at once in my hands; with a key it is done once."""
    account, moment = me(), now()
    found = _found(body, moment, outcome=body.outcome)
    with writing() as conn:
        before = patrols.answer_before(conn, account, body.key)
        if before is not None:
            return before, 201
        number = _opened(conn, body.place, found, moment)
        said = _inspection(patrols.inspect(conn, account, body.place, found, number=number))
        patrols.keep_answer(conn, account, body.key, said)
    return said, 201


def _found(body: Told, moment: datetime, *, outcome: str = FINDING) -> patrols.Found:
    lon, lat = (None, None) if body.lon is None or body.lat is None else placeable(body.lon, body.lat, body.datum)
    made = body.at or moment
    if made > moment + CLOCK_TOLERANCE:
        raise BadReport(f"at lies in the future: {made.isoformat()}; check the clock it was taken from.", field="at")
    return patrols.Found(outcome, min(made, moment), body.note, lon, lat, body.matter, tuple(body.photos))


def _opened(conn: Any, place: str, found: patrols.Found, moment: datetime) -> str | None:
    """The number of the case that a finding opens, or None."""
    sent = patrols.finding(conn, me(), place, found)
    return None if sent is None else _reported(conn, sent, moment)


def _reported(conn: Any, sent: Report, moment: datetime) -> str:
    timezone = city.get(conn).timezone
    return incidents.report(
        conn, sent, atlas=locator().atlas_if_any(conn, sent.reported_at or moment), calendar=calendar(conn, timezone),
        timezone=timezone, now=moment, by=actor(),
    )  # fmt: skip


@bp.get("/places")
def listed(query: PlacesQuery) -> dict[str, Any]:
    """The places of one's own part of the city, or of an area in it, by code."""
    with reading() as conn:
        found = patrols.listed(conn, query.area, reach=reach(), after=query.after, limit=query.limit)
    return {
        "places": [answered(place) for place in found],
        "next": found[-1].code if len(found) == query.limit else None,
    }


@bp.get("/places/<place>")
def describe(path: PlacePath) -> dict[str, Any]:
    """A place with its latest inspections."""
    with reading() as conn:
        place, inspections = patrols.place(conn, path.place, reach=reach())
    return answered(place) | {"inspections": [_inspection(each) for each in inspections]}


@bp.get("/places/<place>/qr.svg")
def qr(path: PlacePath) -> Response:
    """The QR code of a place: it leads to the place's page."""
    with reading() as conn:
        place, _ = patrols.place(conn, path.place, reach=reach())
    return Response(drawn_qr(place.code), mimetype="image/svg+xml", headers={"Cache-Control": "private, max-age=86400"})


def drawn_qr(code: str) -> str:
    """The QR code of a place as SVG. Of its modules a quarter may be scratched off."""
    drawn = io.BytesIO()
    address = url_for("officers.place", code=code, _external=True, _scheme=request.scheme)
    segno.make(address, error="q", micro=False).save(drawn, kind="svg", scale=SHEET_MODULE_PX, xmldecl=False, title=code)
    return drawn.getvalue().decode()


def answered(place: Place) -> dict[str, Any]:
    """A place as the API says it."""
    return {
        "code": place.code,
        "kind": place.kind.as_dict(),
        "due_on": place.due_on and place.due_on.isoformat(),
        **{
            name: getattr(place, name)
            for name in (
                "name", "address", "lon", "lat", "grid", "interval_d", "standard_min", "inspected_at", "active", "synthetic",
            )
        },
    }  # fmt: skip


def _inspection(found: Inspection) -> dict[str, Any]:
    assert found.outcome in OUTCOMES
    return {
        "place": found.place, "outcome": found.outcome, "at": found.at.isoformat(), "officer": found.officer.as_dict(),
        "note": found.note, "number": found.number,
    }  # fmt: skip
