"""The city's plans through the years, the grids of a place through time, and series that stay comparable."""

from datetime import date
from typing import Any, Literal

import orjson
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import history, tiles
from gis import series as comparable
from server.api.words import PLAN_STATES, UNIT_TYPES, coded
from server.database import locator, now, reading

bp = APIBlueprint("history", __name__, abp_tags=[Tag(name="history", description="Plans and grids through time")])


class PlaceQuery(BaseModel):
    """A place in WGS 84."""

    lon: float
    lat: float


class SeriesQuery(BaseModel):
    """Which measure, of what, when, and on which grids."""

    measure: Literal["incidents", "residents", "hours"] = "incidents"
    by: Literal["grid", "community"] = "grid"
    area: str | None = Field(default=None, pattern=r"^\d{2,12}$", description="Code of an area: everything under it")
    since: date = Field(alias="from", description="First day")
    until: date = Field(alias="to", description="The day after the last")
    step: Literal["month", "year"] = "month"
    on: Literal["today", "then"] = Field(default="today", description="On today's grids, or on those of each time")


@bp.get("/plans/timeline")
def timeline() -> dict[str, Any]:
    """Every plan that is, was or will be in force, oldest first, with who decided and the codes of the grids that it changed."""
    with reading() as conn:
        found = history.timeline(conn)
    return {"plans": [_plan(row) for row in found]}


def _plan(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "state": coded(PLAN_STATES, row["state"]),
        "valid": {"from": row["since"], "to": row["until"]},
        **{
            name: row[name]
            for name in (
                "parent", "restores", "decision", "author", "published_by", "grids", "grids_new", "grids_ended", "changed",
            )
        },
    }  # fmt: skip


@bp.get("/plans/in-force")
def in_force() -> dict[str, Any]:
    """The plan in force and the version of its grids on maps: an open map that sees another one draws itself anew."""
    moment = now()
    with reading() as conn:
        plan = history.in_force(conn, moment)
        version = tiles.layers_now(conn).versions.get("grids", "")
    shown = plan and {"id": plan.id, "name": plan.name.as_dict(), "since": plan.since}
    return {"plan": shown, "version": version}


@bp.get("/history")
def of_place(query: PlaceQuery) -> dict[str, Any]:
    """The grids of a place through time, oldest first, each with its plan, who decided, on what grounds, and where it came from."""
    with reading() as conn:
        found = history.of_place(conn, lon=query.lon, lat=query.lat)
    return {"grids": [_step(row) for row in found]}


def _step(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "kind": row["kind"],
        "unit_type": coded(UNIT_TYPES, row["unit_type"]),
        "community": {"code": row["community_code"], "name": {"zh": row["community_zh"], "en": row["community_en"]}},
        "valid": {"from": row["since"], "to": row["until"]},
        **{name: row[name] for name in ("area_m2", "population", "households", "cells", "origins", "edits")},
        "plan": {
            "id": row["plan"],
            "name": {"zh": row["plan_zh"], "en": row["plan_en"]},
            **{name: row[name] for name in ("decision", "author", "published_by", "restores")},
        },
        "consultations": [
            {
                "id": support.proposal_id,
                "needed": support.needed_fraction,
                "supporting": support.supporting,
                "voices": support.voices,
                "override_reason": support.override_reason,
            }
            for support in row["supports"]
        ],
        "geometry": orjson.Fragment(row["geometry"]),
    }


@bp.get("/series")
def series(query: SeriesQuery) -> dict[str, Any]:
    """A count or sum month by month or year by year on today's grids (`method` says how), or on the grids of each time."""
    wish = comparable.Wish(
        query.measure, query.by, query.since, query.until, query.step, area=query.area, then=query.on == "then"
    )
    with reading() as conn:
        found = comparable.series(conn, wish, atlas=locator().atlas(conn, now()))
    return {
        "measure": found.measure,
        "by": found.by,
        "on": query.on,
        "step": query.step,
        "unit": found.unit.as_dict(),
        "method": found.method,
        "plan": found.plan_id,
        "steps": found.steps,
        "series": [{"code": code, "values": row} for code, row in zip(found.codes, found.values.tolist(), strict=True)],
        "outside": found.outside.tolist(),
    }
