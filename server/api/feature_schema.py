"""Layers as OpenAPI and JSON Schema tell of them: derived from their descriptions, so that neither can say otherwise."""

from typing import Any

from gis import features
from gis.features import FeatureLayer, Filter, Property

TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "bbox": {
        "description": "West, south, east, north in degrees of WGS 84: what touches this box",
        "schema": {"type": "string"},
        "example": "113.74,23.02,113.78,23.06",
    },
    "area": {
        "description": "Code of an area: everything under it", "schema": {"type": "string"}, "example": "441900003",
    },
    "as_of": {
        "description": "A day (its first moment in the city) or a moment with its offset from UTC; now if absent",
        "schema": {"type": "string"},
        "example": "2025-07-01",
    },
    "fields": {
        "description": "The properties wanted, with commas between; `geometry` is one of them where there is one. All if absent",
        "schema": {"type": "array", "items": {"type": "string"}},
        "style": "form",
        "explode": False,
    },
    "after": {"description": "The cursor `next` of the page before", "schema": {"type": "string"}},
}  # fmt: skip
COUNTS: dict[str, Any] = {
    "numberReturned": {"type": "integer"},
    "numberMatched": {"type": "integer", "description": "Of all pages together"},
    "numberMatchedIsEstimate": {"type": "boolean", "description": "True where the database estimated instead of counting"},
    "next": {"type": ["string", "null"], "description": "Cursor of the page that follows; null on the last"},
}


def property_schema(item: Property) -> dict[str, Any]:
    """A property as JSON Schema, with its title in both languages, its unit and its codes."""
    schema = dict(TYPES[item.kind])
    schema |= {"type": [schema["type"], "null"], "title": item.title.en, "description": f"{item.title.zh} / {item.title.en}"}
    if item.words:
        schema["examples"] = list(item.words)
    if item.unit:
        schema["x-unit"] = item.unit
    return schema


def properties_schema(layer: FeatureLayer) -> dict[str, Any]:
    """The properties of a layer as JSON Schema."""
    return {"type": "object", "properties": {item.name: property_schema(item) for item in layer.properties}}


def answer_schema(layer: FeatureLayer) -> dict[str, Any]:
    """A page of a layer: a GeoJSON FeatureCollection, or flat items where the layer has no geometry."""
    properties = properties_schema(layer)
    if layer.geometry is None:
        return {"type": "object", "properties": COUNTS | {"items": {"type": "array", "items": properties}}}
    geometry = {
        "type": ["object", "null"],
        "properties": {"type": {"const": layer.geometry_kind}, "coordinates": {"type": "array"}},
    }
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"}, "id": {"type": ["string", "integer"]}, "geometry": geometry, "properties": properties,
        },
    }  # fmt: skip
    kind = {"type": {"const": "FeatureCollection"}}
    return {"type": "object", "properties": kind | COUNTS | {"features": {"type": "array", "items": feature}}}


def parameters(layer: FeatureLayer) -> list[dict[str, Any]]:
    """The query parameters of a layer's list."""
    taken = [_parameter(layer, name) for name in features.parameters(layer)]
    return [*taken, *(_filter(layer, item) for item in layer.filters)]


def _parameter(layer: FeatureLayer, name: str) -> dict[str, Any]:
    if name == "limit":
        limits = {"type": "integer", "minimum": 1, "maximum": layer.most, "default": features.DEFAULT_LIMIT}
        return {"name": name, "in": "query", "description": "Rows of a page", "schema": limits}
    parameter: dict[str, Any] = {"name": name, "in": "query"} | PARAMETERS[name]
    if name == "fields":
        names = [item.name for item in layer.properties] + (["geometry"] if layer.geometry else [])
        parameter["schema"] = {"type": "array", "items": {"type": "string", "enum": names}}
        parameter["example"] = names[:2] + names[-1:]
    return parameter


def _filter(layer: FeatureLayer, item: Filter) -> dict[str, Any]:
    value = dict(TYPES[item.kind])
    if item.words:
        value["enum"] = list(item.words)
    parameter: dict[str, Any] = {"name": item.name, "in": "query", "description": f"{item.title.zh} / {item.title.en}"}
    if item.test in ("from", "until"):  # a day does as well
        value.pop("format")
        parameter["example"] = "2026-03-01T08:00:00+08:00"
    if item.test == "one of":
        parameter["description"] += "; of several values any one"
        return parameter | {"schema": {"type": "array", "items": value}, "style": "form", "explode": not item.split}
    return parameter | {"schema": value}
