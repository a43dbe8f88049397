"""Facilities and streets for the small cities of drawings."""

from collections.abc import Sequence

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import facilities, networks
from gis.coverage_records import StreetLines
from gis.records import FacilityRow, Name
from gis.rules.datums import Datum, from_wgs84
from tests.builders import COMMUNITY, NORTH, SIDE, WEST

KINDS = {"park": Name("公园", "Park"), "clinic": Name("诊所", "Clinic")}
CELL_WIDTH_M, CELL_HEIGHT_M = 1_025.0, 1_107.5
"""Of the drawing's cells in EPSG:4547, to a metre or two."""


def at(column: float, row: float) -> tuple[float, float]:
    """A place of a drawing: (0.5, 0.5) is the middle of its first cell."""
    return round(WEST + column * SIDE, 8), round(NORTH - row * SIDE, 8)


def a_facility(
    kind: str, place: tuple[float, float], *, name: str = "", capacity: int | None = None, floor_area_m2: float | None = None,
    hours: str | None = None, level: str = "community",
) -> FacilityRow:  # fmt: skip
    """A facility at a place of a drawing."""
    lon, lat = at(*place)
    said = name or f"{kind} {place[0]:g}/{place[1]:g}"
    return FacilityRow(kind, COMMUNITY, Name(said, said), level, lon, lat, floor_area_m2, capacity, hours, synthetic=True)


def open_facilities(conn: Connection, *rows: FacilityRow) -> None:
    """Open facilities of the kinds park and clinic."""
    facilities.open_many(conn, rows, kinds=KINDS, by="test")


def lay_streets(
    conn: Connection, *streets: Sequence[tuple[float, float]], barriers: Sequence[Sequence[tuple[float, float]]] = (),
    datum: Datum = Datum.WGS84,
) -> int:  # fmt: skip
    """Put a network in force whose streets run through places of a drawing; rivers are the barriers. Returns its id."""
    lines = _lines(streets)
    if datum is not Datum.WGS84:
        lines = shapely.transform(lines, lambda corners: np.column_stack(from_wgs84(*corners.T, datum=datum)))
    rivers = _lines(barriers)
    kinds = np.full(len(rivers), "river", dtype=object)
    drawn = StreetLines(lines, np.full(len(lines), "residential", dtype=object), rivers, kinds)
    return networks.bring_in(conn, drawn, name="drawn", source="test", synthetic=True, by="test").id


def _lines(places: Sequence[Sequence[tuple[float, float]]]) -> np.ndarray:
    return np.array([shapely.LineString([at(*place) for place in line]) for line in places], dtype=object)
