"""Imports: a file is uploaded, checked in the background, looked at, and applied or abandoned."""

import shutil
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import imports, layer_files
from gis.errors import NotFound
from gis.layer_files.formats import HEAD_BYTES, format_of
from gis.records import ImportJob
from gis.rules.datums import Datum
from gis.rules.mapping import TARGETS, guess
from seed.importing.report import file_told
from server.api.texts import Text
from server.auth import actor
from server.config import Settings
from server.database import reading, writing
from server.import_runs import FINDINGS, REPORT, UNITS
from server.jobs import defer_import

bp = APIBlueprint("imports", __name__, abp_tags=[Tag(name="imports", description="Real boundaries and points, brought in")])

Kind = Literal["areas", "cells", "grids", "population", "facilities", "incidents", "places", "network"]
FILES = {"report": REPORT, "findings": FINDINGS, "units": UNITS}
CHUNK_BYTES = 1 << 20


class ImportPath(BaseModel):
    """Which import."""

    id: int


class ImportFilePath(ImportPath):
    """Which of the files that a check leaves behind."""

    part: Literal["report", "findings", "units"]


class ImportLook(BaseModel):
    """How much of an import to tell, and another way to look at its file before it is checked so."""

    file: bool = Field(default=True, description="Also look into the file; leave that out to ask only for the progress")
    layer: Text | None = None
    encoding: Text | None = Field(default=None, max_length=30)


class NewImport(BaseModel):
    """What the uploaded file is."""

    kind: Kind
    filename: Text = Field(min_length=1, max_length=200, description="Its name; the ending says the format")


class ImportSettings(BaseModel):
    """How to read the file, and what the importer may do. What is left out is read or guessed."""

    layer: Text | None = None
    encoding: Text | None = Field(default=None, max_length=30, examples=["gb18030"])
    crs: Text | None = Field(
        default=None, max_length=100, description="Such as EPSG:4547, if the file does not say or says it wrongly"
    )
    datum: Datum = Field(default=Datum.WGS84, description="gcj02 and bd09 for what comes from AMap, Tencent or Baidu")
    fields: dict[Text, Text | None] | None = Field(default=None, description="What is wanted → column of the file")
    level: Literal["district", "town", "community"] | None = None
    city_code: str | None = Field(
        default=None, pattern=r"^\d{6}$", description="Areas: the city to be founded, if there is none yet"
    )
    city_name: str | None = Field(default=None, max_length=100)
    gap_max_m2: float | None = Field(
        default=None, ge=0, description="Gaps up to this are filled; a quarter of the median unit if absent"
    )
    fit_max_fraction: float = Field(default=0.05, ge=0, le=1, description="How much of a whole may change to fit its parts")
    leave_out: bool = Field(default=False, description="Bring in the sound rows of a file of points with faulty ones")
    new_kinds: bool = Field(default=False, description="Facilities, places: make kinds of the words that are not known")
    since: date | None = Field(default=None, description="Grids: the day from which the plan is in force")
    plan_name: Text | None = Field(default=None, max_length=100, description="Grids: name of the plan; network: its own")
    beside: bool = Field(default=False, description="Network: leave the one in force in force")
    decision: Text = Field(default="", max_length=2000, description="Grids: the decision that the plan rests on")

    def parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """How to read, and what may be done."""
        source = self.model_dump(include={"layer", "encoding", "crs", "datum", "fields"}, mode="json")
        return source, self.model_dump(exclude=set(source), mode="json")


@bp.get("/imports")
def listed() -> dict[str, Any]:
    """The newest imports first."""
    with reading() as conn:
        return {"imports": [_answered(job) for job in imports.latest(conn)]}


@bp.post("/imports")
def upload(query: NewImport) -> tuple[dict[str, Any], int]:
    """Send a file as the body; it is looked into, and its check begins in the background with everything guessed."""
    settings: Settings = current_app.config["SETTINGS"]
    request.max_content_length = settings.upload_limit_mb * 2**20
    with writing() as conn:
        job = imports.open_job(conn, kind=query.kind, filename=query.filename, size=request.content_length or 0, by=actor())
    try:
        described = _spool(job.id, query.filename, query.kind)
    except BaseException:
        with writing() as conn:
            imports.begin(conn, job.id, "abandoned")
        shutil.rmtree(_folder(job.id), ignore_errors=True)
        raise
    with writing() as conn:
        job = imports.begin(conn, job.id, "checking", source={}, options={})
    defer_import(current_app, job.id)
    return _answered(job) | {"file": described}, 202


