"""Incidents: taken in, read by number; the matters they may be of."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from gis import catalogue, city, incidents, photos
from gis.errors import BadCoordinates
from gis.records import Report
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.datums import Datum, to_wgs84
from server.api.texts import Text
from server.api.words import STATES, coded
from server.auth import actor, reach
from server.database import now, reading, writing
from server.intake import KEY_PATTERN, sent_key, take_in

bp = APIBlueprint("incidents", __name__, abp_tags=[Tag(name="incidents", description="What happens on the ground")])

Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN)]


class NewIncident(BaseModel):
    """A report."""

    matter: str = Field(description="Code of an admitted matter; GET /api/v1/matters lists them")
    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    channel: Literal["patrol", "citizen", "hotline", "department"] = "patrol"
    description: Text | None = Field(default=None, max_length=incidents.DESCRIPTION_LIMIT)
    reported_at: AwareDatetime | None = Field(default=None, description="With its offset from UTC; now if absent")
    address: Text | None = Field(default=None, max_length=incidents.ADDRESS_LIMIT)
    urgency: Literal[1, 2, 3] | None = Field(default=None, description="1 is the most urgent; the matter's own if absent")
    tier: Literal["now", "soon", "later"] | None = Field(default=None, description="Of a wish; soon if absent")
    photos: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]] = Field(
        default_factory=list, max_length=9, description="Ids of photos that were sent before, by POST /api/v1/photos"
    )
    key: Key | None = Field(default=None, description="What is sent again with it is taken in once; or as header Idempotency-Key")


class NumberPath(BaseModel):
    """Which incident."""

    number: str = Field(pattern=r"^\d{6}-[0-9A-Z]{6}$", description="Tracking number, such as 261122-QYNYTM")


@bp.post("/incidents")
def report(body: NewIncident) -> tuple[dict[str, Any], int]:
    """Take a report in: it is placed in its grid, given to its community and answered with its number and when it is due.

    Outside every grid it is kept too, and is the city's. Sent again with the same key it is answered as before.
    """
    lon, lat = placeable(body.lon, body.lat, datum=body.datum)
    sent = Report(
        body.matter, lon, lat, body.channel, body.description, body.reported_at, address=body.address, urgency=body.urgency,
        tier=body.tier, key=body.key or sent_key(),
    )  # fmt: skip
    with writing() as conn:
        taken = take_in(conn, sent, by=actor())
        photos.give_to_report(conn, taken["number"], body.photos, by=actor())
    return _answered(taken), 201


def placeable(sent_lon: float, sent_lat: float, *, datum: Datum) -> tuple[float, float]:
    """Coordinates as they were sent, in WGS 84. Raises BadCoordinates."""
    lon, lat = np.array([sent_lon]), np.array([sent_lat])
    fault = CoordinateFault(int(coordinate_faults(lon, lat)[0]))
    if fault is not CoordinateFault.OK:
        raise BadCoordinates(f"lon, lat: {fault.message}", field="lon, lat", fault=fault.name.lower())
    x, y = to_wgs84(lon, lat, datum=datum)
    return float(x[0]), float(y[0])


@bp.get("/incidents/<number>")
def read(path: NumberPath) -> dict[str, Any]:
    """One incident by its tracking number."""
    with reading() as conn:
        return _answered(incidents.get(conn, path.number, reach=reach()))


class MattersQuery(BaseModel):
    """Which kind."""

    kind: Literal["matter", "wish"] = Field(default="matter", description="`wish` for the small wishes of residents")


@bp.get("/matters")
def matters(query: MattersQuery) -> dict[str, Any]:
    """The matters admitted to the grid today, with their time limits and departments; or the kinds of wishes."""
    with reading() as conn:
        found = catalogue.matters(conn, on=now().astimezone(ZoneInfo(city.get(conn).timezone)).date(), kind=query.kind)
    return {"matters": [_matter(row) for row in found]}


def _matter(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "version": row["version"],
        "category": {"zh": row["category_zh"], "en": row["category_en"]},
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "department": {"code": row["department"], "name": {"zh": row["department_zh"], "en": row["department_en"]}},
        **{name: row[name] for name in ("time_limit_h", "standard_min", "inspection_interval_d", "urgency")},
        **{name: row[name] for name in ("kind", "icon", "visibility", "by_citizens")},
    }


SAID = (
    "version", "urgency", "tier", "channel", "description", "address", "reported_at", "due_at", "closed_at", "lon", "lat",
    "synthetic",
)  # fmt: skip


def _answered(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": row["number"],
        "matter": {"code": row["matter"], "name": {"zh": row["matter_zh"], "en": row["matter_en"]}},
        "state": coded(STATES, row["state"]),
        **{name: row[name] for name in SAID},
        "department": row["department"],
        "command": {
            "code": row["command"],
            "name": {"zh": row["command_zh"], "en": row["command_en"]},
            "level": row["command_level"],
        },
        "grid": row["grid"] and {"code": row["grid"]},
    }
