"""What citizens look up: matters by picture, what is known nearby, what is known around."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field, StringConstraints

from gis import catalogue, city, reporting
from gis.citizen_records import PublicCase
from gis.errors import BadQuery
from gis.feature_records import Bbox
from gis.rules.datums import Datum
from gis.rules.plain_words import STATES
from server.api.incidents import placeable
from server.api.public import told_case
from server.database import now, reading

bp = APIBlueprint("public_map", __name__, abp_tags=[Tag(name="public", description="For citizens, without an account")])

Numbers = Annotated[str, StringConstraints(max_length=100, pattern=r"^-?[\d.]+(,-?[\d.]+){3}$")]
DECIMALS_DEG = 5


class Kind(BaseModel):
    """Which kind."""

    kind: Literal["matter", "wish"] = "matter"


class Place(BaseModel):
    """A place, and what may be there."""

    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    matter: str | None = Field(default=None, max_length=20, description="Those of this matter come first")


class Box(BaseModel):
    """A part of the map."""

    bbox: Numbers = Field(description="West, south, east, north in WGS 84")


@bp.get("/public/matters")
def matters(query: Kind) -> dict[str, Any]:
    """What anybody may report, by category, each with the picture of its tile; and what is reported most often of late."""
    with reading() as conn:
        today = now().astimezone(ZoneInfo(city.get(conn).timezone)).date()
        found = [row for row in catalogue.matters(conn, on=today, kind=query.kind) if row["by_citizens"]]
        often = reporting.often_reported(conn, kind=query.kind)
    categories: dict[str, dict[str, Any]] = {}
    for row in found:
        name = {"zh": row["category_zh"], "en": row["category_en"]}
        listed = categories.setdefault(row["category_zh"], {"name": name, "icon": row["icon"], "matters": []})
        listed["matters"].append(
            {**{field: row[field] for field in ("code", "icon", "urgency")}, "name": {"zh": row["name_zh"], "en": row["name_en"]}}
        )
    codes = {row["code"] for row in found}
    return {"categories": list(categories.values()), "often": [code for code in often if code in codes]}


@bp.get("/public/near")
def near(query: Place) -> dict[str, Any]:
    """Where a place is, and open cases near it, so that nothing is reported twice: at most five, the likeliest first."""
    lon, lat = placeable(query.lon, query.lat, datum=query.datum)
    with reading() as conn:
        found = reporting.near(conn, lon, lat, matter=query.matter, now=now())
        zone = ZoneInfo(city.get(conn).timezone)
        community, town = reporting.place_of(conn, lon, lat)
    place = {"community": community.as_dict() if community else None, "town": town.as_dict() if town else None}
    return {"place": place, "cases": [_shown(case, zone) | {"metres": metres} for case, metres in found]}


@bp.get("/public/ground")
def ground(query: Box) -> dict[str, Any]:
    """The communities in a box, or where it is wide the towns, GeoJSON: a map without a base map is found one's way on."""
    with reading() as conn:
        found = reporting.ground(conn, _box(query.bbox))
    return {"type": "FeatureCollection", "features": [_outlined(row) for row in found]}


def _outlined(row: dict[str, Any]) -> dict[str, Any]:
    name = {"zh": row["name_zh"], "en": row["name_en"]}
    return {
        "type": "Feature", "geometry": row["outline"],
        "properties": {"code": row["code"], "name": name, "label": [row["lon"], row["lat"]]},
    }  # fmt: skip


@bp.get("/public/cases")
def cases(query: Box) -> dict[str, Any]:
    """Open and lately settled cases in a box, the newest 1,000: without words and people, some only roughly placed."""
    with reading() as conn:
        found = reporting.around(conn, _box(query.bbox), now=now())
        zone = ZoneInfo(city.get(conn).timezone)
    return {"cases": [_shown(case, zone) for case in found]}


def _box(given: str) -> Bbox:
    try:
        west, south, east, north = (float(each) for each in given.split(","))
    except ValueError:
        raise BadQuery("bbox is west, south, east, north in degrees.", field="bbox") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadQuery("bbox is west, south, east, north in degrees.", field="bbox")
    return west, south, east, north


def _shown(case: PublicCase, zone: ZoneInfo) -> dict[str, Any]:
    return told_case(case) | {
        "state": {"code": case.state, "name": STATES[case.state].as_dict()}, "open": case.closed_at is None,
        "reported_at": case.reported_at.astimezone(zone).date(), "blurred": case.visibility == "blurred",
        "lon": round(case.lon, DECIMALS_DEG), "lat": round(case.lat, DECIMALS_DEG),
    }  # fmt: skip
