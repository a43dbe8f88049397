"""Tables as layers: CSV and spreadsheets with columns of coordinates, of well-known text, or without any place."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook

from gis.errors import BadFile
from gis.layer_files.records import Field, LayerInfo, LayerName, Limits
from gis.layer_files.vectors import samples_of
from gis.layer_files.workbooks import check_sheets
from gis.records import Floats, Ints, Shapes
from gis.rules.mapping import guess_place
from gis.text_tables import Encoding, delimiter_of, encoding_throughout, numbers, open_csv

HEADER_AMONG = 10
"""A spreadsheet's header is the fullest of so many first rows: titles and remarks often stand above it."""


@dataclass(frozen=True)
class PlaceColumns:
    """Which columns hold the place; None is guessed."""

    lon: str | None = None
    lat: str | None = None
    wkt: str | None = None


@dataclass(frozen=True)
class Table:
    """A table as columns of equal length; `rows` are numbered from 1 below the header."""

    name: str
    names: tuple[LayerName, ...]
    columns: dict[str, NDArray[Any]]
    rows: Ints
    encoding: Encoding
    notes: tuple[str, ...] = ()


def read_csv(path: Path, *, encoding: str | None, limits: Limits, tell: Callable[[int], None]) -> Table:
    """A CSV file, every value as text. Raises BadFile naming the row or line that does not fit."""
    told = encoding_throughout(path, asked=encoding)
    batches, count = [], 0
    try:
        schema, stream = open_csv(path, encoding=told.name, delimiter=delimiter_of(path, told.name))
        _check_width(path.name, schema.names, limits)
        for batch in stream:
            batches.append(batch)
            count += batch.num_rows
            if count > limits.features:
                raise BadFile(f"{path.name} has more than {limits.features:,} rows. Split it.")
            tell(count)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise BadFile(f"{path.name} stops making sense after row {count}: {error}", row=count + 1) from error
    table = pa.Table.from_batches(batches, schema=schema)
    columns = {name.strip(): table.column(name).to_numpy() for name in table.column_names}
    return _filled(path.stem, (LayerName(path.stem, count),), columns, np.arange(1, count + 1), told)


def read_workbook(path: Path, *, sheet: str | None, limits: Limits, tell: Callable[[int], None]) -> Table:
    """A sheet of a workbook, the first with rows if none is named; cells as the values that they hold."""
    check_sheets(path, limits)
    try:
        with CalamineWorkbook.from_path(path) as book:
            sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
            name = sheet or next((name for name, one in sheets.items() if one.total_height), None)
            if name not in sheets:
                raise BadFile(f"There is no sheet {name!r} with rows; the file has: {', '.join(sheets)}.")
            if sheets[name].total_height > limits.features:
                raise BadFile(f"{path.name}: sheet {name} has more than {limits.features:,} rows. Split it.")
            _check_width(path.name, range(sheets[name].total_width), limits)
            grid = sheets[name].to_python(skip_empty_area=False)
            names = tuple(LayerName(name, max(one.total_height - 1, 0)) for name, one in sheets.items())
    except (CalamineError, OSError, ValueError) as error:
        raise BadFile(f"{path.name} cannot be read as a workbook: {error}") from error
    tell(len(grid))
    return _below_header(name, names, grid)


def _below_header(name: str, names: tuple[LayerName, ...], grid: list[list[Any]]) -> Table:
    head = max(range(min(HEADER_AMONG, len(grid))), key=lambda at: sum(_filled_text(cell) for cell in grid[at]))
    header = [str(cell).strip() for cell in grid[head]]
    used = [at for at, title in enumerate(header) if title]
    titles = [header[at] for at in used]
    if len(set(titles)) != len(titles):
        raise BadFile(f"Row {head + 1} of sheet {name} must name the columns, each once.")
    below = [(at, row) for at, row in enumerate(grid[head + 1 :], start=1) if any(cell != "" for cell in row)]
    columns = {}
    for at, title in zip(used, titles, strict=True):
        columns[title] = np.empty(len(below), dtype=object)
        columns[title][:] = [None if row[at] == "" else row[at] for _, row in below]
    notes = (f"The header was found in row {head + 1} of the sheet; rows are counted from the next one.",) if head else ()
    told = Encoding("utf-8", "a workbook is always UTF-8")
    return _filled(name, names, columns, np.array([at for at, _ in below], np.int64), told, notes)


