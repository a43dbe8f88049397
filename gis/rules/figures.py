"""Grids and cells of a plan as maps and lists are told them: GeoJSON features with their figures."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson
import shapely

from gis.plan_records import Patch
from gis.records import Flags, Shapes

PARTS = ("inspections", "incidents", "people", "walking", "spread", "fixed")
SAME = (
    "key", "code", "community", "kind", "unit_type", "locked", "changed", "cells", "area_m2", "population", "households",
    "incidents",
)  # fmt: skip
ALSO = ("hours", "deviation", "deviation_town", "compactness", "pieces", "staff")


def grid_label(key: int, code: str, community: str) -> str:
    """The short name of a grid on a map: what its code adds to that of its community, "+1" for the first new one."""
    return code.removeprefix(community) if code else f"+{-key}"


def grid_figures(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a grid under a plan."""
    names = (row["name_zh"], row["name_en"])
    return {
        **{name: row[name] for name in SAME},
        "label": grid_label(row["key"], row["code"], row["community"]),
        "name": {"zh": names[0] or names[1], "en": names[1] or names[0]} if any(names) else None,
        "parts": {part: row[f"{part}_h"] for part in PARTS},
        **{name: row[name] for name in ALSO},
    }


def grid_feature(row: Mapping[str, Any], *, shape: str | None = None) -> dict[str, Any]:
    """A grid with its figures as a GeoJSON feature; its id is its key."""
    drawn = orjson.Fragment(shape or row["shape"])
    return {"type": "Feature", "id": row["key"], "geometry": drawn, "properties": grid_figures(row)}


def collection(features: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """A GeoJSON FeatureCollection with members of its own."""
    return {"type": "FeatureCollection", "features": features, **members}


def cell_features(patch: Patch, chosen: Flags | None = None) -> Iterator[dict[str, Any]]:
    """Cells of a patch as GeoJSON features; `part_of` is the cell of the city that a part was cut from."""
    rows = np.arange(len(patch)) if chosen is None else np.flatnonzero(chosen)
    hours = patch.hours
    for i, drawn in zip(rows.tolist(), written(patch.shape[rows]), strict=True):
        cell, root = int(patch.cell[i]), int(patch.root[i])
        facts = {
            "id": cell, "grid": int(patch.grid[i]), "hours": float(hours[i]), "population": int(patch.population[i]),
            "households": int(patch.households[i]), "area_m2": float(patch.area_m2[i]), "unit_type": patch.unit_type[i],
            "incidents": float(patch.incidents[i]), "part_of": None if root == cell else root,
        }  # fmt: skip
        yield {"type": "Feature", "id": cell, "geometry": orjson.Fragment(drawn), "properties": facts}


def written(shapes: Shapes) -> list[str]:
    """Shapes as GeoJSON text."""
    texts: list[str] = shapely.to_geojson(shapes).tolist()
    return texts
