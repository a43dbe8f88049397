"""Vector formats, read by GDAL once it is sure what they are."""

import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import BadFile
from gis.layer_files import streetmaps
from gis.layer_files.drivers import pyogrio
from gis.layer_files.georeference import crs_of
from gis.layer_files.records import Field, LayerInfo, LayerName, Limits, Source
from gis.layer_files.shapefiles import RAW, decoded, table_encoding
from gis.records import Shapes
from gis.text_tables import Encoding

SAMPLE_ROWS = 200
ENCODING_ROWS = 10_000
SAMPLES = 5
MANY_LAYERS = ("GeoPackage", "KML", "KMZ", "OSM")
UNCOUNTED = -1  # as GDAL says it
KML_STYLE = frozenset(
    ["timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon", "snippet"]
)
"""Columns that GDAL adds to every KML; they say how it is drawn."""
UNREADABLE = (RuntimeError, ValueError, IndexError, OSError, UnicodeDecodeError, MemoryError)

Told = TypeVar("Told")


@dataclass(frozen=True)
class Handle:
    """One layer of a source; `inner` is its name inside a file of several layers."""

    source: Source
    inner: str | None
    name: str


def handles(sources: list[Source]) -> list[Handle]:
    """Every layer of some sources, under names that tell them apart."""
    found = []
    for source in sources:
        inner = _listed(source) if source.format in MANY_LAYERS else [None]
        for layer in inner:
            both = f"{source.name}/{layer}" if len(sources) > 1 and len(inner) > 1 else layer or source.name
            found.append(Handle(source, layer, source.name if len(inner) == 1 and len(sources) > 1 else both))
    if not found:
        raise BadFile("The file holds no layer.")
    return found


def chosen(found: list[Handle], layer: str | None) -> Handle:
    """The layer asked for, or the first. Raises BadFile naming those that there are."""
    for handle in found:
        if layer is None or handle.name == layer:
            return handle
    raise BadFile(f"There is no layer {layer!r}; the file has: {', '.join(handle.name for handle in found[:30])}.")


@dataclass(frozen=True)
class Content:
    """What GDAL gave of a layer: columns by name, shapes in the file's own coordinates, and notes."""

    columns: dict[str, NDArray[Any]]
    shapes: Shapes
    notes: list[str]


def look(found: list[Handle], handle: Handle, *, encoding: str | None, limits: Limits) -> LayerInfo:
    """What a layer holds, by its head and a sample."""
    facts = _checked_facts(handle, limits)
    rows = ENCODING_ROWS if handle.source.format == "Shapefile" else SAMPLE_ROWS
    upto = rows if facts["features"] == UNCOUNTED else min(rows, int(facts["features"]))
    content, told = _content(handle, upto=upto, encoding=encoding)
    return _described(found, handle, facts, content, told)


def load(found: list[Handle], handle: Handle, *, encoding: str | None, limits: Limits) -> tuple[Content, LayerInfo]:
    """A whole layer as the file has it. Raises BadFile when it is cut off or too much."""
    facts = _checked_facts(handle, limits)
    uncounted = facts["features"] == UNCOUNTED
    content, told = _content(handle, upto=None if uncounted else int(facts["features"]), encoding=encoding)
    if uncounted:
        facts |= {"features": len(content.shapes)}
        _check_count(handle, facts, limits)
    _check_shapes(handle, content.shapes, facts, limits)
    return content, _described(found, handle, facts, content, told)


def _described(
    found: list[Handle], handle: Handle, facts: dict[str, Any], content: Content, told: Encoding
) -> LayerInfo:
    code, crs_name = crs_of(facts["crs"])
    kinds = np.unique(shapely.get_type_id(content.shapes[:SAMPLE_ROWS]))
    return LayerInfo(
        handle.source.format, _layer_names(found, handle, facts), handle.name,
        tuple(Field(name, type_of(column), samples_of(column)) for name, column in content.columns.items()),
        facts["geometry_type"] if facts["geometry_type"] not in (None, "Unknown") else _kind(kinds),
        int(facts["features"]), code, crs_name, told.name, told.how, _box(facts["total_bounds"]), tuple(content.notes),
    )  # fmt: skip


def _content(handle: Handle, *, upto: int | None, encoding: str | None) -> tuple[Content, Encoding]:
    source = handle.source
    (meta, _, wkb, raw), notes = _by_gdal(source, lambda: _read(handle, upto=upto))
    told = _encoding(source, meta["fields"], [column[:ENCODING_ROWS] for column in raw], asked=encoding)
    columns, odd = _columns(source, meta["fields"], raw, told)
    return Content(columns, _shapes(wkb, len(raw[0]) if raw else 0), notes + odd), told


def _checked_facts(handle: Handle, limits: Limits) -> dict[str, Any]:
    facts, _ = _by_gdal(handle.source, lambda: _facts(handle))
    _check_count(handle, facts, limits)
    if len(facts["fields"]) > limits.fields:
        raise BadFile(f"{handle.name} has {len(facts['fields']):,} fields; {limits.fields:,} are taken. Leave out some.")
    return facts


def _check_count(handle: Handle, facts: dict[str, Any], limits: Limits) -> None:
    if facts["features"] == 0:
        raise BadFile(f"{handle.name} has no features.")
    if facts["features"] > limits.features:
        raise BadFile(f"{handle.name} has {facts['features']:,} features; {limits.features:,} are taken. Split it.")


