"""What if: changes of facilities tried on the map, kept as scenarios, compared."""

import time
from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from gis import scenarios
from gis.coverage_records import FacilityChange, Scenario
from server.api.coverage import networks_folder
from server.api.reach_question import QuestionBody
from server.api.texts import OneLine
from server.auth import actor
from server.database import reading, writing

bp = APIBlueprint("scenarios", __name__, abp_tags=[Tag(name="coverage", description="Who reaches what, and where to build")])

MOST_CHANGES = 500
Title = Annotated[OneLine, Field(min_length=1, max_length=200)]


class ChangeBody(BaseModel):
    """One change. A facility that is opened has a negative number of its own."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["open", "move", "close", "resize"]
    facility: int = Field(gt=-(2**31), lt=2**63)
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    capacity: int | None = Field(default=None, ge=1, le=100_000_000, description="Residents that it takes")


Changes = Annotated[list[ChangeBody], Field(max_length=MOST_CHANGES)]


class WhatIfBody(BaseModel):
    """A question and changes, one after the other."""

    model_config = ConfigDict(extra="forbid")

    question: QuestionBody = Field(default_factory=QuestionBody)
    changes: Changes = Field(default_factory=list)

    def made(self) -> list[FacilityChange]:
        """The changes as the services know them."""
        return [FacilityChange(**change.model_dump()) for change in self.changes]


class ScenarioBody(WhatIfBody):
    """A scenario to be kept: a question with changes, or the sites that a search found."""

    name: Title
    siting: int | None = Field(default=None, ge=1, lt=2**63, description="Takes the question and the sites of this search")

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "ScenarioBody":
        if self.siting is not None and (self.changes or "question" in self.model_fields_set):
            raise ValueError("a search brings its own question and changes")
        return self


class ChangedBody(WhatIfBody):
    """What a scenario becomes."""

    name: Title
    seen_version: int = Field(ge=1, description="Version of the scenario when it was read")


class ScenarioPath(BaseModel):
    """Which scenario."""

    id: int = Field(ge=1, lt=2**63)


class SeenQuery(BaseModel):
    """Version of the scenario when it was read."""

    seen_version: int = Field(ge=1)


class CompareQuery(BaseModel):
    """Which scenarios."""

    ids: str = Field(pattern=r"^\d{1,18}(,\d{1,18}){0,19}$", description="Numbers with commas between them")


@bp.post("/coverage/what-if")
def what_if(body: WhatIfBody) -> dict[str, Any]:
    """What changes would come to: cells gained and lost, residents and communities before and after. Nothing is kept."""
    began = time.perf_counter()
    with reading() as conn:
        found = scenarios.what_if(conn, body.question.question(), body.made(), folder=networks_folder())
    seconds = round(time.perf_counter() - began, 4)
    return found.outcome() | {"gained": found.gained.tolist(), "lost": found.lost.tolist(), "seconds": seconds}


@bp.post("/scenarios")
def save(body: ScenarioBody) -> tuple[dict[str, Any], int]:
    """Keep changes under a name, or the sites of a search."""
    with writing() as conn:
        if body.siting is not None:
            kept = scenarios.save_sites(conn, name=body.name, siting_id=body.siting, folder=networks_folder(), by=actor())
        else:
            kept = scenarios.save(
                conn, name=body.name, question=body.question.question(), changes=body.made(), folder=networks_folder(), by=actor()
            )
        return _whole(conn, kept), 201


@bp.get("/scenarios")
def listed() -> dict[str, Any]:
    """The scenarios that are kept, those changed last first."""
    with reading() as conn:
        return {"scenarios": [_line(scenario) for scenario in scenarios.find(conn)]}


@bp.get("/scenarios/<int:id>")
def describe(path: ScenarioPath) -> dict[str, Any]:
    """One scenario with its question, changes and outcome."""
    with reading() as conn:
        return _whole(conn, scenarios.get(conn, path.id))


@bp.get("/scenarios/compare")
def compare(query: CompareQuery) -> dict[str, Any]:
    """Several scenarios side by side, in the order asked for."""
    with reading() as conn:
        found = scenarios.compare(conn, [int(number) for number in query.ids.split(",")])
        return {
            "scenarios": [_whole(conn, scenario) for scenario in found],
            "same_question": all(scenario.question == found[0].question for scenario in found),
        }


@bp.put("/scenarios/<int:id>")
def change(path: ScenarioPath, body: ChangedBody) -> dict[str, Any]:
    """Keep other changes under the same number."""
    with writing() as conn:
        kept = scenarios.change(
            conn, path.id, name=body.name, question=body.question.question(), changes=body.made(), seen_version=body.seen_version,
            folder=networks_folder(), by=actor(),
        )  # fmt: skip
        return _whole(conn, kept)


@bp.delete("/scenarios/<int:id>")
def remove(path: ScenarioPath, query: SeenQuery) -> tuple[str, int]:
    """Drop a scenario."""
    with writing() as conn:
        scenarios.remove(conn, path.id, seen_version=query.seen_version, by=actor())
    return "", 204


def _whole(conn: Connection, scenario: Scenario) -> dict[str, Any]:
    more = {name: getattr(scenario, name) for name in ("question", "changes", "outcome")}
    return _line(scenario) | more | {"is_current": scenarios.is_current(conn, scenario)}


def _line(scenario: Scenario) -> dict[str, Any]:
    names = ("id", "name", "author", "version", "at", "changed_at")
    figures = {name: scenario.outcome[name] for name in ("gained_residents", "lost_residents")}
    return {name: getattr(scenario, name) for name in names} | {"change_count": len(scenario.changes), **figures}
