"""A list written to a file: what the API sends and what `wangge export` leaves behind."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from gis import features
from gis.feature_records import FeatureQuery
from gis.layer_files.writing import geojson_text, items_text, write
from gis.records import Reach


def write_list(
    conn: Connection,
    query: FeatureQuery,
    target: Path,
    *,
    wanted: str,
    reach: Reach,
    now: datetime,
    tell: Callable[[int], None] = lambda _: None,
) -> None:
    """Write all rows of a question in one of `gis.layer_files.writing.FORMATS`; GeoJSON as the database writes it.

    `tell` hears the rows done, of GeoJSON nothing. Raises BadQuery, NotFound.
    """
    layer = features.layer(query.layer)
    if wanted == "geojson":
        texts = features.stream_features(conn, query, reach=reach, now=now)
        with target.open("wb") as file:
            file.writelines(geojson_text(texts) if layer.geometry else items_text(texts))
        return
    rows = features.stream(conn, query, reach=reach, now=now)
    shape = layer.geometry_kind if query.geometry else None
    write(target, wanted, query.layer, features.columns_asked(layer, query), rows, geometry=shape, tell=tell)
