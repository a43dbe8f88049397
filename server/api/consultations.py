"""Consultations: what is put to residents, in public, and what they say; led by planners."""

import hashlib
import hmac
import secrets
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from flask.wrappers import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy import Connection

from gis import city, consultations
from gis.comparing import Compared
from gis.errors import TooManyAttempts
from gis.publication_records import Voices
from gis.records import Name
from gis.rules.consultation import HEARING, Consultation, Opinion, Step, is_supported, may_be_carried_out, takes_opinions
from server.api.comparisons import amounts_told, comparisons, drawn_maps
from server.api.texts import Text
from server.api.words import CONSULTATION_KINDS, CONSULTATION_STAGES, OFFICER_ROLES, coded
from server.auth import actor, current_account, reach
from server.auth.rights import RIGHTS
from server.config import Settings
from server.database import now, reading, writing

bp = APIBlueprint("consultations", __name__, abp_tags=[Tag(name="consultations", description="Put to residents, in six stages")])

VOICE_COOKIE = "voice"
A_YEAR_S = 365 * 24 * 3600
PUBLIC_DECIMALS_DEG = 3  # about a hundred metres: a quarter, not a door
Words = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1)]
Stage = Literal["collect", "topic", "deliberate", "form", "carry_out", "evaluate"]


class BothNames(BaseModel):
    """A text in both languages."""

    zh: Words = Field(max_length=4000)
    en: Words = Field(max_length=4000)

    def name(self) -> Name:
        """As the services speak of it."""
        return Name(self.zh, self.en)


class ConsultationPath(BaseModel):
    """Which consultation."""

    id: int = Field(ge=1, lt=2**63)


class OpinionPath(ConsultationPath):
    """Which opinion of a consultation."""

    opinion_id: int = Field(ge=1, lt=2**63)


class NewConsultation(BaseModel):
    """Something to be put to residents: a plan, or something else about an area."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["plan", "facility", "other"] = "plan"
    plan: int | None = Field(default=None, ge=1, lt=2**63, description="The draft, for the kind `plan`")
    area: Text | None = Field(default=None, max_length=20, description="Code of the area that is asked, for the other kinds")
    title: BothNames
    summary: BothNames
    since: date = Field(description="First day on which opinions are taken")
    until: date = Field(description="Last day")

    @model_validator(mode="after")
    def names_what_it_is_about(self) -> "NewConsultation":
        """A plan has its own area; anything else names one."""
        if (self.kind == "plan") != (self.plan is not None) or (self.kind == "plan") == (self.area is not None):
            raise ValueError("give `plan` with the kind plan, and `area` with any other kind")
        return self


class ChangedConsultation(BaseModel):
    """What may be changed later; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: BothNames | None = None
    summary: BothNames | None = None
    until: date | None = Field(default=None, description="Last day; yesterday closes it")
    outcome: Text | None = Field(default=None, max_length=4000, description="What came of it; empty takes it away")


class NextStage(BaseModel):
    """The stage it goes into, with words that residents read."""

    model_config = ConfigDict(extra="forbid")

    stage: Stage
    note: Words | None = Field(default=None, max_length=2000)


class Reason(BaseModel):
    """Why it is carried out without the support it needs."""

    model_config = ConfigDict(extra="forbid")

    reason: Words = Field(min_length=10, max_length=2000)


class NewOpinion(BaseModel):
    """What a resident says, and from where. No name is asked for."""

    model_config = ConfigDict(extra="forbid")

    support: bool
    words: Text | None = Field(default=None, max_length=1000)
    place: tuple[float, float] | None = Field(default=None, description="Longitude and latitude, WGS 84")


class OpinionsQuery(BaseModel):
    """Which opinions."""

    limit: int = Field(default=50, ge=1, le=200)
    before: int | None = Field(default=None, ge=1, lt=2**63, description="Those older than the opinion of this number")


class Moderation(BaseModel):
    """Whether an opinion is taken out."""

    model_config = ConfigDict(extra="forbid")

    hidden: bool


@bp.get("/consultations")
def listed() -> dict[str, Any]:
    """What is or was put to residents, newest first; without log-in what has begun."""
    with reading() as conn:
        found = consultations.find(conn, public_on=_public_on())
        places = consultations.places(conn)
    return {"consultations": [told(each, places) for each in found]}


@bp.post("/consultations")
def put_to_residents(body: NewConsultation) -> tuple[dict[str, Any], int]:
    """Put a draft or something else to residents. A draft may not be edited while they are heard."""
    settings: Settings = current_app.config["SETTINGS"]
    given: dict[str, Any] = {
        "title": body.title.name(), "summary": body.summary.name(), "since": body.since, "until": body.until,
        "needed_fraction": settings.support_needed, "reach": reach(), "by": actor(),
    }  # fmt: skip
    with writing() as conn:
        if body.plan is not None:
            opened = consultations.open_for_plan(conn, body.plan, **given)
            _keep_map(conn, opened)
        else:
            opened = consultations.open_for_area(conn, body.kind, str(body.area), **given)
        return told(opened, consultations.places(conn)), 201


