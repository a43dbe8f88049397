"""Files of points: judged row by row, sound rows brought in, faulty ones named."""

from collections.abc import Iterator

import numpy as np
import shapely

from gis.records import Flags, Floats, Ints
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.findings import ERROR, Finding
from seed.importing.incoming import Incoming

LEFT_OUT = "left_out"


def lonlat(incoming: Incoming) -> tuple[Floats, Floats]:
    """Longitude and latitude of each feature: of a point, or of a place inside a larger shape; NaN without any."""
    there = ~shapely.is_missing(incoming.geoms) & ~shapely.is_empty(incoming.geoms)
    points = np.full(len(incoming.geoms), None, dtype=object)
    points[there] = incoming.geoms[there]
    wide = there & (shapely.get_type_id(points) != shapely.GeometryType.POINT)
    points[wide] = shapely.point_on_surface(points[wide])
    return np.asarray(shapely.get_x(points)), np.asarray(shapely.get_y(points))


def place_findings(incoming: Incoming, lon: Floats, lat: Floats) -> Iterator[Finding]:
    """Every row whose coordinates name no place."""
    faults = coordinate_faults(lon, lat)
    for i in np.flatnonzero(faults != CoordinateFault.OK).tolist():
        fault = CoordinateFault(int(faults[i]))
        rule = {"missing": "missing_geometry"}.get(fault.name.lower(), fault.name.lower())
        yield row_finding(incoming, i, rule, fault.message.rstrip("."))


def row_finding(incoming: Incoming, i: int, rule: str, says: str, *, severity: str = ERROR, lon: float | None = None,
                lat: float | None = None) -> Finding:  # fmt: skip
    """A finding of one row."""
    row = int(incoming.rows[i])
    return Finding(rule, severity, (row,), (), f"Row {row}: {says}.", None, lon, lat, None)


def settle(findings: list[Finding], rows: Ints, *, leave_out: bool) -> tuple[list[Finding], Flags]:
    """Which rows are sound; with `leave_out` the errors of the others no longer block, and they are left out."""
    faulty = np.isin(rows, [row for finding in findings if finding.severity == ERROR for row in finding.rows])
    if not leave_out:
        return findings, ~faulty
    told = [
        Finding(f.rule, LEFT_OUT, f.rows, f.names, f.message, f.amount, f.lon, f.lat, f.geom)
        if f.severity == ERROR and f.rows
        else f
        for f in findings
    ]
    return told, ~faulty
