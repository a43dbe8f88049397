"""Placing points: one, a batch, or a file of any size."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from gis.records import Placement
from gis.rules.atlas import place_points
from gis.rules.datums import Datum
from server.config import Settings
from server.database import locator, now, reading

bp = APIBlueprint("locate", __name__, abp_tags=[Tag(name="locate", description="Every point in its grid")])

MOST_POINTS = 100_000
CHUNK_BYTES = 1 << 20
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson", "parquet": "application/vnd.apache.parquet"}
LEVELS = ("community", "town", "district", "city")


class Points(BaseModel):
    """One point as `lon` and `lat`, or up to 100,000 as `points`: [[lon, lat], …]. Degrees."""

    lon: float | None = None
    lat: float | None = None
    points: list[tuple[float | None, float | None]] | None = Field(default=None, max_length=MOST_POINTS)
    datum: Datum = Field(
        default=Datum.WGS84, description="What the coordinates are given in; AMap and Tencent deliver gcj02, Baidu bd09"
    )
    at: AwareDatetime | None = Field(default=None, description="Place by the plan in force at this moment; now if absent")

    @model_validator(mode="after")
    def one_way_of_saying_it(self) -> "Points":
        """Either a pair or a list."""
        if self.points is not None and (self.lon is not None or self.lat is not None):
            raise ValueError("give either lon and lat, or points, not both")
        return self

    def columns(self) -> np.ndarray:
        """Longitudes and latitudes, (2, n); NaN for what is missing."""
        pairs = self.points if self.points is not None else [(self.lon, self.lat)]
        return np.array(pairs, dtype=np.float64).reshape(-1, 2).T


class FileQuery(BaseModel):
    """How to read the uploaded file."""

    format: Literal["csv", "ndjson", "parquet"] = Field(description="Format of the file, and of the answer")
    lon: str | None = Field(default=None, description="Name of the column of longitudes; guessed if absent")
    lat: str | None = Field(default=None, description="Name of the column of latitudes; guessed if absent")
    datum: Datum = Datum.WGS84
    at: AwareDatetime | None = None


@bp.post("/locate")
def points(body: Points) -> dict[str, Any]:
    """The grid in force of every point, with its community, town and city; outside, the nearest grid and its distance."""
    with reading() as conn:
        atlas = locator().atlas(conn, body.at or now())
    lon, lat = body.columns()
    placed = place_points(atlas, lon, lat, datum=body.datum)
    return {"plan": atlas.plan.id, "results": [_result(placement) for placement in placed]}


@bp.post("/locate/file")
def file(query: FileQuery) -> Response:
    """Send a file as the body, get it back with the answer beside each row; neither is ever held in memory.

    Rows whose coordinates name no place are kept and say why; `X-Place-Summary` counts them and names the first.
    """
    from gis import point_files  # brings pyarrow: not before somebody sends a file

    with reading() as conn:
        atlas = locator().atlas(conn, query.at or now())
    settings: Settings = current_app.config["SETTINGS"]
    request.max_content_length = settings.upload_limit_mb * 2**20
    uploads = settings.var_dir / "uploads"  # on the disk of the data: a system's /tmp may be memory
    uploads.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=uploads))
    try:
        source, target = folder / "source", folder / "target"
        with source.open("wb") as spool:
            shutil.copyfileobj(request.stream, spool, CHUNK_BYTES)
        summary = point_files.place_file(
            source, target, file_format=query.format, atlas=atlas, datum=query.datum, lon=query.lon, lat=query.lat
        )
    except BaseException:
        shutil.rmtree(folder)
        raise
    answered = Response(_sent(target), content_type=CONTENT_TYPES[query.format])
    answered.call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
    answered.headers["Content-Length"] = str(target.stat().st_size)
    answered.headers["X-Place-Summary"] = orjson.dumps(summary.as_dict()).decode("latin-1", "replace")
    return answered


def _sent(target: Path) -> Iterator[bytes]:
    with target.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _result(placement: Placement) -> dict[str, Any]:
    grid, nearest = placement.grid, placement.nearest
    areas = {} if grid is None else dict(zip(grid.levels, grid.areas, strict=True))
    return {
        "status": placement.status,
        "grid": grid and {"code": grid.code},
        **{level: areas[level].as_dict() if level in areas else None for level in LEVELS if level in areas or level != "district"},
        "nearest": nearest and {"grid": {"code": nearest.code}, "distance_m": round(placement.distance_m or 0.0, 2)},
        "fault": placement.fault and {"code": placement.fault, "message": placement.message},
    }
