"""History: the city's plans through the years, and the grids that a place has had, with who decided and on what grounds."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.errors import BadCoordinates
from gis.records import PlanInForce
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.store import history as store
from gis.store import plans, publishing


def timeline(conn: Connection) -> list[dict[str, Any]]:
    """Every plan that is, was or will be in force, oldest first, with what it changed."""
    return store.timeline(conn)


def in_force(conn: Connection, moment: datetime) -> PlanInForce | None:
    """The plan in force at a moment, or None."""
    return plans.in_force(conn, moment)


def of_place(conn: Connection, *, lon: float, lat: float) -> list[dict[str, Any]]:
    """The grids of a place (WGS 84) through time, oldest first: each as long as no plan changed its code or its ground.

    Raises BadCoordinates.
    """
    fault = CoordinateFault(int(coordinate_faults(lon, lat)))
    if fault:
        raise BadCoordinates(fault.message)
    found: list[dict[str, Any]] = []
    for row in store.grids_at(conn, lon=lon, lat=lat):
        before = found[-1] if found else None
        row["origins"] = store.origins(conn, row["plan"], row["grid_id"])
        if before is not None and (row["code"], row["geometry"]) == (before["code"], before["geometry"]):
            before["until"] = row["until"]
            continue
        row["edits"] = store.edits_at(conn, row["plan"], lon=lon, lat=lat)
        row["supports"] = publishing.supports(conn, row["plan"])
        found.append(row)
    return found
