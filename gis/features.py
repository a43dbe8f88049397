"""Listed layers: any layer of the city by page, one by one, or as a stream, cut to what somebody may see.

Every list, export and map service asks here. What a layer is made of stands in its description (`layers`), and is nowhere else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from gis.errors import BadQuery, NotFound
from gis.feature_records import Column, FeatureBatch, FeaturePage, FeatureQuery
from gis.records import Reach
from gis.rules import asking, cursors
from gis.store import city
from gis.store.features import LAYERS, FeatureLayer, Filter, Property, choosing, reading
from gis.store.features.describing import BOOLEAN, INTEGER, MOMENT, ONE_OF

__all__ = [
    "LAYERS", "FeatureLayer", "Filter", "Property", "asked", "count", "find", "get", "layer", "page", "stream", "stream_features",
]  # fmt: skip

DEFAULT_LIMIT = 100
BATCH_ROWS = 2_000
GEOMETRY = "geometry"
WALK_KINDS = (MOMENT, INTEGER, BOOLEAN)  # what a cursor holds before the key: the moment shown, how many, whether that is estimated
PARAMETERS = ("bbox", "area", "as_of", "fields", "limit", "after")


def layer(name: str) -> FeatureLayer:
    """The description of a layer. Raises NotFound."""
    if name not in LAYERS:
        raise NotFound(f"There is no layer {name!r}; there are {', '.join(LAYERS)}.")
    return LAYERS[name]


def parameters(described: FeatureLayer) -> tuple[str, ...]:
    """The parameters that a list of a layer takes, besides its filters."""
    without = set()
    if described.geometry is None:
        without.add("bbox")
    if described.path is None and described.community is None:
        without.add("area")
    if not described.as_of:
        without.add("as_of")
    return tuple(name for name in PARAMETERS if name not in without)


def asked(name: str, texts: Mapping[str, Sequence[str]]) -> FeatureQuery:
    """The question that parameters of a request put, each with its texts. Raises BadQuery naming the parameter at fault."""
    described = layer(name)
    known = (*parameters(described), *described.filter_of)
    for given in texts:
        if given not in known:
            raise BadQuery(f"There is no parameter {given!r}; {name} takes {', '.join(known)}.", field=given, known=known)
    one = {given: asking.one(given, texts[given]) for given in ("bbox", "area", "as_of", "limit") if given in texts}
    return FeatureQuery(
        name,
        bbox=asking.bbox("bbox", one["bbox"]) if "bbox" in one else None,
        area=one.get("area"),
        as_of=asking.moment("as_of", one["as_of"]) if "as_of" in one else None,
        filters={given: filter_values(described.filter_of[given], texts[given]) for given in texts if given in described.filter_of},
        **fields_asked(described, texts),
        limit=asking.integer("limit", one["limit"]) if "limit" in one else DEFAULT_LIMIT,
        after=asking.one("after", texts["after"], most=cursors.MOST_CHARACTERS) if "after" in texts else None,
    )


def fields_asked(described: FeatureLayer, texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Which properties `fields` names, and whether the geometry is among them; all of it when it is not given."""
    if "fields" not in texts:
        return {}
    names = asking.several("fields", texts["fields"])
    return {"fields": [name for name in names if name != GEOMETRY], GEOMETRY: GEOMETRY in names and described.geometry is not None}


def filter_values(by: Filter, texts: Sequence[str]) -> list[Any]:
    """The values of a filter as its description has them. Raises BadQuery."""
    given = asking.several(by.name, texts, split=by.split) if by.test == ONE_OF else [asking.one(by.name, texts)]
    return [asking.value(by.name, by.kind, text) for text in given]


def page(conn: Connection, query: FeatureQuery, *, reach: Reach, now: datetime) -> FeaturePage:
    """One page of a layer. Every page of a walk shows the same moment, and rows that come in meanwhile shift nothing.

    Raises NotFound for an unknown layer, BadQuery for an unknown field, filter, value, area or cursor.
    """
    described, query, moment = _checked(conn, query, now=now)
    question = cursors.question_mark(query.layer, query.bbox, query.within, query.area, query.as_of, query.filters)
    state = cursors.read(query.after, question, kinds=(*WALK_KINDS, *described.key_kinds)) if query.after else None
    moment = state[0] if state else moment
    choice = choosing.choose(conn, described, query, reach=reach, moment=moment)
    found = reading.page(
        conn, described, choice, _shown(described, query), limit=query.limit, after=state[3:] if state else (), now=now
    )
    if state:
        matched, is_estimate = state[1:3]
    else:
        matched, is_estimate = reading.matched(conn, described, choice) if found.more else (found.count, False)
    matched = max(matched, found.count + found.more)
    following = cursors.written(question, moment, matched, is_estimate, *found.last) if found.more else None
    return FeaturePage(
        found.features, found.count, matched, is_estimate, following, moment if described.as_of else None
    )


