"""What is asked of Open311: the program behind the key, the language, moments, pages."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, request
from sqlalchemy import Connection

from gis import city, tokens
from gis.errors import BadQuery, NotFound
from gis.records import Account
from gis.rules.open311 import MOST_REQUESTS
from server.auth import current_account, speaks_by_token
from server.auth.rights import REPORTERS
from server.database import now
from server.open311.answering import Forbidden


def field(name: str) -> str | None:
    """A field of the form or of the address; what is empty was not sent."""
    return (request.values.get(name) or "").replace("\0", "").strip() or None


def account(conn: Connection) -> Account | None:
    """The account whose token came as api_key or bearer, None without: a session counts for nothing here. Raises Forbidden."""
    sent = field("api_key")
    if sent is None:
        return current_account() if speaks_by_token() else None
    found = tokens.account_behind(conn, sent)
    if found is None:
        raise Forbidden("api_key is not valid.")
    return found[0]


def reporter(conn: Connection) -> Account | None:
    """The same for what changes something: only accounts that may report. Raises Forbidden."""
    found = account(conn)
    if found is not None and found.role not in REPORTERS.roles:
        raise Forbidden(f"The role {found.role} may not report.")
    return found


def check_jurisdiction(conn: Connection) -> ZoneInfo:
    """The time zone of the city, after a look at jurisdiction_id, which may be left out. Raises NotFound for another city."""
    held, asked = city.get(conn), field("jurisdiction_id")
    if asked is not None and asked != held.code:
        raise NotFound(f"jurisdiction_id {asked!r} was not found; this is {held.code}.")
    return ZoneInfo(held.timezone)


def language() -> str:
    """zh or en, as the program asks for."""
    return request.accept_languages.best_match(("zh", "en")) or str(current_app.config["SETTINGS"].language)


def is_extended() -> bool:
    """Whether the program asks for what GeoReport does not know."""
    return field("extensions") in ("true", "1")


def moment(name: str) -> datetime | None:
    """A moment in W3 form with its offset from UTC. Raises BadQuery."""
    sent = field(name)
    if sent is None:
        return None
    try:
        found = datetime.fromisoformat(sent.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or abs(found - now()) > timedelta(days=36_525):
        raise BadQuery(f"{name} is a moment such as 2026-05-24T00:00:00Z, with its offset from UTC.", field=name)
    return found


def page() -> tuple[int, int]:
    """Which page, and how many to a page: all that GeoReport allows if nothing is said. Raises BadQuery."""
    number, size = _count("page", 1, most=100_000), _count("page_size", MOST_REQUESTS, most=MOST_REQUESTS)
    return number, size


def _count(name: str, usual: int, *, most: int) -> int:
    sent = field(name)
    if sent is None:
        return usual
    if not (sent.isascii() and sent.isdigit() and 1 <= int(sent) <= most):
        raise BadQuery(f"{name} is a number from 1 to {most}.", field=name)
    return int(sent)


def listed(name: str) -> list[str] | None:
    """Values between commas, sent once or several times."""
    found: list[Any] = [part.strip() for sent in request.values.getlist(name) for part in sent.split(",") if part.strip()]
    return found or None
