"""Finding areas, grids and facilities."""

from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import Field

from gis import search
from server.api.moments import AsOf
from server.database import reading

bp = APIBlueprint("search", __name__, abp_tags=[Tag(name="search", description="By name or code")])


class SearchQuery(AsOf):
    """What is looked for."""

    q: str = Field(max_length=100, description="Part of a name in Chinese or English, or the beginning of a code")
    limit: int = Field(default=20, ge=1, le=100)


@bp.get("/search")
def find(query: SearchQuery) -> dict[str, Any]:
    """The best matches first, larger units before smaller ones."""
    with reading() as conn:
        found = search.find(conn, query.q, limit=query.limit, at=query.moment(conn))
    return {"results": [_result(row) for row in found]}


def _result(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": row["type"],
        "level": row["level"],
        "code": row["code"],
        "name": {"zh": row["name_zh"], "en": row["name_en"]},
        "context": {"zh": row["context_zh"] or "", "en": row["context_en"] or ""},
        "bbox": None if row["w"] is None else [row["w"], row["s"], row["e"], row["n"]],
        "center": [row["lon"], row["lat"]],
    }
