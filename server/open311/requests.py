"""Service requests: filed, asked for."""

import logging
import math
import re
from typing import Any

import numpy as np
from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection

from gis import open311, reporting
from gis.citizen_records import Contact
from gis.errors import BadCoordinates, BadPhoto, BadQuery, BadReport, PhotoNotKept, TooManyAttempts
from gis.incidents import ADDRESS_LIMIT, DESCRIPTION_LIMIT
from gis.records import Report
from gis.rules.actors import PUBLIC
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.open311 import CLOSED_STATUS, OPEN_STATUS, STATUS_OF, status_of, strange_values, written
from server.api.photos import keep_picture
from server.config import Settings
from server.database import now, reading, writing
from server.intake import KEY_PATTERN, sent_key, take_in
from server.open311.answering import answer
from server.open311.asking import account, check_jurisdiction, field, is_extended, language, listed, moment, page, reporter

log = logging.getLogger(__name__)

NAME_LIMIT, PHONE_LIMIT, EMAIL_LIMIT, LINK_LIMIT = 100, 40, 200, 500
_ANSWER = re.compile(r"attribute\[([^\]]{1,64})\](\[\])?")


def register(bp: Blueprint) -> None:
    """Bind the addresses."""
    bp.post("/requests.<any(json, xml):fmt>")(file)
    bp.get("/requests.<any(json, xml):fmt>")(requests)
    bp.get("/requests/<number>.<any(json, xml):fmt>")(one)
    bp.get("/tokens/<token>.<any(json, xml):fmt>")(by_token)


def file(fmt: str) -> Response:
    """File a request: it is placed and has its number at once."""
    key = _key()
    with writing() as conn:
        check_jurisdiction(conn)
        sender = reporter(conn)
        by = sender.login if sender else PUBLIC
        is_known = key is not None and open311.is_known(conn, key)
        wait_s = 0 if sender or is_known else _count(conn)
    if wait_s:
        raise TooManyAttempts("Too many reports from here without an api_key; try again later.", retry_after_s=wait_s)
    photo = None if is_known else _photo(by)  # what came in is not looked into again, however often it is sent
    with writing() as conn:
        filed = take_in(conn, _report(conn, key=key), by=by)
        if filed["is_new"]:
            open311.keep_contact(conn, filed["number"], _contact(), now=now())
            if photo is not None:
                open311.attach_photo(conn, filed["number"], photo, by=by)
    notice = {"zh": f"已交{filed['command_zh']}办理", "en": f"It is with {filed['command_en']}"}[language()]
    said = {"service_request_id": filed["number"], "service_notice": notice, "account_id": None}
    return answer("service_requests", [said | ({"token": key} if key and is_extended() else {})], status=201)


def _key() -> str | None:
    key = field("key") or sent_key()
    if key is not None and not re.match(KEY_PATTERN, key):
        raise BadReport("key is up to 200 printable ASCII characters without blanks.", field="key")
    return key


def _report(conn: Connection, *, key: str | None) -> Report:
    code = field("service_code")
    if code is None:
        raise BadReport("service_code was not provided.", field="service_code")
    matter = open311.service(conn, code, on=now().astimezone(check_jurisdiction(conn)).date())
    answers = _answers()
    if strange := strange_values(matter, answers):
        raise BadReport(f"attribute[{strange[0]}] is none of its values; services/{code} lists them.", field="attribute")
    lon, lat, address = _place(conn)
    link = (field("media_url") or "")[:LINK_LIMIT]
    words = "\n".join(part for part in (written(field("description") or "", matter, answers), link) if part)
    return Report(
        code, lon, lat, "citizen", words[:DESCRIPTION_LIMIT] or None, address=address and address[:ADDRESS_LIMIT], key=key
    )


def _answers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, values in request.form.lists():
        asked = _ANSWER.fullmatch(name)
        given = [value.replace("\0", "").strip() for value in values if value.strip()]
        if asked and given:
            found.setdefault(asked[1], []).extend(given)
    return found


