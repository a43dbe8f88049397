"""Cells: the smallest blocks, never cut; residents live on them, grids are made of them."""

import shapely
from sqlalchemy import Connection

from gis.errors import AlreadyThere, DivisionInvalid, NoCity
from gis.records import CellColumns, Ints
from gis.rules.coverage import coverage_faults
from gis.rules.zones import project
from gis.store import cells as store
from gis.store import city, journal


def found(conn: Connection, cells: CellColumns, *, by: str) -> None:
    """Found the cells of a city without any; together they must cover each community exactly. Raises DivisionInvalid."""
    held = city.get(conn)
    if held is None:
        raise NoCity("Found the city before its cells.")
    if store.ids(conn):
        raise AlreadyThere("The city has its cells already: a cell is the block that is never cut, plans are made of it.")
    metres = project(cells.shape, to=held.metric_srid)
    faults = coverage_faults(cells.shape, names=[str(i + 1) for i in range(len(cells.shape))], kind="cell")
    if faults:
        raise DivisionInvalid(f"The cells break {len(faults)} rules; the first: {faults[0]}", findings=faults)
    store.save(conn, cells, areas_m2=shapely.area(metres))
    journal.append(conn, "cells.founded", subject="cells", actor=by, cells=len(cells.shape))


def every(conn: Connection) -> CellColumns:
    """All cells of the city, ordered by id."""
    return store.every(conn)


def every_id(conn: Connection) -> list[int]:
    """Ids of all cells, in the order they were written."""
    return store.ids(conn)


def populate(conn: Connection, *, cell_ids: Ints, population: Ints, households: Ints, by: str) -> None:
    """Set residents and households of cells; the grids in force follow."""
    store.populate(conn, cell_ids=cell_ids, population=population, households=households)
    journal.append(conn, "population.counted", subject="cells", actor=by, residents=int(population.sum()))
