"""Files out: any list or layer as GeoJSON, CSV, GeoPackage or XLSX, cut to the reader's part of the city."""

import tempfile
from collections.abc import Generator
from itertools import chain
from pathlib import Path
from threading import BoundedSemaphore
from typing import Literal

from flask import Response, current_app, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import features
from gis.feature_records import FeatureQuery
from gis.layer_files.writing import FORMATS
from server import problems
from server.auth import reach
from server.config import Settings
from server.database import now, reading
from server.exporting import write_list

bp = APIBlueprint("exports", __name__, abp_tags=[Tag(name="exports", description="Files out")])

CHUNK_BYTES = 1 << 20
AT_ONCE = 2  # of the threads of a web worker, which all else is answered by
RETRY_AFTER_S = 5
_places = BoundedSemaphore(AT_ONCE)


class ExportPath(BaseModel):
    """Which layer, as what."""

    layer: str = Field(pattern=r"^[a-z]+$", description="A layer of the lists, such as grids or incidents")
    format: Literal["geojson", "csv", "gpkg", "xlsx"]


@bp.get("/exports/<layer>.<format>")
def download(path: ExportPath) -> Response:
    """All rows of a list as a file. Takes the list's own parameters: `bbox`, `area`, `as_of`, `fields` and its filters."""
    given = {name: values for name, values in request.args.lists() if name not in ("limit", "after")}
    layer = features.layer(path.layer)
    query = features.asked(path.layer, given)
    if not _places.acquire(blocking=False):
        return _busy()
    coming = _file(query, path.format)
    beginning = next(coming)  # the file is whole before the answer begins, so that a fault is still an answer
    ending = "json" if path.format == "geojson" and layer.geometry is None else path.format
    kind = "application/json" if ending == "json" else FORMATS[path.format]
    response = Response(chain([beginning], coming), content_type=kind)
    response.call_on_close(coming.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{path.layer}.{ending}"'
    return response


def _busy() -> Response:
    answered = problems.answer(429, "Other files are being sent at the moment; try again in a few seconds.")
    answered.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answered


def _file(query: FeatureQuery, wanted: str) -> Generator[bytes]:
    """A file that is written as the rows come and then sent: who reads slowly holds neither a connection nor a transaction.

    Its place is free again when it is read to the end, or closed.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        settings.exports_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.exports_dir) as folder:
            target = Path(folder) / f"{query.layer}.{wanted}"
            with reading() as conn:
                write_list(conn, query, target, wanted=wanted, reach=reach(), now=now())
            with target.open("rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
    finally:
        _places.release()
