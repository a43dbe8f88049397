"""What a map service says of layers as wholes: which levels of areas there are, and since when there is something."""

from datetime import datetime

from sqlalchemy import Connection, text


def levels(conn: Connection) -> list[str]:
    """The levels that areas of this city have, from the city downwards."""
    return list(conn.execute(text("SELECT level FROM area GROUP BY level ORDER BY min(nlevel(path))")).scalars())


def first_plan_at(conn: Connection) -> datetime | None:
    """The moment that the first plan came into force."""
    first: datetime | None = conn.execute(text("SELECT min(lower(valid)) FROM plan")).scalar_one()
    return first


def first_incident_at(conn: Connection) -> datetime | None:
    """The moment of the oldest report."""
    first: datetime | None = conn.execute(text("SELECT min(reported_at) FROM incident")).scalar_one()
    return first
