"""The parameters of `items` turned into the question that the services answer."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gis import features
from gis.collections import Collection
from gis.errors import BadQuery
from gis.feature_records import FeatureQuery
from gis.features import FeatureLayer
from gis.records import City
from gis.rules import asking, cursors, zones
from gis.rules.periods import period
from server.ogc import systems

PAGE = ("bbox", "bbox-crs", "crs", "datetime", "limit", "properties", "skipGeometry", "resultType")
ITEM = ("crs", "datetime", "properties", "skipGeometry")
RESULTS, HITS = "results", "hits"
DEFAULT_LIMIT = 100
Texts = Mapping[str, Sequence[str]]


def parameters(collection: Collection) -> tuple[str, ...]:
    """Every parameter that a collection's items take, its filters last."""
    area = ("area",) if "area" in features.parameters(collection.layer) else ()
    return (*PAGE, *area, "after", *(item.name for item in collection.filters))


def asked(collection: Collection, texts: Texts, *, held: City, now: datetime) -> FeatureQuery:
    """What is asked of a collection. Raises BadQuery naming the parameter."""
    one = {name: asking.one(name, texts[name]) for name in (*PAGE, "area") if name in texts and name != "properties"}
    if one.get("resultType") not in (None, RESULTS, HITS):
        raise BadQuery("resultType: results or hits.", field="resultType", known=[RESULTS, HITS])
    return FeatureQuery(
        collection.layer.name,
        area=one.get("area"),
        limit=_limit(collection.layer, one.get("limit")),
        after=asking.one("after", texts["after"], most=cursors.MOST_CHARACTERS) if "after" in texts else None,
        **_place(one, held),
        **_look(collection.layer, texts, one, held),
        **_narrowed(collection, texts, one, held, now),
    )


def _limit(layer: FeatureLayer, text: str | None) -> int:
    """More than the most is the most, as the standard has it."""
    limit = DEFAULT_LIMIT if text is None else asking.integer("limit", text)
    if limit < 1:
        raise BadQuery("limit: at least 1.", field="limit")
    return min(limit, layer.most)


def _place(one: Mapping[str, str], held: City) -> dict[str, Any]:
    """The box: in degrees as it is, in any other system as the ground that it covers."""
    if "bbox" not in one:
        return {}
    srid, north_first = _system("bbox-crs", one, held)
    sides = _sides(one["bbox"])
    if north_first:
        sides = (sides[1], sides[0], sides[3], sides[2])
    in_degrees = zones.is_in_degrees(srid)
    if sides[1] > sides[3] or (sides[0] > sides[2] and not in_degrees):
        raise BadQuery("bbox: the lower corner comes first.", field="bbox")
    if in_degrees:
        west, east = sorted((sides[0], sides[2]))  # a west beyond the east goes across the date line
        asking.refuse_bbox("bbox", (west, sides[1], east, sides[3]))
        if (west, east) == (sides[0], sides[2]):
            return {"bbox": sides}
    return {"within": zones.ground_of_box(sides, srid=srid)}


def _sides(text: str) -> tuple[float, float, float, float]:
    """The four sides; heights, if there are any, are not looked at."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise BadQuery("bbox: give four numbers with commas between, or six with heights.", field="bbox")
    half = len(numbers) // 2
    return numbers[0], numbers[1], numbers[half], numbers[half + 1]


def _system(parameter: str, one: Mapping[str, str], held: City) -> tuple[int, bool]:
    if parameter not in one:
        return systems.WGS84, False
    return systems.of(parameter, one[parameter], metric_srid=held.metric_srid)


def _look(layer: FeatureLayer, texts: Texts, one: Mapping[str, str], held: City) -> dict[str, Any]:
    """Which properties, whether the geometry, and in which system."""
    srid, north_first = _system("crs", one, held)
    fields = asking.several("properties", texts["properties"]) if "properties" in texts else None
    for name in fields or ():
        if name not in layer.property_of:
            known = list(layer.property_of)
            raise BadQuery(f"properties: there is no {name!r}; there are {', '.join(known)}.", field="properties", known=known)
    without = asking.truth("skipGeometry", one.get("skipGeometry", "false"))
    return {"srid": srid, "north_first": north_first, "fields": fields, "geometry": not without}


def _narrowed(
    collection: Collection, texts: Texts, one: Mapping[str, str], held: City, now: datetime
) -> dict[str, Any]:
    """Filters and moment. Collections that know no moments take any, as the standard has it."""
    filters: dict[str, Any] = dict(collection.fixed)
    for item in collection.filters:
        if item.name in texts:
            filters[item.name] = features.filter_values(item, texts[item.name])
    if "datetime" not in one:
        return {"filters": filters}
    wanted = period("datetime", one["datetime"], timezone=ZoneInfo(held.timezone))
    if collection.moments:
        ends = zip(collection.moments, (wanted.start, wanted.until), strict=True)
        filters |= {item.name: [moment] for item, moment in ends if moment}
    return {"filters": filters, "as_of": wanted.state_at(now) if collection.layer.as_of else None}
