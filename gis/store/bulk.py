"""Many rows at once, by COPY."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import Connection

CHUNK_ROWS = 20_000
READ_CHARACTERS = 1 << 18
_PLACE = re.compile(r"(?<![:\w]):(\w+)")


class _Rows(io.TextIOBase):
    """A file of lines that is written as it is read, so that no more than a chunk is in memory."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._chunks = _chunks(rows)
        self._chunk = io.StringIO()

    def read(self, size: int | None = -1, /) -> str:
        found = self._chunk.read(size)
        while not found and (following := next(self._chunks, None)) is not None:
            self._chunk = io.StringIO(following)
            found = self._chunk.read(size)
        return found


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    # Lines of our own: the writer of the csv module looks at every character of a shape.
    coming = iter(rows)
    while lines := ["\t".join(map(_written, row)) for row in islice(coming, CHUNK_ROWS)]:
        yield "\n".join([*lines, ""])


def _written(value: Any) -> str:
    """A value as a field of COPY's text format."""
    if value is None:
        return "\\N"
    written = str(value)
    if "\\" in written or "\t" in written or "\n" in written or "\r" in written:
        return written.translate(_ESCAPED)
    return written


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into `table`; None becomes NULL. Runs in the caller's transaction."""
    listed = ", ".join(columns)
    cursor: Any = conn.connection.cursor()
    with closing(cursor):
        cursor.copy_expert(f"COPY {table} ({listed}) FROM STDIN", _Rows(rows), size=READ_CHARACTERS)


def read_columns(conn: Connection, sql: str, values: Mapping[str, Any], *, kinds: Mapping[str, type]) -> dict[str, Any]:
    """The answer to a question with `:name` places as columns: arrays of the kinds int, float or str by name, no value missing.

    Several times as fast as rows where there are tens of thousands; shapes are asked for as hex (`encode(ST_AsBinary(…), 'hex')`).
    """
    from pyarrow import csv as reader
    from pyarrow import float64, int64, string

    written, cursor = io.BytesIO(), conn.connection.cursor()
    with closing(cursor):
        asked = cursor.mogrify(_PLACE.sub(r"%(\1)s", sql.replace("%", "%%")), dict(values)).decode()
        cursor.copy_expert(f"COPY ({asked}) TO STDOUT WITH (FORMAT csv)", written)
    if not written.tell():
        return {name: np.array([], dtype=_KINDS[kind]) for name, kind in kinds.items()}
    written.seek(0)
    types = {int: int64(), float: float64(), str: string()}
    table = reader.read_csv(
        written,
        read_options=reader.ReadOptions(column_names=list(kinds), use_threads=False),
        convert_options=reader.ConvertOptions(column_types={name: types[kind] for name, kind in kinds.items()}),
        parse_options=reader.ParseOptions(newlines_in_values=False),
    )
    return {name: table.column(name).to_numpy().astype(_KINDS[kind]) for name, kind in kinds.items()}


_KINDS: Mapping[type, type] = {int: np.int64, float: np.float64, str: np.object_}


def take_ids(conn: Connection, table: str, count: int) -> range:
    """Reserve `count` consecutive ids of a table. Raises ValueError when others took numbers in between."""
    found = conn.exec_driver_sql(
        "SELECT min(id), max(id) FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS id "
        "FROM generate_series(1, %s)) AS taken",
        (table, count),
    ).one()
    if count and found[1] - found[0] + 1 != count:
        raise ValueError(f"the ids of {table} were taken by another session at the same time; try again")
    return range(found[0] or 0, (found[1] or -1) + 1)
