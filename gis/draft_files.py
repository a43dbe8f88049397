"""What a delivered layer says of the grids of a draft: which cells they have, or how they lie."""

from functools import partial
from typing import Any

import numpy as np
import shapely

from gis.draft_records import EditFinding
from gis.errors import BadFile
from gis.layer_files.records import Layer
from gis.rules.cleaning import clean
from gis.rules.filed_edits import (
    CELL_COLUMNS,
    GRID_COLUMNS,
    KEY_COLUMNS,
    UNIT_CODE_COLUMNS,
    UNIT_TYPE_COLUMNS,
    FiledUnits,
    column_of,
)
from gis.rules.findings import ERROR, Finding
from gis.rules.unit_shapes import unit_findings, usable
from gis.rules.zones import project


def is_table(layer: Layer) -> bool:
    """Whether a layer has no shapes at all."""
    return bool(shapely.is_missing(layer.geoms).all())


def cells_and_grids(layer: Layer) -> tuple[list[str], list[str], bool]:
    """The cells and the names of their grids, row by row, and whether these are keys: only where there are no names.

    Raises BadFile naming the columns that are looked for.
    """
    cell, (grid, by_key) = column_of(layer.fields, CELL_COLUMNS), _naming_column(layer, GRID_COLUMNS)
    if cell is None or grid is None:
        raise BadFile(
            f"A table needs a column of cells ({', '.join(CELL_COLUMNS)}) and one of grids "
            f"({', '.join((*GRID_COLUMNS, *KEY_COLUMNS))}); it has {', '.join(layer.fields)}."
        )
    return _texts(layer, cell), _texts(layer, grid), by_key


def _naming_column(layer: Layer, names: tuple[str, ...]) -> tuple[str | None, bool]:
    """The column that says which grid is meant, and whether by its key."""
    named = column_of(layer.fields, names)
    return (named, False) if named else (column_of(layer.fields, KEY_COLUMNS), True)


def outlines(layer: Layer, *, metric_srid: int) -> tuple[FiledUnits, list[EditFinding]]:
    """The outlines of a layer as a coverage, and what is wrong with them that cannot be mended."""
    (code, by_key), kind = _naming_column(layer, UNIT_CODE_COLUMNS), column_of(layer.fields, UNIT_TYPE_COLUMNS)
    codes = _texts(layer, code) if code else [""] * len(layer.geoms)
    names = [word or f"feature {row}" for word, row in zip(codes, layer.rows.tolist(), strict=True)]
    to_metres = partial(project, to=metric_srid)
    found = unit_findings(layer.geoms, rows=layer.rows, names=names, to_metres=to_metres)
    cleaned = clean(layer.geoms, rows=layer.rows, names=names, to_metres=to_metres)
    use = np.flatnonzero(usable(layer.geoms) & ~shapely.is_missing(cleaned.shapes))
    types = _texts(layer, kind) if kind else [""] * len(layer.geoms)
    units = FiledUnits(cleaned.shapes[use], [codes[i] for i in use], [types[i] for i in use], by_key)
    return units, [_told(finding) for finding in [*found, *cleaned.findings] if finding.severity == ERROR and finding.rule != "gap"]


def _told(finding: Finding) -> EditFinding:
    return EditFinding(finding.rule, finding.message, (), finding.lon, finding.lat)


def _texts(layer: Layer, column: str) -> list[str]:
    return [_text(value) for value in layer.fields[column].tolist()]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else "" if np.isnan(value) else str(value)
    return "" if value is None else str(value).strip()
