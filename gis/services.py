"""The basic public services of the city: which facilities do them, and what a facility of a kind must have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from gis.coverage_measuring import Measured, measure
from gis.coverage_records import FacilityStandard, ReachQuestion, ServiceRow, StandardKept, TooSmall
from gis.errors import BadQuestion, NotFound, NothingToReach
from gis.records import Flags, Ints, Name
from gis.rules import cover
from gis.rules.walking_network import ReachTable
from gis.store import journal
from gis.store import services as store


@dataclass(frozen=True)
class ServiceMatrix:
    """Which communities reach which services: `reached` is (services, communities), in the order of both lists.

    `offered` (services,) counts the facilities of the question that do each.
    """

    services: Sequence[ServiceRow]
    codes: Sequence[str]
    names: Sequence[Name]
    offered: Ints
    reached: Flags
    limit_m: float


def establish(conn: Connection, rows: Sequence[ServiceRow], *, by: str) -> None:
    """Write the catalogue of services; those that are known already take the new words."""
    store.save(conn, rows)
    journal.append(conn, "services.established", subject="city", actor=by, services=len(rows))


def offer(conn: Connection, *, kind: str, services: Sequence[str], by: str, floor_area_m2: float | None = None) -> int:
    """Every facility of a kind, of at least a floor area where one is given, offers these services; returns how many lines."""
    offered = store.offer(conn, kind=kind, services=services, floor_area_m2=floor_area_m2)
    journal.append(conn, "services.offered", subject=kind, actor=by, services=len(services), lines=offered)
    return offered


def find(conn: Connection) -> list[tuple[ServiceRow, int]]:
    """Every service with how many facilities offer it."""
    counts = store.counts(conn)
    return [(row, counts.get(row.code, 0)) for row in store.find(conn)]


def facilities_of(conn: Connection) -> dict[str, Ints]:
    """Ids of the facilities that offer each service, ascending; a service that nobody offers is not there."""
    return store.facilities_of(conn)


def kinds_that_offer(conn: Connection) -> list[str]:
    """Kinds of facilities of which at least one offers a service."""
    return store.kinds_that_offer(conn)


def standards(conn: Connection) -> list[StandardKept]:
    """Every standard with how many facilities fail its floor area."""
    return store.standards(conn)


def too_small(conn: Connection) -> list[TooSmall]:
    """Facilities with less floor area than their standard asks for: by kind, what lacks most first."""
    return store.too_small(conn)


def set_standard(conn: Connection, standard: FacilityStandard, *, by: str) -> None:
    """Write what a facility of a kind must have; with nothing asked for, the kind has no standard. Raises NotFound, BadQuestion."""
    if not standard.source.strip():
        says = "Say which rule asks for that."
        raise BadQuestion(f"source: {says}", errors=[{"field": "source", "message": says}])
    asked = (standard.floor_area_m2, standard.m2_per_resident, standard.residents_per_place)
    nothing = asked == (None, None, None)
    if not (store.drop_standard(conn, standard.kind) if nothing else store.save_standard(conn, standard)):
        raise NotFound(f"There is no kind of facility with the code {standard.kind}, or it has no standard.")
    journal.append(
        conn, "standard.set", subject=standard.kind, actor=by, floor_area_m2=asked[0], m2_per_resident=asked[1],
        residents_per_place=asked[2], source=standard.source,
    )  # fmt: skip


def matrix(conn: Connection, question: ReachQuestion, *, folder: Path) -> ServiceMatrix:
    """Which communities reach a place for each service, by the rule of a question whose kinds and services do not count.

    The way is measured once for all that offer anything; services that the same facilities do share one count. Raises BadQuestion,
    NoNetwork, NothingToReach.
    """
    kinds = store.kinds_that_offer(conn)
    if not kinds:
        raise NothingToReach("No facility says which services it does.")
    measured = measure(conn, replace(question, kinds=kinds, services=()), folder=folder)
    listed, of_service = store.find(conn), store.facilities_of(conn)
    none = np.empty(0, np.int64)
    offering = [np.isin(measured.facilities.id, of_service.get(row.code, none)) for row in listed]
    shown = np.unique(measured.ground.community[measured.scope])
    rows = {key.tobytes(): _reached(measured, key)[shown] for key in {key.tobytes(): key for key in offering}.values()}
    units = measured.ground.communities
    return ServiceMatrix(
        services=listed, codes=units.code[shown].tolist(), names=[units.name[i] for i in shown.tolist()],
        offered=np.array([key.sum() for key in offering], np.int64), limit_m=measured.limit_m,
        reached=np.array([rows[key.tobytes()] for key in offering], np.bool_).reshape(len(listed), len(shown)),
    )  # fmt: skip


def _reached(measured: Measured, offers: Flags) -> Flags:
    """Which communities reach enough of the facilities that offer something, by the question's rule."""
    ground, question = measured.ground, measured.question
    within = _within(measured.table, offers)
    metres = np.where(within > 0, 0.0, np.inf)
    covered = (within >= question.k).astype(np.float64)
    cells = cover.CellCover(ground.population, ground.households, ground.area_m2, covered, metres)
    home = np.where(measured.scope, ground.community, -1)
    n = len(ground.communities)
    centres = _within(measured.centres, offers)[:n]
    sums = cover.by_unit(cells, home, n_units=n)
    return cover.units_covered(question.rule, sums, centre_within=centres, k=question.k, share=question.share)


def _within(table: ReachTable, offers: Flags) -> Ints:
    """How many of the facilities that offer something are within reach of each place."""
    return np.bincount(table.cell[offers[cover.facility_of_pair(table)]], minlength=table.n_cells)
