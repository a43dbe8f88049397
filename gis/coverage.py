"""Coverage asked on the spot: what a question can choose from, and its answer with everything that a map shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from gis.coverage_counting import Counted, bands_of, count
from gis.coverage_findings import facilities_of, gaps_of, inputs_of
from gis.coverage_measuring import measure
from gis.coverage_records import AuditFacility, AuditGap, ReachQuestion, StreetNetwork
from gis.records import Unit
from gis.rules.circles import straight, walked
from gis.rules.zones import WGS84, project
from gis.store import coverage_ground as store
from gis.store import facilities, networks


@dataclass(frozen=True)
class Options:
    """What a question can choose from. `areas` are the levels above communities with their units."""

    kinds: list[dict[str, Any]]
    areas: Sequence[tuple[str, Sequence[Unit]]]
    network: StreetNetwork | None


@dataclass(frozen=True, eq=False)
class Circles:
    """Bands of ground, EPSG:4326, by (minutes, metres); `off_network` is ground too far from every street to be walked to."""

    bands: list[tuple[float | None, float]]
    shapes: list[Any]
    off_network: Any


@dataclass(frozen=True, eq=False)
class Reached:
    """An answer: the figures, the ground that is not covered, the facilities, and what it was asked of."""

    counted: Counted
    gaps: list[AuditGap]
    facilities: list[AuditFacility]
    inputs: dict[str, Any]


def options(conn: Connection) -> Options:
    """What a question can choose from: kinds with how many there are, areas above communities, the network in force."""
    kinds = [
        {"code": row["code"], "name": {"zh": row["name_zh"], "en": row["name_en"]}, "count": row["count"]}
        for row in facilities.kinds(conn)
    ]
    return Options(kinds, store.areas_above(conn), networks.in_force(conn))


def circles(conn: Connection, question: ReachQuestion, *, folder: Path) -> Circles:
    """The ground that a question's facilities reach, in bands, for a map: figures never come from it. Raises as `reached`."""
    measured = measure(conn, question, folder=folder)
    bands = bands_of(measured)
    limits_m = [metres for _, metres in bands]
    if measured.network is None:
        drawn = straight(measured.facilities.point_m, limits_m=limits_m, detour=question.detour)
    else:
        drawn = walked(measured.network, measured.facilities.point_m, limits_m=limits_m)
    shapes = np.array([*drawn.shape_m, drawn.off_network_m], dtype=object)
    degrees = project(shapes, to=WGS84, source=measured.ground.metric_srid)
    return Circles(bands, list(degrees[:-1]), degrees[-1])


def reached(conn: Connection, question: ReachQuestion, *, folder: Path, now: datetime) -> Reached:
    """Answer a question. Raises BadQuestion, NoNetwork, NothingToReach, NoPlanInForce."""
    counted = count(measure(conn, question, folder=folder))
    return Reached(counted, gaps_of(counted), facilities_of(conn, counted), inputs_of(conn, counted, now=now))
