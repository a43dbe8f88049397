"""Statements that a connection plans once and runs often.

For questions whose plan does not depend on their values: planning a list over monthly partitions costs more than reading
ten rows of it. What is filtered by values is planned each time, because a rare value wants another plan than a common one.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult

MOST = 50  # statements that a connection keeps; the ones after them are planned each time they run
_PLACE = re.compile(r"(?<![:\w]):(\w+)")


def execute(conn: Connection, sql: str, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Run a statement with `:name` places by the plan that this connection has for it."""
    kept: dict[str, tuple[str, list[str]]] = conn.info.setdefault("prepared", {})
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