def get(
    conn: Connection, name: str, key: str | int, *, reach: Reach, now: datetime, as_of: date | datetime | None = None
) -> str:
    """One row of a layer by its id, as JSON text. Raises NotFound, also for one outside the reach."""
    return find(conn, FeatureQuery(name, as_of=as_of), key, reach=reach, now=now)


def find(conn: Connection, query: FeatureQuery, key: str | int, *, reach: Reach, now: datetime) -> str:
    """The row with this id among those that a question leaves, as JSON text. Raises NotFound, BadQuery."""
    described, query, moment = _checked(conn, query, now=now)
    missing = NotFound(f"There is none of the {described.title.en.lower()} with the {described.id.name} {key}.")
    try:
        value = asking.value(described.id.name, described.id.kind, asking.sound(described.id.name, str(key)))
    except BadQuery:
        raise missing from None
    choice = choosing.choose(conn, described, query, reach=reach, moment=moment)
    found = reading.one(conn, described, choice, _shown(described, query), key=value)
    if found is None:
        raise missing
    return found


def count(conn: Connection, query: FeatureQuery, *, reach: Reach, now: datetime) -> int:
    """How many rows a question leaves, counted one by one: of millions it takes a while. Raises like `page`."""
    described, query, moment = _checked(conn, query, now=now)
    choice = choosing.choose(conn, described, query, reach=reach, moment=moment)
    return reading.counted(conn, described, choice)


def stream(
    conn: Connection, query: FeatureQuery, *, reach: Reach, now: datetime, batch_rows: int = BATCH_ROWS
) -> Iterator[FeatureBatch]:
    """All rows of a question as batches of columns, in order; no more than a batch is in memory. `limit` and `after` are not
    looked at. Raises like `page`, before the first batch."""
    described, query, moment = _checked(conn, query, now=now)
    choice = choosing.choose(conn, described, query, reach=reach, moment=moment)
    return reading.batches(conn, described, choice, _shown(described, query), batch_rows=batch_rows)


def stream_features(
    conn: Connection, query: FeatureQuery, *, reach: Reach, now: datetime, batch_rows: int = BATCH_ROWS
) -> Iterator[str]:
    """All rows of a question as JSON texts, each of many features with commas between them. Otherwise like `stream`."""
    described, query, moment = _checked(conn, query, now=now)
    choice = choosing.choose(conn, described, query, reach=reach, moment=moment)
    return reading.texts(conn, described, choice, _shown(described, query), batch_rows=batch_rows)


def columns_asked(described: FeatureLayer, query: FeatureQuery) -> list[Column]:
    """The columns that a question asks for, with what they are called."""
    return [Column(item.name, item.kind, item.title, item.unit) for item in _shown(described, query).properties]


def _shown(described: FeatureLayer, query: FeatureQuery) -> reading.Shown:
    named = described.properties if query.fields is None else [described.property_of[name] for name in dict.fromkeys(query.fields)]
    return reading.Shown(named, query.geometry and described.geometry is not None, query.srid, query.north_first)


def _checked(conn: Connection, query: FeatureQuery, *, now: datetime) -> tuple[FeatureLayer, FeatureQuery, datetime]:
    """The layer, the question with its days as moments, and the moment it is asked of. Raises NotFound, BadQuery."""
    described = layer(query.layer)
    takes = parameters(described)
    for name in ("bbox", "area", "as_of"):
        if getattr(query, name) is not None and name not in takes:
            raise BadQuery(f"{name}: {query.layer} do not take it.", field=name, known=takes)
    if query.bbox:
        asking.refuse_bbox("bbox", query.bbox)
    if not 1 <= query.limit <= described.most:
        raise BadQuery(f"limit: between 1 and {described.most:,} rows, not {query.limit}.", field="limit")
    _refuse_unknown("fields", query.fields or (), described.property_of)
    _refuse_unknown("filters", query.filters, described.filter_of)
    filters = {name: _values(conn, described.filter_of[name], values) for name, values in query.filters.items()}
    as_of = None if query.as_of is None else city.moment_of(conn, query.as_of)
    return described, replace(query, filters=filters, as_of=as_of), as_of or now


def _refuse_unknown(what: str, names: Sequence[str] | Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in names:
        if name not in known:
            raise BadQuery(f"{what}: there is no {name!r}; there are {', '.join(known)}.", field=what, known=list(known))


def _values(conn: Connection, by: Filter, values: Sequence[Any]) -> list[Any]:
    for value in values:
        if by.words is not None:
            _refuse_unknown(by.name, [value], by.words)
    return [city.moment_of(conn, value) if by.kind == "moment" else value for value in values]
