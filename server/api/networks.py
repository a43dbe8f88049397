"""Walking networks: what was brought in, which one walks are measured on, and what bars the way."""

from typing import Any

import shapely
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import networks
from gis.coverage_records import StreetNetwork
from server.auth import actor
from server.database import reading, writing

bp = APIBlueprint("networks", __name__, abp_tags=[Tag(name="networks", description="The streets that walks are measured on")])


class NetworkPath(BaseModel):
    """Which network."""

    network_id: int = Field(ge=1, le=2**63 - 1)


@bp.get("/networks")
def listed() -> dict[str, Any]:
    """All walking networks, the newest first; one is in force at most."""
    with reading() as conn:
        return {"networks": [_answered(network) for network in networks.every(conn)]}


@bp.get("/networks/<int:network_id>")
def describe(path: NetworkPath) -> dict[str, Any]:
    """A network with its length by class of street and the number of its barriers by kind."""
    with reading() as conn:
        return _answered(networks.get(conn, path.network_id)) | networks.describe(conn, path.network_id)


@bp.get("/networks/<int:network_id>/barriers")
def barriers(path: NetworkPath) -> dict[str, Any]:
    """The rivers, expressways, railways and walls that no way off the network crosses, as GeoJSON."""
    with reading() as conn:
        found = networks.barriers(conn, path.network_id)
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": shapely.geometry.mapping(line), "properties": {"kind": kind}}
            for line, kind in zip(found.barriers, found.kind, strict=True)
        ],
    }


@bp.post("/networks/<int:network_id>/force")
def force(path: NetworkPath) -> dict[str, Any]:
    """Measure walks on this network from now on."""
    with writing() as conn:
        return _answered(networks.put_in_force(conn, path.network_id, by=actor()))


@bp.delete("/networks/<int:network_id>")
def remove(path: NetworkPath) -> dict[str, Any]:
    """Take away a network that is not in force."""
    with writing() as conn:
        networks.remove(conn, path.network_id, by=actor())
    return {"removed": path.network_id}


def _answered(network: StreetNetwork) -> dict[str, Any]:
    kept = ("id", "name", "source", "in_force", "edges", "synthetic", "at")
    return {**{name: getattr(network, name) for name in kept}, "length_km": round(network.length_m / 1000, 1), "by": network.author}
