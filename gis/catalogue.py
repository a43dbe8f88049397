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


def complete(conn: Connection, matters: Sequence[MatterRow], *, on: date, by: str) -> tuple[int, int]:
    """Give a catalogue from before pictures its pictures, and the kinds of wishes that it lacks; returns how many of each.

    Only a matter of the same code and name is filled in, and only if it has no picture yet: what a city decided stays. Kinds of
    wishes come in when there is none, if their departments are known.
    """
    filled = store.fill_in(conn, matters)
    codes, departments = store.codes_ever(conn), store.department_codes(conn)
    new = [row for row in matters if row.kind == "wish" and row.code not in codes and row.department in departments]
    if new:
        store.save_matters(conn, new, admitted_on=on)
        journal.append(conn, "matters.admitted", subject=on.isoformat(), actor=by, matters=len(new))
    return filled, len(new)


def matters(conn: Connection, *, on: date, kind: str = "matter") -> list[dict[str, Any]]:
    """The matters in force on a day; with the kind `wish` the small wishes that are taken."""
    return store.matters_in_force(conn, on, kind=kind)
