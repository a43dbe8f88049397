"""Plans and drafts: listed, opened, described, withdrawn; their grids and cells as they are now."""

from typing import Any, Literal

from flask import Response, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import drafts
from gis.draft_records import NewDraft
from gis.feature_records import Bbox
from gis.records import Name
from server.api.texts import OneLine, Text
from server.api.words import PLAN_STATES, coded
from server.auth import actor, reach
from server.database import reading, writing

bp = APIBlueprint("plans", __name__, abp_tags=[Tag(name="plans", description="Versions of the whole division, and drafts of them")])
GEOJSON = "application/geo+json"
State = Literal["draft", "consultation", "coming", "published", "superseded", "withdrawn"]
PARENT = "The plan it starts from; if absent the newest that is published, also before its day"


class PlanPath(BaseModel):
    """Which plan."""

    id: int = Field(ge=1, lt=2**63)


class PlansQuery(BaseModel):
    """Which plans."""

    state: State | None = None


class PlanName(BaseModel):
    """A name in both languages."""

    zh: OneLine = Field(min_length=1, max_length=100)
    en: OneLine = Field(min_length=1, max_length=100)


class NewPlan(BaseModel):
    """A draft to be opened."""

    name: PlanName
    scope: list[Text] = Field(default=[], max_length=1000, description="Codes of the areas that it may change; of a copy: as there")
    parent: int | None = Field(default=None, ge=1, lt=2**63, description=PARENT)
    copy_of: int | None = Field(default=None, ge=1, lt=2**63, description="A draft whose edits it takes along")


class PlanChange(BaseModel):
    """Other facts of a draft."""

    seen_version: int = Field(ge=1)
    name: PlanName | None = None
    decision: Text | None = Field(default=None, max_length=10_000)
    workload_model: int | None = Field(default=None, ge=1, lt=2**63, description="The model that it is judged by")


class GridsQuery(BaseModel):
    """Which grids of a plan."""

    area: Text | None = Field(default=None, max_length=20, description="Code of an area; everything if absent")
    simplify: bool = Field(default=False, description="Shapes for maps of a whole town: generalised together")


_NUMBER = r"-?\d+(\.\d+)?"


class CellsQuery(BaseModel):
    """Which cells of a plan: of an area, or what touches a box."""

    area: Text | None = Field(default=None, max_length=20)
    bbox: str | None = Field(default=None, pattern=f"^{_NUMBER}(,{_NUMBER}){{3}}$", description="west,south,east,north in degrees")

    def box(self) -> Bbox | None:
        """The box in degrees."""
        if self.bbox is None:
            return None
        west, south, east, north = map(float, self.bbox.split(","))
        return west, south, east, north


@bp.get("/plans")
def listed(query: PlansQuery) -> dict[str, Any]:
    """Every plan: those that are or were in force, and the drafts of one's own part of the city; the newest first."""
    with reading() as conn:
        return {"plans": [_listed(plan) for plan in drafts.find(conn, reach=reach(), state=query.state)]}


@bp.post("/plans")
def open_draft(body: NewPlan) -> tuple[dict[str, Any], int]:
    """Open a draft that starts from a plan, or a copy of another draft."""
    draft = NewDraft(Name(body.name.zh, body.name.en), tuple(body.scope), body.parent, body.copy_of)
    with writing() as conn:
        plan_id = drafts.open_draft(conn, draft, reach=reach(), by=actor())
        return described(drafts.describe(conn, plan_id, reach=reach())), 201


@bp.get("/plans/<int:id>")
def describe(path: PlanPath) -> dict[str, Any]:
    """One plan with the sums of its scope; of a published one also how many grids came and went with it."""
    with writing() as conn:  # sums that nobody asked for yet are counted and kept
        return described(drafts.describe(conn, path.id, reach=reach()))


@bp.patch("/plans/<int:id>")
def change(path: PlanPath, body: PlanChange) -> dict[str, Any]:
    """Give a draft another name, decision or workload model."""
    facts: dict[str, Any] = {"decision": body.decision, "workload_model_id": body.workload_model}
    if body.name is not None:
        facts |= {"name_zh": body.name.zh, "name_en": body.name.en}
    facts = {name: value for name, value in facts.items() if value is not None}
    with writing() as conn:
        if facts:
            drafts.change(conn, path.id, facts, seen_version=body.seen_version, reach=reach(), by=actor())
        return described(drafts.describe(conn, path.id, reach=reach()))


@bp.delete("/plans/<int:id>")
def withdraw(path: PlanPath) -> dict[str, Any]:
    """Put a draft away; it stays to be looked at and copied."""
    with writing() as conn:
        drafts.withdraw(conn, path.id, reach=reach(), by=actor())
        return described(drafts.describe(conn, path.id, reach=reach()))


@bp.get("/plans/<int:id>/grids")
def grids(path: PlanPath, query: GridsQuery) -> Response:
    """The grids of a plan with their shapes and figures, as GeoJSON."""
    with writing() as conn:  # as above
        found = drafts.grids(conn, path.id, reach=reach(), area=query.area, simplified=query.simplify)
    return as_geojson(found)


@bp.get("/plans/<int:id>/cells")
def cells(path: PlanPath, query: CellsQuery) -> Response:
    """The cells of an area, at most 5,000, each with its grid under the plan, as GeoJSON."""
    with reading() as conn:
        return as_geojson(drafts.cells(conn, path.id, reach=reach(), area=query.area, bbox=query.box()))


def as_geojson(found: dict[str, Any]) -> Response:
    """A FeatureCollection, sent."""
    return Response(current_app.json.dumps(found), content_type=GEOJSON)


def described(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan as it is answered by itself."""
    published = {name: plan[name] for name in ("grids", "grids_new", "grids_ended") if name in plan}
    return _listed(plan) | {"decision": plan["decision"], "summary": plan["summary"], **published}


def _listed(plan: dict[str, Any]) -> dict[str, Any]:
    model = {"id": plan["model_id"], "version": plan["model_version"], "name": {"zh": plan["model_zh"], "en": plan["model_en"]}}
    return {
        **{name: plan[name] for name in ("id", "parent", "author", "version", "changed_at", "created_at")},
        **{name: plan[name] for name in ("edits", "grids_changed")},
        "name": {"zh": plan["name_zh"], "en": plan["name_en"]},
        "state": coded(PLAN_STATES, plan["state"]),
        "in_force": plan["in_force"],
        "scope": [{"code": area["code"], "name": area["name"]} for area in plan["scope"]],
        "valid": {"from": plan["since"], "to": plan["until"]} if plan["since"] else None,
        "workload_model": model if plan["model_id"] else None,
    }
