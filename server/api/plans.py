"""One plan."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import plans
from server.api.words import PLAN_STATES, coded
from server.database import reading

bp = APIBlueprint("plans", __name__, abp_tags=[Tag(name="plans", description="Versions of the whole division")])


class PlanPath(BaseModel):
    """Which plan."""

    id: int = Field(ge=1, lt=2**63)


@bp.get("/plans/<int:id>")
def describe(path: PlanPath) -> dict[str, Any]:
    """One plan that is or was in force: its life, its decision, its grids and how many of them it drew anew."""
    with reading() as conn:
        found = plans.describe_plan(conn, path.id)
    return {
        "id": found["id"],
        "version": found["version"],
        "name": {"zh": found["name_zh"], "en": found["name_en"]},
        "state": coded(PLAN_STATES, found["state"]),
        "valid": {"from": found["since"], "to": found["until"]},
        **{name: found[name] for name in ("decision", "parent", "grids", "grids_new", "grids_ended")},
    }
