"""Departments' sources (入格部门): opened, mapped and tried on a sample, and how each is doing."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis.errors import AlreadyThere, BadMapping, BadSource, NotFound
from gis.records import Name, Reach
from gis.rules.source_health import SourceSigns, health
from gis.rules.source_mapping import mapping_faults, mapping_of
from gis.rules.source_reading import Known, plain_name, read_records
from gis.source_records import Source, SourceRead
from gis.store import catalogue, journal, stream
from gis.store import sources as store

PREVIEW_ROWS = 20
SECRET_BYTES = 32
A_WEEK = timedelta(days=7)
ADDRESS_LIMIT = 2000
CHANGEABLE = ("name_zh", "name_en", "mapping", "active", "pull_url", "pull_every_min", "pull_token", "hook_url")


def open_source(
    conn: Connection, *, code: str, department: str, name: Name, mapping: Mapping[str, Any], on: date, by: str
) -> Source:
    """Open a department's source. Raises BadSource, BadMapping with everything at fault, AlreadyThere."""
    if department not in store.departments(conn):
        raise BadSource(f"There is no department {department!r}.", field="department")
    check_mapping(conn, mapping, on=on)
    if not store.save(conn, code=code, department=department, name=name, mapping=dict(mapping), by=by):
        raise AlreadyThere(f"There is a source with the code {code} already.", field="code")
    journal.append(conn, "source.opened", subject=code, actor=by, department=department)
    return get(conn, code)


def get(conn: Connection, code: str, *, reach: Reach | None = None) -> Source:
    """A source that somebody may see. Raises NotFound, also for another department's."""
    source = store.by_code(conn, code, reach=reach)
    if source is None:
        raise NotFound(f"There is no source {code}.")
    return source


def listed(conn: Connection, *, reach: Reach | None = None) -> list[Source]:
    """The sources that somebody may see."""
    return store.listed(conn, reach=reach)


def change(conn: Connection, code: str, *, wanted: Mapping[str, Any], on: date, by: str) -> Source:
    """Change what is named in `wanted`. A source that is to be called hears of what happens from then on.

    Raises NotFound, BadSource, BadMapping.
    """
    source = store.by_code(conn, code, lock=True)
    if source is None:
        raise NotFound(f"There is no source {code}.")
    if "mapping" in wanted:
        check_mapping(conn, wanted["mapping"], on=on)
    for field in ("pull_url", "hook_url"):
        if wanted.get(field):
            _check_address(field, wanted[field])
    columns = {name: value for name, value in wanted.items() if name in CHANGEABLE}
    if columns.get("pull_url", source.pull_url) != source.pull_url:
        columns["pull_state"] = {}
    if columns.get("hook_url") and not source.hook_secret:
        columns["hook_secret"] = secrets.token_urlsafe(SECRET_BYTES)
    if columns.get("hook_url") and not source.hook_url:
        columns["hook_seq"] = stream.whole_to(conn)
    if columns:
        store.change(conn, source.id, **columns)
    journal.append(conn, "source.changed", subject=code, actor=by, what=sorted(columns))
    return get(conn, code)


def renew_secret(conn: Connection, code: str, *, by: str) -> str:
    """A new secret that calls are signed with; the old one ends at once. Raises NotFound."""
    source = get(conn, code)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    store.change(conn, source.id, hook_secret=secret)
    journal.append(conn, "source.secret_renewed", subject=code, actor=by)
    return secret


def note_pull(conn: Connection, source: Source, **state: Any) -> None:
    """Keep what the next pull goes on from, and how the last one went."""
    store.change(conn, source.id, pull_state=source.pull_state | state)


def keep_alone(conn: Connection, source_id: int) -> bool:
    """Whether nobody else takes this source's files or fetches from it; if so nobody will until `leave`, or the session ends."""
    return store.keep_alone(conn, source_id)


def leave(conn: Connection, source_id: int) -> None:
    """Let others at a source's files again."""
    store.leave(conn, source_id)


def check_mapping(conn: Connection, mapping: Mapping[str, Any], *, on: date) -> None:
    """Raises BadMapping with everything that is wrong."""
    codes = {row["code"] for row in catalogue.matters_in_force(conn, on)}
    faults = mapping_faults(mapping, matters=codes)
    if faults:
        named = "; ".join(f"{fault.field}: {fault.message}" for fault in faults[:3])
        raise BadMapping(f"{len(faults)} fields of the mapping are at fault: {named}", errors=[fault.as_dict() for fault in faults])


def known(conn: Connection, *, on: date) -> Known:
    """What records may name on a day: matters by code and name, communities."""
    rows = [row for row in catalogue.matters_in_force(conn, on) if row["kind"] == "matter"]
    matters: dict[str, str | None] = {}
    for row in rows:
        for name in {plain_name(row["name_zh"]), plain_name(row["name_en"])}:
            matters[name] = None if name in matters else row["code"]
    return Known(matters | {row["code"]: row["code"] for row in rows}, store.communities(conn))


def preview(conn: Connection, mapping: Mapping[str, Any], records: Sequence[Any], *, on: date, now: datetime) -> list[SourceRead]:
    """The first rows of a sample as they would come in; nothing is written. Raises BadMapping."""
    check_mapping(conn, mapping, on=on)
    return read_records(records[:PREVIEW_ROWS], mapping=mapping_of(mapping), known=known(conn, on=on), now=now)


def board(conn: Connection, *, reach: Reach, timezone: str, now: datetime) -> list[tuple[Source, dict[str, Any], str, list[str]]]:
    """Every source that somebody may see with its figures, its light and the words that say why."""
    midnight = now.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    figures = store.figures(conn, today=midnight, week=now - A_WEEK)
    return [(source, figures[source.id], *_health(source, figures[source.id], now)) for source in store.listed(conn, reach=reach)]


def _health(source: Source, figures: Mapping[str, Any], now: datetime) -> tuple[str, list[str]]:
    signs = SourceSigns(
        active=source.active, last_at=figures["last_at"], last_fault=figures["last_fault"] is not None,
        rows_today=figures["rows_today"], rejected_today=figures["rejected_today"], open_rejects=figures["open_rejects"],
        pull_tries=source.pull_state.get("tries", 0) if source.pull_url else 0, calls_parked=figures["calls_parked"],
        calls_waiting_since=figures["calls_waiting_since"],
    )  # fmt: skip
    return health(signs, now=now)


def _check_address(field: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(url) > ADDRESS_LIMIT:
        raise BadSource("An address such as https://department.example/cases is expected, without a password in it.", field=field)