@bp.get("/consultations/<int:id>")
def describe(path: ConsultationPath) -> dict[str, Any]:
    """One of them: its stages, how many are for and against by community, and whether that is enough."""
    with reading() as conn:
        held = consultations.get(conn, path.id, public_on=_public_on())
        steps, voices = consultations.steps(conn, held.id), consultations.voices_by_community(conn, held.id)
        places = consultations.places(conn)
    by_community = [
        {**_place(places, area_id), **voices_told(each)}
        for area_id, each in sorted(voices.items(), key=lambda item: (item[0] is None, -(item[1].support + item[1].against)))
    ]
    return told(held, places) | {"steps": [_step(step) for step in steps], "communities": by_community}


@bp.patch("/consultations/<int:id>")
def change(path: ConsultationPath, body: ChangedConsultation) -> dict[str, Any]:
    """Other words, another last day, or what came of it."""
    own = reach()
    with writing() as conn:
        changed = consultations.change(
            conn, path.id, title=body.title and body.title.name(), summary=body.summary and body.summary.name(),
            until=body.until, outcome=body.outcome, reach=own, by=actor(),
        )  # fmt: skip
        return told(changed, consultations.places(conn))


@bp.post("/consultations/<int:id>/stage")
def enter_stage(path: ConsultationPath, body: NextStage) -> dict[str, Any]:
    """Go on to the next stage, or take up an earlier one. What too few support is not carried out."""
    own = reach()
    with writing() as conn:
        held = consultations.enter_stage(conn, path.id, body.stage, note=body.note, reach=own, by=actor())
        if held.stage in HEARING and consultations.heard_map(conn, held) is None:
            _keep_map(conn, held)
        return told(held, consultations.places(conn))


@bp.post("/consultations/<int:id>/override")
def override(path: ConsultationPath, body: Reason) -> dict[str, Any]:
    """Put a reason on record for carrying out what too few support; residents read it."""
    own = reach()
    with writing() as conn:
        return told(consultations.override(conn, path.id, reason=body.reason, reach=own, by=actor()), consultations.places(conn))


@bp.get("/consultations/<int:id>/map")
def draw(path: ConsultationPath) -> dict[str, Any]:
    """What changes on the map, for everybody: the grids before and after as residents are heard on them, and officers by role."""
    with reading() as conn:
        held = consultations.get(conn, path.id, public_on=_public_on())
        return consultations.heard_map(conn, held) or _drawn(conn, held)


def _keep_map(conn: Connection, held: Consultation) -> None:
    if held.plan_id is not None:
        consultations.keep_map(conn, held, current_app.json.dumps(_drawn(conn, held)))


def _drawn(conn: Connection, held: Consultation) -> dict[str, Any]:
    outline = consultations.outline(conn, held)
    if held.plan_id is None or held.base_id is None:
        return {"area": outline, "bbox": None, "ground": None, "before": None, "after": None, "change": None, "posts": {}}
    compared = comparisons().get(conn, held.base_id, held.plan_id, reach=None)
    maps = drawn_maps(conn, compared)
    posts = consultations.posts_by_role(conn, held)
    drawn = {grid["properties"]["key"] for side in ("before", "after") for grid in maps[side]["features"]}
    told_posts = {str(key): _roles(each) for key, each in posts.items() if key in drawn}
    return maps | {"area": outline, "change": _change(compared), "posts": told_posts}


@bp.get("/consultations/<int:id>/opinions")
def read_opinions(path: ConsultationPath, query: OpinionsQuery) -> dict[str, Any]:
    """What residents say, newest first; for who may lead it also what moderation took out."""
    with reading() as conn:
        held = consultations.get(conn, path.id, public_on=_public_on())
        found = consultations.opinions(
            conn, held.id, limit=query.limit, before=query.before, with_hidden=_may_moderate(held)
        )
        places = consultations.places(conn)
    more = found[-1].id if len(found) == query.limit else None
    return {"opinions": [_opinion(each, places) for each in found], "before": more}


@bp.post("/consultations/<int:id>/opinions")
def say(path: ConsultationPath, body: NewOpinion) -> tuple[dict[str, Any], int]:
    """Support or oppose, without log-in. One voice for each browser: who speaks again changes what she said."""
    address, browser = request.remote_addr or "", request.cookies.get(VOICE_COOKIE) or secrets.token_urlsafe(16)
    voter = _voter(path.id, browser)
    with writing() as conn:
        wait_s = consultations.count_opinion(conn, path.id, voter=voter, address=address)
    if wait_s:
        raise TooManyAttempts(f"Too many opinions from here; try again in {-(-wait_s // 60)} min.", retry_after_s=wait_s)
    with writing() as conn:
        new = consultations.say(
            conn, path.id, support=body.support, words=(body.words or "").strip() or None, place=body.place,
            voter=voter, today=city_today(),
        )  # fmt: skip
        held = consultations.get(conn, path.id)
    g.voice = browser
    return {"new": new, "voices": voices_told(held.voices)}, 201 if new else 200