def _place(conn: Connection) -> tuple[float, float, str | None]:
    """Longitude, latitude and address of a report."""
    lat, lon, address = field("lat"), field("long"), field("address_string")
    if lat is None or lon is None:
        return open311.place_of(conn, address_id=field("address_id"), address=address)
    x, y = _degrees("long", lon), _degrees("lat", lat)
    fault = CoordinateFault(int(coordinate_faults(np.array([x]), np.array([y]))[0]))
    if fault is not CoordinateFault.OK:
        raise BadCoordinates(f"lat, long: {fault.message}", field="lat, long", fault=fault.name.lower())
    return x, y, address


def _degrees(name: str, sent: str) -> float:
    try:
        found = float(sent)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadReport(f"{name} is a number of degrees in WGS 84.", field=name)
    return found


def _contact() -> Contact:
    name = " ".join(part for part in (field("first_name"), field("last_name")) if part)
    phone, email = (field("phone") or "")[:PHONE_LIMIT], (field("email") or "")[:EMAIL_LIMIT]
    return Contact(name[:NAME_LIMIT] or None, phone or None, email or None, language=language())


def _count(conn: Connection) -> int:
    """Count a report from an address that has no key, together with those of the public page; returns the seconds to wait."""
    settings: Settings = current_app.config["SETTINGS"]
    return reporting.count_report(
        conn, address=request.remote_addr or "", per_hour=settings.reports_per_hour, per_day=settings.reports_per_day
    )


def _photo(by: str) -> str | None:
    """The id of the photo that came along; a report is not lost for one that cannot be kept."""
    sent = request.files.get("media")
    if sent is None:
        return None
    try:
        return str(keep_picture(sent.read(), by=by)["id"])
    except (BadPhoto, PhotoNotKept) as fault:
        log.warning("a report goes on without its photo: %s", fault)
        return None


def requests(fmt: str) -> Response:
    """Requests by their numbers, or by when, of what and whether they are open."""
    numbers, states = listed("service_request_id"), listed("status")
    if states and not set(states) <= {OPEN_STATUS, CLOSED_STATUS}:
        raise BadQuery("status is open or closed.", field="status")
    number, size = page()
    with reading() as conn:
        check_jurisdiction(conn)
        asker = account(conn)
        reach = asker.reach if asker else None
        if numbers:
            found = open311.requests_by_number(conn, numbers, reach=reach)
        else:
            found = open311.requests(
                conn, start=moment("start_date"), end=moment("end_date"), matters=listed("service_code"),
                is_open=None if not states or len(set(states)) > 1 else states[0] == OPEN_STATUS, reach=reach, now=now(),
                page=number, page_size=size,
            )  # fmt: skip
    return answer("service_requests", [_request(row) for row in found])


def one(number: str, fmt: str) -> Response:
    """One request."""
    with reading() as conn:
        check_jurisdiction(conn)
        asker = account(conn)
        found = open311.request(conn, number, reach=asker.reach if asker else None)
    return answer("service_requests", [_request(found)])


def by_token(token: str, fmt: str) -> Response:
    """The number that a request got that was filed with a key."""
    with reading() as conn:
        check_jurisdiction(conn)
        number = open311.number_of_token(conn, token)
    return answer("service_requests", [{"service_request_id": number, "token": token}])


def _request(row: dict[str, Any]) -> dict[str, Any]:
    spoken = language()
    said = {
        "service_request_id": row["number"],
        "status": status_of(row["state"]),
        "status_notes": None,
        "service_name": row[f"name_{spoken}"],
        "service_code": row["matter"],
        "description": row["description"],
        "agency_responsible": row[f"department_{spoken}"],
        "service_notice": None,
        "requested_datetime": row["reported_at"],
        "updated_datetime": row["updated_at"],
        "expected_datetime": row["due_at"],
        "address": row["address"],
        "address_id": None,
        "zipcode": None,
        "lat": row["lat"],
        "long": row["lon"],
        "media_url": None,
    }
    if is_extended():
        said |= {"detailed_status": STATUS_OF[row["state"]], "state": row["state"]}
        said |= {name: row[name] for name in ("version", "urgency", "tier", "grid", "command", "command_level", "merged_into")}
    return said
