"""Walking networks: the streets that people walk, brought in, put in force and taken away."""

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.coverage_records import StreetLines, StreetNetwork
from gis.errors import BadFile, NetworkInForce, NoCity, NotFound
from gis.records import Floats, Ints, Shapes
from gis.rules.streets import MM_PER_M, Laid, edges_m, lay
from gis.rules.walking_network import DM_PER_M, WalkingNetwork
from gis.rules.zones import WGS84, project
from gis.store import city, journal
from gis.store import networks as store


def bring_in(
    conn: Connection, streets: StreetLines, *, name: str, source: str, synthetic: bool, by: str, force: bool = True
) -> StreetNetwork:
    """Bring in streets and barriers in EPSG:4326, cut at junctions, and put them in force unless told otherwise.

    Raises NoCity, BadFile without a street that has a length.
    """
    srid = _zone(conn)
    lines, barriers = (project(some, to=srid) if len(some) else some for some in (streets.lines, streets.barriers))
    measured = replace(streets, lines=lines, barriers=barriers)
    made = laid(measured, metric_srid=srid)
    return keep(conn, made, measured, name=name, source=source, synthetic=synthetic, by=by, force=force)


def laid(streets: StreetLines, *, metric_srid: int) -> Laid:
    """The network that streets in metres make. Raises BadFile without a street that has a length."""
    try:
        return lay(streets.lines, barriers_m=streets.barriers, metric_srid=metric_srid)
    except ValueError as error:
        raise BadFile(str(error)) from error


def keep(
    conn: Connection, made: Laid, streets: StreetLines, *, name: str, source: str, synthetic: bool, by: str, force: bool = True
) -> StreetNetwork:
    """Keep a network that was laid of these streets already."""
    network = made.network
    network_id = store.save(
        conn, name=name, source=source, digest=digest(network), edges=len(network.start),
        length_m=float(network.length_dm.sum(dtype=np.int64)) / DM_PER_M, synthetic=synthetic, by=by,
    )  # fmt: skip
    store.save_lines(conn, network_id, StreetLines(
        _in_degrees(edges_m(network), network), streets.street_class[made.line],
        _in_degrees(streets.barriers, network), streets.kind,
    ))  # fmt: skip
    if force:
        store.put_in_force(conn, network_id)
    journal.append(conn, "network.brought_in", subject=name, actor=by, network=network_id, edges=len(made.line), in_force=force)
    return get(conn, network_id)


def digest(network: WalkingNetwork) -> str:
    """What tells a network from all others: of its vertices and barriers to the millimetre."""
    told = hashlib.sha256()
    barriers, line = shapely.get_coordinates(network.barriers_m, return_index=True)
    for part in (network.first_vertex, _mm(network.vertices_m), line, _mm(barriers)):
        told.update(np.ascontiguousarray(part, dtype=np.int64).data)
    return told.hexdigest()


def every(conn: Connection) -> list[StreetNetwork]:
    """All networks, the newest first."""
    return store.every(conn)


def get(conn: Connection, network_id: int) -> StreetNetwork:
    """One network. Raises NotFound."""
    found = store.get(conn, network_id)
    if found is None:
        raise NotFound(f"There is no network {network_id}.")
    return found


def describe(conn: Connection, network_id: int) -> dict[str, Any]:
    """What a network is made of: edges and metres by class, barriers by kind. Raises NotFound."""
    get(conn, network_id)
    classes = store.lengths_by_class(conn, network_id)
    return {
        "classes": [{"class": kind, "edges": edges, "length_m": round(length_m)} for kind, (edges, length_m) in classes.items()],
        "barriers": store.kinds_of_barriers(conn, network_id),
    }


def barriers(conn: Connection, network_id: int) -> StreetLines:
    """What bars the way in a network, EPSG:4326, without its streets. Raises NotFound."""
    get(conn, network_id)
    nothing = np.empty(0, dtype=object)
    return StreetLines(nothing, nothing, store.barriers(conn, network_id), store.barrier_kinds(conn, network_id))


def put_in_force(conn: Connection, network_id: int, *, by: str) -> StreetNetwork:
    """Measure walks on this network from now on. Raises NotFound."""
    found = store.get(conn, network_id, lock=True)
    if found is None:
        raise NotFound(f"There is no network {network_id}.")
    if not found.in_force:
        store.put_in_force(conn, network_id)
        journal.append(conn, "network.in_force", subject=found.name, actor=by, network=network_id)
    return get(conn, network_id)


def remove(conn: Connection, network_id: int, *, by: str) -> None:
    """Take away a network that is not in force. Raises NotFound, NetworkInForce."""
    found = store.get(conn, network_id, lock=True)
    if found is None:
        raise NotFound(f"There is no network {network_id}.")
    if found.in_force:
        raise NetworkInForce("Walks are measured on this network; put another one in force first.")
    store.remove(conn, network_id)
    journal.append(conn, "network.removed", subject=found.name, actor=by, network=network_id)


def _zone(conn: Connection) -> int:
    held = city.get(conn)
    if held is None:
        raise NoCity("The database holds no city yet.")
    return held.metric_srid


def _in_degrees(lines_m: Shapes, network: WalkingNetwork) -> Shapes:
    return project(lines_m, to=WGS84, source=network.metric_srid) if len(lines_m) else lines_m


def _mm(xy_m: Floats) -> Ints:
    return np.rint(xy_m * MM_PER_M).astype(np.int64)
