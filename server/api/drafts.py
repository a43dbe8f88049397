"""Edits of drafts: done, undone, done again, and told to whoever has the draft open."""

import csv
import io
import tempfile
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field, model_validator

from gis import drafts, editing, layer_files
from gis.errors import BadQuery
from gis.rules.datums import Datum
from server.api.plans import PlanPath
from server.api.texts import Text
from server.auth import actor, reach
from server.config import Settings
from server.database import reading, writing

bp = APIBlueprint("drafts", __name__, abp_tags=[Tag(name="drafts", description="Edits of drafts")])

Key = Annotated[int, Field(gt=-(2**31), lt=2**63)]
Corner = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
Line = Annotated[list[Corner], Field(min_length=2, max_length=10_000)]
Ring = Annotated[list[Corner], Field(min_length=3, max_length=10_000)]
UnitType = Literal["estate", "rental", "commercial", "factory", "rural", "old_estate", "resettlement"]
NEEDED = {
    "split": ("grid", "line"), "merge": ("grids",), "reshape": ("line",), "transfer": ("to",), "carve": (),
    "attributes": ("grid",), "lock": ("grids", "locked"), "proposal": ("proposal", "communities"),
}  # fmt: skip


class GridName(BaseModel):
    """The name of a grid, which it need not have."""

    zh: Text | None = Field(default=None, max_length=100)
    en: Text | None = Field(default=None, max_length=100)


class EditRequest(BaseModel):
    """An edit. Which fields it needs, its kind says; grids are named by their keys, lines and rings are longitude, latitude."""

    kind: Literal["split", "merge", "reshape", "transfer", "carve", "attributes", "lock", "proposal"]
    seen_version: int = Field(ge=1, description="The version of the draft that the edit was drawn on")
    grid: Key | None = None
    grids: Annotated[list[Key], Field(min_length=1, max_length=10_000)] | Literal["all"] | None = None
    line: Line | None = None
    between: Annotated[list[Key], Field(min_length=2, max_length=2)] | None = None
    snap: bool = Field(default=True, description="Follow the cells; otherwise cells are cut")
    cells: Annotated[list[Key], Field(min_length=1, max_length=50_000)] | None = None
    lasso: Ring | None = None
    to: Key | None = None
    repair: bool = Field(default=False, description="Take along what would be cut off, leave what may not go")
    polygon: Ring | None = None
    grid_kind: Literal["basic", "dedicated"] | None = None
    unit_type: UnitType | None = None
    name: GridName | None = None
    locked: bool | None = None
    proposal: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    communities: list[Text] | Literal["all"] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "EditRequest":
        lacking = [name for name in NEEDED[self.kind] if getattr(self, name) is None]
        if self.kind == "carve" and (self.cells is None) == (self.polygon is None):
            lacking.append("polygon (or cells)")
        if self.kind == "transfer" and (self.cells is None) == (self.lasso is None):
            lacking.append("cells (or lasso)")
        if lacking:
            raise ValueError(f"{self.kind} needs {', '.join(lacking)}")
        if self.kind != "lock" and self.grids == "all":
            raise ValueError("only a lock takes all grids")
        return self


class SeenVersion(BaseModel):
    """The version of the draft that the visitor sees."""

    seen_version: int = Field(ge=1)


class ChangesQuery(BaseModel):
    """Which steps."""

    after: int = Field(default=0, ge=0, description="The version that is known already")
    steps_only: bool = Field(default=False, description="What was done and by whom, without what is to be drawn")


class DraftFile(BaseModel):
    """A file of a draft's grids, and how to read it; the form's field `file` holds it."""

    seen_version: int | None = Field(default=None, ge=1)
    cut: bool = Field(default=False, description="Cut cells along the outlines; otherwise each goes where most of it lies")
    layer: Text | None = None
    encoding: Text | None = Field(default=None, max_length=30)
    crs: Text | None = Field(default=None, max_length=100)
    datum: Datum = Datum.WGS84


class CheckQuery(BaseModel):
    """What is notable."""

    deviation: float = Field(default=0.2, ge=0, le=100, description="Of the mean of the community, as a fraction")


@bp.post("/plans/<int:id>/edits")
def edit(path: PlanPath, body: EditRequest) -> dict[str, Any]:
    """Do an edit; the answer holds what it changed, with the figures of every grid that it touched."""
    asked = body.model_dump(exclude_none=True, exclude={"seen_version"}, mode="json")
    with writing() as conn:
        return editing.edit(conn, path.id, asked, seen_version=body.seen_version, reach=reach(), by=actor())


@bp.get("/plans/<int:id>/edits")
def changes(path: PlanPath, query: ChangesQuery) -> dict[str, Any]:
    """What was done to a draft after a version, and what to draw anew."""
    with writing() as conn:
        return editing.changes(conn, path.id, after=query.after, reach=reach(), steps_only=query.steps_only)


@bp.post("/plans/<int:id>/file")
def bring_in(path: PlanPath, form: DraftFile) -> dict[str, Any]:
    """Bring outlines of grids, or a table of cells with their grids, into a draft as one edit, everything or nothing."""
    settings: Settings = current_app.config["SETTINGS"]
    request.max_content_length = settings.upload_limit_mb * 2**20
    own = reach()
    sent = request.files.get("file")
    if sent is None or form.seen_version is None:
        raise BadQuery("Send a form with `file` and `seen_version`.")
    name = sent.filename or "file"
    with tempfile.TemporaryDirectory(prefix="wangge-draft-") as folder:
        spool = Path(folder) / f"source{PurePosixPath(name).suffix.lower()}"
        sent.save(spool)
        layer = layer_files.read(spool, layer=form.layer, encoding=form.encoding, crs=form.crs, datum=form.datum)
    with writing() as conn:
        return editing.bring_in(
            conn, path.id, layer, filename=name, cut=form.cut, seen_version=form.seen_version, reach=own, by=actor()
        )


@bp.get("/plans/<int:id>/check")
def check(path: PlanPath, query: CheckQuery) -> dict[str, Any]:
    """What is wrong with a plan as it stands, and what is notable."""
    with writing() as conn:
        found = drafts.check(conn, path.id, reach=reach(), deviation=query.deviation)
    return {"findings": [finding.as_dict() for finding in found]}


@bp.get("/plans/<int:id>/equivalency.csv")
def equivalency(path: PlanPath) -> Response:
    """Every cell of a plan's scope with its grid, as a table that `file` takes back."""
    with reading() as conn:
        rows = list(drafts.equivalency(conn, path.id, reach=reach()))
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    named = {"Content-Disposition": f'attachment; filename="plan-{path.id}-cells.csv"'}
    return Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=named)


@bp.post("/plans/<int:id>/undo")
def undo(path: PlanPath, body: SeenVersion) -> dict[str, Any]:
    """Take the last edit back."""
    with writing() as conn:
        return editing.undo(conn, path.id, seen_version=body.seen_version, reach=reach(), by=actor())


@bp.post("/plans/<int:id>/redo")
def redo(path: PlanPath, body: SeenVersion) -> dict[str, Any]:
    """Do again what was undone last."""
    with writing() as conn:
        return editing.redo(conn, path.id, seen_version=body.seen_version, reach=reach(), by=actor())
