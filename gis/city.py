"""The city that this server holds."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.errors import AlreadyThere, NoCity
from gis.records import City
from gis.rules import asking
from gis.store import city as store
from gis.store import journal, plans


def found(conn: Connection, city: City, *, by: str) -> None:
    """Found the city. Raises AlreadyThere if the database holds one."""
    if store.get(conn) is not None:
        raise AlreadyThere("The database holds a city already; empty it first (`wangge seed … --replace`).")
    store.save(conn, city)
    journal.append(conn, "city.founded", subject=city.code, actor=by)


def get(conn: Connection) -> City:
    """The city. Raises NoCity."""
    city = store.get(conn)
    if city is None:
        raise NoCity("The database holds no city yet: run `wangge seed demo` or load your own.")
    return city


def find(conn: Connection) -> City | None:
    """The city, or None while the database holds none."""
    return store.get(conn)


def describe(conn: Connection, *, now: datetime) -> dict[str, Any]:
    """The city with its counts, extent and the plan in force. Raises NoCity."""
    city = get(conn)
    plan = plans.in_force(conn, now)
    west, south, east, north = store.extent(conn)
    return {
        "code": city.code,
        "name": city.name.as_dict(),
        "timezone": city.timezone,
        "synthetic": city.synthetic,
        "bbox": [west, south, east, north],
        "counts": store.counts(conn, at=now),
        "plan": plan and {"id": plan.id, "name": plan.name.as_dict(), "in_force_since": plan.since},
    }


def moment(conn: Connection, asked: str | None, *, field: str = "as_of") -> datetime | None:
    """A day (its first moment in the city) or a moment with its offset, as a question gives it. Raises BadQuery, NoCity."""
    return None if asked is None else store.moment_of(conn, asking.moment(field, asked))
