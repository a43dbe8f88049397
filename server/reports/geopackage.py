"""A comparison as a GeoPackage: the ground that changes hands, and the grids before and after."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.comparing import Compared, Ground, grids_drawn, moved_ground
from gis.feature_records import Column, FeatureBatch
from gis.layer_files.writing import write_gpkg
from gis.records import Name
from server.reports.tables import grids, moves, ordered

KEY = Column("key", "integer", Name("键", "Key"))
LABEL = Column("grid", "text", Name("网格", "Grid"))
COMMUNITY = Column("community_code", "text", Name("村（社区）代码", "Community code"))


def write_package(path: Path, conn: Connection, compared: Compared, *, language: str) -> None:
    """Write three layers in EPSG:4326: moved_ground, grids_before, grids_after; those of the communities touched."""
    sheet = moves(compared, language=language)
    _layer(path, "moved_ground", sheet.columns, sheet.rows, moved_ground(conn, compared))
    table = grids(compared, language=language)
    told = {change.key: row for change, row in zip(ordered(compared), table.rows, strict=True)}
    for which, when in enumerate(("before", "after")):
        ground = grids_drawn(conn, compared, which=which, communities=compared.touched())
        columns = [KEY, LABEL, COMMUNITY, *(each for each in table.columns if each.name.startswith(f"{when}_"))]
        _layer(path, f"grids_{when}", columns, [_grid(compared, told, key, area) for key, area in _pairs(ground)], ground)




def _pairs(ground: Ground) -> list[tuple[int, int]]:
    return list(zip(ground.key.tolist(), ground.community.tolist(), strict=True))


def _grid(compared: Compared, told: Mapping[int, Mapping[str, Any]], key: int, community_id: int) -> dict[str, Any]:
    """A grid with its figures where it changes; one that stays has its name only."""
    return {
        **told.get(key, {}), "key": key, "grid": compared.label(key), "community_code": compared.place[community_id][0].code,
    }  # fmt: skip


def _layer(path: Path, name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], ground: Ground) -> None:
    parts = [[each] if each.geom_type == "Polygon" else list(each.geoms) for each in ground.shape]
    shapes = np.array([shapely.MultiPolygon(each) for each in parts], dtype=object)
    values = {column.name: [row.get(column.name) for row in rows] for column in columns}
    batch = FeatureBatch(values, shapely.to_wkb(shapes).tolist() if len(shapes) else [])
    write_gpkg(path, name, columns, [batch], geometry="MultiPolygon")
