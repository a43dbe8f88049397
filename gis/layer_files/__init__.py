"""Any layer that a city delivers, looked at and read: GeoJSON, GeoPackage, shapefile, KML, FlatGeobuf, CSV, spreadsheets and
the streets of OpenStreetMap.

Files are judged by name, first bytes and size before a reader opens them, and nothing is ever unpacked to disk.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from gis.errors import BadFile
from gis.layer_files import tables, vectors
from gis.layer_files.archives import check_workbook, kmz_source, sources_in
from gis.layer_files.formats import HEAD_BYTES, TEXT, check_lines, check_size, check_text, format_of
from gis.layer_files.georeference import crs_of, located
from gis.layer_files.heads import head_of, scaled
from gis.layer_files.records import Field, Layer, LayerInfo, LayerName, Limits, Source
from gis.layer_files.shapefiles import shapefile_source
from gis.layer_files.tables import PlaceColumns, Table
from gis.rules.datums import Datum

__all__ = ["Datum", "Field", "Layer", "LayerInfo", "LayerName", "Limits", "probe", "read"]

TABLES = ("CSV", "XLSX")


def probe(path: Path, *, layer: str | None = None, encoding: str | None = None, limits: Limits | None = None) -> LayerInfo:
    """What a file holds: its layers, and of one of them (the first, if none is named) fields, samples, extent and encoding.

    `path` is a file, or the folder of shapefiles. Raises BadFile naming what is wrong and where.
    """
    limits = limits or Limits()
    found = _format(path, limits)
    if found == "CSV":
        with head_of(path) as head:
            told = _look(head, found, layer=layer, encoding=encoding, limits=limits)
            return scaled(told, read_bytes=head.stat().st_size, all_bytes=path.stat().st_size)
    if found in TABLES:
        return _look(path, found, layer=layer, encoding=encoding, limits=limits)
    named = vectors.handles(_sources(path, found, limits))
    return vectors.look(named, vectors.chosen(named, layer), encoding=encoding, limits=limits)


def _look(path: Path, found: str, *, layer: str | None, encoding: str | None, limits: Limits) -> LayerInfo:
    table = _table(path, found, layer=layer, encoding=encoding, limits=limits, tell=_silent)
    shapes, kind, _ = tables.placed(table, PlaceColumns(), limits=limits)
    return tables.described(table, shapes, kind, found=found)


def read(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    datum: Datum = Datum.WGS84,
    lon: str | None = None,
    lat: str | None = None,
    wkt: str | None = None,
    limits: Limits | None = None,
    tell: Callable[[int], None] | None = None,
) -> Layer:
    """A layer in EPSG:4326. `crs` overrides what the file says; `datum` says that its degrees are shifted (GCJ-02, BD-09).

    `lon`, `lat` or `wkt` name the columns of a table that hold the place, guessed when absent. `tell` hears the rows done.
    Raises BadFile naming the row, feature, line or byte.
    """
    limits, tell = limits or Limits(), tell or _silent
    found = _format(path, limits)
    if found in TABLES:
        table = _table(path, found, layer=layer, encoding=encoding, limits=limits, tell=tell)
        raw, kind, _ = tables.placed(table, PlaceColumns(lon, lat, wkt), limits=limits)
        info = tables.described(table, raw, kind, found=found)
        columns, rows = table.columns, table.rows
    else:
        named = vectors.handles(_sources(path, found, limits))
        content, info = vectors.load(named, vectors.chosen(named, layer), encoding=encoding, limits=limits)
        columns, raw = content.columns, content.shapes
        rows = np.arange(1, len(raw) + 1)
    geoms, notes = located(raw, crs=crs or info.crs, datum=Datum(datum), name=info.layer)
    tell(len(rows))
    if crs:
        code, crs_name = crs_of(crs)
        info = replace(info, crs=code, crs_name=crs_name)
    return Layer(columns, geoms, rows, replace(info, notes=(*info.notes, *notes)))


def _silent(_: int) -> None:
    """Nobody listens."""


def _format(path: Path, limits: Limits) -> str:
    if path.is_dir():
        return "folder"
    if not path.is_file():
        raise BadFile(f"There is no file {path.name}.")
    check_size(path, limits)
    with path.open("rb") as file:
        found = format_of(path.name, file.read(HEAD_BYTES))
        if found in TEXT:
            file.seek(0)
            check_text(path.name, file, found=found)
        if found == "GeoJSONSeq":
            file.seek(0)
            check_lines(path.name, file)
    if found == "XLSX":
        check_workbook(path, limits)
    return found


def _sources(path: Path, found: str, limits: Limits) -> list[Source]:
    if found == "folder":
        shapefiles = sorted(part for part in path.iterdir() if part.suffix.lower() == ".shp")
        if not shapefiles:
            raise BadFile(f"The folder {path.name} holds no .shp.")
        for part in shapefiles:
            _format(part, limits)
        return [shapefile_source(part) for part in shapefiles]
    if found == "ZIP":
        return sources_in(path, limits)
    if found == "KMZ":
        return [kmz_source(path, limits)]
    return [shapefile_source(path)] if found == "Shapefile" else [Source(found, path.stem, str(path.resolve()))]


def _table(
    path: Path, found: str, *, layer: str | None, encoding: str | None, limits: Limits, tell: Callable[[int], None]
) -> Table:
    if found == "CSV":
        return tables.read_csv(path, encoding=encoding, limits=limits, tell=tell)
    return tables.read_workbook(path, sheet=layer, limits=limits, tell=tell)
