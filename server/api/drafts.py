"""Edits of drafts: done, undone, done again, and told to whoever has the draft open."""

from typing import Annotated, Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field, model_validator

from gis import editing
from server.api.plans import PlanPath
from server.api.texts import Text
from server.auth import actor, reach
from server.database import writing

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


@bp.post("/plans/<int:id>/edits")
def edit(path: PlanPath, body: EditRequest) -> dict[str, Any]:
    """Do an edit; the answer holds what it changed, with the figures of every grid that it touched."""
    request = body.model_dump(exclude_none=True, exclude={"seen_version"}, mode="json")
    with writing() as conn:
        return editing.edit(conn, path.id, request, seen_version=body.seen_version, reach=reach(), by=actor())


@bp.get("/plans/<int:id>/edits")
def changes(path: PlanPath, query: ChangesQuery) -> dict[str, Any]:
    """What was done to a draft after a version, and what to draw anew."""
    with writing() as conn:
        return editing.changes(conn, path.id, after=query.after, reach=reach())


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
