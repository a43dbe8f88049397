"""Vector formats, read by GDAL once it is sure what they are."""

import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from gis.errors import BadFile
from gis.layer_files.georeference import crs_of
from gis.layer_files.records import Field, LayerInfo, LayerName, Limits, Source
from gis.layer_files.shapefiles import RAW, decoded, table_encoding
from gis.records import Shapes
from gis.text_tables import Encoding

SAMPLE_ROWS = 200
ENCODING_ROWS = 10_000
SAMPLES = 5
MANY_LAYERS = ("GeoPackage", "KML", "KMZ")
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


def look(found: list[Handle], handle: Handle, *, encoding: str | None, limits: Limits) -> LayerInfo:
    """What a layer holds, by its head and a sample."""
    source = handle.source
    facts, notes = _by_gdal(source, lambda: _facts(handle))
    _check_counts(handle, facts, limits)
    rows = ENCODING_ROWS if source.format == "Shapefile" else SAMPLE_ROWS
    (meta, _, wkb, columns), _ = _features(handle, upto=min(rows, int(facts["features"])))
    told = _encoding(source, meta["fields"], columns, asked=encoding)
    named, _ = _columns(source, meta["fields"], columns, told)
    code, crs_name = crs_of(facts["crs"])
    kinds = np.unique(shapely.get_type_id(_shapes(wkb, len(columns[0]) if columns else 0)))
    shown = facts["geometry_type"] if facts["geometry_type"] not in (None, "Unknown") else _kind(kinds)
    return LayerInfo(
        source.format, _layer_names(found, handle, facts), handle.name,
        tuple(Field(name, type_of(column), samples_of(column)) for name, column in named.items()),
        shown, int(facts["features"]), code, crs_name, told.name, told.how, _box(facts["total_bounds"]), tuple(notes),
    )  # fmt: skip


def load(handle: Handle, info: LayerInfo, *, limits: Limits) -> tuple[dict[str, NDArray[Any]], Shapes, list[str]]:
    """The columns and shapes of a layer as the file has them, and notes. Raises BadFile when it is cut off or too much."""
    source = handle.source
    (meta, _, wkb, columns), notes = _features(handle, upto=min(limits.features + 1, info.features))
    shapes = _shapes(wkb, len(columns[0]) if columns else 0)
    if len(shapes) < info.features:
        raise BadFile(f"{handle.name} is cut off: it says {info.features:,} features and has {len(shapes):,}. Send it again.")
    vertices = shapely.get_num_coordinates(shapes)
    large = np.flatnonzero(vertices > limits.vertices_per_feature)
    if len(large):
        at = int(large[0])
        raise BadFile(
            f"Feature {at + 1} has {vertices[at]:,} vertices; {limits.vertices_per_feature:,} are taken. Simplify it.", row=at + 1
        )
    named, odd = _columns(source, meta["fields"], columns, Encoding(info.encoding, info.encoding_how))
    return named, shapes, notes + odd


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
    layers, _ = _by_gdal(source, lambda: pyogrio.list_layers(source.opened))
    return [str(name) for name in layers[:, 0]]


def _facts(handle: Handle) -> dict[str, Any]:
    encoding = RAW if handle.source.format == "Shapefile" else None
    facts: dict[str, Any] = pyogrio.read_info(
        handle.source.opened, layer=handle.inner, encoding=encoding, force_feature_count=True, force_total_bounds=True
    )
    return facts


def _read(handle: Handle, *, max_features: int) -> Any:
    encoding = RAW if handle.source.format == "Shapefile" else None
    return pyogrio.raw.read(
        handle.source.opened, layer=handle.inner, encoding=encoding, max_features=max_features, force_2d=True
    )


def _features(handle: Handle, *, upto: int) -> tuple[Any, list[str]]:
    """The first features. Raises BadFile naming the one that cannot be read."""
    try:
        return _by_gdal(handle.source, lambda: _read(handle, max_features=upto))
    except BadFile as error:
        good, bad = 0, upto
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if _is_readable(handle, middle) else (good, middle)
        raise BadFile(f"Feature {bad}: {error.detail}", row=bad) from error


def _is_readable(handle: Handle, upto: int) -> bool:
    try:
        _by_gdal(handle.source, lambda: _read(handle, max_features=upto))
    except BadFile:
        return False
    return True


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


def _check_counts(handle: Handle, facts: dict[str, Any], limits: Limits) -> None:
    if facts["features"] == 0:
        raise BadFile(f"{handle.name} has no features.")
    if facts["features"] > limits.features:
        raise BadFile(f"{handle.name} has {facts['features']:,} features; {limits.features:,} are taken. Split it.")
    if len(facts["fields"]) > limits.fields:
        raise BadFile(f"{handle.name} has {len(facts['fields']):,} fields; {limits.fields:,} are taken. Leave out some.")


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
