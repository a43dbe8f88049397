"""Files out: any list or layer as GeoJSON, CSV, GeoPackage or XLSX, cut to the reader's part of the city."""

import tempfile
from collections.abc import Generator
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from flask import Response, current_app, request, stream_with_context
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import features
from gis.features import FeatureLayer
from gis.layer_files.writing import FORMATS, STREAMED, csv_text, geojson_text, items_text, write
from gis.records import FeatureQuery
from server.auth import reach
from server.config import Settings
from server.database import now, reading

bp = APIBlueprint("exports", __name__, abp_tags=[Tag(name="exports", description="Files out")])

CHUNK_BYTES = 1 << 20


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
    coming = (_pieces if path.format in STREAMED else _file)(layer, query, path.format)
    # The first piece is made before the answer begins, so that a fault is still an answer.
    beginning = list(islice(coming, 1))
    ending = "json" if path.format == "geojson" and layer.geometry is None else path.format
    kind = "application/json" if ending == "json" else FORMATS[path.format]
    response = Response(stream_with_context(chain(beginning, coming)), content_type=kind)
    response.call_on_close(coming.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{path.layer}.{ending}"'
    return response


def _pieces(layer: FeatureLayer, query: FeatureQuery, wanted: str) -> Generator[bytes]:
    """Text as the rows come."""
    with reading() as conn:
        if wanted == "csv":
            rows = features.stream(conn, query, reach=reach(), now=now())
            yield from csv_text(
                features.columns_asked(layer, query), rows, geometry=layer.geometry_kind if query.geometry else None
            )
        else:
            texts = features.stream_features(conn, query, reach=reach(), now=now())
            yield from geojson_text(texts) if layer.geometry else items_text(texts)


def _file(layer: FeatureLayer, query: FeatureQuery, wanted: str) -> Generator[bytes]:
    """A file that must be whole before it is sent; it lies on the disk of the data meanwhile."""
    settings: Settings = current_app.config["SETTINGS"]
    settings.exports_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.exports_dir) as folder:
        target = Path(folder) / f"{query.layer}.{wanted}"
        with reading() as conn:
            rows = features.stream(conn, query, reach=reach(), now=now())
            shape = layer.geometry_kind if query.geometry else None
            write(target, wanted, query.layer, features.columns_asked(layer, query), rows, geometry=shape)
        with target.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
