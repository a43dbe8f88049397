"""Admission of matters: the catalogue with its versions, proposals, and decisions on them."""

from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from gis import admissions, city
from server.api.texts import OneLine, Text
from server.auth import actor, reach
from server.database import now, reading, writing

bp = APIBlueprint("admissions", __name__, abp_tags=[Tag(name="admissions", description="How matters enter, change and leave")])

CODE = r"^[A-Za-z0-9-]{1,20}$"


class MatterPath(BaseModel):
    """Which matter."""

    code: str = Field(max_length=40)


class DecisionPath(BaseModel):
    """Which proposal."""

    decision_id: int = Field(ge=1, le=2**63 - 1)


class DecisionQuery(BaseModel):
    """Which proposals."""

    state: Literal["proposed", "decided", "refused"] | None = None


class MatterContent(BaseModel):
    """What a matter says; for a revision what is to change."""

    model_config = ConfigDict(extra="forbid")

    category_zh: OneLine | None = Field(default=None, min_length=1, max_length=100)
    category_en: OneLine | None = Field(default=None, min_length=1, max_length=100)
    name_zh: OneLine | None = Field(default=None, min_length=1, max_length=100)
    name_en: OneLine | None = Field(default=None, min_length=1, max_length=100)
    department: str | None = Field(default=None, max_length=40)
    time_limit_h: float | None = Field(default=None, gt=0, le=10_000, description="Hours of working time")
    standard_min: int | None = Field(default=None, ge=1, le=100_000)
    inspection_interval_d: int | None = Field(default=None, ge=1, le=10_000)
    urgency: int | None = Field(default=None, ge=1, le=3)
    visibility: Literal["shown", "blurred", "hidden"] | None = None
    by_citizens: bool | None = None

    def told(self) -> dict[str, Any]:
        """What was sent; only the interval of inspections may be taken away."""
        sent = self.model_dump(include=self.model_fields_set)
        return {name: value for name, value in sent.items() if value is not None or name == "inspection_interval_d"}


class NewProposal(BaseModel):
    """What is proposed, and why."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=CODE)
    what: Literal["admit", "revise", "retire"]
    content: MatterContent = Field(default_factory=MatterContent)
    reason: Text = Field(min_length=2, max_length=2000)


class Decision(BaseModel):
    """A decision and the day it takes effect on."""

    model_config = ConfigDict(extra="forbid")

    decision: Text = Field(min_length=2, max_length=2000, description="Its wording, or the number of the document")
    effective_on: date


class Refusal(BaseModel):
    """Why not."""

    model_config = ConfigDict(extra="forbid")

    decision: Text = Field(min_length=2, max_length=2000)


@bp.get("/matters/catalogue")
def listed() -> dict[str, Any]:
    """Every matter that is, was or will be admitted, by its newest version."""
    with reading() as conn:
        return {"matters": [_version(row) for row in admissions.listed(conn, on=_today(conn))]}


@bp.get("/matters/decisions")
def decisions(query: DecisionQuery) -> dict[str, Any]:
    """Proposals and decisions, newest first."""
    with reading() as conn:
        return {"decisions": admissions.decisions(conn, state=query.state)}


@bp.post("/matters/decisions")
def propose(body: NewProposal) -> tuple[dict[str, Any], int]:
    """Propose to admit, revise or retire a matter; a department for its own."""
    part = reach()
    with writing() as conn:
        content = body.content.told()
        return admissions.propose(
            conn, code=body.code, what=body.what, content=content, reason=body.reason, reach=part, by=actor()
        ), 201


@bp.post("/matters/decisions/<int:decision_id>/decide")
def decide(path: DecisionPath, body: Decision) -> dict[str, Any]:
    """Decide a proposal: it takes effect on its day. Reports keep the version that they were filed under."""
    with writing() as conn:
        return admissions.decide(
            conn, path.decision_id, decision=body.decision, effective_on=body.effective_on, today=_today(conn), by=actor()
        )


@bp.post("/matters/decisions/<int:decision_id>/refuse")
def refuse(path: DecisionPath, body: Refusal) -> dict[str, Any]:
    """Refuse a proposal."""
    with writing() as conn:
        return admissions.refuse(conn, path.decision_id, decision=body.decision, by=actor())


@bp.get("/matters/<code>")
def history(path: MatterPath) -> dict[str, Any]:
    """A matter with all its versions and all decisions on it, newest first."""
    with reading() as conn:
        told = admissions.history(conn, path.code, on=_today(conn))
    return told | {"versions": [_version(row) for row in told["versions"]]}


def _today(conn: Connection) -> date:
    return now().astimezone(ZoneInfo(city.get(conn).timezone)).date()


def _version(row: dict[str, Any]) -> dict[str, Any]:
    facts = (
        "code", "version", "state", "admitted_on", "retired_on", "time_limit_h", "standard_min", "inspection_interval_d", "urgency",
        "kind", "visibility", "by_citizens",
    )  # fmt: skip
    return {name: row[name] for name in facts} | {
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "category": {"zh": row["category_zh"], "en": row["category_en"]},
        "department": {"code": row["department"], "name": {"zh": row["department_zh"], "en": row["department_en"]}},
    }
