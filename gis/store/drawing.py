"""Connections that only draw: read only, each statement a transaction of its own, planned once and then run by that plan.

A tile is a question of a millisecond, and most of that went into what stood around it: opening and closing a transaction,
setting its limits, planning the same joins again. Here limits are set once per connection, and the plan is the one for any
tile, which serves because every question enters by an index on place.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, cast

from sqlalchemy import Connection, Engine, event, text

STATEMENT_TIMEOUT_MS = 5_000
IDLE_KEPT = 8  # connections of a process that wait for the next tile; one more is closed after its tile
_PLACE = re.compile(r"(?<![:\w]):(\w+)")
_TYPES = {int: "integer", str: "text"}


class DrawingConnection:
    """One such connection; used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        """Open it to where an engine leads, outside the engine's pool."""
        pooled = engine.raw_connection()
        self._raw = cast(Any, pooled.dbapi_connection)
        pooled.detach()
        self._raw.set_session(readonly=True, autocommit=True)
        with closing(self._raw.cursor()) as cursor:
            cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET plan_cache_mode = force_generic_plan")
        self._prepared: dict[str, tuple[str, list[str]]] = {}

    def one(self, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The one row that answers a statement with `:name` places, whose values are whole numbers and texts."""
        with closing(self._raw.cursor()) as cursor:
            if sql not in self._prepared:
                self._prepare(cursor, sql, values)
            execute, order = self._prepared[sql]
            cursor.execute(execute, [values[name] for name in order])
            row: tuple[Any, ...] = cursor.fetchone()
            return row

    def close(self) -> None:
        """End it."""
        self._raw.close()

    def _prepare(self, cursor: Any, sql: str, values: Mapping[str, Any]) -> None:
        order = list(dict.fromkeys(_PLACE.findall(sql)))
        name = f"drawn_{len(self._prepared)}"
        types = f"({', '.join(_TYPES[type(values[each])] for each in order)})" if order else ""
        cursor.execute(f"PREPARE {name}{types} AS {_PLACE.sub(lambda place: f'${order.index(place[1]) + 1}', sql)}")
        self._prepared[sql] = (f"EXECUTE {name}" + (f"({', '.join(['%s'] * len(order))})" if order else ""), order)


class DrawingPool:
    """The drawing connections of a process: opened when first needed, closed with the engine that they belong to."""

    def __init__(self, engine: Engine) -> None:
        """Connections will lead where `engine` leads."""
        self._engine = engine
        self._idle: list[DrawingConnection] = []
        event.listen(engine, "engine_disposed", lambda _: self.close())

    @contextmanager
    def lent(self) -> Iterator[DrawingConnection]:
        """A connection for one tile. After an error it and those that waited are closed: the server may have gone."""
        try:
            conn = self._idle.pop()
        except IndexError:
            conn = DrawingConnection(self._engine)
        try:
            yield conn
        except BaseException:
            conn.close()
            self.close()
            raise
        if len(self._idle) < IDLE_KEPT:
            self._idle.append(conn)
        else:
            conn.close()

    def close(self) -> None:
        """Close those that wait."""
        while self._idle:
            self._idle.pop().close()


def one(conn: Connection | DrawingConnection, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """The one row that answers a statement, on either kind of connection."""
    if isinstance(conn, DrawingConnection):
        return conn.one(sql, values)
    return tuple(conn.execute(text(sql), dict(values)).one())
