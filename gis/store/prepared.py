"""Statements that are asked many times a second: each connection's backend parses and plans them once."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Row

MOST = 50  # statements of no fixed name that a connection keeps; the ones after them are planned each time they run
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


def execute(conn: Connection, sql: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Run a statement with `:name` places by the plan that this connection has for it.

    For questions whose plan does not depend on their values: planning a list over monthly partitions costs more than reading ten
    rows of it. What is filtered by values is planned each time, because a rare value wants another plan than a common one.
    """
    kept: dict[str, tuple[str, list[str]]] = conn.info.setdefault("kept", {})
    if sql not in kept:
        order = list(dict.fromkeys(_PLACE.findall(sql)))
        name = f"kept_{len(kept)}"
        if len(kept) >= MOST:
            return conn.exec_driver_sql(_PLACE.sub(r"%(\1)s", sql.replace("%", "%%")), dict(values))
        conn.exec_driver_sql(f"PREPARE {name} AS {_PLACE.sub(lambda place: f'${order.index(place[1]) + 1}', sql)}")
        kept[sql] = (name, order)
    name, order = kept[sql]
    places = f"({', '.join(['%s'] * len(order))})" if order else ""
    return conn.exec_driver_sql(f"EXECUTE {name}{places}", tuple(values[item] for item in order))
