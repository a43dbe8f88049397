"""Which rows of a layer are asked for, as SQL: reach, area, box, filters, moment.

Values that stand for one column are brought together first, and codes of other tables become ids: the planner then sees plain
lists of values on the table's own columns, and knows from its statistics how much they leave.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.errors import BadQuery
from gis.records import Bbox, FeatureQuery, Reach
from gis.store import reach as reaches
from gis.store.features.describing import FLAG, FROM, ONE_OF, UNTIL, FeatureLayer, Filter
from gis.store.tables import SRID, WEB_MERCATOR

EARTH_RADIUS_M = 6_378_137.0
MERCATOR_LIMIT_DEG = 85.0
ROUNDING_M = 1.0  # a box in metres is only to find candidates by the index; degrees decide


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
    for column, values in wanted.items():
        _one_of(column, values, choice)
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
    west, south, east, north = (choice.bind(side) for side in box)
    if layer.mercator:
        sides = ", ".join(choice.bind(side) for side in _mercator(box))
        choice.conditions.append(f"{layer.mercator} && ST_MakeEnvelope({sides}, {WEB_MERCATOR})")
        choice.conditions.append(f"ST_X({layer.geometry}) BETWEEN {west} AND {east}")
        choice.conditions.append(f"ST_Y({layer.geometry}) BETWEEN {south} AND {north}")
    else:
        envelope = f"ST_MakeEnvelope({west}, {south}, {east}, {north}, {SRID})"
        choice.conditions.append(f"ST_Intersects({layer.geometry}, {envelope})")


def _mercator(box: Bbox) -> tuple[float, float, float, float]:
    """A box in degrees as one in metres of web mercator, a little wider."""
    west, south, east, north = box
    y_south, y_north = (
        EARTH_RADIUS_M * math.asinh(math.tan(math.radians(max(-MERCATOR_LIMIT_DEG, min(MERCATOR_LIMIT_DEG, lat)))))
        for lat in (south, north)
    )
    x_west, x_east = (EARTH_RADIUS_M * math.radians(lon) for lon in (west, east))
    return x_west - ROUNDING_M, y_south - ROUNDING_M, x_east + ROUNDING_M, y_north + ROUNDING_M
