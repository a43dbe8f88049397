"""Rows of a layer, read by page, one by one or all of them; GeoJSON is written by PostGIS, not row by row in Python."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from gis.feature_records import FeatureBatch
from gis.rules import zones
from gis.store import prepared
from gis.store.features.choosing import Choice
from gis.store.features.describing import MOMENT, FeatureLayer, Property
from gis.store.tables import SRID

DECIMALS = 7  # of a degree: a centimetre
DECIMALS_OF_METRES = 3
NEWEST = timedelta(days=31)
EXACT_UP_TO = 2_000  # rows that are counted; more are estimated


@dataclass(frozen=True)
class Shown:
    """What of each row is shown."""

    properties: Sequence[Property]
    geometry: bool
    srid: int = SRID
    north_first: bool = False


@dataclass(frozen=True)
class Rows:
    """Some rows as one JSON text, how many, whether more follow, and the key of the last."""

    features: str
    count: int
    more: bool
    last: tuple[Any, ...]


def page(
    conn: Connection, layer: FeatureLayer, choice: Choice, shown: Shown, *, limit: int, after: Sequence[Any], now: datetime
) -> Rows:
    """The rows after a key, in the layer's order, as one JSON text.

    A table of monthly partitions is asked for its newest month first, and for the rest only where that does not fill the page:
    the planner then looks at two partitions instead of all of them.
    """
    if choice.nothing:
        return Rows("", 0, False, ())
    if layer.month_column:
        newest = min(moment for moment in (now, choice.until, after[0] if after else None) if moment) - NEWEST
        if choice.since is None or choice.since < newest:
            found = _rows(conn, layer, choice, shown, limit=limit, after=after, since=newest)
            if found.more:
                return found
    return _rows(conn, layer, choice, shown, limit=limit, after=after)


def _rows(
    conn: Connection,
    layer: FeatureLayer,
    choice: Choice,
    shown: Shown,
    *,
    limit: int,
    after: Sequence[Any],
    since: datetime | None = None,
) -> Rows:
    values = choice.values | {f"after{i}": value for i, value in enumerate(after)}
    conditions = [choice.where, *_following(layer, after)]
    if since is not None:
        conditions.append(f"{layer.month_column} >= :since")
        values["since"] = since
    keys = [f"k{i}" for i in range(len(layer.key))]
    selected = ", ".join(f"{column} AS {key}" for key, column in zip(keys, layer.key, strict=True))
    chosen = _selected(layer, f"{_written(layer, shown)} AS feature, {selected}", " AND ".join(conditions), limit=limit + 1)
    last = ", ".join(f"max({key}) FILTER (WHERE n = {limit}) AS {key}" for key in keys)
    asked = f"""
        SELECT count(*) AS found, string_agg(feature, ',' ORDER BY n) FILTER (WHERE n <= {limit}) AS features, {last}
        FROM (SELECT row_number() OVER () AS n, chosen.* FROM ({chosen}) AS chosen) AS numbered
    """
    is_plain = layer.month_column is not None and not choice.conditions
    row = (prepared.execute(conn, asked, values) if is_plain else conn.execute(text(asked), values)).one()
    more = row.found > limit
    return Rows(row.features or "", min(row.found, limit), more, tuple(row[2:]) if more else ())


def _following(layer: FeatureLayer, after: Sequence[Any]) -> list[str]:
    if not after:
        return []
    names = ", ".join(f":after{i}" for i in range(len(after)))
    test = "<" if layer.newest_first else ">"
    following = [f"({', '.join(layer.key)}) {test} ({names})"]
    # Partitions are pruned by a plain comparison, not by one of rows.
    return [f"{layer.month_column} <= :after0", *following] if layer.month_column else following


def _selected(layer: FeatureLayer, columns: str, where: str, *, limit: int | None = None) -> str:
    """A SELECT of chosen rows in order; what only properties need is joined to the rows that are left."""
    limited = f"LIMIT {limit}" if limit else ""
    if not layer.joins:
        return f"SELECT {columns} FROM {layer.source} WHERE {where} ORDER BY {_order(layer)} {limited}"
    alias = layer.source.rpartition(" ")[2]
    rows = f"SELECT {alias}.* FROM {layer.source} WHERE {where} ORDER BY {_order(layer)} {limited}"
    return f"SELECT {columns} FROM ({rows}) AS {alias} {layer.joins} ORDER BY {_order(layer)}"


def _order(layer: FeatureLayer) -> str:
    return ", ".join(f"{column} DESC" if layer.newest_first else column for column in layer.key)


def _written(layer: FeatureLayer, shown: Shown) -> str:
    """SQL that writes a row as JSON: a GeoJSON feature, or a flat object where the layer has no geometry."""
    columns = ", ".join(f'{_plain(item)} AS "{item.name}"' for item in shown.properties)
    properties = f"(SELECT row_to_json(p) FROM (SELECT {columns}) AS p)::text" if columns else "'{}'"
    if layer.geometry is None:
        return properties
    geometry = f"coalesce({_shape_written(layer, shown)}, 'null')" if shown.geometry else "'null'"
    start = """'{"type":"Feature","id":' || """
    return f"""{start} to_json({layer.id.sql})::text || ',"geometry":' || {geometry} || ',"properties":' || {properties} || '}}'"""


def _shape_written(layer: FeatureLayer, shown: Shown) -> str:
    if shown.srid == SRID and not shown.north_first:
        return f"ST_AsGeoJSON({_oriented(layer)}, {DECIMALS})"
    shape = f"ST_Transform({_oriented(layer)}, {int(shown.srid)})"
    decimals = DECIMALS if zones.is_in_degrees(shown.srid) else DECIMALS_OF_METRES
    # No member `crs` in the geometry (option 0): the answer says it once.
    return f"ST_AsGeoJSON({f'ST_FlipCoordinates({shape})' if shown.north_first else shape}, {decimals}, 0)"


def _oriented(layer: FeatureLayer) -> str:
    """Shells against the clock, as RFC 7946 has them."""
    return f"ST_ForcePolygonCCW({layer.geometry})" if "Polygon" in (layer.geometry_kind or "") else str(layer.geometry)


def _plain(item: Property) -> str:
    if item.kind == MOMENT:
        return f"""to_char({item.sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return item.sql


def one(conn: Connection, layer: FeatureLayer, choice: Choice, shown: Shown, *, key: Any) -> str | None:
    """The row with an id as JSON text, or None."""
    chosen = _selected(layer, f"{_written(layer, shown)} AS feature", f"{choice.where} AND {layer.id.sql} = :key", limit=1)
    found: str | None = conn.execute(text(chosen), choice.values | {"key": key}).scalar_one_or_none()
    return None if choice.nothing else found


def texts(conn: Connection, layer: FeatureLayer, choice: Choice, shown: Shown, *, batch_rows: int) -> Iterator[str]:
    """All rows as JSON texts with commas between them, some rows at a time, by a cursor of the database."""
    for rows in _all(conn, layer, choice, f"{_written(layer, shown)} AS feature", batch_rows=batch_rows):
        yield ",".join(row[0] for row in rows)


def batches(
    conn: Connection, layer: FeatureLayer, choice: Choice, shown: Shown, *, batch_rows: int
) -> Iterator[FeatureBatch]:
    """All rows as columns, some rows at a time, by a cursor of the database: no more than a batch is in memory."""
    columns = [f'{item.sql} AS "{item.name}"' for item in shown.properties]
    with_shape = shown.geometry and layer.geometry is not None
    if with_shape:
        columns.append(f"ST_AsBinary({layer.geometry}) AS shape")
    for rows in _all(conn, layer, choice, ", ".join(columns), batch_rows=batch_rows):
        turned = [list(column) for column in zip(*rows, strict=True)]
        shapes = [bytes(shape) for shape in turned.pop()] if with_shape else None
        yield FeatureBatch(dict(zip((item.name for item in shown.properties), turned, strict=True)), shapes)


def _all(conn: Connection, layer: FeatureLayer, choice: Choice, columns: str, *, batch_rows: int) -> Iterator[Sequence[Any]]:
    if choice.nothing:
        return
    sql = _selected(layer, columns, choice.where)
    with conn.execute(text(sql), choice.values, execution_options={"yield_per": batch_rows}) as found:
        yield from found.partitions(batch_rows)


def matched(conn: Connection, layer: FeatureLayer, choice: Choice) -> tuple[int, bool]:
    """How many rows a question leaves, and whether that is an estimate: a big table is not counted for a page of it."""
    if layer.month_column and not choice.nothing:
        estimate = _estimate(conn, layer, choice)
        if estimate > EXACT_UP_TO:
            return estimate, True
    return counted(conn, layer, choice), False


def counted(conn: Connection, layer: FeatureLayer, choice: Choice) -> int:
    """How many rows a question leaves, each of them counted."""
    if choice.nothing:
        return 0
    asked = f"SELECT count(*) FROM {layer.source} WHERE {choice.where}"
    return int(conn.execute(text(asked), choice.values).scalar_one())


def _estimate(conn: Connection, layer: FeatureLayer, choice: Choice) -> int:
    """By the planner's statistics; for the whole table by the catalogue."""
    if choice.conditions:
        asked = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {layer.source} WHERE {choice.where}"
        return int(conn.execute(text(asked), choice.values).scalar_one()[0]["Plan"]["Plan Rows"])
    parts = "SELECT sum(greatest(c.reltuples, 0)) FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid"
    table = layer.source.partition(" ")[0]
    return int(conn.execute(text(f"{parts} WHERE h.inhparent = '{table}'::regclass")).scalar_one() or 0)
