"""Coverage asked on the spot: what can be asked, who reaches it, and the bands to draw. Nothing is kept."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from flask import current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from gis import coverage
from gis.coverage_counting import Counted
from gis.rules.reach_standards import GROUPS, PRESETS, SPEED_KMH
from server.api.coverage_answers import collection, facilities_told, gaps_told, row_told
from server.api.reach_question import QuestionBody
from server.api.words import FACILITY_LEVELS
from server.config import Settings
from server.database import reading

bp = APIBlueprint("coverage", __name__, abp_tags=[Tag(name="coverage", description="Who reaches what")])

SHOWN_LEVELS = ("community", "town", "district")
RULES = {
    "centre": {"zh": "中心点", "en": "Centre point"},
    "everyone": {"zh": "全部居民", "en": "All residents"},
    "share": {"zh": "居民比例", "en": "A share of residents"},
}


def networks_folder() -> Path:
    """Where walking networks are kept as arrays."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.networks_dir


@bp.get("/coverage/options")
def options() -> dict[str, Any]:
    """What a question can choose from: kinds, levels, presets, groups, rules, areas, and the network in force."""
    with reading() as conn:
        found = coverage.options(conn)
    return {
        "kinds": found.kinds,
        "levels": [{"code": code, "name": {"zh": zh, "en": en}} for code, (zh, en) in FACILITY_LEVELS.items()],
        "presets": [
            {
                "code": each.code, "name": each.name.as_dict(), "method": each.method, "minutes": each.minutes,
                "metres": each.metres, "source": each.source,
            }
            for each in PRESETS
        ],
        "groups": [{"code": code, "name": name.as_dict(), "speed_kmh": SPEED_KMH[code]} for code, name in GROUPS.items()],
        "rules": [{"code": code, "name": name} for code, name in RULES.items()],
        "areas": [
            {"code": unit.code, "name": unit.name.as_dict(), "level": level} for level, units in found.areas for unit in units
        ],
        "network": found.network
        and {
            "id": found.network.id, "name": found.network.name, "at": found.network.at, "edges": found.network.edges,
            "length_km": round(found.network.length_m / 1000, 1),
        },
    }  # fmt: skip


@bp.post("/coverage/reach")
def reach(body: QuestionBody) -> dict[str, Any]:
    """Who reaches what, counted now and not kept: the sums, towns and communities, every cell, gaps and facilities."""
    began = time.perf_counter()
    with reading() as conn:
        found = coverage.reached(conn, body.question(), folder=networks_folder(), now=datetime.now(UTC))
    counted = found.counted
    return {
        "limit_m": counted.measured.limit_m,
        "inputs": found.inputs,
        "totals": counted.totals,
        "rows": [row_told(row) for row in counted.rows if row.level in SHOWN_LEVELS],
        "cells": cells_told(counted),
        "gaps": gaps_told(found.gaps),
        "facilities": facilities_told(found.facilities),
        "findings": [each.as_dict() for each in counted.findings],
        "seconds": round(time.perf_counter() - began, 3),
    }


@bp.post("/coverage/circles")
def circles(body: QuestionBody) -> dict[str, Any]:
    """The ground that facilities reach, in bands, as GeoJSON for a map; figures never come from it.

    A feature's `band` is `reached`, with `minutes` and `metres`, or `off_network`: ground too far from every street.
    """
    with reading() as conn:
        found = coverage.circles(conn, body.question(), folder=networks_folder())
    properties = [{"band": "reached", "minutes": minutes, "metres": metres} for minutes, metres in found.bands]
    shapes = [*found.shapes]
    if not shapely.is_empty(found.off_network):
        properties.append({"band": "off_network", "minutes": None, "metres": None})
        shapes.append(found.off_network)
    return collection(np.array(shapes, dtype=object), properties)


def cells_told(counted: Counted) -> dict[str, Any]:
    """The cells in scope as columns: id, metres to the nearest (null beyond the limit), facilities within it."""
    scope = counted.measured.scope
    return {
        "id": counted.measured.ground.cell_id[scope],
        "metres": counted.metres[scope].round(1),
        "within": counted.within[scope],
    }
