"""Citizens' reports: sent without an account, followed by number and key, joined, rated."""

import io
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import segno
from flask import Response, current_app, request, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection

from gis import cases, city, incidents, reporting
from gis.citizen_records import Contact, PublicCase, PublicStep, Reporter
from gis.errors import BadReport, NotFound, TooManyAttempts
from gis.records import Report
from gis.rules.actors import PUBLIC
from gis.rules.datums import Datum
from gis.rules.plain_words import RATED_IN, STATES, STEPS
from server.api.incidents import Key, NumberPath, placeable
from server.api.texts import Text
from server.config import Settings
from server.database import calendar, locator, now, reading, writing

bp = APIBlueprint("public", __name__, abp_tags=[Tag(name="public", description="For citizens, without an account")])

PHOTOS_AT_MOST = 6
DESCRIPTION_LIMIT = 1000
MAIL = r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+$"
Mail = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=MAIL)]
Photo = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class SentContact(BaseModel):
    """How to reach whoever reports; nothing of it must be given."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(default=None, max_length=100)
    phone: Text | None = Field(default=None, max_length=40)
    email: Mail | None = None
    wants_mail: bool = Field(default=False, description="Tell me by e-mail what becomes of it")


class Sender(BaseModel):
    """What comes with a report and with joining one."""

    model_config = ConfigDict(extra="forbid")

    photos: list[Photo] = Field(default=[], max_length=PHOTOS_AT_MOST, description="Ids that POST /public/photos gave")
    contact: SentContact = SentContact()
    language: Literal["zh", "en"] = Field(default="zh", description="In which mails are written")
    key: Key | None = Field(default=None, description="Of the sender's choice: what is sent again with it is done once")
    website: str = Field(default="", max_length=200, description="Not shown to people; who fills it in is a program")

    def known_contact(self) -> Contact:
        """As the services speak of it."""
        told = self.contact
        return Contact(told.name or None, told.phone or None, told.email, told.wants_mail, self.language)


class NewReport(Sender):
    """What a citizen reports."""

    matter: str = Field(max_length=20, description="Code of a matter or wish; GET /api/v1/public/matters lists them")
    lon: float
    lat: float
    datum: Datum = Field(default=Datum.WGS84, description="What browsers tell is WGS 84")
    address: Text | None = Field(default=None, max_length=incidents.ADDRESS_LIMIT)
    description: Text | None = Field(default=None, max_length=DESCRIPTION_LIMIT)


class ReportKey(BaseModel):
    """With the key of a report its reporter is told more."""

    key: Text | None = Field(default=None, max_length=100)


class NewRating(BaseModel):
    """How it went."""

    model_config = ConfigDict(extra="forbid")

    key: Text = Field(max_length=100)
    rating: int = Field(ge=1, le=5, description="5 is best")
    words: Text | None = Field(default=None, max_length=500)


class Unsubscribed(BaseModel):
    """Whose mails end."""

    model_config = ConfigDict(extra="forbid")

    key: Text = Field(max_length=100)


@bp.post("/public/reports")
def report(body: NewReport) -> tuple[dict[str, Any], int]:
    """Report something, without an account: answered with the number, and the key that follows it. Sent again: the same answer."""
    lon, lat = placeable(body.lon, body.lat, datum=body.datum)
    if (before := _admit(body)) is not None:
        return before, 201
    description = (body.description or "").strip() or None
    sent = Report(body.matter, lon, lat, "citizen", description, address=(body.address or "").strip() or None)
    moment = now()
    with writing() as conn:
        if body.key and (before := reporting.done_before(conn, body.key)) is not None:
            return before, 201
        known = reporting.said_before(conn, matter=body.matter, lon=lon, lat=lat, description=description, now=moment)
        number = known or _take_in(conn, sent)
        reporter, photos = reporting.add_reporter(
            conn, number, contact=body.known_contact(), photo_ids=body.photos, now=moment, joined=known is not None
        )
        return _kept(conn, body, number, reporter, photos=photos, joined=known is not None), 201


def _admit(body: Sender) -> dict[str, Any] | None:
    """The answer that this key got before, or None for something new that may be taken. Raises BadReport, TooManyAttempts."""
    if body.website:
        raise BadReport("Leave the field `website` empty: people do not see it.", field="website")
    settings: Settings = current_app.config["SETTINGS"]
    with writing() as conn:
        if body.key and (before := reporting.done_before(conn, body.key)) is not None:
            return before
        wait_s = reporting.count_report(
            conn, address=request.remote_addr or "", per_hour=settings.reports_per_hour, per_day=settings.reports_per_day
        )
    if wait_s:
        raise TooManyAttempts(f"Too many reports from here; try again in {-(-wait_s // 60)} min.", retry_after_s=wait_s)
    return None


def _take_in(conn: Connection, sent: Report) -> str:
    moment, timezone = now(), city.get(conn).timezone
    reporting.check_matter(conn, sent.matter, today=moment.astimezone(ZoneInfo(timezone)).date())
    atlas = locator().atlas_if_any(conn, moment)
    return incidents.report(
        conn, sent, atlas=atlas, calendar=calendar(conn, timezone), timezone=timezone, now=moment, by=PUBLIC
    )


def _kept(
    conn: Connection, body: Sender, number: str, reporter: Reporter, *, photos: int, joined: bool
) -> dict[str, Any]:
    answer = {"number": number, "key": reporter.key, "follow": page_of(number, reporter.key), "photos": photos, "joined": joined}
    if body.key:
        reporting.keep_answer(conn, body.key, answer)
    return answer


def page_of(number: str, key: str | None) -> str:
    """Where a report is followed, as a path of this server."""
    return url_for("reporting.follow", number=number, key=key)


@bp.post("/public/reports/<number>/join")
def join(path: NumberPath, body: Sender) -> tuple[dict[str, Any], int]:
    """This is it already: hear of a case that others reported, instead of reporting it again."""
    if (before := _admit(body)) is not None:
        return before, 201
    with writing() as conn:
        if body.key and (before := reporting.done_before(conn, body.key)) is not None:
            return before, 201
        number, reporter, photos = reporting.join(
            conn, path.number, contact=body.known_contact(), photo_ids=body.photos, now=now()
        )
        return _kept(conn, body, number, reporter, photos=photos, joined=True), 201


@bp.get("/public/reports/<number>")
def follow(path: NumberPath, query: ReportKey) -> dict[str, Any]:
    """How far a report is, in plain words; with its `key` also what was reported, the answers and the photos."""
    with reading() as conn:
        case, lead, reporter = reporting.follow(conn, path.number, key=query.key)
        steps = reporting.steps(conn, case, lead, with_answers=reporting.hears_answers(reporter, case))
        own = reporting.own_photos(conn, reporter) if reporter else []
    told = told_case(case) | {
        "state": {"code": lead.state, "name": STATES[lead.state].as_dict()},
        "due_at": lead.due_at, "closed_at": lead.closed_at, "handled_in": lead.number if lead.id != case.id else None,
        "steps": [_step(step) for step in steps], "own": None,
    }  # fmt: skip
    if reporter is None:
        return told if case.visibility != "hidden" else told | {"matter": None}
    return told | {"own": _own(case, lead, reporter, own)}


def told_case(case: PublicCase) -> dict[str, Any]:
    """A case as everybody may know it."""
    name = {"code": case.matter, "name": case.matter_name.as_dict(), "category": case.category.as_dict(), "icon": case.icon}
    return {
        "number": case.number, "matter": name | {"kind": case.kind}, "reported_at": case.reported_at,
        "community": case.community.as_dict() if case.community else None, "reporters": case.reporters,
    }  # fmt: skip


def _step(step: PublicStep) -> dict[str, Any]:
    return {
        "action": step.action, "name": STEPS[step.action].as_dict(), "at": step.at, "words": step.note, "photos": list(step.photos),
    }  # fmt: skip


def _own(case: PublicCase, lead: PublicCase, reporter: Reporter, photos: list[str]) -> dict[str, Any]:
    """What only the reporter is told. The words and the place of somebody who reported the same before are not hers."""
    words = ("lon", "lat", "address", "description")
    return {
        **{name: None if reporter.joined else getattr(case, name) for name in words}, "joined": reporter.joined, "photos": photos,
        "mail": reporter.contact.wants_mail, "rating": reporter.rating, "words": reporter.words,
        "may_rate": reporter.rating is None and lead.state in RATED_IN,
    }  # fmt: skip


@bp.post("/public/reports/<number>/rating")
def rate(path: NumberPath, body: NewRating) -> dict[str, Any]:
    """Say how it went, once, when it is settled; those who supervise see it."""
    words, moment = (body.words or "").strip() or None, now()
    with writing() as conn:
        reporting.rate(conn, path.number, key=body.key, rating=body.rating, words=words, now=moment)
        cases.evaluate(
            conn, path.number, rating=body.rating, words=words, calendar=calendar(conn, city.get(conn).timezone), now=moment,
            by=PUBLIC,
        )  # fmt: skip
    return {"rating": body.rating}


@bp.post("/public/unsubscribe")
def unsubscribe(body: Unsubscribed) -> dict[str, Any]:
    """No mail any more about the report of this key."""
    with writing() as conn:
        reporting.stop_mail(conn, body.key)
    return {"mail": False}


@bp.get("/public/reports/<number>/qr.svg")
def qr(path: NumberPath, query: ReportKey) -> Response:
    """The address of a report's page as a QR code; with the `key` that of its reporter."""
    with reading() as conn:
        _, _, reporter = reporting.follow(conn, path.number, key=query.key)
    if query.key and reporter is None:
        raise NotFound("This key is not of this report.")
    settings: Settings = current_app.config["SETTINGS"]
    code = segno.make_qr(f"{settings.outside_address(request.host_url)}{page_of(path.number, query.key)}", error="m")
    drawn = io.BytesIO()
    code.save(drawn, kind="svg", scale=4, border=2)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")
