"""Facilities: the service points of the city."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import FacilityRow, Name
from gis.store import facilities as store
from gis.store import journal


def open_many(conn: Connection, rows: Sequence[FacilityRow], *, kinds: dict[str, Name], by: str) -> None:
    """Open facilities, with the kinds they are of."""
    if kinds:
        store.save_kinds(conn, kinds)
    store.save(conn, rows)
    journal.append(conn, "facilities.opened", subject="facility", actor=by, facilities=len(rows))


def places(conn: Connection) -> list[tuple[str, str, float, float]]:
    """Kind, Chinese name, longitude and latitude of every facility."""
    return store.places(conn)


def kinds(conn: Connection) -> list[dict[str, Any]]:
    """Every kind with its number of facilities."""
    return store.kinds(conn)


def describe(conn: Connection, facility_id: int) -> dict[str, Any]:
    """One facility. Raises NotFound."""
    facility = store.describe(conn, facility_id)
    if facility is None:
        raise NotFound(f"There is no facility with the id {facility_id}.")
    return facility
