"""Which rows of a layer are asked for, as SQL: reach, area, box, filters, moment.

Values that stand for one column are brought together first, and codes of other tables become ids: the planner then sees plain
lists of values on the table's own columns, and knows from its statistics how much they leave.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection, text

from gis.errors import BadQuery
from gis.feature_records import Bbox, FeatureQuery
from gis.records import Reach
from gis.store import reach as reaches
from gis.store.features.describing import FLAG, FROM, ONE_OF, UNTIL, FeatureLayer, Filter
from gis.store.tables import SRID, WEB_MERCATOR

MERCATOR_LIMIT_DEG = 85.0  # nothing of a city lies beyond, and web mercator ends there


@dataclass
class Choice:
    """Conditions on a layer's source, joined by AND, with their values. `nothing` says that no row can match."""

    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    nothing: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def where(self) -> str:
        """The conditions as SQL."""
        return " AND ".join(self.conditions) or "true"

    def bind(self, value: Any) -> str:
        """A value's place in the SQL."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def choose(conn: Connection, layer: FeatureLayer, query: FeatureQuery, *, reach: Reach, moment: datetime) -> Choice:
    """What a question leaves of a layer. Raises BadQuery for a code that does not exist."""
    choice = Choice()
    if layer.condition:
        choice.conditions.append(layer.condition)
    if layer.as_of:
        choice.values["moment"] = moment
    wanted: dict[str, set[Any]] = {}
    _within(conn, layer, query, reach, choice, wanted)
    for name, values in query.filters.items():
        _filtered(conn, layer.filter_of[name], values, choice, wanted)
    if query.bbox and layer.geometry:
        _boxed(layer, query.bbox, choice)
    if query.within is not None and layer.geometry:
        _within_ground(layer, query.within, choice)
    for column, left in wanted.items():
        _one_of(column, left, choice)
    return choice


def _within(
    conn: Connection, layer: FeatureLayer, query: FeatureQuery, reach: Reach, choice: Choice, wanted: dict[str, set[Any]]
) -> None:
    """The area asked for and the reach: the narrower of the two; where neither holds the other, nothing is left."""
    paths = [_path(conn, query.area)] if query.area else []
    if layer.reach and not reach.is_whole_city:
        paths.append(reach.area_path)
    if layer.matter and reach.department is not None:
        _narrow(wanted, layer.matter, reaches.matters(conn, reach.department))
    if not paths:
        return
    path = max(paths, key=len)
    choice.nothing = choice.nothing or not all(reaches.holds_area(Reach(other), path) for other in paths)
    if layer.path:
        choice.conditions.append(f"{layer.path} <@ CAST({choice.bind(path)} AS ltree)")
    elif layer.community and Reach(path).is_whole_city:
        choice.conditions.append(f"{layer.community} IS NOT NULL")
    elif layer.community:
        _narrow(wanted, layer.community, reaches.communities(conn, Reach(path)))


def _path(conn: Connection, code: str) -> str:
    path = conn.execute(text("SELECT path::text FROM area WHERE code = :code"), {"code": code}).scalar_one_or_none()
    if path is None:
        raise BadQuery(f"area: there is no area with the code {code}.", field="area")
    return str(path)


def _filtered(conn: Connection, asked: Filter, values: Iterable[Any], choice: Choice, wanted: dict[str, set[Any]]) -> None:
    values = list(values)
    if asked.test == ONE_OF:
        _narrow(wanted, asked.column, _ids(conn, asked, values) if asked.lookup else values)
    elif asked.test == FLAG:
        choice.conditions.append(asked.column if values[0] else f"NOT {asked.column}")
    elif asked.test == FROM:
        choice.conditions.append(f"{asked.column} >= {choice.bind(values[0])}")
        choice.since = values[0]
    elif asked.test == UNTIL:
        choice.conditions.append(f"{asked.column} < {choice.bind(values[0])}")
        choice.until = values[0]


def _ids(conn: Connection, asked: Filter, codes: list[str]) -> list[int]:
    rows = conn.execute(text(asked.lookup or ""), {"codes": codes}).all()
    strange = sorted(set(codes) - {row.code for row in rows})
    if strange:
        raise BadQuery(f"{asked.name}: there is none with the code {', '.join(strange)}.", field=asked.name)
    return [row.id for row in rows if row.id is not None]


def _narrow(wanted: dict[str, set[Any]], column: str, values: Iterable[Any]) -> None:
    wanted[column] = wanted[column] & set(values) if column in wanted else set(values)


def _one_of(column: str, values: set[Any], choice: Choice) -> None:
    if not values:
        choice.nothing = True
    elif len(values) == 1:  # an equality keeps the order of an index; a list of one does not
        choice.conditions.append(f"{column} = {choice.bind(next(iter(values)))}")
    else:
        choice.conditions.append(f"{column} = ANY({choice.bind(sorted(values))})")


def _boxed(layer: FeatureLayer, box: Bbox, choice: Choice) -> None:
    """What touches a box. Points with an index on web mercator are found by that, and their degrees decide."""
    west, south, east, north = (choice.bind(float(side)) for side in box)
    if layer.mercator is None:
        choice.conditions.append(f"ST_Intersects({layer.geometry}, ST_MakeEnvelope({west}, {south}, {east}, {north}, {SRID}))")
        return
    low, high = (choice.bind(max(-MERCATOR_LIMIT_DEG, min(float(lat), MERCATOR_LIMIT_DEG))) for lat in (box[1], box[3]))
    envelope = f"ST_Transform(ST_MakeEnvelope({west}, {low}, {east}, {high}, {SRID}), {WEB_MERCATOR})"
    inside = f"ST_X({layer.geometry}) BETWEEN {west} AND {east} AND ST_Y({layer.geometry}) BETWEEN {south} AND {north}"
    # The planner estimates the box well by its statistics. An inequality it takes to leave nearly all: said as plain ranges,
    # the exact test would be estimated as if it were another, much narrower box.
    choice.conditions += [f"{layer.mercator} && {envelope}", f"CASE WHEN {inside} THEN 1 ELSE 0 END <> 0"]


def _within_ground(layer: FeatureLayer, ground: shapely.Geometry, choice: Choice) -> None:
    """What touches a ground given in degrees."""
    shape = f"ST_GeomFromText({choice.bind(shapely.to_wkt(ground, rounding_precision=-1))}, {SRID})"
    if layer.mercator:
        choice.conditions.append(f"{layer.mercator} && ST_Transform({shape}, {WEB_MERCATOR})")
    choice.conditions.append(f"ST_Intersects({layer.geometry}, {shape})")
