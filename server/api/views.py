"""Views that people saved of a page."""

from typing import Annotated, Any

import orjson
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from gis import views
from server.auth import current_account
from server.database import reading, writing

bp = APIBlueprint("views", __name__, abp_tags=[Tag(name="views", description="Views that people saved of a page")])

SETTINGS_LIMIT_BYTES = 8192


class PageQuery(BaseModel):
    """Which page."""

    page: str = Field(pattern=r"^[a-z]{2,20}$", description="Such as live")


class NewView(PageQuery):
    """A view to be saved."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")] = Field(max_length=views.NAME_LIMIT)
    settings: dict[str, Any] = Field(description="What the page keeps of it; nothing here reads it")

    @field_validator("settings")
    @classmethod
    def _small(cls, settings: dict[str, Any]) -> dict[str, Any]:
        if len(orjson.dumps(settings)) > SETTINGS_LIMIT_BYTES:
            raise ValueError(f"at most {SETTINGS_LIMIT_BYTES} bytes")
        return settings


class ViewPath(BaseModel):
    """Which view."""

    view_id: int = Field(ge=1, le=2**63 - 1)


@bp.get("/views")
def saved(query: PageQuery) -> dict[str, Any]:
    """One's own views of a page, by name."""
    with reading() as conn:
        return {"views": views.saved(conn, _me(), page=query.page)}


@bp.post("/views")
def save(body: NewView) -> tuple[dict[str, Any], int]:
    """Save a view under a name; one of the same name is replaced."""
    with writing() as conn:
        saved_id = views.save(conn, _me(), page=body.page, name=body.name, settings=body.settings)
    return {"id": saved_id, "page": body.page, "name": body.name, "settings": body.settings}, 201


@bp.delete("/views/<int:view_id>")
def remove(path: ViewPath) -> dict[str, Any]:
    """Drop one of one's own views."""
    with writing() as conn:
        views.remove(conn, _me(), path.view_id)
    return {"removed": path.view_id}


def _me() -> int:
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    return account.id