@bp.after_request
def _remember_browser(response: Response) -> Response:
    """A random number that says nothing of anybody, so that a second voice takes the place of the first."""
    if "voice" in g:
        settings: Settings = current_app.config["SETTINGS"]
        response.set_cookie(
            VOICE_COOKIE, g.voice, max_age=A_YEAR_S, samesite="Lax", httponly=True, secure=settings.secure_cookies
        )
    return response


def _voter(consultation_id: int, browser: str) -> str:
    """Who speaks, as a hash that cannot be turned back without the server's key, and is another in each consultation.

    The address is no part of it: a phone on the way from one network to another is one voice.
    """
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{consultation_id}\n{browser}".encode(), hashlib.sha256).hexdigest()


@bp.patch("/consultations/<int:id>/opinions/<int:opinion_id>")
def moderate(path: OpinionPath, body: Moderation) -> dict[str, Any]:
    """Take out an opinion that does not belong here, or back in; while it is out it counts for neither side."""
    own = reach()
    with writing() as conn:
        consultations.hide_opinion(conn, path.id, path.opinion_id, hidden=body.hidden, reach=own, by=actor())
    return {"id": path.opinion_id, "hidden": body.hidden}


def _may_moderate(held: Consultation) -> bool:
    account = current_account()
    return account is not None and account.role in RIGHTS["consultations.moderate"].roles and consultations.is_led_by(held, reach())


def _public_on() -> date | None:
    return None if current_account() else city_today()


def city_today() -> date:
    """The day in the city, looked up once in a request."""
    if "city_today" not in g:
        with reading() as conn:
            g.city_today = now().astimezone(ZoneInfo(city.get(conn).timezone)).date()
    today: date = g.city_today
    return today


def told(held: Consultation, places: Any) -> dict[str, Any]:
    """A consultation as JSON has it. Who leads it is nobody's matter outside."""
    overridden = held.override and {"reason": held.override.reason, "at": held.override.at}
    return {
        "id": held.id,
        "kind": coded(CONSULTATION_KINDS, held.kind),
        "plan": held.plan_id,
        "area": _place(places, held.area_id),
        "title": held.title.as_dict(),
        "summary": held.summary.as_dict(),
        "stage": coded(CONSULTATION_STAGES, held.stage),
        "open": {"from": held.since, "to": held.until},
        "takes_opinions": takes_opinions(held, today=city_today()),
        "voices": voices_told(held.voices),
        "support_needed": held.needed_fraction,
        "supported": is_supported(held.voices, needed_fraction=held.needed_fraction),
        "may_be_carried_out": may_be_carried_out(held),
        "override": overridden,
        "outcome": held.outcome,
    }


def voices_told(voices: Voices) -> dict[str, Any]:
    """Voices in numbers."""
    return {"support": voices.support, "against": voices.against, "hidden": voices.hidden, "fraction": voices.fraction}


def _place(places: Any, area_id: int | None) -> dict[str, Any]:
    if area_id is None:
        return {"code": None, "name": None}
    unit: dict[str, Any] = places[area_id].as_dict()
    return unit


def _step(step: Step) -> dict[str, Any]:
    return {"stage": coded(CONSULTATION_STAGES, step.stage), "note": step.note, "at": step.at}


def _opinion(opinion: Opinion, places: Any) -> dict[str, Any]:
    """What somebody said; the place as a quarter, not as a door."""
    place = None if opinion.lon is None or opinion.lat is None else (opinion.lon, opinion.lat)
    return {
        "id": opinion.id,
        "support": opinion.support,
        "words": opinion.words,
        "place": place and [round(each, PUBLIC_DECIMALS_DEG) for each in place],
        "community": _place(places, opinion.community_id),
        "hidden": opinion.hidden,
        "at": opinion.at,
    }


def _change(compared: Compared) -> dict[str, Any]:
    found = compared.totals
    return {
        "sentences": [sentence.as_dict() for sentence in compared.sentences],
        "moved": amounts_told(found.moved),
        "grids": {"before": found.grids[0], "after": found.grids[1]},
    }


def _roles(posts: dict[str, int]) -> list[dict[str, Any]]:
    """Officers by role, those with a name of the role first."""
    known = [{**coded(OFFICER_ROLES, role), "n": posts[role]} for role in OFFICER_ROLES if role in posts]
    other = {"code": "other", "name": {"zh": "其他网格人员", "en": "Other officers"}, "n": posts.get("other", 0)}
    return [*known, other] if other["n"] else known
