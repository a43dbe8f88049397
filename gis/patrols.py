"""Patrols: the places that an officer inspects today, in walking order, and what was found at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis.errors import BadReport, NotFound, NotInTheField
from gis.field_records import Inspection, Patrol, Place, PlaceRow
from gis.records import Account, Reach, Report
from gis.rules.patrol import FINDING, INSPECTED, in_walking_order, that_fit
from gis.store import done_once, inspections, journal, photos, places

NOTE_LIMIT: Final = 2000
PAGE: Final = 1000


@dataclass(frozen=True)
class Found:
    """What an officer says of a place. `lon`, `lat` is where she stood; `matter` is that of a finding."""

    outcome: str
    at: datetime
    note: str | None = None
    lon: float | None = None
    lat: float | None = None
    matter: str | None = None
    photos: tuple[str, ...] = ()


def register(conn: Connection, rows: Sequence[PlaceRow], *, by: str) -> None:
    """Take places into the list of what is inspected; each gets its code."""
    places.save_many(conn, rows)
    journal.append(conn, "places.listed", subject="city", actor=by, places=len(rows))


def today(conn: Connection, account: Account, *, start: tuple[float, float] | None, now: datetime, timezone: str) -> Patrol:
    """What somebody inspects today, in walking order from a start, or from the middle of the grid. Raises NotInTheField."""
    staff_id = _staff_of(account)
    day = now.astimezone(ZoneInfo(timezone)).date()
    begins = datetime.combine(day, time(), ZoneInfo(timezone))
    grids = places.grids_of(conn, staff_id)
    due = places.due(conn, staff_id, until=begins + timedelta(days=1))
    chosen = that_fit(due)
    begin = start or next(iter(grids.values()), None)
    calls = in_walking_order(chosen, start=begin, day=day)
    done = inspections.done_since(conn, staff_id, begins)
    return Patrol(day, tuple(grids), begin, calls, len(due) - len(chosen), done)


def _staff_of(account: Account) -> int:
    if account.staff_id is None:
        raise NotInTheField("Your account belongs to no member of staff, so it has no patrol; ask an administrator.")
    return account.staff_id


def place(conn: Connection, code: str, *, reach: Reach) -> tuple[Place, list[Inspection]]:
    """A place with its latest inspections. Raises NotFound, also for one outside the reach."""
    found = _place(conn, code, reach=reach)
    return found, inspections.of_place(conn, found.id)


def _place(conn: Connection, code: str, *, reach: Reach, lock: bool = False) -> Place:
    found = places.by_code(conn, code, reach=reach, lock=lock)
    if found is None:
        raise NotFound(f"There is no place with the code {code}.")
    return found


def listed(conn: Connection, area: str | None, *, reach: Reach, after: str = "", limit: int = PAGE) -> list[Place]:
    """The places inside an area and the reach, by code, behind a code."""
    return places.in_area(conn, area, reach=reach, after=after, limit=limit)


def of_grid(conn: Connection, grid: str, *, reach: Reach) -> list[Place]:
    """The places of a grid in force, by code; none of a grid outside the reach."""
    return places.of_grid(conn, grid, reach=reach)


def answer_before(conn: Connection, account: Account, key: str | None) -> dict[str, Any] | None:
    """What an inspection with this key was answered before, or None: then it is made, and the answer kept."""
    return done_once.begin(conn, actor=account.login, key=_kept_as(key)) if key else None


def keep_answer(conn: Connection, account: Account, key: str | None, answer: dict[str, Any]) -> None:
    """Keep what an inspection was answered, in its transaction."""
    if key:
        done_once.keep(conn, actor=account.login, key=_kept_as(key), answer=answer)


def _kept_as(key: str) -> str:
    return f"inspection {key}"


def finding(conn: Connection, account: Account, code: str, found: Found) -> Report | None:
    """The report that a finding makes: at the place, by patrol, at once in the officer's hands; None when nothing was found.

    Raises BadReport for a finding without its matter, NotFound, NotInTheField.
    """
    staff_id = _staff_of(account)
    seen = _place(conn, code, reach=account.reach)
    if found.outcome != FINDING:
        return None
    if found.matter is None:
        raise BadReport("A finding needs its matter.", field="matter")
    address = " ".join(part for part in (seen.address, seen.name) if part)
    return Report(found.matter, seen.lon, seen.lat, "patrol", found.note, reported_at=found.at, address=address, holder=staff_id)


def give_photos(conn: Connection, account: Account, number: str, found: Found) -> int:
    """Give the photos of a finding to the case that it opened; returns its id. Raises BadReport for a photo that is not there."""
    incident_id, step_id = inspections.opened_case(conn, number)
    if found.photos:
        photos.attach(conn, found.photos, incident_id=incident_id, step_id=step_id, sent_by=account.login)
    return incident_id


def inspect(conn: Connection, account: Account, code: str, found: Found, *, number: str | None) -> Inspection:
    """Write down what somebody found at a place; `number` is the case that a finding opened, which gets the photos.

    Raises NotFound, NotInTheField, BadReport for a photo that is not there.
    """
    staff_id = _staff_of(account)
    seen = _place(conn, code, reach=account.reach, lock=True)
    incident_id = give_photos(conn, account, number, found) if number else None
    inspections.save(
        conn, place_id=seen.id, staff_id=staff_id, at=found.at, outcome=found.outcome, note=found.note,
        lon=found.lon, lat=found.lat, incident_id=incident_id,
    )  # fmt: skip
    if found.outcome in INSPECTED:
        places.note_inspected(conn, seen.id, at=found.at)
    return inspections.of_place(conn, seen.id, limit=1)[0]
