"""One member of staff."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import staff
from server.api.words import DUTIES, OFFICER_ROLES, coded
from server.auth import reach
from server.database import reading

bp = APIBlueprint("staff", __name__, abp_tags=[Tag(name="staff", description="Who works the grids")])


class StaffPath(BaseModel):
    """Who."""

    number: str = Field(max_length=50, description="Staff number, such as 441900-00001")


@bp.get("/staff/<number>")
def describe(path: StaffPath) -> dict[str, Any]:
    """One member of staff with every posting, newest first."""
    with reading() as conn:
        found = staff.describe(conn, path.number, reach=reach())
    return {
        "number": found["number"],
        "name": {"zh": found["name_zh"], "en": found["name_en"]},
        "duty": coded(DUTIES, found["duty"]),
        "synthetic": found["synthetic"],
        "postings": [_posting(row) for row in found["postings"]],
    }


def _posting(row: dict[str, Any]) -> dict[str, Any]:
    name = {"zh": row["area_zh"], "en": row["area_en"]}
    return {
        "role": row["role"] and coded(OFFICER_ROLES, row["role"]),
        "grid": row["grid"] and {"code": row["grid"]},
        "area": row["area"] and {"code": row["area"], "level": row["level"], "name": name},
        "valid": {"from": row["valid_from"], "to": row["valid_to"]},
    }
