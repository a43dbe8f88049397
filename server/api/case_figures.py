"""Figures of cases while it happens."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field, StringConstraints

from gis import case_figures, city
from gis.rules.words import AREA_LEVELS
from server.auth import current_account, reach
from server.database import now, reading

bp = APIBlueprint("case_figures", __name__, abp_tags=[Tag(name="cases", description="Incidents from the report to the end")])

FIGURES = ("received", "open", "late", "closed", "on_time_fraction", "median_handling_min")
OUTSIDE = {"zh": "网格外", "en": "Outside every grid"}


class FiguresQuery(BaseModel):
    """Of which area and period, by what."""

    area: Annotated[str, StringConstraints(pattern=r"^\d{2,15}$")] | None = Field(
        default=None, description="Code of an area: all that lie under it"
    )
    first: date | None = Field(default=None, alias="from", description="A day in the city; 30 days in all if absent")
    last: date | None = Field(default=None, alias="to", description="The last day, included; today if absent")
    by: Literal["level", "matter", "department", "area"] = "level"


@bp.get("/cases/figures")
def read(query: FiguresQuery) -> dict[str, Any]:
    """What came in and was closed in a period, what is open and late now; in all, and by level, matter, department or area."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    reach()  # the question is put for the account, which has the reach in it
    with reading() as conn:
        first, last, rows = case_figures.of_period(
            conn, by=query.by, area=query.area, first=query.first, last=query.last, account=account,
            timezone=city.get(conn).timezone, now=now(),
        )  # fmt: skip
    whole: Mapping[str, Any] = next((row for row in rows if row["whole"]), {})
    totals = {name: whole[name] for name in FIGURES}
    return {
        "from": first, "to": last, "by": query.by, **totals, "rows": [_row(row, query.by) for row in rows if not row["whole"]],
    }  # fmt: skip


def _row(row: Mapping[str, Any], by: str) -> dict[str, Any]:
    named = {"zh": row["name_zh"], "en": row["name_en"]} if row["code"] is not None else OUTSIDE
    if by == "level" and row["code"] in AREA_LEVELS:
        named = dict(zip(("zh", "en"), AREA_LEVELS[row["code"]], strict=True))
    return {"code": row["code"], "name": named, **{name: row[name] for name in FIGURES}}
