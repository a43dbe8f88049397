"""Collections, and what each is made of."""

from datetime import UTC
from typing import Any

from flask import Blueprint, Response

from gis import collections
from gis.collections import Collection
from server.ogc import schemas, systems
from server.ogc.answering import GEOJSON, HTML, JSON, SCHEMA, answer, at, language, link, refuse_unknown, said, self_links
from server.ogc.known import Known, known

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


def listed() -> Response:
    """Every layer that has a geometry."""
    refuse_unknown()
    held = known()
    found = [described(item, held, links=_links(item)) for item in held.offered]
    body = {"links": self_links(JSON), "crs": systems.uris(held.city.metric_srid), "collections": found}
    return answer(body, template="collections")


def one(collection: str) -> Response:
    """One layer: its extent, its coordinate systems, its links."""
    refuse_unknown()
    found = collections.get(collection)
    body = described(found, known(), links=[*self_links(JSON), *_links(found, with_self=False)])
    return answer(body, template="collection", schema=schemas.properties(found, language=language()))


def described(collection: Collection, held: Known, *, links: list[dict[str, str]]) -> dict[str, Any]:
    """A collection as the standard describes it."""
    covered: dict[str, Any] = {"spatial": {"bbox": [list(held.extent.bbox)], "crs": systems.CRS84}}
    since = held.extent.since(collection)
    if since:
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        covered["temporal"] = {"interval": [[start, None]], "trs": GREGORIAN}
    return {
        "id": collection.name,
        "title": said(collection.title),
        "description": said(collection.description),
        "itemType": "feature",
        "extent": covered,
        "crs": systems.uris(held.city.metric_srid),
        "storageCrs": systems.CRS84,
        "links": links,
    }


def queryables(collection: str) -> Response:
    """What may be asked of its properties."""
    refuse_unknown()
    found = collections.get(collection)
    body = schemas.queryables(found, at(f"/collections/{found.name}/queryables"), language=language())
    return answer(body, template="schema", content_type=SCHEMA, collection=found)


def schema(collection: str) -> Response:
    """What its features are made of."""
    refuse_unknown()
    found = collections.get(collection)
    body = schemas.returnables(found, at(f"/collections/{found.name}/schema"), language=language())
    return answer(body, template="schema", content_type=SCHEMA, collection=found)


def _links(collection: Collection, *, with_self: bool = True) -> list[dict[str, str]]:
    path, title = f"/collections/{collection.name}", said(collection.title)
    own = [link("self", at(path), JSON, title), link("alternate", at(path, f="html"), HTML, title)] if with_self else []
    return [
        *own,
        link("items", at(f"{path}/items"), GEOJSON, title),
        link("items", at(f"{path}/items", f="html"), HTML, title),
        link("http://www.opengis.net/def/rel/ogc/1.0/queryables", at(f"{path}/queryables"), SCHEMA, "Queryables"),
        link("http://www.opengis.net/def/rel/ogc/1.0/schema", at(f"{path}/schema"), SCHEMA, "Schema"),
    ]


def register(bp: Blueprint) -> None:
    """Routes."""
    bp.get("/collections", endpoint="collections")(listed)
    bp.get("/collections/<collection>", endpoint="collection")(one)
    bp.get("/collections/<collection>/queryables")(queryables)
    bp.get("/collections/<collection>/schema")(schema)
