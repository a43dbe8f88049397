"""Departments' sources: their mapping tried, records pushed and replayed, how each is doing, and the calls back to it."""

import shutil
from dataclasses import asdict
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson
from flask import current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from gis import city, hooks, record_files, sources
from gis.errors import BadSource
from gis.records import Name
from gis.rules.source_mapping import FIELDS
from gis.source_records import Source, SourceRead
from server.api.source_files import FileQuery, folder_of, spooled
from server.api.texts import OneLine, Text
from server.auth import actor, reach
from server.database import now, reading, writing
from server.jobs import defer_receiving

bp = APIBlueprint("sources", __name__, abp_tags=[Tag(name="sources", description="Departments' records in, their matters back")])

CODE = r"^[a-z0-9][a-z0-9-]{1,39}$"
Mapping = dict[str, Any]


class SourcePath(BaseModel):
    """Which source."""

    code: str = Field(max_length=40)


class CallPath(SourcePath):
    """Which call to a department."""

    call_id: int = Field(ge=1, le=2**63 - 1)


class Words(BaseModel):
    """A name in both languages."""

    zh: OneLine = Field(min_length=1, max_length=100)
    en: OneLine = Field(min_length=1, max_length=100)


class NewSource(BaseModel):
    """A source to be opened."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=CODE, description="Small letters, digits and dashes; it names the folder for files too")
    department: str = Field(max_length=40)
    name: Words
    mapping: Mapping = Field(description=f"Which field of a record holds what: {', '.join(FIELDS)}")


class SourceChange(BaseModel):
    """What is to change; what is absent stays, and null takes an address away."""

    model_config = ConfigDict(extra="forbid")

    name: Words | None = None
    mapping: Mapping | None = None
    active: bool | None = None
    pull_url: Text | None = Field(default=None, max_length=2000, description="`{since}` in it stands for how far the last pull got")
    pull_every_min: int | None = Field(default=None, ge=1, le=10_080)
    pull_token: Text | None = Field(default=None, max_length=2000, description="Sent as a bearer token; never told again")
    hook_url: Text | None = Field(default=None, max_length=2000)

    def columns(self) -> dict[str, Any]:
        """What was sent, as the service takes it."""
        sent = self.model_dump(include=self.model_fields_set)
        name = sent.pop("name", None)
        required = ("mapping", "active")
        given = {key: value for key, value in sent.items() if value is not None or key not in required}
        return given | ({"name_zh": name["zh"], "name_en": name["en"]} if name else {})


class Sample(BaseModel):
    """Records to be tried, under the mapping that is kept or another one."""

    model_config = ConfigDict(extra="forbid")

    records: list[Any] = Field(max_length=1000)
    mapping: Mapping


class PageQuery(BaseModel):
    """Which page of a list, newest first."""

    limit: int = Field(default=50, ge=1, le=500)
    before: int | None = Field(default=None, ge=1, le=2**63 - 1)


class CallQuery(PageQuery):
    """Which calls."""

    state: Literal["waiting", "parked", "done"] | None = None


@bp.get("/sources")
def board() -> dict[str, Any]:
    """Every source with its light, the words that say why, and its figures of today and of seven days."""
    with reading() as conn:
        rows = sources.board(conn, reach=reach(), timezone=city.get(conn).timezone, now=now())
    return {"sources": [_told(source) | _figures(told) | {"light": light, "words": words} for source, told, light, words in rows]}


@bp.post("/sources")
def open_source(body: NewSource) -> tuple[dict[str, Any], int]:
    """Open a source of a department."""
    with writing() as conn:
        name = Name(body.name.zh, body.name.en)
        opened = sources.open_source(
            conn, code=body.code, department=body.department, name=name, mapping=body.mapping, on=_today(conn), by=actor()
        )
    folder_of(opened.code).mkdir(parents=True, exist_ok=True)
    return _told(opened), 201


@bp.post("/sources/preview")
def preview(body: Sample) -> dict[str, Any]:
    """The first twenty records as they would come in under a mapping, or every reason why not; nothing is written."""
    with reading() as conn:
        reads = sources.preview(conn, body.mapping, body.records, on=_today(conn), now=now())
    return {"rows": [_read(read) for read in reads]}


@bp.post("/sources/sample")
def sample(query: FileQuery) -> dict[str, Any]:
    """The first twenty records of a file sent as the body, and the names of their fields."""
    file = spooled(query.filename)
    try:
        records = record_files.read(file)
    finally:
        shutil.rmtree(file.parent)
    first = records[: sources.PREVIEW_ROWS]
    return {"records": first, "fields": _field_names(first), "rows": len(records)}


@bp.get("/sources/<code>")
def describe(path: SourcePath) -> dict[str, Any]:
    """One source with its mapping."""
    with reading() as conn:
        return _told(sources.get(conn, path.code, reach=reach()))


@bp.patch("/sources/<code>")
def change(path: SourcePath, body: SourceChange) -> dict[str, Any]:
    """Change a source. An address to be called makes a secret, which only this answer tells."""
    with writing() as conn:
        before = sources.get(conn, path.code)
        changed = sources.change(conn, path.code, wanted=body.columns(), on=_today(conn), by=actor())
    fresh = changed.hook_secret if changed.hook_secret != before.hook_secret else None
    return _told(changed) | ({"hook_secret": fresh} if fresh else {})


@bp.post("/sources/<code>/secret")
def renew_secret(path: SourcePath) -> dict[str, Any]:
    """A new secret that calls are signed with, told once; the old one ends at once."""
    with writing() as conn:
        return {"hook_secret": sources.renew_secret(conn, path.code, by=actor())}


@bp.post("/sources/<code>/pull")
def pull(path: SourcePath) -> tuple[dict[str, Any], int]:
    """Let the worker fetch from a source now."""
    with reading() as conn:
        source = sources.get(conn, path.code)
    if not source.pull_url:
        raise BadSource(f"The source {source.code} has no address to fetch from.", field="pull_url")
    defer_receiving(current_app, source.code, pull=True)
    return {"asked": source.code}, 202


@bp.get("/sources/<code>/calls")
def calls(path: SourcePath, query: CallQuery) -> dict[str, Any]:
    """Calls to the department, newest first: `waiting` for their turn, `parked` after a day without an answer, `done`."""
    with reading() as conn:
        source = sources.get(conn, path.code, reach=reach())
        return {"calls": hooks.latest(conn, source, state=query.state, limit=query.limit, before=query.before)}


@bp.post("/sources/<code>/calls/again")
def call_again(path: SourcePath) -> dict[str, Any]:
    """Try every parked call of a source once more."""
    with writing() as conn:
        return {"calls": hooks.send_again(conn, sources.get(conn, path.code), call_id=None, by=actor())}


@bp.post("/sources/<code>/calls/<int:call_id>/again")
def call_one_again(path: CallPath) -> dict[str, Any]:
    """Try one call that was not heard once more, now."""
    with writing() as conn:
        return {"calls": hooks.send_again(conn, sources.get(conn, path.code), call_id=path.call_id, by=actor())}


def _today(conn: Connection) -> date:
    return now().astimezone(ZoneInfo(city.get(conn).timezone)).date()


def _field_names(records: list[Any]) -> list[str]:
    """Every name in some records, those inside others as paths."""
    names: dict[str, None] = {}

    def note(held: dict[str, Any], before: str) -> None:
        for name, value in held.items():
            if isinstance(value, dict):
                note(value, f"{before}{name}.")
            else:
                names[f"{before}{name}"] = None

    for record in records:
        if isinstance(record, dict):
            note(record, "")
    return list(names)


def _told(source: Source) -> dict[str, Any]:
    return {
        "code": source.code,
        "name": source.name.as_dict(),
        "department": {"code": source.department, "name": source.department_name.as_dict()},
        "mapping": source.mapping,
        "active": source.active,
        "opened": {"by": source.opened_by, "at": source.opened_at},
        "pull": source.pull_state
        | {"url": source.pull_url, "every_min": source.pull_every_min, "has_token": bool(source.pull_token)},
        "hook": {"url": source.hook_url, "has_secret": bool(source.hook_secret)},
    }


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    counts = ("rows", "accepted", "repeated", "late", "rejected")
    return {
        "last": row["last_at"] and {name: row[f"last_{name}"] for name in ("at", "way", "rows", "fault")},
        "today": {name: int(row[f"{name}_today"]) for name in counts},
        "week": {name: int(row[f"{name}_week"]) for name in counts},
        "open_rejects": row["open_rejects"],
        "calls": {
            "waiting": row["calls_waiting"], "parked": row["calls_parked"], "waiting_since": row["calls_waiting_since"],
            "fault": row["calls_fault"], "last_heard_at": row["calls_done_at"],
        },
    }  # fmt: skip


def _read(read: SourceRead) -> dict[str, Any]:
    report = orjson.loads(orjson.dumps(asdict(read.report))) if read.report else None
    return {"id": read.key, "report": report, "contact": read.contact, "reasons": [reason.as_dict() for reason in read.reasons]}