def _spool(job_id: int, filename: str, kind: str) -> dict[str, Any]:
    ending = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    head = request.stream.read(HEAD_BYTES)
    format_of(filename, head)  # what is no layer is refused before the rest of it comes in
    folder = _folder(job_id)
    folder.mkdir(parents=True)
    with (folder / f"source{ending}").open("wb") as spool:
        spool.write(head)
        shutil.copyfileobj(request.stream, spool, CHUNK_BYTES)
    return _described(folder / f"source{ending}", kind)


def _described(path: Path, kind: str, *, layer: str | None = None, encoding: str | None = None) -> dict[str, Any]:
    info = layer_files.probe(path, layer=layer, encoding=encoding)
    guessed = guess({column.name: column.samples for column in info.fields}, kind=kind)
    targets = [{"field": target.field, "required": target.required, "guessed": guessed[target.field]} for target in TARGETS[kind]]
    return file_told(info) | {"targets": targets}


@bp.get("/imports/<int:id>")
def describe(path: ImportPath, query: ImportLook) -> dict[str, Any]:
    """One import: its state and progress, what the file is, and what its columns were taken for."""
    with reading() as conn:
        job = imports.get(conn, path.id)
    source = _source(job.id) if query.file else None
    read = {name: getattr(query, name) or job.source.get(name) for name in ("layer", "encoding")}
    return _answered(job) | {"file": _described(source, job.kind, **read) if source else None}


def _source(job_id: int) -> Path | None:
    return next(_folder(job_id).glob("source.*"), None)


@bp.post("/imports/<int:id>/check")
def check(path: ImportPath, body: ImportSettings) -> tuple[dict[str, Any], int]:
    """Check again with other settings; nothing is written to the city."""
    source, options = body.parts()
    with reading() as conn:
        kind = imports.get(conn, path.id).kind
    file = _source(path.id)
    if file is not None:  # a layer or an encoding that the file does not have is refused here, not in the background
        _described(file, kind, layer=body.layer, encoding=body.encoding)
    with writing() as conn:
        job = imports.begin(conn, path.id, "checking", source=source, options=options)
    defer_import(current_app, job.id)
    return _answered(job), 202


@bp.post("/imports/<int:id>/apply")
def apply(path: ImportPath) -> tuple[dict[str, Any], int]:
    """Bring the file in as it was checked: everything or nothing."""
    with writing() as conn:
        job = imports.begin(conn, path.id, "applying")
    defer_import(current_app, job.id)
    return _answered(job), 202


@bp.post("/imports/<int:id>/cancel")
def cancel(path: ImportPath) -> dict[str, Any]:
    """Stop a check or an application under way; nothing of it is written."""
    with writing() as conn:
        return _answered(imports.ask_cancel(conn, path.id))


@bp.delete("/imports/<int:id>")
def abandon(path: ImportPath) -> tuple[dict[str, Any], int]:
    """Put an import away with its file; what was applied stays in the city."""
    with writing() as conn:
        job = imports.begin(conn, path.id, "abandoned")
    shutil.rmtree(_folder(path.id), ignore_errors=True)
    return _answered(job), 200


@bp.get("/imports/<int:id>/<part>")
def part(path: ImportFilePath) -> Response:
    """What the last check left behind: its `report`, its `findings` and the `units` as GeoJSON."""
    with reading() as conn:
        imports.get(conn, path.id)
    file = _folder(path.id) / FILES[path.part]
    if not file.exists():
        raise NotFound(f"Import {path.id} has no {path.part} yet: its check is not done.")
    kind = "application/json" if path.part == "report" else "application/geo+json"
    return Response(file.read_bytes(), content_type=kind)


def _folder(job_id: int) -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.imports_dir / str(job_id)


def _answered(job: ImportJob) -> dict[str, Any]:
    return {
        **{
            name: getattr(job, name)
            for name in ("id", "kind", "state", "filename", "bytes", "source", "options", "outcome", "problem")
        },
        "progress": {"step": job.step, "done": job.done, "total": job.total, "cancel_asked": job.cancel_asked},
        "opened": {"by": job.opened_by, "at": job.opened_at},
        "changed_at": job.changed_at,
    }
