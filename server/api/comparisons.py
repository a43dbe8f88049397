"""Two plans compared: figures, maps and files."""

from typing import Any, cast
from weakref import WeakKeyDictionary

import shapely
from flask import Flask, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from gis.comparing import Compared, Comparisons, Ground, grids_drawn, moved_ground
from gis.plan_records import DraftGrid
from gis.rules.comparison import Amounts, Fairness, GridChange, GridState, attributes
from server.api.words import PLAN_STATES, coded
from server.auth import reach
from server.database import reading

bp = APIBlueprint("comparisons", __name__, abp_tags=[Tag(name="comparisons", description="What two plans do differently")])

EXACT_COMMUNITIES = 60  # of more, a map is drawn of simplified borders: nobody sees so many of them from near at once
EXACT_BAND, COARSE_BAND = 3, 2
DECIMALS_DEG = 6


class PairPath(BaseModel):
    """Which two plans: `a` is the one before, `b` the one after."""

    a: int = Field(ge=1, lt=2**63)
    b: int = Field(ge=1, lt=2**63)


@bp.get("/plans/<int:a>/comparison/<int:b>")
def describe(path: PairPath) -> dict[str, Any]:
    """All that differs between two plans, by the second's workload model: every changed grid with what it gains and loses."""
    return told(_compared(path))


@bp.get("/plans/<int:a>/comparison/<int:b>/map")
def draw(path: PairPath) -> dict[str, Any]:
    """The ground that changes hands, and the grids of the communities concerned as either plan has them, as GeoJSON."""
    own = reach()
    with reading() as conn:
        return drawn_maps(conn, comparisons().get(conn, path.a, path.b, reach=own))


def _compared(path: PairPath) -> Compared:
    own = reach()
    with reading() as conn:
        return comparisons().get(conn, path.a, path.b, reach=own)


def comparisons() -> Comparisons:
    """This process's keeper of comparisons."""
    return cast(Comparisons, current_app.extensions["wangge-comparisons"])


def told(compared: Compared) -> dict[str, Any]:
    """A comparison as JSON has it."""
    since, until = compared.period
    return {
        "before": plan_told(compared.before),
        "after": plan_told(compared.after),
        "workload_model": {"id": compared.model.id, "version": compared.model.version, "name": compared.model.name.as_dict()},
        "period": {"from": since, "to": until},
        "summary": _summary(compared),
        "sentences": [sentence.as_dict() for sentence in compared.sentences],
        "grids": _changes(compared),
        "communities": [_fairness(compared, area) for area in compared.found.communities if area.moved.cells],
        "towns": [_fairness(compared, area) for area in compared.found.towns if area.moved.cells],
    }


def plan_told(facts: Any) -> dict[str, Any]:
    """A plan as far as a comparison names it."""
    return {
        "id": facts["id"],
        "name": {"zh": facts["name_zh"], "en": facts["name_en"]},
        "state": coded(PLAN_STATES, facts["state"]),
        "version": facts["version"],
        "valid": {"from": facts["since"], "to": facts["until"]},
    }


def _summary(compared: Compared) -> dict[str, Any]:
    found = compared.totals
    return {
        "same": found.is_same,
        "grids": _pair(found.grids),
        **{f"grids_{status}": getattr(found, status) for status in ("changed", "new", "ended", "attributes")},
        "moved": amounts_told(found.moved),
        **{name: getattr(found, name) for name in ("staff_moved", "staff_concerned", "communities", "towns")},
        **{name: _pair(getattr(found, name)) for name in ("variation", "variation_touched", "deviation")},
    }


def _pair(values: tuple[Any, Any]) -> dict[str, Any]:
    return {"before": values[0], "after": values[1]}


def amounts_told(amounts: Amounts) -> dict[str, Any]:
    """What some ground holds, as JSON has it."""
    return {
        "cells": amounts.cells, "area_m2": round(amounts.area_m2, 1), "population": amounts.population,
        "households": amounts.households, "hours": round(amounts.hours, 2), "incidents": amounts.incidents,
    }  # fmt: skip


def _changes(compared: Compared) -> list[dict[str, Any]]:
    ends: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for flow in compared.found.flows:
        ends.setdefault(("from", flow.after), []).append(_end(compared, flow.before, flow.amounts))
        ends.setdefault(("to", flow.before), []).append(_end(compared, flow.after, flow.amounts))
    return [
        _change(compared, change) | {end: ends.get((end, change.key), []) for end in ("from", "to")}
        for change in compared.found.changes
    ]


