"""Staffing: the posts that are on grids today, divided over a plan's grids in proportion to their hours."""

import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from flask import Response, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import staffing
from gis.layer_files.writing import FORMATS, write_xlsx
from gis.records import Floats
from gis.staffing import Staffing, Transfer
from server.api.texts import Text
from server.api.words import DUTIES, OFFICER_ROLES, coded
from server.auth import reach
from server.config import Settings
from server.database import reading

bp = APIBlueprint("staffing", __name__, abp_tags=[Tag(name="staffing", description="Posts in proportion to work")])

TABLES = {"grids": staffing.table, "moves": staffing.moves_table}


class PlanPath(BaseModel):
    """Which plan."""

    id: int = Field(ge=1, lt=2**63)


class TablePath(PlanPath):
    """Which of the two tables: `grids` with their posts, or `moves`, who would change grids."""

    table: Literal["grids", "moves"]


class Wish(BaseModel):
    """How the posts are divided, and over the grids of which area."""

    area: Text | None = Field(default=None, max_length=20, description="Code of an area; one's own part of the city if absent")
    method: Literal["sainte-lague", "huntington-hill", "hamilton"] = "sainte-lague"
    posts: int | None = Field(default=None, ge=1, le=1_000_000, description="So many in all instead of those there are today")


@bp.get("/plans/<int:id>/staffing")
def describe(path: PlanPath, query: Wish) -> dict[str, Any]:
    """Posts per grid by duty before and after, hours per officer, and who would move. Nothing is changed."""
    found = _allocated(path, query)
    before, after = found.hours_per_officer
    return {
        "plan": found.head.id,
        "version": found.head.version,
        "model": {"id": found.model.id, "version": found.model.version, "name": found.model.name.as_dict()},
        "area": found.area,
        "method": found.method,
        "duties": [_duty(found, duty) for duty in found.duties],
        "summary": {
            "grids": len(found.loads.key), "officers": found.officers, "posts": int(found.posts(found.after).sum()),
            "moves": len(found.transfers), "homeless": found.homeless, "vacancies": found.vacancies,
            "beyond_quota": found.beyond_quota, "before": _spread(before), "after": _spread(after),
        },
        "grids": _grids(found, before, after),
        "moves": [_move(found, transfer) for transfer in found.transfers],
    }  # fmt: skip


@bp.get("/plans/<int:id>/staffing/<table>.xlsx")
def workbook(path: TablePath, query: Wish) -> Response:
    """One of the two tables as a workbook."""
    columns, rows = TABLES[path.table](_allocated(path, query))
    settings: Settings = current_app.config["SETTINGS"]
    settings.exports_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.exports_dir) as folder:
        target = Path(folder) / "staffing.xlsx"
        write_xlsx(target, path.table, columns, [rows], geometry=None)
        response = Response(target.read_bytes(), content_type=FORMATS["xlsx"])
    response.headers["Content-Disposition"] = f'attachment; filename="staffing-{path.id}-{path.table}.xlsx"'
    return response


def _allocated(path: PlanPath, query: Wish) -> Staffing:
    own = reach()
    with reading() as conn:
        return staffing.allocate(conn, path.id, reach=own, area=query.area, method=query.method, posts=query.posts)


def _duty(found: Staffing, duty: str) -> dict[str, Any]:
    return coded(DUTIES, duty) | {"before": int(found.before[duty].sum()), "after": int(found.after[duty].sum())}


def _spread(hours: Floats) -> dict[str, float | None]:
    """How evenly the hours lie on the officers; None where there is not one officer."""
    staffed = hours[~np.isnan(hours)]
    if not len(staffed):
        return {"mean": None, "most": None, "variation": None}
    return {"mean": float(staffed.mean()), "most": float(staffed.max()), "variation": float(staffed.std() / staffed.mean())}


def _grids(found: Staffing, before: Floats, after: Floats) -> list[dict[str, Any]]:
    rows = []
    for at, key in enumerate(found.loads.key.tolist()):
        grid = found.grids[key]
        community, town = found.place[grid.community_id]
        rows.append(
            {
                "key": key, "code": grid.code, "label": grid.label, "community": community.as_dict(), "town": town.as_dict(),
                "hours": float(found.loads.hours[at]),
                "before": {duty: int(found.before[duty][at]) for duty in found.duties},
                "after": {duty: int(found.after[duty][at]) for duty in found.duties},
                "hours_per_officer_before": _number(before[at]),
                "hours_per_officer_after": _number(after[at]),
            }
        )  # fmt: skip
    return rows


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _move(found: Staffing, transfer: Transfer) -> dict[str, Any]:
    officer = transfer.officer
    return {
        "number": officer.number,
        "name": officer.name.as_dict(),
        "duty": coded(DUTIES, officer.duty),
        "role": officer.role and coded(OFFICER_ROLES, officer.role),
        "from": _grid(found, transfer.from_key),
        "to": None if transfer.to_key is None else _grid(found, transfer.to_key),
        "metres": transfer.metres,
    }


def _grid(found: Staffing, key: int) -> dict[str, Any]:
    grid = found.grids[key]
    return {"key": key, "code": grid.code, "label": grid.label, "community": found.place[grid.community_id][0].as_dict()}
