"""A department's file of records: a table (CSV, Excel) or JSON, each row a record of names and values."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from gis.errors import BadFile
from gis.rules.source_reading import value_at

FORMATS: Final = (".csv", ".txt", ".tsv", ".xlsx", ".json", ".ndjson", ".jsonl")
JSON_LIMIT_BYTES: Final = 64 << 20
TABLE_LIMIT_BYTES: Final = 256 << 20
ROWS_LIMIT: Final = 500_000


def read(path: Path, *, rows: str | None = None) -> list[Any]:
    """Every record of a file; `rows` is the path to their list in a JSON document. Raises BadFile saying what is wrong where."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadFile(f"{path.name}: files are taken that end in {', '.join(FORMATS)}.")
    limit = JSON_LIMIT_BYTES if "json" in suffix else TABLE_LIMIT_BYTES
    if path.stat().st_size > limit:
        raise BadFile(f"{path.name} has more than {limit >> 20} MB. Split it.")
    if suffix == ".json":
        return records_of(path.read_bytes(), rows=rows, name=path.name)
    return _lines(path) if "json" in suffix or suffix == ".jsonl" else _table(path)


def records_of(document: bytes, *, rows: str | None, name: str) -> list[Any]:
    """The records of a JSON document: its list, the list under a path, the features of GeoJSON, or itself as the only one."""
    try:
        held = orjson.loads(document.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BadFile(f"{name} is not valid JSON: {error}.") from error
    if rows:
        held = value_at(held, rows)
        if not isinstance(held, list):
            raise BadFile(f"{name} has no list of records under {rows!r}, which the mapping names.")
    if isinstance(held, dict) and isinstance(held.get("features"), list):
        held = held["features"]
    records = held if isinstance(held, list) else [held]
    _check_count(name, len(records))
    return records


def _lines(path: Path) -> list[Any]:
    records = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                records.append(orjson.loads(line))
            except orjson.JSONDecodeError as error:
                raise BadFile(f"Line {number} of {path.name} is not valid JSON: {error}.", row=number) from error
    _check_count(path.name, len(records))
    return records


def _table(path: Path) -> list[Any]:
    from gis.layer_files import tables  # brings pyarrow: not before somebody sends a table
    from gis.layer_files.records import Limits

    limits = Limits(features=ROWS_LIMIT)
    if path.suffix.lower() == ".xlsx":
        table = tables.read_workbook(path, sheet=None, limits=limits, tell=_silent)
    else:
        table = tables.read_csv(path, encoding=None, limits=limits, tell=_silent)
    names = list(table.columns)
    return [dict(zip(names, map(_plain, row), strict=True)) for row in zip(*_columns(table.columns.values()), strict=True)]


def _columns(columns: Iterable[Any]) -> list[list[Any]]:
    return [column.tolist() for column in columns]


def _plain(value: Any) -> Any:
    """A cell as JSON keeps it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value or None if isinstance(value, str) else value


def _check_count(name: str, count: int) -> None:
    if count > ROWS_LIMIT:
        raise BadFile(f"{name} has {count:,} records; {ROWS_LIMIT:,} are taken at once. Split it.")


def _silent(_: int) -> None:
    return None
