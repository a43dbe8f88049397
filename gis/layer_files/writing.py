"""Layers out: GeoJSON, CSV, GeoPackage and XLSX of any size, written as the rows come; no more than a batch is in memory."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
import xlsxwriter

from gis.errors import BadQuery
from gis.feature_records import Column, FeatureBatch
from gis.layer_files.drivers import pyogrio

FORMATS = {
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767
POINT = "Point"
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for the national encoding
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "moment": pa.timestamp("ms", "UTC"),
}


def write(
    path: Path,
    wanted: str,
    name: str,
    columns: Sequence[Column],
    batches: Iterable[FeatureBatch],
    *,
    geometry: str | None,
    tell: Callable[[int], None] = lambda _: None,
) -> int:
    """Write rows to a CSV, GeoPackage or workbook; returns how many. `tell` hears the rows done. Raises BadQuery."""
    counted = _Counted(batches, tell)
    if wanted == "gpkg":
        write_gpkg(path, name, columns, counted, geometry=geometry)
    elif wanted == "xlsx":
        write_xlsx(path, name, columns, counted, geometry=geometry)
    else:
        with path.open("wb") as file:
            file.writelines(csv_text(columns, counted, geometry=geometry))
    return counted.rows


@dataclass
class _Counted:
    """Batches that are counted as they pass."""

    batches: Iterable[FeatureBatch]
    tell: Callable[[int], None]
    rows: int = 0

    def __iter__(self) -> Iterator[FeatureBatch]:
        for batch in self.batches:
            yield batch
            self.rows += len(batch)
            self.tell(self.rows)


def geojson_text(features: Iterable[str]) -> Iterator[bytes]:
    """A GeoJSON FeatureCollection, of texts that each hold some features with commas between them."""
    yield b'{"type":"FeatureCollection","features":[\n'
    for number, some in enumerate(features):
        yield (",\n" if number else "").encode() + some.encode()
    yield b"\n]}\n"


def items_text(items: Iterable[str]) -> Iterator[bytes]:
    """A JSON array, for a list without a geometry."""
    yield b"[\n"
    for number, some in enumerate(items):
        yield (",\n" if number else "").encode() + some.encode()
    yield b"\n]\n"


def csv_text(columns: Sequence[Column], batches: Iterable[FeatureBatch], *, geometry: str | None) -> Iterator[bytes]:
    """A CSV with a header; points as lon and lat, other shapes as WKT. What a spreadsheet would run as a formula is quoted."""
    yield (BOM + _line([[*(column.name for column in columns), *_place_names(geometry)]])).encode()
    for batch in batches:
        told = [_texts(column, batch.columns[column.name]) for column in columns]
        yield _line(zip(*told, *_places(batch, geometry), strict=True)).encode()


def _line(rows: Iterable[Sequence[Any]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def _texts(column: Column, values: list[Any]) -> list[Any]:
    if column.kind == "moment":
        return [value and value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for value in values]
    if column.kind == "boolean":
        return [None if value is None else str(value).lower() for value in values]
    return [_harmless(value) for value in values] if column.kind == "text" else values


def _harmless(value: str | None) -> str | None:
    """Text that a spreadsheet does not take for a formula: reports are written by anybody and opened at a desk."""
    return f"'{value}" if value and _FORMULA.match(value) else value


def _place_names(geometry: str | None) -> tuple[str, ...]:
    return () if geometry is None else ("lon", "lat") if geometry == POINT else ("wkt",)


def _places(batch: FeatureBatch, geometry: str | None) -> list[list[Any]]:
    if geometry is None or batch.geometry is None:
        return []
    shapes = shapely.from_wkb(batch.geometry)
    if geometry == POINT:
        return [[round(value, 7) for value in part.tolist()] for part in (shapely.get_x(shapes), shapely.get_y(shapes))]
    return [shapely.to_wkt(shapes, rounding_precision=7).tolist()]


def write_gpkg(path: Path, name: str, columns: Sequence[Column], batches: Iterable[FeatureBatch], *, geometry: str | None) -> None:
    """A GeoPackage of one layer in EPSG:4326. Raises BadQuery without a geometry."""
    if geometry is None:
        raise BadQuery(f"A GeoPackage is for what has a place; {name} without one come as CSV or XLSX.", field="format")
    fields = [pa.field(column.name, _ARROW[column.kind]) for column in columns]
    schema = pa.schema([*fields, pa.field("geom", pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"})])
    rows = (_record(schema, columns, batch) for batch in batches)
    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(schema, rows), path, layer=name, driver="GPKG",
        geometry_name="geom", geometry_type=geometry, crs="EPSG:4326",
    )  # fmt: skip


def _record(schema: pa.Schema, columns: Sequence[Column], batch: FeatureBatch) -> pa.RecordBatch:
    arrays = [pa.array(batch.columns[column.name], type=schema.field(column.name).type) for column in columns]
    return pa.RecordBatch.from_arrays([*arrays, pa.array(batch.geometry, type=pa.binary())], schema=schema)


def write_xlsx(path: Path, name: str, columns: Sequence[Column], batches: Iterable[FeatureBatch], *, geometry: str | None) -> None:
    """A workbook: one sheet with the rows, one that says what the columns are. Raises BadQuery when a sheet is too short."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, {**options, "remove_timezone": True, "tmpdir": str(path.parent)}) as book:
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [*(column.name for column in columns), *_place_names(geometry)], bold)
        row = 1
        for batch in batches:
            if row + len(batch) > SHEET_ROWS:
                raise BadQuery(f"A sheet ends at {SHEET_ROWS:,} rows: narrow the question, or take a CSV.", field="format")
            for values in zip(*(batch.columns[column.name] for column in columns), *_places(batch, geometry), strict=True):
                _write_row(sheet, row, values, moment)
                row += 1
        _write_legend(book.add_worksheet("columns"), columns, bold)


def _write_row(sheet: Any, row: int, values: Sequence[Any], moment: Any) -> None:
    for at, value in enumerate(values):
        if isinstance(value, datetime):
            sheet.write_datetime(row, at, value.astimezone(UTC), moment)
        elif isinstance(value, str):
            sheet.write_string(row, at, value[:CELL_CHARACTERS])
        elif value is not None:
            sheet.write(row, at, value)


def _write_legend(sheet: Any, columns: Sequence[Column], bold: Any) -> None:
    sheet.write_row(0, 0, ["column", "名称", "title", "unit"], bold)
    for row, column in enumerate(columns, start=1):
        sheet.write_row(row, 0, [column.name, column.title.zh, column.title.en, column.unit or ""])
