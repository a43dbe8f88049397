"""What an answer of coverage holds beside its sums: gaps, facilities with what they fail, cells, and what it was asked of."""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis.coverage_counting import Counted
from gis.coverage_records import AuditCells, AuditFacility, AuditGap
from gis.records import Floats, Ints, Texts
from gis.rules import cover
from gis.rules.facility_standards import fails
from gis.rules.gaps import gaps
from gis.rules.reach_standards import speed_kmh
from gis.rules.reach_tables import of_facilities
from gis.rules.walking_network import DM_PER_M
from gis.rules.zones import WGS84, project
from gis.store import networks, services

DIGITS_OF_DIGEST = 16


def gaps_of(counted: Counted) -> list[AuditGap]:
    """The ground in scope that is not covered wholly, joined inside each community, those with most residents first."""
    measured = counted.measured
    ground = measured.ground
    home = np.where(measured.scope, ground.community, -1)
    uncovered = ~cover.is_covered(counted.covered)
    found = gaps(ground.shape_m, uncovered, community=home, residents=ground.population, households=ground.households)
    drawn = project(found.shape_m, to=WGS84, source=ground.metric_srid) if len(found.shape_m) else found.shape_m
    columns = zip(
        drawn, found.residents.tolist(), found.households.tolist(), found.area_m2.tolist(),
        ground.communities.code[found.community].tolist(), strict=True,
    )  # fmt: skip
    return [AuditGap(*column) for column in columns]


def facilities_of(conn: Connection, counted: Counted) -> list[AuditFacility]:
    """Every facility that counts, with whom it serves and which standards of its kind it fails."""
    measured = counted.measured
    held = measured.facilities
    standards = {kept.standard.kind: kept.standard for kept in services.standards(conn)}
    failed = fails(held, standards, residents=_residents_of_kind(counted, set(standards)))
    legs = np.full(len(held), np.nan)
    if measured.sources is not None:
        on = measured.sources.edge >= 0
        legs[on] = measured.sources.leg_dm[on] / DM_PER_M
    columns = zip(
        held.id.tolist(), held.kind.tolist(), held.name, held.point[:, 0].tolist(), held.point[:, 1].tolist(),
        _known(held.floor_area_m2), _known(held.capacity), counted.residents_within.tolist(), counted.residents_nearest.tolist(),
        _known(legs), failed, strict=True,
    )  # fmt: skip
    return [
        AuditFacility(id_, kind, name, lon, lat, floor, None if places is None else int(places), *rest)
        for id_, kind, name, lon, lat, floor, places, *rest in columns
    ]


def _residents_of_kind(counted: Counted, kinds: set[str]) -> Floats:
    """Residents of the whole city whom each facility is the nearest of its kind for."""
    measured = counted.measured
    found = np.zeros(len(measured.facilities))
    for kind in sorted(kinds & set(measured.facilities.kind.tolist())):
        mine = np.flatnonzero(measured.facilities.kind == kind)
        _, nearest = cover.nearest(of_facilities(measured.table, mine))
        found[mine] = cover.nearest_to_facility(nearest, measured.ground.population, n_facilities=len(mine))
    return found


def _known(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def cells_of(counted: Counted) -> AuditCells:
    """What was found for each cell in scope."""
    scope = counted.measured.scope
    access = None if counted.accessibility is None else counted.accessibility[scope]
    return AuditCells(counted.measured.ground.cell_id[scope], counted.metres[scope], counted.within[scope], access)


def inputs_of(conn: Connection, counted: Counted, *, now: datetime) -> dict[str, Any]:
    """What an answer was asked of: plan, network, facilities, residents, and how far is near enough. Digests tell them apart."""
    measured = counted.measured
    ground, held, question = measured.ground, measured.facilities, measured.question
    network = None if measured.network_id is None else networks.get(conn, measured.network_id)
    kinds, counts = np.unique(held.kind.astype(str), return_counts=True)
    return {
        "at": now.isoformat(),
        "plan": {"id": ground.plan_id, "version": ground.plan_version, "name": ground.plan_name.as_dict()},
        "network": network
        and {
            "id": network.id, "name": network.name, "source": network.source, "digest": network.digest, "edges": network.edges,
            "length_km": round(network.length_m / 1000, 1), "brought_in_at": network.at.isoformat(),
        },
        "facilities": {
            "count": len(held), "kinds": dict(zip(kinds.tolist(), counts.tolist(), strict=True)),
            "digest": digest(
                held.id, held.kind, held.point.ravel(), held.capacity, held.floor_area_m2, held.level, held.hours
            ),
        },
        "residents": {
            "total": int(ground.population.sum()), "households": int(ground.households.sum()), "cells": len(ground.cell_id),
            "digest": digest(ground.cell_id, ground.population, ground.households, ground.point.ravel()),
        },
        "limit_m": measured.limit_m,
        "speed_kmh": speed_kmh(question) if question.method == "walk" else None,
        "open_at": None if question.open_at is None else asdict(question.open_at),
    }  # fmt: skip


def digest(*columns: Ints | Floats | Texts) -> str:
    """A short digest of columns: the same for the same values in the same order."""
    said = hashlib.sha256()
    for column in columns:
        said.update(_bytes(column))
    return said.hexdigest()[:DIGITS_OF_DIGEST]


def _bytes(column: NDArray[Any]) -> bytes:
    if column.dtype == object:
        return "\x1f".join(map(str, column.tolist())).encode()
    return np.ascontiguousarray(column).tobytes()
