"""Figures that a map is coloured by."""

from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from gis.records import Figures, Name
from gis.rules.classes import class_limits
from gis.store import figures as store

UNITS = {
    "population": Name("人", "residents"),
    "density": Name("人/平方公里", "residents per km²"),
    "staff": Name("人", "staff"),
    "incidents": Name("件/近一年", "incidents in the last 365 days"),
    "area": Name("平方公里", "km²"),
}


def measure(conn: Connection, name: str, *, level: str, at: datetime | None = None) -> Figures:
    """A measure over every unit of a level (town, community or grid) at a moment, now if None, with class limits for the legend."""
    values = _density(conn, level, at) if name == "density" else _values(conn, name, level, at)
    limits = class_limits(np.fromiter(values.values(), dtype=np.float64, count=len(values)))
    as_of = at or store.counted_at(conn)
    return Figures(level=level, measure=name, unit=UNITS[name], as_of=as_of, values=values, breaks=limits)


def _values(conn: Connection, name: str, level: str, at: datetime | None) -> dict[str, float]:
    return store.by_grid(conn, name, at=at) if level == "grid" else store.by_area(conn, name, level, at=at)


def _density(conn: Connection, level: str, at: datetime | None) -> dict[str, float]:
    area = _values(conn, "area", level, at)
    return {code: people / area[code] for code, people in _values(conn, "population", level, at).items() if area[code] > 0}
