"""The basic public services, which facilities do them, and what a facility of a kind must have."""

from typing import Any

from flask import current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field

from gis import services
from gis.coverage_records import FacilityStandard, StandardKept
from server.api.reach_question import QuestionBody
from server.api.texts import OneLine, Text
from server.auth import actor
from server.database import reading, writing

bp = APIBlueprint("services", __name__, abp_tags=[Tag(name="services", description="What is done where")])

MOST_M2 = 1_000_000.0
MOST_PER_RESIDENT = 1_000.0


class KindPath(BaseModel):
    """Which kind of facility."""

    kind: Text = Field(min_length=1, max_length=100)


class Standard(BaseModel):
    """What a facility of a kind must have; with nothing asked for, the kind has no standard any more."""

    model_config = ConfigDict(extra="forbid")

    floor_area_m2: float | None = Field(default=None, gt=0, le=MOST_M2)
    m2_per_resident: float | None = Field(default=None, gt=0, le=MOST_PER_RESIDENT, description="Floor area per resident served")
    residents_per_place: float | None = Field(default=None, gt=0, le=MOST_M2, description="Residents served per place, at most")
    source: OneLine = Field(min_length=1, max_length=300, description="The rule that says so")


class MatrixWish(BaseModel):
    """How far a service may be, and when a community reaches it."""

    model_config = ConfigDict(extra="forbid")

    question: QuestionBody = Field(description="A question of coverage; its kinds and services do not count")


@bp.get("/services")
def listed() -> dict[str, Any]:
    """The basic public services by code: category, names, whether estates' stations do them, how many facilities do."""
    with reading() as conn:
        found = services.find(conn)
    return {
        "services": [
            {
                "code": row.code, "category": row.category.as_dict(), "name": row.name.as_dict(), "at_station": row.at_station,
                "facilities": facilities,
            }
            for row, facilities in found
        ]
    }  # fmt: skip


@bp.post("/services/matrix")
def matrix(body: MatrixWish) -> dict[str, Any]:
    """Which communities reach which services: for each service a text of a 1 or 0 for each community, in the order listed."""
    with reading() as conn:
        found = services.matrix(conn, body.question.question(), folder=current_app.config["SETTINGS"].networks_dir)
    return {
        "limit_m": found.limit_m,
        "services": [
            {
                "code": row.code, "category": row.category.as_dict(), "name": row.name.as_dict(), "at_station": row.at_station,
                "facilities": int(facilities), "reached": int(reached.sum()),
            }
            for row, facilities, reached in zip(found.services, found.offered, found.reached, strict=True)
        ],
        "communities": [
            {"code": code, "name": name.as_dict()} for code, name in zip(found.codes, found.names, strict=True)
        ],
        "matrix": ["".join("01"[each] for each in row.astype(int)) for row in found.reached],
    }  # fmt: skip


@bp.get("/facility-standards")
def standards() -> dict[str, Any]:
    """What facilities of each kind must have, and how many of them have less floor area than that."""
    with reading() as conn:
        return {"standards": [_answered(kept) for kept in services.standards(conn)]}


@bp.get("/facility-standards/fails")
def fails() -> dict[str, Any]:
    """The facilities with less floor area than their standard asks for: by kind, what lacks most first."""
    with reading() as conn:
        found = services.too_small(conn)
    return {
        "facilities": [
            {
                "id": each.id, "kind": each.kind, "name": each.name.as_dict(), "community": each.community.as_dict(),
                "center": [each.lon, each.lat], "floor_area_m2": each.floor_area_m2, "least_m2": each.least_m2,
            }
            for each in found
        ]
    }  # fmt: skip


@bp.put("/facility-standards/<kind>")
def set_standard(path: KindPath, body: Standard) -> dict[str, Any]:
    """Set what facilities of a kind must have."""
    with writing() as conn:
        services.set_standard(conn, FacilityStandard(path.kind, **body.model_dump()), by=actor())
        return {"standards": [_answered(kept) for kept in services.standards(conn)]}


def _answered(kept: StandardKept) -> dict[str, Any]:
    standard = kept.standard
    return {
        "kind": {"code": standard.kind, "name": kept.name.as_dict()},
        "floor_area_m2": standard.floor_area_m2,
        "m2_per_resident": standard.m2_per_resident,
        "residents_per_place": standard.residents_per_place,
        "source": standard.source,
        "facilities": kept.facilities,
        "unmeasured": kept.unmeasured,
        "too_small": kept.too_small,
    }
