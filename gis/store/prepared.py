"""Statements that are asked many times a second: each connection's backend parses and plans them once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

_PLACE = re.compile(r"(?<![:\w]):(\w+)")


class Prepared:
    """A statement with `:name` places, prepared on a connection when it is first asked there.

    `types` are the PostgreSQL types of its parameters, in the order in which they are handed over. A prepared statement belongs to
    the session and outlives a rollback, so it is made at most once for each connection of the pool.
    """

    def __init__(self, name: str, sql: str, **types: str) -> None:
        """`name` is unique in this program."""
        places = {parameter: f"${place}" for place, parameter in enumerate(types, start=1)}
        body = _PLACE.sub(lambda found: places[found[1]], sql)
        listed = f"({', '.join(types.values())})" if types else ""
        self.name = name
        self._made_by = f"PREPARE {name}{listed} AS {body}".replace("%", "%%")
        self._asked_by = f"EXECUTE {name}({', '.join(f'%({parameter})s' for parameter in types)})" if types else f"EXECUTE {name}"

    def rows(self, conn: Connection, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """What the statement answers to these values."""
        made = conn.info.setdefault("prepared", set())
        if self.name not in made:
            conn.exec_driver_sql(self._made_by)
            made.add(self.name)
        return conn.exec_driver_sql(self._asked_by, dict(values or {})).all()

    def row(self, conn: Connection, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """Its only row, or None for none."""
        found = self.rows(conn, values)
        return found[0] if found else None
