"""An audit as a GeoPackage: communities, towns and grids as rows, gaps, facilities, cells."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import audits
from gis.feature_records import Column, FeatureBatch
from gis.layer_files.writing import write_gpkg
from gis.records import Name
from server.reports.audit_tables import FACILITY, GAP, LEVELS, UNIT, AuditReport, facility, gap_values, unit
from server.reports.tables import said

CELL = (
    Column("cell", "integer", Name("单元", "Cell")),
    Column("metres", "number", Name("到最近设施", "To the nearest"), "m"),
    Column("within", "integer", Name("上限内设施", "Facilities within")),
    Column("accessibility", "number", Name("每千人可及容量", "Places per 1,000 residents")),
)


def write_package(path: Path, conn: Connection, report: AuditReport, *, language: str) -> None:
    """Write layers in EPSG:4326: a layer for each level of units with their figures, then gaps, facilities and cells."""
    names = {row.code: said(row.name, language) for row in report.rows}
    for level in LEVELS:
        rows = report.of_level(level)
        if not rows:
            continue
        shapes = audits.outlines(conn, report.audit, level=level)
        kept = [row for row in rows if row.code in shapes]
        values = [unit(row, names, language=language) for row in kept]
        _layer(path, level, UNIT, values, [_multi(shapes[row.code]) for row in kept], "MultiPolygon")
    gaps = [gap_values(gap) for gap in report.gaps]
    _layer(path, "gaps", GAP, gaps, [gap.shape for gap in report.gaps], "Polygon")
    served = [facility(each, report.kinds, language=language) for each in report.facilities]
    _layer(path, "facilities", FACILITY, served, [shapely.Point(each.lon, each.lat) for each in report.facilities], "Point")
    _cells(path, conn, report)


def _cells(path: Path, conn: Connection, report: AuditReport) -> None:
    found, shapes = audits.cells(conn, report.audit.id), audits.cell_shapes(conn, report.audit.id)
    here = [i for i, cell in enumerate(found.cell_id.tolist()) if cell in shapes]
    access = [None] * len(found.cell_id) if found.accessibility is None else found.accessibility.tolist()
    metres = [value if np.isfinite(value) else None for value in found.metres.tolist()]
    columns = {
        "cell": [int(found.cell_id[i]) for i in here], "metres": [metres[i] for i in here],
        "within": [int(found.within[i]) for i in here], "accessibility": [access[i] for i in here],
    }  # fmt: skip
    drawn = shapely.to_wkb(np.array([shapes[cell] for cell in columns["cell"]], dtype=object)).tolist()
    write_gpkg(path, "cells", CELL, [FeatureBatch(columns, drawn)], geometry="Polygon")


def _layer(
    path: Path, name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], shapes: Sequence[Any], geometry: str
) -> None:
    values = {column.name: [_typed(column, row[column.name]) for row in rows] for column in columns}
    drawn = shapely.to_wkb(np.array(shapes, dtype=object)).tolist() if shapes else []
    write_gpkg(path, name, columns, [FeatureBatch(values, drawn)], geometry=geometry)


def _typed(column: Column, value: Any) -> Any:
    return round(value) if column.kind == "integer" and value is not None else value


def _multi(shape: Any) -> Any:
    return shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
