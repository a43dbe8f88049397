"""What can be filed: discovery, the list of services, the questions of each."""

from typing import Any

from flask import Blueprint, Response, request

from gis import open311
from gis.rules.open311 import Attribute, attributes_of
from server.database import now, reading
from server.open311.answering import FORMATS, answer
from server.open311.asking import check_jurisdiction, is_extended, language

CHANGESET = "2026-11-22T00:00:00Z"
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


def register(bp: Blueprint) -> None:
    """Bind the addresses."""
    bp.get("/discovery.<any(json, xml):fmt>")(discovery)
    bp.get("/services.<any(json, xml):fmt>")(services)
    bp.get("/services/<code>.<any(json, xml):fmt>")(definition)


def discovery(fmt: str) -> Response:
    """Where the service is and which formats it speaks."""
    address = request.url_root.rstrip("/")
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{address}/open311/v2",
        "changeset": CHANGESET,
        "type": "production",
        "formats": [content_type.partition(";")[0] for content_type in FORMATS.values()],
    }
    return answer(
        "discovery",
        {"changeset": CHANGESET, "contact": address, "key_service": f"{address}/me", "endpoints": [endpoint]},
    )


def services(fmt: str) -> Response:
    """The services of today."""
    with reading() as conn:
        zone = check_jurisdiction(conn)
        found = open311.services(conn, on=now().astimezone(zone).date())
    return answer("services", [_service(row) for row in found])


def _service(row: dict[str, Any]) -> dict[str, Any]:
    spoken = language()
    said = {
        "service_code": row["code"],
        "service_name": row[f"name_{spoken}"],
        "description": f"{row[f'category_{spoken}']}: {row[f'name_{spoken}']}",
        "metadata": True,
        "type": "realtime",
        "keywords": ", ".join((row["name_zh"], row["name_en"], row["category_zh"], row["category_en"])),
        "group": row[f"category_{spoken}"],
    }
    if is_extended():
        said |= {"urgency": row["urgency"], "time_limit_h": row["time_limit_h"], "kind": row["kind"], "icon": row["icon"]}
    return said


def definition(code: str, fmt: str) -> Response:
    """What is asked with a report."""
    with reading() as conn:
        zone = check_jurisdiction(conn)
        matter = open311.service(conn, code, on=now().astimezone(zone).date())
    attributes = [_attribute(each, order) for order, each in enumerate(attributes_of(matter), start=1)]
    return answer("service_definition", {"service_code": code, "attributes": attributes})


def _attribute(attribute: Attribute, order: int) -> dict[str, Any]:
    spoken = language()
    return {
        "variable": attribute.variable,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": False,
        "datatype_description": "",
        "order": order,
        "description": getattr(attribute.description, spoken),
        "values": [{"key": key, "name": getattr(name, spoken)} for key, name in attribute.values],
    }