def _change(compared: Compared, change: GridChange) -> dict[str, Any]:
    units = compared.place[change.community_id]
    return {
        **grid_told(compared, change.grid),
        "status": change.status,
        "community": units[0].as_dict(),
        "town": units[min(1, len(units) - 1)].as_dict(),
        "attributes": _attributes(change),
        "before": state_told(change.before),
        "after": state_told(change.after),
        "gained": amounts_told(change.gained),
        "lost": amounts_told(change.lost),
    }


def grid_told(compared: Compared, grid: DraftGrid) -> dict[str, Any]:
    """A grid by its key, code, short label and own name."""
    name = {"zh": grid.name_zh or "", "en": grid.name_en or ""} if grid.name_zh or grid.name_en else None
    return {"key": grid.key, "code": grid.code, "label": compared.label(grid.key), "name": name}


def _attributes(change: GridChange) -> dict[str, Any] | None:
    """What the grid is otherwise than before, field by field; null where it is the same or in one plan only."""
    if change.former is None or change.status in ("new", "ended"):
        return None
    old, new = attributes(change.former), attributes(change.grid)
    return {name: {"before": old[name], "after": new[name]} for name in old if old[name] != new[name]} or None


def state_told(state: GridState | None) -> dict[str, Any] | None:
    """A grid in one plan."""
    if state is None:
        return None
    deviations = {"deviation": round(state.deviation, 4), "deviation_town": round(state.deviation_town, 4)}
    return amounts_told(state.amounts) | deviations | {"staff": state.staff}


def _end(compared: Compared, key: int, amounts: Amounts) -> dict[str, Any]:
    return {"key": key, "label": compared.label(key), **amounts_told(amounts)}


def _fairness(compared: Compared, area: Fairness) -> dict[str, Any]:
    return {
        **compared.place[area.area_id][0].as_dict(),
        **{name: _pair(getattr(area, name)) for name in ("grids", "variation", "deviation")},
        "moved": amounts_told(area.moved),
    }


def drawn_maps(conn: Connection, compared: Compared) -> dict[str, Any]:
    """The maps of a comparison, drawn once; of many communities with simplified borders."""
    kept: WeakKeyDictionary[Compared, dict[str, Any]] = current_app.extensions["wangge-comparison-maps"]
    if compared not in kept:
        kept[compared] = _drawn(conn, compared)
    return kept[compared]


def _drawn(conn: Connection, compared: Compared) -> dict[str, Any]:
    touched = compared.touched()
    band = EXACT_BAND if len(touched) <= EXACT_COMMUNITIES else COARSE_BAND
    ground = moved_ground(conn, compared)
    sides = [grids_drawn(conn, compared, which=which, communities=touched, band=band) for which in (0, 1)]
    return _maps_told(compared, ground, sides)


def _maps_told(compared: Compared, ground: Ground, sides: list[Ground]) -> dict[str, Any]:
    changed = {change.key for change in compared.found.changes}
    flows = [
        {"from": flow.before, "to": flow.after, "from_label": compared.label(flow.before), "to_label": compared.label(flow.after)}
        | amounts_told(flow.amounts)
        for flow in compared.found.flows
    ]
    grids = [
        [
            {"key": key, "label": compared.label(key), "changed": key in changed, **_community(compared, community)}
            for key, community in zip(each.key.tolist(), each.community.tolist(), strict=True)
        ]
        for each in sides
    ]
    return {
        "bbox": _bounds(ground),
        "ground": _collection(ground, flows),
        "before": _collection(sides[0], grids[0]),
        "after": _collection(sides[1], grids[1]),
    }


def _community(compared: Compared, community_id: int) -> dict[str, Any]:
    unit = compared.place[community_id][0]
    return {"community": unit.code, "community_name": unit.name.as_dict()}


def _bounds(ground: Ground) -> list[float] | None:
    """West, south, east, north of some ground, or None where there is none."""
    return [round(float(side), DECIMALS_DEG) for side in shapely.total_bounds(ground.shape)] if len(ground.shape) else None


def _collection(ground: Ground, properties: list[dict[str, Any]]) -> dict[str, Any]:
    drawn = shapely.transform(ground.shape, lambda corners: corners.round(DECIMALS_DEG)) if len(ground.shape) else []
    features = [
        {"type": "Feature", "properties": each, "geometry": _geometry(shape)} for shape, each in zip(drawn, properties, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _geometry(shape: shapely.Geometry) -> dict[str, Any]:
    return cast(dict[str, Any], shapely.geometry.mapping(shape))


def init_app(app: Flask) -> None:
    """Keep the comparisons that were asked for last, and their maps as long."""
    app.extensions["wangge-comparisons"] = Comparisons()
    app.extensions["wangge-comparison-maps"] = WeakKeyDictionary()
