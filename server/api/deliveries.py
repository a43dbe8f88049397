"""What departments deliver: records pushed, files put into their folders, rejected records corrected and replayed."""

import shutil
import uuid
from typing import Any, Literal

from flask import current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from gis import deliveries, record_files, sources
from gis.deliveries import ROWS_AT_ONCE
from gis.errors import BadFile
from gis.rules.source_mapping import mapping_of
from gis.source_records import Outcome, RowOutcome
from server.api.source_files import FileQuery, folder_of, spooled
from server.api.sources import PageQuery, SourcePath
from server.api.texts import Text
from server.auth import actor, reach
from server.database import hours, locator, now, reading, writing
from server.jobs import defer_receiving
from server.receiving import Desk, desk, push

bp = APIBlueprint("deliveries", __name__, abp_tags=[Tag(name="deliveries", description="Departments' records, each once")])


class RejectPath(SourcePath):
    """Which rejected record of a source."""

    reject_id: int = Field(ge=1, le=2**63 - 1)


class RejectQuery(PageQuery):
    """Which rejected records."""

    state: Literal["open", "replayed", "dropped"] | None = "open"


class Correction(BaseModel):
    """A record as it should have been."""

    record: dict[str, Any]


class Reasoned(BaseModel):
    """Why."""

    reason: Text = Field(min_length=2, max_length=1000)


@bp.post("/sources/<code>/deliveries")
def deliver(path: SourcePath) -> dict[str, Any]:
    """Take records in: a JSON array of up to 5,000, or one. Says of each what became of it; sent again, it comes in once."""
    with writing() as conn:
        source = sources.get(conn, path.code, reach=reach())
        records = record_files.records_of(request.get_data(), rows=mapping_of(source.mapping).rows, name="The body")
        if len(records) > ROWS_AT_ONCE:
            raise BadFile(f"At most {ROWS_AT_ONCE:,} records are taken at once; these are {len(records):,}.")
        outcome = push(conn, source, records, desk=_desk(conn))
    return _outcome(outcome)


@bp.get("/sources/<code>/deliveries")
def delivered(path: SourcePath, query: PageQuery) -> dict[str, Any]:
    """The deliveries of a source, newest first."""
    with reading() as conn:
        source = sources.get(conn, path.code, reach=reach())
        return {"deliveries": deliveries.latest(conn, source, limit=query.limit, before=query.before)}


@bp.post("/sources/<code>/files")
def upload(path: SourcePath, query: FileQuery) -> tuple[dict[str, Any], int]:
    """Put a file, sent as the body, into the folder of a source; the worker takes it at once."""
    with reading() as conn:
        source = sources.get(conn, path.code, reach=reach())
    file = spooled(query.filename)
    folder = folder_of(source.code)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.move(file, folder / f"{uuid.uuid4().hex[:8]}-{file.name}")
    shutil.rmtree(file.parent)
    defer_receiving(current_app, source.code, pull=False)
    return {"filename": file.name}, 202


@bp.get("/sources/<code>/rejects")
def rejects(path: SourcePath, query: RejectQuery) -> dict[str, Any]:
    """Records that could not be taken, newest first, each with every reason."""
    with reading() as conn:
        source = sources.get(conn, path.code, reach=reach())
        rows, matched = deliveries.rejects(conn, source, state=query.state, limit=query.limit, before=query.before)
    return {"rejects": rows, "matched": matched}


@bp.patch("/sources/<code>/rejects/<int:reject_id>")
def correct(path: RejectPath, body: Correction) -> dict[str, Any]:
    """Write a rejected record anew; the answer says what is still wrong with it."""
    with writing() as conn:
        source = sources.get(conn, path.code)
        return deliveries.correct(conn, source, path.reject_id, record=body.record, known=_desk(conn).known, now=now())


@bp.post("/sources/<code>/rejects/<int:reject_id>/replay")
def replay(path: RejectPath) -> dict[str, Any]:
    """Take a rejected record in as it now stands; asked twice, it comes in once."""
    return _replay(path.code, [path.reject_id])


@bp.post("/sources/<code>/rejects/replay")
def replay_all(path: SourcePath) -> dict[str, Any]:
    """Take every open rejected record of a source in as it now stands."""
    return _replay(path.code, None)


@bp.post("/sources/<code>/rejects/<int:reject_id>/drop")
def drop(path: RejectPath, body: Reasoned) -> dict[str, Any]:
    """Put a rejected record aside for good."""
    with writing() as conn:
        return deliveries.drop(conn, sources.get(conn, path.code), path.reject_id, note=body.reason, by=actor())


def _replay(code: str, reject_ids: list[int] | None) -> dict[str, Any]:
    with writing() as conn:
        source, held = sources.get(conn, code), _desk(conn)
        outcome = deliveries.replay(conn, source, reject_ids, intake=held.intake, known=held.known, now=held.now, by=actor())
    return _outcome(outcome)


def _desk(conn: Connection) -> Desk:
    return desk(conn, locator=locator(), now=now(), by=actor(), hours=hours())


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "delivery": outcome.delivery_id, "rows": len(outcome.rows), "late": outcome.late,
        **{state: outcome.count(state) for state in ("taken", "repeated", "rejected")},
        "results": [_row(row) for row in outcome.rows],
    }  # fmt: skip


def _row(row: RowOutcome) -> dict[str, Any]:
    told = {"row": row.row, "id": row.key, "state": row.state, "number": row.number, "late": row.late}
    return told | ({"reasons": [reason.as_dict() for reason in row.reasons]} if row.reasons else {})
