"""Facilities and their kinds."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel

from gis import facilities
from server.api.words import FACILITY_LEVELS, coded
from server.database import reading

bp = APIBlueprint("facilities", __name__, abp_tags=[Tag(name="facilities", description="Service points")])


class FacilityPath(BaseModel):
    """Which facility."""

    id: int


@bp.get("/facilities/<int:id>")
def describe(path: FacilityPath) -> dict[str, Any]:
    """One facility with its kind, level, room, opening hours, community and grid."""
    with reading() as conn:
        found = facilities.describe(conn, path.id)
    return {
        "id": found["id"],
        "name": {"zh": found["name_zh"], "en": found["name_en"]},
        "kind": {"code": found["kind"], "name": {"zh": found["kind_zh"], "en": found["kind_en"]}},
        "level": coded(FACILITY_LEVELS, found["level"]),
        **{name: found[name] for name in ("floor_area_m2", "capacity", "opening_hours", "synthetic")},
        "community": {"code": found["community_code"], "name": {"zh": found["community_zh"], "en": found["community_en"]}},
        "grid": found["grid"] and {"code": found["grid"]},
        "center": [found["lon"], found["lat"]],
    }


@bp.get("/facility-kinds")
def kinds() -> dict[str, Any]:
    """Every kind of facility with how many there are."""
    with reading() as conn:
        found = facilities.kinds(conn)
    return {
        "kinds": [
            {"code": row["code"], "name": {"zh": row["name_zh"], "en": row["name_en"]}, "count": row["count"]} for row in found
        ]
    }
