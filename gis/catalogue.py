"""The catalogue of departments and admitted matters (入格事项)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from gis.records import MatterRow, Name
from gis.store import catalogue as store
from gis.store import journal


def admit(conn: Connection, *, departments: dict[str, Name], matters: Sequence[MatterRow], on: date, by: str) -> None:
    """Admit matters by one decision, together with the departments responsible for them."""
    store.save_departments(conn, departments)
    store.save_matters(conn, matters, admitted_on=on)
    journal.append(conn, "matters.admitted", subject=on.isoformat(), actor=by, matters=len(matters))


def matters(conn: Connection, *, on: date) -> list[dict[str, Any]]:
    """The matters in force on a day."""
    return store.matters_in_force(conn, on)
