"""A collection's properties as JSON Schema, derived from the layer's description."""

from typing import Any

from gis.collections import Collection
from gis.features import Filter, Property
from server.api.feature_schema import TYPES

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def properties(collection: Collection, *, language: str) -> dict[str, Any]:
    """Every property by its name."""
    return {item.name: _described(item, language) for item in collection.layer.properties}


def returnables(collection: Collection, address: str, *, language: str) -> dict[str, Any]:
    """What the features are made of (Part 5)."""
    found = properties(collection, language=language)
    found[collection.layer.id.name]["x-ogc-role"] = "id"
    moment = instant_property(collection)
    if moment:
        found[moment]["x-ogc-role"] = "primary-instant"
    return _document(collection, address, {"geometry": _geometry(collection)} | found, language)


def queryables(collection: Collection, address: str, *, language: str) -> dict[str, Any]:
    """What may be asked for by its own parameter (Part 3)."""
    found = {item.name: _described(item, language) for item in collection.filters}
    return _document(collection, address, {"geometry": _geometry(collection)} | found, language) | {"additionalProperties": False}


def instant_property(collection: Collection) -> str | None:
    """The property that `datetime` is held against, of layers of happenings."""
    if collection.moments is None:
        return None
    column = collection.moments[0].column
    return next(item.name for item in collection.layer.properties if item.sql == column)


def _document(collection: Collection, address: str, found: dict[str, Any], language: str) -> dict[str, Any]:
    title = getattr(collection.title, language)
    return {"$schema": DRAFT, "$id": address, "type": "object", "title": title, "properties": found}


def _geometry(collection: Collection) -> dict[str, Any]:
    return {"x-ogc-role": "primary-geometry", "format": f"geometry-{(collection.layer.geometry_kind or 'any').lower()}"}


def _described(item: Property | Filter, language: str) -> dict[str, Any]:
    found = TYPES[item.kind] | {"title": getattr(item.title, language)}
    if item.words:
        meanings = [f"{code} {words[language == 'en']}" for code, words in item.words.items()]
        found |= {"description": "; ".join(meanings), "enum": list(item.words)}
    unit = getattr(item, "unit", None)
    if unit:
        found |= {"x-ogc-unit": unit, "x-ogc-unitLang": "UCUM"}
    return found
