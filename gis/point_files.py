"""Files of points, placed batch by batch: CSV, newline-delimited JSON and GeoParquet of any size, never whole in memory.

Every row comes out again with the answer beside it; a row whose coordinates name no place is kept and says why.
"""

import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import shapely
from numpy.typing import NDArray

from gis.errors import BadFile
from gis.records import Floats
from gis.rules import column_names
from gis.rules.atlas import FAULTY, OUTSIDE, Atlas, Placed, place_columns
from gis.rules.coordinates import CoordinateFault
from gis.rules.datums import Datum
from gis.text_tables import NUMBER, encoding_of, numbers, open_csv

FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet", ".geoparquet": "parquet"}
BATCH_ROWS = 65_536
FAULTS_NAMED = 20
GEOMETRY_NAMES = ("geometry", "geom", "wkb_geometry")
ANSWER = pa.schema(
    [
        ("place_status", pa.string()),
        ("grid_code", pa.string()),
        ("community_code", pa.string()),
        ("community_name", pa.string()),
        ("town_code", pa.string()),
        ("town_name", pa.string()),
        ("nearest_grid_code", pa.string()),
        ("nearest_distance_m", pa.float64()),
        ("place_fault", pa.string()),
    ]
)


@dataclass
class Summary:
    """What became of the rows; `faults` names the first of them by row number, the first row after a header being 1."""

    rows: int = 0
    inside: int = 0
    outside: int = 0
    faulty: int = 0
    faults: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The form that the API and the command line print."""
        return {"rows": self.rows, "inside": self.inside, "outside": self.outside, "faulty": self.faulty, "faults": self.faults}


@dataclass(frozen=True)
class Columns:
    """Which columns hold the place: two of numbers, or one of WKB points."""

    lon: str | None
    lat: str | None
    geometry: str | None = None


def place_file(
    source: Path,
    target: Path,
    *,
    file_format: str,
    atlas: Atlas,
    datum: Datum = Datum.WGS84,
    lon: str | None = None,
    lat: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Write `source` with the answers beside each row to `target`, whole or not at all.

    `lon` and `lat` name the columns; guessed from their usual names when absent. `progress` is told the rows done.
    Raises BadFile when the file is not what it says it is, naming the row where the reader stopped.
    """
    summary = Summary()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    part = Path(name)
    try:
        if file_format == "ndjson":
            place_lines(source, part, atlas=atlas, datum=datum, lon=lon, lat=lat, summary=summary, progress=progress)
            return _finish(part, target, summary)
        schema, batches = _open(source, file_format)
        columns = _columns(schema, lon=lon, lat=lat)
        names, facts = _answer_names(schema), _facts(atlas)
        with _Writer(part, file_format, _answered_schema(schema, names)) as write:
            for batch in _naming_rows(batches, summary):
                placed = place_columns(atlas, *_coordinates(batch, columns), datum=datum)
                _count(placed, summary)
                write(_answered(batch, names, _answer_columns(placed, facts)))
                progress(summary.rows)
        return _finish(part, target, summary)
    finally:
        part.unlink(missing_ok=True)


def _finish(part: Path, target: Path, summary: Summary) -> Summary:
    part.chmod(0o666 & ~_umask())
    part.replace(target)
    return summary


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def format_of(path: Path) -> str:
    """The format that a file's name says. Raises BadFile for another."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise BadFile(f"{path.name}: a file of points is one of {', '.join(FORMATS)}.")
    return found


def _open(source: Path, file_format: str) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    try:
        if file_format == "csv":
            return open_csv(source, encoding=encoding_of(source))
        parquet = pa.parquet.ParquetFile(source)
        return parquet.schema_arrow, parquet.iter_batches(batch_size=BATCH_ROWS)
    except (pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise BadFile(f"The file cannot be read as {file_format}: {error}") from error


def _columns(schema: pa.Schema, *, lon: str | None, lat: str | None) -> Columns:
    for asked in (lon, lat):
        if asked and asked not in schema.names:
            raise BadFile(f"There is no column {asked!r}; the file has: {', '.join(schema.names[:30])}.")
    named = bool(lon or lat)
    by_name = {name.strip().lower(): name for name in schema.names}
    lon = lon or next((by_name[name] for name in column_names.LON if name in by_name), None)
    lat = lat or next((by_name[name] for name in column_names.LAT if name in by_name), None)
    geometry = next((by_name[name] for name in GEOMETRY_NAMES if name in by_name), None)
    has_points = geometry is not None and _is_wkb(schema.field(geometry).type)
    if has_points and not named:
        return Columns(None, None, geometry)  # x and y beside a geometry are often metres
    if lon and lat:
        return Columns(lon, lat)
    raise BadFile(
        f"No columns of longitude and latitude were found among: {', '.join(schema.names[:30])}. Name them with lon= and lat=."
    )


def _is_wkb(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _answer_names(schema: pa.Schema) -> list[str]:
    """Names of the answer's columns; one that the file has already gets a new_ before it."""
    return [f"new_{name}" if name in schema.names else name for name in ANSWER.names]


def _answered_schema(schema: pa.Schema, names: list[str]) -> pa.Schema:
    for name, column in zip(names, ANSWER, strict=True):
        schema = schema.append(pa.field(name, column.type))
    return schema


def _naming_rows(batches: Iterator[pa.RecordBatch], summary: Summary) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise BadFile(f"The file stops making sense after row {summary.rows}: {error}", row=summary.rows + 1) from error


