"""Administrative areas of one level: the first found the city, the next divide what is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import areas, city
from gis.errors import ImportRefused, NoCity
from gis.records import AreaNode, AreaRow, City, Ints, Name, Shapes
from gis.rules import codes as code_rules
from gis.rules.coverage import united
from gis.rules.findings import Finding
from gis.rules.zones import project, zone_of
from seed.importing.incoming import Incoming
from seed.importing.request import LEVELS, Checked, Options, Tell
from seed.importing.units import Units, clean_units, duplicate_findings, find_parents, fit_findings, given_code
from seed.names import both, pinyin

TIMEZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class _Ground:
    """What the database holds: the city, whether it must be founded first, and the areas that are to be divided."""

    city: City
    is_new: bool
    parents: list[AreaNode]


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell) -> Checked:
    """Judge areas of `options.level` against each other and against the areas that the city has."""
    level = options.level or "town"
    ground = _ground(conn, options, level, incoming)
    labels = incoming.labels("name_zh", "code")
    tell("Cleaning the outlines", 0, len(labels))
    units = clean_units(
        incoming.geoms, rows=incoming.rows, labels=labels, metric_srid=ground.city.metric_srid, gap_max_m2=options.gap_max_m2
    )
    tell("Matching parents", 0, len(labels))
    given = [code or "" for code in incoming.texts("code")]
    parent, faults = _parents(ground, units, incoming, given)
    codes, code_faults = _codes(ground, units, given, parent, level)
    findings = [*incoming.findings, *units.findings, *faults, *duplicate_findings(units, given), *code_faults]
    rows = _rows(ground, units, incoming, codes, parent, level)
    findings += _fits(ground, rows, options)
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=findings, counts={level: len(rows)},
        write=lambda conn, by: _write(conn, ground, rows, by), shapes=units.shapes, labels=labels, rows=units.rows,
        changes=units.changes,
    )  # fmt: skip


def _ground(conn: Connection, options: Options, level: str, incoming: Incoming) -> _Ground:
    if level not in LEVELS:
        raise ImportRefused(f"Areas come in level by level; the level is one of {', '.join(LEVELS)}, not {level!r}.", field="level")
    try:
        held = city.get(conn)
    except NoCity:
        return _Ground(_new_city(options, incoming), True, [])
    nodes = areas.tree(conn)
    finest = nodes[-1].level if nodes else None
    if finest in LEVELS and LEVELS.index(finest) >= LEVELS.index(level):
        raise ImportRefused(
            f"The city is divided down to its {finest} areas already: an import founds a level, it does not redraw one. "
            "Another city needs an empty database; the how-to “load your own city” begins with one.",
            field="level",
        )
    return _Ground(held, False, [node for node in nodes if node.level == finest])


def _new_city(options: Options, incoming: Incoming) -> City:
    if options.city is None:
        raise ImportRefused(
            "The database holds no city yet. Say which one this is: its six-digit code and its name "
            "(`--city 441900 --city-name 东莞市`).",
            field="city",
        )
    new = options.city
    drawn = incoming.geoms[~shapely.is_missing(incoming.geoms) & ~shapely.is_empty(incoming.geoms)]
    west, _, east, _ = np.nan_to_num(shapely.total_bounds(drawn)) if len(drawn) else (0.0, 0.0, 0.0, 0.0)
    srid = new.metric_srid or zone_of(float(west + east) / 2)
    return City(new.code, new.name, srid, synthetic=False, timezone=TIMEZONE)


def _parents(ground: _Ground, units: Units, incoming: Incoming, given: Sequence[str]) -> tuple[Ints, list[Finding]]:
    if not ground.parents:
        return np.zeros(len(units.rows), dtype=np.int64), []
    return find_parents(units, incoming.texts("parent"), given, ground.parents)


def _parent_codes(ground: _Ground) -> list[str]:
    return [node.code for node in ground.parents] or [ground.city.code]


def _codes(ground: _Ground, units: Units, given: Sequence[str], parent: Ints, level: str) -> tuple[list[str], list[Finding]]:
    """Codes that fit stay; the others are given in reading order, under each parent."""
    codes = [""] * len(given)
    findings = []
    centre = _centres(units.shapes, ground.city.metric_srid)
    seen: set[str] = set()
    for position, code in enumerate(_parent_codes(ground)):
        members = np.flatnonzero(parent == position)
        keeps = []
        for i in members:
            keeps.append(given[i] if given[i] not in seen and code_rules.area_code_fits(given[i], parent=code, level=level) else "")
            seen.add(keeps[-1])
        order = code_rules.reading_order(*centre[members].T)
        numbered = code_rules.number_areas(code, keeps=keeps, order=order, level=level)
        for i, own, kept in zip(members.tolist(), numbered, keeps, strict=True):
            codes[i] = own
            if not kept:
                findings.append(given_code(units, i, given[i], own))
    return codes, findings


def _centres(shapes: Shapes, metric_srid: int) -> Any:
    """Where each unit lies in metres, (n, 2); a missing one counts as lying at the origin."""
    points = shapely.centroid(project(shapes, to=metric_srid))
    return np.nan_to_num(np.column_stack([shapely.get_x(points), shapely.get_y(points)]))


def _rows(ground: _Ground, units: Units, incoming: Incoming, codes: Sequence[str], parent: Ints, level: str) -> list[AreaRow]:
    above = _parent_codes(ground)
    columns = zip(
        codes,
        parent.tolist(),
        incoming.texts("name_zh"),
        incoming.texts("name_en"),
        incoming.integers("population"),
        units.shapes,
        strict=True,
    )
    return [
        AreaRow(
            code, above[at] if at >= 0 else None, level, _name(zh or code, en), shape, synthetic=False, population_official=people
        )
        for code, at, zh, en, people, shape in columns
        if shape is not None
    ]


def _name(zh: str, en: str | None) -> Name:
    return Name(zh, en) if en else both(zh, pinyin)


def _fits(ground: _Ground, rows: Sequence[AreaRow], options: Options) -> list[Finding]:
    if not ground.parents or not rows:
        return []
    outlines = _unions(rows)
    return list(fit_findings(ground.parents, outlines, metric_srid=ground.city.metric_srid, most=options.fit_max_fraction))


def _unions(rows: Sequence[AreaRow]) -> dict[str, Any]:
    placed = [row for row in rows if row.parent_code]
    parents, index = np.unique([str(row.parent_code) for row in placed], return_inverse=True)
    shapes = np.array([row.geom for row in placed], dtype=object)
    return dict(zip(parents.tolist(), united(shapes, index, len(parents)), strict=True))


def _write(conn: Connection, ground: _Ground, rows: Sequence[AreaRow], by: str) -> dict[str, int]:
    held = ground.city
    if ground.is_new:
        city.found(conn, held, by=by)
    if ground.parents:
        areas.refine(conn, rows, by=by)
    else:
        whole = shapely.coverage_union_all(np.array([row.geom for row in rows], dtype=object))
        areas.found(conn, [AreaRow(held.code, None, "city", held.name, whole, synthetic=False), *rows], by=by)
    return {rows[0].level: len(rows)}
