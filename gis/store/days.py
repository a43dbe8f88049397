"""Days that the city works against the calendar, or does not."""

from datetime import date

from sqlalchemy import Connection, text

from gis.store.prepared import Prepared

EXCEPTIONS = Prepared("working_days", "SELECT day, works FROM working_day")


def exceptions(conn: Connection) -> dict[date, bool]:
    """Every exception: True for a day that is worked, False for one that is not."""
    return {row.day: row.works for row in EXCEPTIONS.rows(conn)}


def decide(conn: Connection, day: date, *, works: bool | None, note: str | None) -> None:
    """Write an exception; None takes it back."""
    conn.execute(text("DELETE FROM working_day WHERE day = :day"), {"day": day})
    if works is not None:
        conn.execute(
            text("INSERT INTO working_day (day, works, note) VALUES (:day, :works, :note)"),
            {"day": day, "works": works, "note": note},
        )