def _filled_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell.strip())


def _filled(
    name: str,
    names: tuple[LayerName, ...],
    columns: dict[str, NDArray[Any]],
    rows: Ints,
    encoding: Encoding,
    notes: tuple[str, ...] = (),
) -> Table:
    if not len(rows):
        raise BadFile(f"{name} has no rows below its header.")
    return Table(name, names, columns, rows, encoding, notes)


def _check_width(name: str, columns: Any, limits: Limits) -> None:
    if len(columns) > limits.fields:
        raise BadFile(f"{name} has {len(columns):,} columns; {limits.fields:,} are taken. Leave out some.")


def placed(table: Table, asked: PlaceColumns, *, limits: Limits) -> tuple[Shapes, str | None, PlaceColumns]:
    """The shapes of a table's rows, what they are, and the columns that they came from. Raises BadFile for a column not there."""
    for name in (asked.lon, asked.lat, asked.wkt):
        if name and name not in table.columns:
            raise BadFile(f"There is no column {name!r}; the file has: {', '.join(list(table.columns)[:30])}.")
    lon, lat, wkt = guess_place(list(table.columns))
    wkt = asked.wkt or (wkt if not (asked.lon or asked.lat) else None)
    lon, lat = asked.lon or lon, asked.lat or lat
    if wkt:
        shapes = _from_text(table.columns[wkt])
        vertices = shapely.get_num_coordinates(shapes)
        if (vertices > limits.vertices_per_feature).any():
            row = int(table.rows[np.argmax(vertices)])
            raise BadFile(f"Row {row} has {vertices.max():,} vertices; {limits.vertices_per_feature:,} are taken.", row=row)
        if asked.wkt or not shapely.is_missing(shapes).all():
            return shapes, "Geometry", PlaceColumns(wkt=wkt)
    if lon and lat:
        return _points(table.columns[lon], table.columns[lat]), "Point", PlaceColumns(lon, lat)
    return np.full(len(table.rows), None, dtype=object), None, PlaceColumns()


def _from_text(column: NDArray[Any]) -> Shapes:
    """Well-known text, or the hexadecimal form that PostGIS exports; None for what is neither."""
    texts = np.array([value if isinstance(value, str) else None for value in column.tolist()], dtype=object)
    first = next((text for text in texts.tolist() if text), "")
    read = shapely.from_wkb if first[:2] in ("00", "01") else shapely.from_wkt
    with np.errstate(invalid="ignore"):
        shapes: Shapes = read(texts, on_invalid="ignore")
    return shapes


def _points(lon: NDArray[Any], lat: NDArray[Any]) -> Shapes:
    x, y = _as_numbers(lon), _as_numbers(lat)
    there = ~(np.isnan(x) | np.isnan(y))
    shapes = np.full(len(x), None, dtype=object)
    shapes[there] = shapely.points(x[there], y[there])
    return shapes


def _as_numbers(column: NDArray[Any]) -> Floats:
    try:
        return numbers(pa.array(column, pa.string()))
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # cells of a spreadsheet are of several types
        texts = [None if value is None or isinstance(value, bool) else str(value) for value in column.tolist()]
        return numbers(pa.array(texts, pa.string()))


def described(table: Table, shapes: Shapes, kind: str | None, *, found: str) -> LayerInfo:
    """What a table holds."""
    box = tuple(float(value) for value in shapely.total_bounds(shapes))
    return LayerInfo(
        found, table.names, table.name,
        tuple(Field(name, _type(column), samples_of(column)) for name, column in table.columns.items()),
        kind, len(table.rows), None, None, table.encoding.name, table.encoding.how,
        (box[0], box[1], box[2], box[3]) if np.isfinite(box).all() else None, table.notes,
    )  # fmt: skip


def _type(column: NDArray[Any]) -> str:
    kinds = {type(value) for value in column[:200].tolist() if value is not None}
    return "number" if kinds and kinds <= {int, float} else "text"