def _answered(batch: pa.RecordBatch, names: list[str], columns: list[pa.Array]) -> pa.RecordBatch:
    for name, column in zip(names, columns, strict=True):
        batch = batch.append_column(name, column)
    return batch


def _coordinates(batch: pa.RecordBatch, columns: Columns) -> tuple[Floats, Floats]:
    if columns.geometry is None:
        return numbers(batch.column(columns.lon)), numbers(batch.column(columns.lat))
    points = shapely.from_wkb(batch.column(columns.geometry).to_numpy(zero_copy_only=False), on_invalid="ignore")
    points[shapely.get_type_id(points) != shapely.GeometryType.POINT] = None
    return shapely.get_x(points), shapely.get_y(points)


def _count(placed: Placed, summary: Summary) -> None:
    faulty = np.flatnonzero(placed.grid == FAULTY)
    for row in faulty[: FAULTS_NAMED - len(summary.faults)]:
        fault = CoordinateFault(int(placed.fault[row]))
        summary.faults.append({"row": summary.rows + int(row) + 1, "fault": fault.name.lower(), "message": fault.message})
    summary.rows += len(placed.grid)
    summary.faulty += len(faulty)
    summary.outside += int((placed.grid == OUTSIDE).sum())
    summary.inside += int((placed.grid >= 0).sum())


def _answer_columns(placed: Placed, facts: list[pa.Array]) -> list[pa.Array]:
    status = np.select([placed.grid >= 0, placed.grid == OUTSIDE], ["inside", "outside"], "fault").astype(object)
    faults = np.array([fault.message for fault in CoordinateFault], dtype=object)[placed.fault]
    return [
        pa.array(status, pa.string()),
        *(_pick(column, placed.grid) for column in facts),
        _pick(facts[0], placed.nearest),
        pa.array(np.round(placed.distance_m, 2), pa.float64(), from_pandas=True),
        pa.array(faults, pa.string(), mask=placed.grid != FAULTY),
    ]


def _facts(atlas: Atlas) -> list[pa.Array]:
    """Code of the grid, code and name of its community and of its town, for every grid of the plan."""
    areas = [dict(zip(grid.levels, grid.areas, strict=True)) for grid in atlas.grids]
    columns: list[list[str | None]] = [[grid.code for grid in atlas.grids]]
    for level in ("community", "town"):
        columns += [
            [area[level].code if level in area else None for area in areas],
            [area[level].name.zh if level in area else None for area in areas],
        ]
    return [pa.array(column, pa.string()) for column in columns]


def _pick(column: pa.Array, positions: NDArray[Any]) -> pa.Array:
    return column.take(pa.array(positions, pa.int64(), mask=positions < 0))


def place_lines(
    source: Path,
    target: Path,
    *,
    atlas: Atlas,
    datum: Datum,
    lon: str | None,
    lat: str | None,
    summary: Summary,
    progress: Callable[[int], None],
) -> None:
    """Place newline-delimited JSON: every object comes out with all it had, of whatever type, and the answer.

    Objects need not have the same keys. Raises BadFile naming the row that is no object.
    """
    facts, columns, names = _facts(atlas), None, list(ANSWER.names)
    with source.open("rb") as lines, target.open("wb") as out:
        while rows := _read_objects(lines, summary.rows):
            if columns is None:
                schema = pa.schema([(key, pa.null()) for key in dict.fromkeys(key for row in rows for key in row)])
                columns, names = _columns(schema, lon=lon, lat=lat), _answer_names(schema)
            places = [np.array([_number(row.get(key or "")) for row in rows]) for key in (columns.lon, columns.lat)]
            placed = place_columns(atlas, places[0], places[1], datum=datum)
            _count(placed, summary)
            answers = zip(*(column.to_pylist() for column in _answer_columns(placed, facts)), strict=True)
            for row, answer in zip(rows, answers, strict=True):
                out.write(orjson.dumps(row | dict(zip(names, answer, strict=True))) + b"\n")
            progress(summary.rows)
    if columns is None:
        raise BadFile("The file has no rows.")


def _read_objects(lines: BinaryIO, before: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for line in islice((line for line in lines if line.strip()), BATCH_ROWS):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadFile(f"Row {before + len(rows) + 1} is not valid JSON: {error}", row=before + len(rows) + 1) from error
        if not isinstance(row, dict):
            raise BadFile(f"Row {before + len(rows) + 1} is no JSON object.", row=before + len(rows) + 1)
        rows.append(row)
    return rows


def _number(value: Any) -> float:
    """The number in a JSON value; NaN for what is none."""
    if isinstance(value, str) and re.match(NUMBER, value):
        return float(value)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


class _Writer:
    """Writes answered batches in the format they came in."""

    def __init__(self, path: Path, file_format: str, schema: pa.Schema) -> None:
        self._path, self._format, self._schema = path, file_format, schema

    def __enter__(self) -> Callable[[pa.RecordBatch], None]:
        if self._format == "csv":
            options = pa.csv.WriteOptions(quoting_style="needed")
            self._sink = pa.csv.CSVWriter(self._path, self._schema, write_options=options)
        else:
            self._sink = pa.parquet.ParquetWriter(self._path, self._schema)
        return self._sink.write_batch  # type: ignore[no-any-return]

    def __exit__(self, *_: object) -> None:
        self._sink.close()
