"""The OpenAPI 3.0 document of the map service: GDAL and QGIS read in it what they may filter by.

Every collection has its own paths, because every collection has its own filters.
"""

from collections.abc import Iterable
from typing import Any

from gis.collections import Collection
from gis.features import Filter
from gis.records import Name
from gis.rules.asking import MOST_CHARACTERS
from gis.store.features.describing import ONE_OF
from server.ogc import questions, schemas, systems

PROBLEM = "application/problem+json"
FAULTS = {"400": "A parameter is unknown or at fault", "401": "Not logged in", "403": "Not allowed", "404": "Not found"}
_MOMENT = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?"
DATETIME = rf"^({_MOMENT}|({_MOMENT}|\.\.)?/({_MOMENT}|\.\.)?)$"
Json = dict[str, Any]


def document(offered: Iterable[Collection], *, server: str, metric_srid: int, language: str) -> Json:
    """The whole document."""
    paths: Json = {path: {"get": operation} for path, operation in _fixed_paths().items()}
    for collection in offered:
        paths |= {path: {"get": operation} for path, operation in _paths_of(collection, language).items()}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Wangge · OGC API - Features",
            "version": "1.0.0",
            "description": "The city's layers for map programs. Log in by a token: Bearer, or Basic with the token as password.",
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "parameters": _shared_parameters(metric_srid, language),
            "schemas": _shared_schemas(),
            "responses": {
                status: {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}}}
                for status, words in FAULTS.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}, "basic": {"type": "http", "scheme": "basic"}},
        },
    }


def _fixed_paths() -> dict[str, Json]:
    return {
        "/": _operation("landing", "Landing page", "landingPage", public=True),
        "/conformance": _operation("conformance", "Conformance classes", "confClasses", public=True),
        "/api": _operation(
            "api", "This document", "document", public=True, content_type="application/vnd.oai.openapi+json;version=3.0"
        ),
        "/collections": _operation("collections", "The collections", "collections"),
    }


def _paths_of(collection: Collection, language: str) -> dict[str, Json]:
    name, path, title = collection.name, f"/collections/{collection.name}", getattr(collection.title, language)
    own = [_parameter(collection, parameter, language) for parameter in questions.parameters(collection)]
    feature_id = {"name": "featureId", "in": "path", "required": True, "schema": dict(schemas.TYPES[collection.layer.id.kind])}
    return {
        path: _operation(f"{name}.describe", title, "collection"),
        f"{path}/queryables": _operation(f"{name}.queryables", title, "document", content_type="application/schema+json"),
        f"{path}/schema": _operation(f"{name}.schema", title, "document", content_type="application/schema+json"),
        f"{path}/items": _operation(f"{name}.items", title, "page", own, content_type="application/geo+json"),
        f"{path}/items/{{featureId}}": _operation(
            f"{name}.item", title, "feature", [feature_id, *map(_shared, questions.ITEM[:2]), *own_look(collection)],
            content_type="application/geo+json",
        ),
    }  # fmt: skip


def own_look(collection: Collection) -> list[Json]:
    """The parameters that choose what of a feature is shown."""
    return [_properties(collection), _shared("skipGeometry")]


def _operation(
    name: str, summary: str, schema: str, parameters: Iterable[Json] = (), *, public: bool = False,
    content_type: str = "application/json",
) -> Json:  # fmt: skip
    shown = {content_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}, "text/html": {"schema": {"type": "string"}}}
    faults = ["400"] if public else list(FAULTS)
    return {
        "operationId": name,
        "tags": [name.partition(".")[0]],
        "summary": summary,
        "parameters": [*parameters, _shared("f"), _shared("lang")],
        "responses": {"200": {"description": summary, "content": shown}} | {
            status: {"$ref": f"#/components/responses/{status}"} for status in faults
        },
        "security": [] if public else [{"token": []}, {"basic": []}],
    }  # fmt: skip


