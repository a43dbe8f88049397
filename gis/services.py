"""The basic public services of the city: which facilities do them, and what a facility of a kind must have."""

from collections.abc import Sequence

from sqlalchemy import Connection

from gis.coverage_records import FacilityStandard, ServiceRow, StandardKept
from gis.errors import NotFound
from gis.records import Ints
from gis.store import journal
from gis.store import services as store


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


def set_standard(conn: Connection, standard: FacilityStandard, *, by: str) -> None:
    """Write what a facility of a kind must have; with nothing asked for, the kind has no standard. Raises NotFound."""
    asked = (standard.floor_area_m2, standard.m2_per_resident, standard.residents_per_place)
    nothing = asked == (None, None, None)
    if not (store.drop_standard(conn, standard.kind) if nothing else store.save_standard(conn, standard)):
        raise NotFound(f"There is no kind of facility with the code {standard.kind}, or it has no standard.")
    journal.append(
        conn, "standard.set", subject=standard.kind, actor=by, floor_area_m2=asked[0], m2_per_resident=asked[1],
        residents_per_place=asked[2], source=standard.source,
    )  # fmt: skip