def _check_shapes(handle: Handle, shapes: Shapes, facts: dict[str, Any], limits: Limits) -> None:
    if len(shapes) < facts["features"]:
        raise BadFile(f"{handle.name} is cut off: it says {facts['features']:,} features and has {len(shapes):,}. Send it again.")
    vertices = shapely.get_num_coordinates(shapes)
    if vertices.max() > limits.vertices_per_feature:
        row = int(np.argmax(vertices > limits.vertices_per_feature)) + 1
        raise BadFile(
            f"Feature {row} has {vertices[row - 1]:,} vertices; {limits.vertices_per_feature:,} are taken. Simplify it.", row=row
        )


def type_of(column: NDArray[Any]) -> str:
    """What the values of a column are."""
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "flag", "M": "moment"}
    if column.dtype.kind in kinds:
        return "date" if column.dtype == np.dtype("datetime64[D]") else kinds[column.dtype.kind]
    return "bytes" if any(isinstance(value, bytes) for value in column[:SAMPLE_ROWS]) else "text"


def samples_of(column: NDArray[Any]) -> tuple[Any, ...]:
    """Some values of a column that are there and differ."""
    seen: dict[Any, None] = {}
    for value in column[:SAMPLE_ROWS].tolist():
        if value not in (None, "") and not (isinstance(value, float) and math.isnan(value)):
            seen.setdefault(value)
        if len(seen) == SAMPLES:
            break
    return tuple(seen)


def _listed(source: Source) -> list[str | None]:
    if source.format == "OSM":
        return [streetmaps.LAYER]
    layers, _ = _by_gdal(source, lambda: pyogrio.list_layers(source.opened))
    return [str(name) for name in layers[:, 0]]


def _facts(handle: Handle) -> dict[str, Any]:
    if handle.source.format == "OSM":
        return streetmaps.facts(handle.source.opened)
    encoding = RAW if handle.source.format == "Shapefile" else None
    facts: dict[str, Any] = pyogrio.read_info(
        handle.source.opened, layer=handle.inner, encoding=encoding, force_feature_count=True, force_total_bounds=True
    )
    return facts


def _read(handle: Handle, *, upto: int | None) -> Any:
    if handle.source.format == "OSM":
        return streetmaps.read(handle.source.opened, upto=upto)
    # Up to what is there and no further: at the end GDAL fails the whole layer for one feature whose coordinates are no numbers,
    # which otherwise comes without its geometry and becomes a finding.
    encoding = RAW if handle.source.format == "Shapefile" else None
    return pyogrio.raw.read(
        handle.source.opened, layer=handle.inner, encoding=encoding, max_features=upto, force_2d=True
    )


def _by_gdal(source: Source, call: Callable[[], Told]) -> tuple[Told, list[str]]:
    """What GDAL answers, and its warnings as notes. Raises BadFile in place of GDAL's errors."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            told = call()
        except UNREADABLE as error:
            raise BadFile(f"{source.name} cannot be read as {source.format}: {_plain(source, str(error))}") from error
    return told, list(dict.fromkeys(_plain(source, str(warning.message)) for warning in heard))


def _plain(source: Source, message: str) -> str:
    """GDAL's words without the place where the file lies here."""
    message = message.replace(source.opened, source.name)
    return re.sub(r"(/vsi\w+)?/[^\s'\"]*/", "", message).split("; It might help")[0].rstrip(".") + "."


def _shapes(wkb: NDArray[Any] | None, count: int) -> Shapes:
    if wkb is None:
        return np.full(count, None, dtype=object)
    with np.errstate(invalid="ignore"):
        shapes: Shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    return shapes


def _encoding(source: Source, names: NDArray[Any], columns: list[NDArray[Any]], *, asked: str | None) -> Encoding:
    if source.format != "Shapefile":
        return Encoding("utf-8", f"{source.format} is always UTF-8")
    raw = list(names)
    for column in columns:
        if column.dtype == object:
            raw += [text for text in dict.fromkeys(column.tolist()) if isinstance(text, str)]
    return table_encoding(raw, source, asked=asked)


def _columns(
    source: Source, names: NDArray[Any], columns: list[NDArray[Any]], encoding: Encoding
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Columns by name, text in its real encoding; and notes on text that does not fit it."""
    if source.format != "Shapefile":
        styled = KML_STYLE if source.format in ("KML", "KMZ") else frozenset()
        return {str(name): column for name, column in zip(names, columns, strict=True) if name not in styled}, []
    named: dict[str, NDArray[Any]] = {}
    notes = []
    for name, column in zip(decoded(names, encoding.name)[0].tolist(), columns, strict=True):
        named[name], odd = decoded(column, encoding.name) if column.dtype == object else (column, [])
        if odd:
            notes.append(f"{len(odd)} values of {name} are no {encoding.name.upper()}, the first in feature {odd[0] + 1}.")
    return named, notes


def _layer_names(found: list[Handle], handle: Handle, facts: dict[str, Any]) -> tuple[LayerName, ...]:
    def count(other: Handle) -> int:
        return int((facts if other is handle else _by_gdal(other.source, lambda: _facts(other))[0])["features"])

    return tuple(LayerName(other.name, count(other)) for other in found)


def _kind(kinds: NDArray[Any]) -> str | None:
    names = [shapely.GeometryType(kind).name.title().replace("string", "String") for kind in kinds if kind >= 0]
    names = [name.replace("Multip", "MultiP").replace("Multil", "MultiL").replace("collection", "Collection") for name in names]
    return "/".join(names) or None


def _box(bounds: Any) -> tuple[float, float, float, float] | None:
    if bounds is None or not np.isfinite(bounds).all():
        return None
    west, south, east, north = (float(value) for value in bounds)
    return west, south, east, north
