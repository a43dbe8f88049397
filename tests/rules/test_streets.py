"""Streets become a network: junctions are shared vertices, nothing is lost, islands are numbered by length."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gis.rules.street_classes import barrier_kinds, is_walked
from gis.rules.streets import Laid, edges_m, lay
from gis.rules.walking_network import WalkingNetwork

ZONE = 4547


def lines(*wkts: str) -> np.ndarray:
    return shapely.from_wkt([f"LINESTRING ({wkt})" for wkt in wkts])


def laid(*wkts: str) -> Laid:
    return lay(lines(*wkts), metric_srid=ZONE)


def metres_between(network: WalkingNetwork, here: tuple[float, float], there: tuple[float, float]) -> float:
    ends = [int(np.argmin(np.hypot(*(network.xy_m - place).T))) for place in (here, there)]
    # Of two edges between the same nodes the shorter one counts; a sparse table would add them up.
    table = np.full((len(network.xy_m),) * 2, np.inf)
    np.minimum.at(table, (network.start, network.end), network.length_dm / 10)
    return float(dijkstra(np.minimum(table, table.T), indices=ends[0])[ends[1]])


def test_a_line_is_cut_where_another_shares_a_vertex_even_in_the_middle_of_both() -> None:
    network, line = laid("0 0, 50 0, 100 0", "50 -50, 50 0, 50 50")

    assert line.tolist() == [0, 0, 1, 1]
    assert network.length_dm.tolist() == [500] * 4
    assert len(network.xy_m) == 5
    assert metres_between(network, (0, 0), (50, 50)) == 100.0


def test_lines_that_merely_cross_do_not_join() -> None:
    network, _ = laid("0 0, 100 0", "50 -40, 50 40")

    assert len(network.start) == 2
    assert {0, 1} == set(network.island.tolist())
    assert np.inf == metres_between(network, (0, 0), (50, 40))


def test_a_bend_is_no_junction_and_its_vertices_stay() -> None:
    network, _ = laid("0 0, 30 0, 30 40")

    assert len(network.xy_m) == 2 and network.length_dm.tolist() == [700]
    assert network.vertices_m.tolist() == [[0, 0], [30, 0], [30, 40]]


def test_a_closed_lane_and_two_ways_between_the_same_ends_are_kept() -> None:
    network, _ = laid("0 0, 10 0, 10 10, 0 10, 0 0", "0 0, 100 0", "0 0, 50 50, 100 0")

    assert len(network.start) == 3
    assert network.start[0] == network.end[0]
    assert metres_between(network, (0, 0), (100, 0)) == 100.0


def test_a_line_that_meets_itself_is_cut_there() -> None:
    network, line = laid("0 0, 20 0, 20 20, 10 20, 10 0, 0 -20", "10 0, 10 -5")

    assert line.tolist() == [0, 0, 1]
    assert len(network.xy_m) == 4


def test_the_island_with_most_street_is_number_nought() -> None:
    network, _ = laid("0 0, 10 0", "500 0, 900 0", "900 0, 900 5", "0 90, 0 110")

    assert network.island[network.start].tolist() == [2, 0, 0, 1]


def test_what_has_no_length_or_no_place_is_left_out_and_repeated_vertices_too() -> None:
    given_lines = np.concatenate([
        lines("5 5, 5 5", "0 0, 0 0, 10 0", "1 1, inf 1"), np.array([shapely.LineString(), shapely.Point(1, 1)], dtype=object),
        shapely.from_wkt(["MULTILINESTRING ((0 9, 9 9), (20 9, 29 9))", "LINESTRING Z (10 0 7, 10 10 9)"]),
    ])  # fmt: skip
    network, line = lay(given_lines, metric_srid=ZONE)

    assert line.tolist() == [1, 5, 5, 6]
    assert network.vertices_m.shape == (8, 2)


def test_no_line_with_a_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="no line with a length"):
        laid("5 5, 5 5")
    with pytest.raises(ValueError, match="no line with a length"):
        lay(np.empty(0, dtype=object), metric_srid=ZONE)


@st.composite
def some_streets(draw: st.DrawFn) -> np.ndarray:
    """Lines on a small raster, so that they share many vertices, cross without one, repeat and close."""
    place = st.tuples(st.integers(0, 5), st.integers(0, 5))
    drawn = draw(st.lists(st.lists(place, min_size=2, max_size=6), min_size=1, max_size=12))
    sound = [line for line in drawn if len(set(line)) > 1]
    return np.array([shapely.LineString(np.array(line) * 10.5 + 500_000) for line in sound or [[(0, 0), (1, 1)]]], dtype=object)


@settings(deadline=None, max_examples=200)
@given(some_streets())
def test_laws_of_a_network(streets: np.ndarray) -> None:
    network, line = lay(streets, metric_srid=ZONE)
    edges = edges_m(network)
    n, m = len(network.xy_m), len(edges)

    # Nothing is lost or invented, in order, and edges begin and end at their nodes.
    assert shapely.length(streets).sum() == pytest.approx(shapely.length(edges).sum())
    assert (np.diff(line) >= 0).all() and set(line.tolist()) == set(range(len(streets)))
    assert np.abs(shapely.length(edges) - network.length_dm / 10).max() <= 0.05 + 1e-9
    first, beyond = network.first_vertex[:-1], network.first_vertex[1:]
    assert np.abs(network.vertices_m[first] - network.xy_m[network.start]).max() < 1e-3
    assert np.abs(network.vertices_m[beyond - 1] - network.xy_m[network.end]).max() < 1e-3

    # No edge passes through a node, so no two edges share a vertex but their ends.
    inner = np.ones(len(network.vertices_m), dtype=bool)
    inner[first], inner[beyond - 1] = False, False
    nodes = {tuple(xy) for xy in network.xy_m.round(3).tolist()}
    assert not nodes & {tuple(xy) for xy in network.vertices_m[inner].round(3).tolist()}
    assert n == len(nodes)

    # Each edge is an arc both ways, under the node it leaves; islands are what arcs connect.
    leaves = np.repeat(np.arange(n), np.diff(network.first_arc))
    arcs = sorted(zip(leaves.tolist(), network.arc_node.tolist(), network.arc_dm.tolist(), strict=True))
    there = list(zip(network.start.tolist(), network.end.tolist(), network.length_dm.tolist(), strict=True))
    assert arcs == sorted([*there, *((v, u, length) for u, v, length in there)])
    reached = np.isfinite(dijkstra(coo_array((np.ones(2 * m), (leaves, network.arc_node)), shape=(n, n))))
    assert ((network.island[:, None] == network.island) == reached).all()
    length = np.bincount(network.island[network.start], weights=network.length_dm)
    assert (np.diff(length) <= 0).all()


@settings(deadline=None, max_examples=50)
@given(some_streets())
def test_edges_laid_again_are_the_same_edges(streets: np.ndarray) -> None:
    once = lay(streets, metric_srid=ZONE).network
    again, line = lay(edges_m(once), metric_srid=ZONE)

    assert np.arange(len(once.start)).tolist() == line.tolist()
    for name in ("xy_m", "start", "end", "length_dm", "vertices_m", "first_arc", "arc_node", "island"):
        assert (getattr(once, name) == getattr(again, name)).all(), name


def column(*values: str | None) -> np.ndarray:
    return np.array(values, dtype=object)


def test_nobody_walks_on_an_expressway_unless_it_says_so() -> None:
    tags = {
        "highway": column("residential", "motorway", "trunk", "trunk", "footway", "service", "service", "path", None, "primary"),
        "foot": column(None, None, None, "yes", "no", None, "yes", "private", "yes", None),
        "access": column(None, None, None, None, None, "private", "private", None, None, "yes"),
    }

    assert is_walked(tags).tolist() == [True, False, False, True, False, False, True, False, False, True]


def test_rivers_expressways_railways_and_walls_bar_the_way_but_not_under_ground_or_overhead() -> None:
    tags = {
        "highway": column("motorway", "motorway", "trunk", None, None, None, None, None, "trunk", "residential"),
        "waterway": column(None, None, None, "river", "river", "stream", None, None, None, None),
        "railway": column(None, None, None, None, None, None, "rail", None, None, None),
        "barrier": column(None, None, None, None, None, None, None, "wall", None, None),
        "bridge": column(None, "yes", None, None, None, None, "no", None, None, None),
        "tunnel": column(None, None, "yes", None, "culvert", None, None, None, None, None),
        "foot": column(None, None, None, None, None, None, None, None, "yes", None),
    }

    expected = ["expressway", None, None, "river", None, None, "railway", "wall", None, None]
    assert expected == barrier_kinds(tags).tolist()
