"""Many rows at once, by COPY."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection

CHUNK_ROWS = 20_000
READ_CHARACTERS = 1 << 18


class _Rows(io.TextIOBase):
    """A file of CSV lines that is written as it is read, so that no more than a chunk is in memory."""

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
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, row in enumerate(rows, start=1):
        writer.writerow(["\\N" if value is None else value for value in row])
        if number % CHUNK_ROWS == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue()


def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY `rows` into `table`; None becomes NULL. Runs in the caller's transaction."""
    listed = ", ".join(columns)
    cursor: Any = conn.connection.cursor()
    with closing(cursor):
        cursor.copy_expert(f"COPY {table} ({listed}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", _Rows(rows), size=READ_CHARACTERS)


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
