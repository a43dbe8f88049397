"""Units with an outline: named, made a coverage, each under its parent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import shapely

from gis.records import AreaNode, Ints, Shapes
from gis.rules.cleaning import Cleaned, clean
from gis.rules.findings import ERROR, NOTICE, REPAIRED, Finding
from gis.rules.homes import NOWHERE, homes_by_overlap
from gis.rules.unit_shapes import places_of, unit_findings
from gis.rules.zones import project
from seed.importing.request import UnitChange

MOSTLY = 0.5  # of its ground that a unit has in the parent that its record names
CHANGED_M2 = 1.0  # less is the rounding of coordinates


@dataclass(frozen=True)
class Units:
    """Units of one level that are a coverage, with what was found on the way."""

    shapes: Shapes
    rows: Ints
    labels: Sequence[str]
    findings: list[Finding]
    changes: list[UnitChange]


def clean_units(shapes: Shapes, *, rows: Ints, labels: Sequence[str], metric_srid: int, gap_max_m2: float | None) -> Units:
    """Judge and mend the outlines of one level."""
    to_metres = partial(project, to=metric_srid)
    findings = unit_findings(shapes, rows=rows, names=labels, to_metres=to_metres)
    cleaned = clean(shapes, rows=rows, names=labels, to_metres=to_metres, gap_max_m2=gap_max_m2)
    return Units(cleaned.shapes, rows, labels, findings + cleaned.findings, _changes(cleaned, rows, labels))


def _changes(cleaned: Cleaned, rows: Ints, labels: Sequence[str]) -> list[UnitChange]:
    amounts = zip(
        rows.tolist(),
        labels,
        cleaned.before_m2.tolist(),
        cleaned.after_m2.tolist(),
        cleaned.gained_m2.tolist(),
        cleaned.lost_m2.tolist(),
        strict=True,
    )
    changes = [UnitChange(*amount) for amount in amounts]
    return [change for change in changes if max(change.gained_m2, change.lost_m2) >= CHANGED_M2]


def find_parents(
    units: Units, named: Sequence[str | None], codes: Sequence[str], parents: Sequence[AreaNode]
) -> tuple[Ints, list[Finding]]:
    """The position of each unit's parent: as its record names it, as its code begins, or where most of it lies."""
    by_word = words_of(parents)
    by_code = {node.code: i for i, node in enumerate(parents)}
    drawn = np.flatnonzero(~shapely.is_missing(units.shapes))
    homes = homes_by_overlap(units.shapes[drawn], np.array([node.geom for node in parents], dtype=object))
    lies, fraction = np.full(len(units.rows), NOWHERE), np.zeros(len(units.rows))
    lies[drawn], fraction[drawn] = homes.home, homes.fraction
    found = np.array(
        [
            _meant(by_word.get(word, ()), int(there)) if word else _by_beginning(code, by_code)
            for word, code, there in zip(named, codes, lies, strict=True)
        ],
        dtype=np.int64,
    )
    faults = list(_parent_faults(units, named, found, lies, fraction, parents))
    return np.where(found == NOWHERE, lies, found), faults


def words_of(parents: Sequence[AreaNode]) -> dict[str, list[int]]:
    """Every name and code with the positions of the areas that bear it: communities of different towns share names."""
    words: dict[str, list[int]] = {}
    for i, node in enumerate(parents):
        for word in {node.name.zh, node.name.en, node.code}:
            words.setdefault(word, []).append(i)
    return words


def _meant(namesakes: Sequence[int], lies: int) -> int:
    """Of several parents of one name the one that the unit lies in, else the first."""
    return lies if lies in namesakes else next(iter(namesakes), NOWHERE)


def _by_beginning(code: str, parents: dict[str, int]) -> int:
    return next((parents[code[:digits]] for digits in (12, 9, 6) if len(code) > digits and code[:digits] in parents), NOWHERE)


