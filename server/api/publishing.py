"""Publishing a draft, putting an earlier plan in force again, and letting a draft start from the newest plan."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from gis import cancelling, city, publishing
from gis.publication_records import Publication
from server.api.plans import PlanPath
from server.api.texts import Text
from server.auth import actor, reach
from server.config import Settings
from server.database import now, reading, writing

bp = APIBlueprint("publishing", __name__, abp_tags=[Tag(name="plans", description="Versions of the whole division")])

SINCE = "A day (its first moment in the city) or a moment with its offset; as soon as possible if it is today or absent"


class PublicationQuery(BaseModel):
    """From when on the plan would be in force."""

    since: str | None = Field(default=None, max_length=40, description=SINCE)


class Decided(BaseModel):
    """From when on, and what it rests on."""

    since: str | None = Field(default=None, max_length=40, description=SINCE)
    decision: Text = Field(min_length=1, max_length=2000, description="The decision that the plan rests on")


class Published(Decided):
    """The draft as it was read, and why it is carried out if residents did not support it enough."""

    seen_version: int = Field(ge=1)
    override_reason: Text | None = Field(default=None, min_length=1, max_length=2000)


class CalledOff(BaseModel):
    """Why a plan is called off."""

    reason: Text = Field(min_length=1, max_length=2000)


class Rebased(BaseModel):
    """The draft as it was read."""

    seen_version: int = Field(ge=1)


@bp.get("/plans/<int:id>/publication")
def inspect(path: PlanPath, query: PublicationQuery) -> dict[str, Any]:
    """What publishing the plan would do, and everything that stands against it."""
    moment = now()
    with reading() as conn:
        since = _since(conn, query.since, moment)
        found = publishing.inspect(conn, path.id, since=since, now=moment, reach=reach(), keeps_fraction=_keeps_fraction())
    return _answered(found)


@bp.post("/plans/<int:id>/publish")
def publish(path: PlanPath, body: Published) -> dict[str, Any]:
    """Make the draft the plan in force from a moment on: all of it, or nothing when something stands against it."""
    moment = now()
    with writing() as conn:
        since = _since(conn, body.since, moment)
        found = publishing.publish(
            conn, path.id, since=since, decision=body.decision, seen_version=body.seen_version, reach=reach(),
            by=actor(), now=moment, override_reason=body.override_reason, keeps_fraction=_keeps_fraction(),
        )  # fmt: skip
    return _answered(found)


@bp.post("/plans/<int:id>/restore")
def restore(path: PlanPath, body: Decided) -> dict[str, Any]:
    """Put an earlier plan in force again, as a plan of its own with the codes that its grids had."""
    moment = now()
    with writing() as conn:
        since = _since(conn, body.since, moment)
        found = publishing.restore(conn, path.id, since=since, decision=body.decision, reach=reach(), by=actor(), now=moment)
    return _answered(found)


@bp.post("/plans/<int:id>/cancel")
def cancel(path: PlanPath, body: CalledOff) -> dict[str, Any]:
    """Call a plan off that is not in force yet: it becomes a draft again, and the plan before it has no end."""
    with writing() as conn:
        version = cancelling.cancel(conn, path.id, reason=body.reason, reach=reach(), by=actor(), now=now())
    return {"id": path.id, "version": version}


@bp.post("/plans/<int:id>/rebase")
def rebase(path: PlanPath, body: Rebased) -> dict[str, Any]:
    """Let the draft start from the newest plan, if that changed other communities only."""
    with writing() as conn:
        version = publishing.rebase(conn, path.id, seen_version=body.seen_version, reach=reach(), by=actor())
    return {"id": path.id, "version": version}


def _since(conn: Connection, asked: str | None, moment: datetime) -> datetime:
    """The moment that is asked for; today, of which some has passed, is as soon as possible."""
    today = city.moment(conn, moment.astimezone(ZoneInfo(city.get(conn).timezone)).date().isoformat())
    wanted = city.moment(conn, asked, field="since")
    return moment if wanted is None or wanted == today else wanted


def _keeps_fraction() -> float:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.keep_code_fraction


def _answered(found: Publication) -> dict[str, Any]:
    return {
        "id": found.plan_id,
        "version": found.version,
        "since": found.since,
        "blocked": found.blocked,
        "findings": [asdict(finding) for finding in found.findings],
        "communities": found.communities,
        "grids": {"redrawn": found.grids, "new": found.codes_new, "ended": found.codes_ended, "kept": len(found.codes_kept)},
        "residents_moved": found.residents_moved,
        "cells_cut": found.cells_cut,
        "postings": [
            {
                "number": move.post.number,
                "name": move.post.name.as_dict(),
                "from": code_from,
                "to": code_to,
                "role": {"from": move.post.role, "to": move.role},
            }
            for move, code_from, code_to in zip(found.moves, found.moves_from, found.moves_to, strict=True)
        ],
    }
