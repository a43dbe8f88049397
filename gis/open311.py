"""Open311 GeoReport v2: what other programs may file, and what they are told of it."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from gis.citizen_records import Contact
from gis.errors import BadQuery, BadReport, NotFound
from gis.records import Reach
from gis.rules import open311 as rules
from gis.rules.blurring import neighbourhood
from gis.store import case_journal, catalogue, done_once, photos, reporters, search
from gis.store import open311 as store

NUMBERS_AT_MOST: Final = 200
COMMENT: Final = "comment"
# Of what is private whoever has only the number hears that there is something, and how far it is.
UNTOLD_OF_HIDDEN: Final = (
    "lon", "lat", "grid", "matter", "name_zh", "name_en", "department_zh", "department_en", "command", "command_level", "urgency",
    "tier", "due_at",
)  # fmt: skip
UPDATES_SPAN: Final = timedelta(days=7)  # told of when nobody says since when


def services(conn: Connection, *, on: date) -> list[dict[str, Any]]:
    """The matters that may be filed."""
    return [row for row in catalogue.matters_in_force(conn, on) if row["by_citizens"]]


def service(conn: Connection, code: str, *, on: date) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    found = catalogue.matter_in_force(conn, code, on=on)
    if found is None or not found["by_citizens"]:
        raise NotFound(f"service_code {code!r} was not found; services lists them.")
    return found


def place_of(conn: Connection, *, address_id: str | None, address: str | None) -> tuple[float, float, str | None]:
    """Where a report without coordinates lies: at a known place by its code, or at what its address names. Raises BadReport."""
    if address_id:
        found = store.place_at(conn, address_id)
        if found is None:
            raise BadReport(f"address_id {address_id!r} is the code of no place.", field="address_id")
        return found[0], found[1], address or found[2]
    hits = search.find(conn, address, limit=1) if address else []
    if not hits:
        raise BadReport(
            "lat and long, address_id or address_string must say where it is; what the address names was not found.",
            field="address_string" if address else "lat",
        )
    return hits[0]["lon"], hits[0]["lat"], address


def keep_contact(conn: Connection, number: str, contact: Contact, *, now: datetime) -> None:
    """Keep who reported, where something was said of it. Mail is for the program that filed it to send."""
    if contact.name or contact.phone or contact.email:
        case_id, _ = store.first_step(conn, number)
        reporters.add(conn, case_id, key=secrets.token_urlsafe(18), contact=contact, joined=False, at=now)


def attach_photo(conn: Connection, number: str, photo_id: str, *, by: str) -> None:
    """Give a photo that waits to the report that it came with."""
    case_id, step_id = store.first_step(conn, number)
    photos.attach(conn, [photo_id], incident_id=case_id, step_id=step_id, sent_by=by)


def is_known(conn: Connection, key: str) -> bool:
    """Whether something was filed with a key."""
    return store.number_of_key(conn, key) is not None


def number_of_token(conn: Connection, token: str) -> str:
    """The number of the report filed with a key: ours are placed at once, so the key is the token. Raises NotFound."""
    number = store.number_of_key(conn, token)
    if number is None:
        raise NotFound(f"token {token!r} was not found.")
    return number


def requests(
    conn: Connection, *, start: datetime | None, end: datetime | None, matters: Sequence[str] | None, is_open: bool | None,
    reach: Reach | None, now: datetime, page: int, page_size: int,
) -> list[dict[str, Any]]:
    """Cases reported between two moments, 90 days at most, newest first. Raises BadQuery.

    With a reach all that lies inside, as it is; without one, what everybody may know: no words, no address, and a place only
    as far as the matter lets it be seen.
    """
    span = rules.span_of(start, end, now=now)
    if span is None:
        raise BadQuery("start_date and end_date may not span more than 90 days, and end_date comes last.", field="start_date")
    found = store.between(
        conn, *span, matters=matters, is_open=is_open, reach=reach, limit=page_size, offset=(page - 1) * page_size
    )
    return found if reach else [_for_everybody(row) for row in found]


def requests_by_number(conn: Connection, numbers: Sequence[str], *, reach: Reach | None) -> list[dict[str, Any]]:
    """The cases with these numbers. Raises BadQuery for more than 200."""
    if len(numbers) > NUMBERS_AT_MOST:
        raise BadQuery(f"service_request_id names more than {NUMBERS_AT_MOST} requests.", field="service_request_id")
    found = store.by_numbers(conn, numbers, reach=reach)
    return found if reach else [_for_everybody(row) for row in found]


def request(conn: Connection, number: str, *, reach: Reach | None) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    found = requests_by_number(conn, [number], reach=reach)
    if not found:
        raise NotFound(f"service_request_id {number!r} was not found.")
    return found[0]


def _for_everybody(row: dict[str, Any]) -> dict[str, Any]:
    bare = row | {"description": None, "address": None}
    if row["visibility"] == "shown":
        return bare
    if row["visibility"] == "hidden":
        return bare | dict.fromkeys(UNTOLD_OF_HIDDEN)
    lon, lat = neighbourhood(np.array([row["lon"]]), np.array([row["lat"]]))
    return bare | {"lon": float(lon[0]), "lat": float(lat[0]), "grid": None}


def updates(
    conn: Connection, *, start: datetime | None, end: datetime | None, reach: Reach | None, now: datetime, page: int, page_size: int
) -> list[dict[str, Any]]:
    """What became of cases between two moments, oldest first; what was noted is told to whoever has a reach. Raises BadQuery."""
    span = rules.span_of(start or ((end or now) - UPDATES_SPAN), end, now=now)
    if span is None:
        raise BadQuery("start_date and end_date may not span more than 90 days, and end_date comes last.", field="start_date")
    actions = (*rules.TOLD, COMMENT) if reach else rules.TOLD
    found = store.steps_between(
        conn, *span, actions=actions, reach=reach, limit=page_size, offset=(page - 1) * page_size
    )
    return found if reach else [row | {"note": None} for row in found]


def comment(
    conn: Connection, number: str, *, update_id: str | None, words: str, reach: Reach, now: datetime, by: str
) -> Mapping[str, Any]:
    """Take an update of another program in as a comment, once for each of its ids; returns the update. Raises NotFound."""
    key = f"update {number} {update_id}"
    if update_id and (before := done_once.begin(conn, actor=by, key=key)) is not None:
        return before
    written = store.comment(conn, number, note=words, at=now, by=by, reach=reach)
    if written is None:
        raise NotFound(f"service_request_id {number!r} was not found.")
    case_id, step_id = written
    answer = {"update_id": str(step_id), "service_request_id": number}
    if update_id:
        done_once.keep(conn, actor=by, key=key, answer=answer)
    case_journal.tell(conn, COMMENT, incidents=[case_id], actor=by)
    return answer
