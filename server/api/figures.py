"""Figures that the map is coloured by."""

from typing import Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from gis import figures
from server.api.moments import AsOf
from server.database import reading

bp = APIBlueprint("figures", __name__, abp_tags=[Tag(name="figures", description="One measure over all units of a level")])


class FigureQuery(AsOf):
    """Which measure, of which units."""

    measure: Literal["population", "density", "staff", "incidents", "area"]
    level: Literal["town", "community", "grid"] = "grid"


@bp.get("/figures")
def measure(query: FigureQuery) -> dict[str, Any]:
    """The measure of every unit, with its unit of measurement, the legend's class limits and as of when it holds."""
    with reading() as conn:
        found = figures.measure(conn, query.measure, level=query.level, at=query.moment(conn))
    return {
        "level": found.level,
        "measure": found.measure,
        "unit": found.unit.as_dict(),
        "as_of": found.as_of,
        "values": found.values,
        "breaks": found.breaks,
    }
