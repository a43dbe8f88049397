"""Grids of the plan in force."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import plans
from server.api.moments import AsOf
from server.api.words import DUTIES, OFFICER_ROLES, STATES, UNIT_TYPES, coded
from server.auth import reach
from server.database import reading

bp = APIBlueprint("grids", __name__, abp_tags=[Tag(name="grids", description="Management grids")])


class GridPath(BaseModel):
    """Which grid."""

    code: str = Field(pattern=r"^\d{14,15}$", description="Code of the grid by CJ/T 349, such as 44190000300101")


@bp.get("/grids/<code>")
def describe(path: GridPath, query: AsOf) -> dict[str, Any]:
    """One grid in force, or of a moment, with its facts, its officers, its newest incidents and where it came from."""
    with reading() as conn:
        grid = plans.describe_grid(conn, path.code, reach=reach(), at=query.moment(conn))
    return {
        "code": grid["code"],
        "name": {"zh": grid["code"], "en": grid["code"]},
        "community": _area(grid, "community"),
        "town": _area(grid, "town"),
        "unit_type": coded(UNIT_TYPES, grid["unit_type"]),
        **{name: grid[name] for name in ("area_m2", "population", "households", "cells", "synthetic")},
        "within_reach": grid["within_reach"],
        "staff": grid["staff"],
        "incidents": {name: grid[name] for name in ("days_30", "days_365", "open")},
        "officers": [_officer(officer) for officer in grid["officers"]],
        "recent_incidents": [_incident(incident) for incident in grid["recent_incidents"]],
        "predecessors": grid["predecessors"],
        "bbox": [grid["w"], grid["s"], grid["e"], grid["n"]],
        "center": [grid["lon"], grid["lat"]],
        "valid": {"from": grid["valid_from"], "to": grid["valid_to"]},
    }


def _area(grid: dict[str, Any], level: str) -> dict[str, Any]:
    return {"code": grid[f"{level}_code"], "name": {"zh": grid[f"{level}_zh"], "en": grid[f"{level}_en"]}}


def _officer(officer: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": {"zh": officer["name_zh"], "en": officer["name_en"]},
        "number": officer["number"],
        "duty": coded(DUTIES, officer["duty"]),
        "role": officer["role"] and coded(OFFICER_ROLES, officer["role"]),
    }


def _incident(incident: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": incident["number"],
        "matter": {"zh": incident["matter_zh"], "en": incident["matter_en"]},
        "state": coded(STATES, incident["state"]),
        "urgency": incident["urgency"],
        "reported_at": incident["reported_at"],
    }