def _parent_faults(
    units: Units, named: Sequence[str | None], found: Ints, lies: Ints, fraction: Any, parents: Sequence[AreaNode]
) -> Iterator[Finding]:
    for i, (word, said, there) in enumerate(zip(named, found.tolist(), lies.tolist(), strict=True)):
        if word and said == NOWHERE:
            yield _at(units, i, "unmatched_parent", ERROR, f"its parent {word!r} is not among the {len(parents)} of the city")
        elif said == there == NOWHERE:
            yield _at(units, i, "unmatched_parent", ERROR, "it lies in none of the areas that the city has")
        elif NOWHERE not in (said, there) and said != there and fraction[i] > MOSTLY:
            claim = f"its record says {parents[said].name.zh} ({parents[said].code})"
            yield _at(units, i, "beside_parent", ERROR, f"{claim}, but {fraction[i]:.0%} of it lies in {parents[there].name.zh}")


def _at(units: Units, i: int, rule: str, severity: str, says: str) -> Finding:
    return at_unit(units, i, rule, severity, f"{units.labels[i]}: {says}.")


def place_of(shape: Any) -> tuple[float, float]:
    """A place inside a shape, longitude and latitude."""
    return places_of(np.array([shape], dtype=object))[0]


def at_unit(units: Units, i: int, rule: str, severity: str, message: str, *, amount: float | None = None) -> Finding:
    """A finding that lies where a unit is."""
    shape = units.shapes[i]
    lon, lat = (None, None) if shape is None or shapely.is_empty(shape) else place_of(shape)
    return Finding(rule, severity, (int(units.rows[i]),), (units.labels[i],), message, amount, lon, lat, None)


def fit_findings(parents: Sequence[AreaNode], outlines: dict[str, Any], *, metric_srid: int, most: float) -> Iterator[Finding]:
    """What becomes of the areas above when they are drawn as their parts cover them: in m², an error beyond `most`."""
    for node in parents:
        if node.code not in outlines:
            message = f"{node.name.zh} ({node.code}): the file has no part of it. Every {node.level} must be divided."
            yield Finding("childless", ERROR, (), (node.code,), message, None, *place_of(node.geom), node.geom)
    held = [node for node in parents if node.code in outlines]
    old = np.array([node.geom for node in held], dtype=object)
    new = np.array([outlines[node.code] for node in held], dtype=object)
    moved = shapely.symmetric_difference(old, new)
    moved_m2 = shapely.area(project(moved, to=metric_srid))
    for node, shape, m2 in zip(held, moved, moved_m2.tolist(), strict=True):
        if m2 >= CHANGED_M2:
            yield _fit_finding(node, shape, m2, most)


def _fit_finding(node: AreaNode, shape: Any, m2: float, most: float) -> Finding:
    fraction = m2 / node.area_m2
    about = f"{node.name.zh} ({node.code}): its parts cover other ground than it does, {m2:,.0f} m² or {fraction:.2%} of it"
    advice = "it will be drawn as its parts are" if fraction <= most else f"more than {most:.0%}: parts are missing or out of place"
    severity = REPAIRED if fraction <= most else ERROR
    return Finding("parent_redrawn", severity, (), (node.code,), f"{about}; {advice}.", m2, *place_of(shape), shape)


def duplicate_findings(units: Units, codes: Sequence[str]) -> Iterator[Finding]:
    """Every code that two units have."""
    first: dict[str, int] = {}
    for i, code in enumerate(codes):
        if code and code in first:
            message = f"{units.labels[i]}: code {code} is also that of feature {units.rows[first[code]]}."
            yield at_unit(units, i, "duplicate_code", ERROR, message)
        elif code:
            first[code] = i


def given_code(units: Units, i: int, was: str, code: str) -> Finding:
    """A unit that had no usable code and was given one."""
    why = f"its code {was!r} does not fit" if was else "it has no code"
    return at_unit(units, i, "code_given", NOTICE, f"{units.labels[i]}: {why}; it gets {code}.")
