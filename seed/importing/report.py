"""What a check found, told as plain data: for the API, the page and the command line."""

from collections import defaultdict
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import shapely

from gis.layer_files import LayerInfo
from gis.records import Shapes
from gis.rules.findings import RULES, Finding
from gis.rules.values import plain_text
from seed.importing.request import Checked

FINDINGS_TOLD = 2_000
RULE_TOLD = 100  # of each rule at least, before one rule takes all the room
UNITS_DRAWN = 5_000
POINTS_DRAWN = 20_000
DRAWN_TOLERANCE_DEG = 5e-5  # about five metres: a preview is looked at, not measured
SEVERITIES = ("error", "left_out", "repaired", "notice")


def told(checked: Checked) -> dict[str, Any]:
    """The whole report; of very many findings and changes the others are counted, not listed."""
    findings, listed = by_gravity(checked), listed_findings(checked)
    changes = sorted(checked.changes, key=lambda change: -abs(change.fraction))
    return {
        "fields": checked.fields,
        "counts": checked.counts,
        **{name: sum(f.severity == severity for f in findings) for name, severity in _totals()},
        "summary": summary(checked),
        "changed": len(changes),
        "findings": [{"id": number, **_told(finding)} for number, finding in enumerate(listed)],
        "changes": [
            {
                "row": change.row, "name": change.name, "before_m2": change.before_m2, "after_m2": change.after_m2,
                "gained_m2": change.gained_m2, "lost_m2": change.lost_m2, "fraction": change.fraction,
            }
            for change in changes[:FINDINGS_TOLD]
        ],
    }  # fmt: skip


def by_gravity(checked: Checked) -> list[Finding]:
    """Every finding with its place, the gravest first and of each rule the largest; one of a row lies where the row does."""
    place = _places_of_rows(checked)
    found = [
        replace(f, lon=place[f.rows[0]][0], lat=place[f.rows[0]][1]) if f.lon is None and f.rows and f.rows[0] in place else f
        for f in checked.findings
    ]
    return sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.rule, -(f.amount or 0.0), f.rows))


def listed_findings(checked: Checked) -> list[Finding]:
    """The findings that are told one by one: of very many the gravest, but of each rule some, so that none hides another."""
    rank: dict[tuple[str, str], int] = defaultdict(int)
    behind = []
    findings = by_gravity(checked)
    for at, finding in enumerate(findings):
        behind.append((rank[finding.severity, finding.rule] >= RULE_TOLD, at))
        rank[finding.severity, finding.rule] += 1
    return [findings[at] for at in sorted(at for _, at in sorted(behind)[:FINDINGS_TOLD])]


def _places_of_rows(checked: Checked) -> dict[int, tuple[float, float]]:
    """A place inside each row's shape that is named by a finding without a place of its own."""
    asked = [finding.rows[0] for finding in checked.findings if finding.lon is None and finding.rows]
    shapes = np.asarray(checked.shapes, dtype=object)
    at = np.flatnonzero(np.isin(checked.rows, asked) & _drawable(shapes)) if asked and len(shapes) else np.array([], dtype=int)
    inside = shapely.point_on_surface(shapes[at])
    lonlat = zip(shapely.get_x(inside).tolist(), shapely.get_y(inside).tolist(), strict=True)
    return dict(zip(np.asarray(checked.rows)[at].tolist(), lonlat, strict=True))


def _totals() -> tuple[tuple[str, str], ...]:
    return (("errors", "error"), ("left_out", "left_out"), ("repaired", "repaired"), ("notices", "notice"))


def summary(checked: Checked) -> list[dict[str, Any]]:
    """How many findings of each rule, and their amounts together."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in checked.findings:
        groups[finding.severity, finding.rule].append(finding)
    return [
        {
            "rule": rule, "severity": severity, "count": len(members), "unit": RULES[rule].unit,
            "name": RULES[rule].name.as_dict(), "meaning": RULES[rule].meaning.as_dict(),
            "amount": float(sum(f.amount or 0.0 for f in members)) if RULES[rule].unit else None,
        }
        for (severity, rule), members in sorted(groups.items(), key=lambda group: (SEVERITIES.index(group[0][0]), group[0][1]))
    ]  # fmt: skip


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule, "severity": finding.severity, "rows": list(finding.rows), "names": list(finding.names),
        "message": finding.message, "unit": RULES[finding.rule].unit,
        "amount": None if finding.amount is None else float(finding.amount),
        "lon": finding.lon, "lat": finding.lat,
    }  # fmt: skip


def findings_drawn(checked: Checked) -> dict[str, Any]:
    """The findings as GeoJSON, each where it lies, with the id that it has in the report."""
    features = []
    for number, finding in enumerate(listed_findings(checked)):
        shape = finding.geom if finding.geom is not None else _point(finding)
        if shape is not None:
            features.append(_feature(shape, {"id": number, "rule": finding.rule, "severity": finding.severity}))
    return {"type": "FeatureCollection", "features": features}


def _point(finding: Finding) -> Any:
    return None if finding.lon is None or finding.lat is None else shapely.Point(finding.lon, finding.lat)


def units_drawn(checked: Checked) -> dict[str, Any]:
    """What would be brought in, as GeoJSON for a preview; of very many an even selection, and it says so."""
    shapes = np.asarray(checked.shapes, dtype=object)
    there = np.flatnonzero(_drawable(shapes))
    most = POINTS_DRAWN if len(there) and shapely.get_type_id(shapes[there[0]]) == shapely.GeometryType.POINT else UNITS_DRAWN
    shown = there[np.unique(np.linspace(0, len(there) - 1, min(most, len(there))).astype(np.int64))] if len(there) else there
    simple = shapely.simplify(shapes[shown], DRAWN_TOLERANCE_DEG)
    features = [
        _feature(shape, {"row": int(checked.rows[i]), "label": checked.labels[i]})
        for shape, i in zip(simple, shown.tolist(), strict=True)
    ]
    return {"type": "FeatureCollection", "features": features, "shown": len(shown), "of": len(there)}


def _drawable(shapes: Shapes) -> Any:
    """Shapes whose coordinates are places on the globe: a map cannot show others."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    west, south, east, north = shapely.bounds(shapes).T
    with np.errstate(invalid="ignore"):
        return there & (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": properties}


def file_told(info: LayerInfo) -> dict[str, Any]:
    """What a file is, as plain data; samples as the texts that a person sees."""
    described = asdict(info)
    for column in described["fields"]:
        column["samples"] = [plain_text(value) for value in column["samples"]]
    return described
