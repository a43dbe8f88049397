"""Administrative areas."""

from typing import Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import areas
from server.api.moments import AsOf
from server.database import reading

bp = APIBlueprint("areas", __name__, abp_tags=[Tag(name="areas", description="City, towns and communities")])


class AreaPath(BaseModel):
    """Which area."""

    code: str = Field(pattern=r"^\d{2,15}$", description="Code of the area, such as 441900003001")


class LabelQuery(AsOf):
    """Whose labels."""

    level: Literal["district", "town", "community", "grid"]


@bp.get("/areas/<code>")
def describe(path: AreaPath, query: AsOf) -> dict[str, Any]:
    """One area with its residents, grids, staff and incidents, and the areas right under it."""
    with reading() as conn:
        area = areas.describe(conn, path.code, at=query.moment(conn))
    return {
        "code": area["code"],
        "level": area["level"],
        "name": {"zh": area["name_zh"], "en": area["name_en"]},
        "parent": _parent(area),
        "area_m2": area["area_m2"],
        "population": area["population"],
        "population_official": area["population_official"],
        "households": area["households"],
        "grids": area["grids"],
        "communities": area["communities"],
        "staff": area["staff"],
        "incidents": {name: area[name] for name in ("days_30", "days_365", "open")},
        "children": [
            {
                "code": child["code"],
                "level": child["level"],
                "name": {"zh": child["name_zh"], "en": child["name_en"]},
                "population": child["population"],
                "grids": child["grids"],
            }
            for child in area["children"]
        ],
        "bbox": [area["w"], area["s"], area["e"], area["n"]],
        "center": [area["lon"], area["lat"]],
        "synthetic": area["synthetic"],
    }


def _parent(area: dict[str, Any]) -> dict[str, Any] | None:
    if area["parent_code"] is None:
        return None
    name = {"zh": area["parent_zh"], "en": area["parent_en"]}
    return {"code": area["parent_code"], "level": area["parent_level"], "name": name}


@bp.get("/labels")
def labels(query: LabelQuery) -> dict[str, Any]:
    """Name and label point of every unit of a level."""
    with reading() as conn:
        return {"labels": areas.labels(conn, query.level, at=query.moment(conn))}