def _parameter(collection: Collection, name: str, language: str) -> Json:
    if name == "limit":
        limits = {"type": "integer", "minimum": 1, "maximum": collection.layer.most, "default": questions.DEFAULT_LIMIT}
        return _query("limit", "Features of a page; more than the most is the most", limits) | {"style": "form", "explode": False}
    if name == "properties":
        return _properties(collection)
    filters = {item.name: item for item in collection.filters}
    return _filter(filters[name], language) if name in filters else _shared(name)


def _properties(collection: Collection) -> Json:
    names = {"type": "array", "items": {"type": "string", "enum": list(collection.layer.property_of)}}
    return _query("properties", "The properties wanted; all if absent", names) | {"style": "form", "explode": False}


def _filter(item: Filter, language: str) -> Json:
    value = dict(schemas.TYPES[item.kind])
    if item.words:
        value["enum"] = list(item.words)
    title = getattr(item.title, language)
    if item.test != ONE_OF:
        return _query(item.name, title, value)
    return _query(item.name, title, {"type": "array", "items": value}) | {"style": "form", "explode": not item.split}


def _query(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _shared(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def _shared_parameters(metric_srid: int, language: str) -> Json:
    system = {"type": "string", "format": "uri", "enum": systems.uris(metric_srid), "default": systems.CRS84}
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    found = (
        _query("bbox", "What touches this box: four sides, or six numbers with heights", numbers)
        | {"style": "form", "explode": False},
        _query("bbox-crs", "The coordinate system of bbox", system),
        _query("crs", "The coordinate system of the answer", system),
        _query("datetime", getattr(_DATETIME, language), {"type": "string", "pattern": DATETIME})
        | {"style": "form", "explode": False},
        _query("skipGeometry", "Leave the geometry out", {"type": "boolean", "default": False}),
        _query(
            "resultType", "hits: only count, exactly",
            {"type": "string", "enum": [questions.RESULTS, questions.HITS], "default": questions.RESULTS},
        ),
        _query("area", "Code of an area: everything under it", {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS}),
        _query("after", "The cursor in the link to the next page", {"type": "string"}),
        _query("f", "For programs or for people", {"type": "string", "enum": ["json", "html"]}),
        _query("lang", "Language of titles", {"type": "string", "enum": ["zh", "en"]}),
    )  # fmt: skip
    return {item["name"]: item for item in found}


_DATETIME = Name(
    "时刻、城市的某一天，或以斜线分隔的时段。事件按上报时间；网格和基本单元为该时刻施行的划分",
    "A moment, a day of the city, or two with a slash between. Incidents: when reported; grids, cells: the division in force then",
)


def _shared_schemas() -> Json:
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    link = {"type": "object", "required": ["href", "rel"], "properties": dict.fromkeys(("href", "rel", "type", "title"), text)}
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    feature = {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"oneOf": [text, {"type": "integer"}]},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "nullable": True},
            "links": links,
        },
    }
    page = {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        "links": links,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": number,
        "numberMatchedEstimate": number,
        "numberReturned": number,
    }
    collection = {"id": text, "title": text, "description": text, "links": links, "itemType": text, "storageCrs": text}
    crs = {"type": "array", "items": text}
    return {
        "link": link,
        "document": {"type": "object"},
        "landingPage": _object(["links"], title=text, description=text, attribution=text, links=links),
        "confClasses": _object(["conformsTo"], conformsTo={"type": "array", "items": text}, links=links),
        "collection": _object(["id", "links"], **collection, crs=crs, extent={"type": "object"}),
        "collections": _object(
            ["links", "collections"], links=links, crs=crs,
            collections={"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        ),
        "feature": feature,
        "page": _object(["type", "features"], **page),
        "problem": _object(["type", "title", "status", "detail"], type=text, title=text, status={"type": "integer"}, detail=text),
    }  # fmt: skip


def _object(required: list[str], **properties: Any) -> Json:
    return {"type": "object", "required": required, "properties": properties}
