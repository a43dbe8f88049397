"""What coverage looks like as JSON: rows of units, gaps, facilities, findings."""

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import shapely

from gis.coverage_records import AuditFacility, AuditGap, AuditRow

DECIMALS_DEG = 6


def row_told(row: AuditRow) -> dict[str, Any]:
    """A unit with what is covered of it; amounts rounded to what can be meant."""
    return {
        "level": row.level,
        "code": row.code,
        "name": row.name.as_dict(),
        "parent": row.parent_code,
        "residents": row.residents,
        "covered_residents": round(row.covered_residents, 1),
        "covered_fraction": round(row.covered_residents / row.residents, 4) if row.residents else None,
        "households": row.households,
        "covered_households": round(row.covered_households, 1),
        "area_m2": round(row.area_m2, 1),
        "covered_area_m2": round(row.covered_area_m2, 1),
        "cells": row.cells,
        "covered_cells": row.covered_cells,
        "covered": row.covered,
        "mean_m": rounded(row.mean_m, 1),
        "accessibility": rounded(row.accessibility, 3),
    }


def rounded(value: float | None, digits: int) -> float | None:
    """A figure with so many digits, or null."""
    return None if value is None else round(value, digits)


def gaps_told(gaps: Iterable[AuditGap]) -> dict[str, Any]:
    """Gaps as GeoJSON with who lives there."""
    listed = list(gaps)
    return collection(
        np.array([gap.shape for gap in listed], dtype=object),
        [
            {
                "residents": round(gap.residents), "households": round(gap.households), "area_m2": round(gap.area_m2),
                "community": gap.community_code,
            }
            for gap in listed
        ],
    )  # fmt: skip


def facilities_told(facilities: Iterable[AuditFacility]) -> dict[str, Any]:
    """Facilities as GeoJSON with whom they serve."""
    listed = list(facilities)
    return collection(
        np.asarray(shapely.points([(each.lon, each.lat) for each in listed]) if listed else [], dtype=object),
        [
            {
                "id": each.id, "kind": each.kind, "name": each.name.as_dict(), "floor_area_m2": each.floor_area_m2,
                "capacity": each.capacity, "residents_within": round(each.residents_within),
                "residents_nearest": round(each.residents_nearest), "off_network_m": rounded(each.off_network_m, 1),
                "fails": list(each.fails),
            }
            for each in listed
        ],
    )  # fmt: skip


def collection(shapes: Any, properties: list[dict[str, Any]]) -> dict[str, Any]:
    """Shapes of EPSG:4326 with their properties as GeoJSON."""
    drawn = shapely.transform(shapes, lambda corners: corners.round(DECIMALS_DEG)) if len(shapes) else []
    features = [
        {"type": "Feature", "properties": each, "geometry": cast(dict[str, Any], shapely.geometry.mapping(shape))}
        for shape, each in zip(drawn, properties, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}
