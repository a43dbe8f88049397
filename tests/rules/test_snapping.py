"""Places on their nearest streets: judged by measuring every piece of street, and every barrier against every leg."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.rules import walking
from gis.rules.snapping_kernels import END_M
from tests.builders_of_streets import a_network

CROSSING = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100, 0), (100, 100)], [(0, 500), (50, 500)]]


def test_a_point_hangs_on_its_nearest_street_with_its_leg() -> None:
    network = a_network(CROSSING)
    snapped = walking.snap(network, np.array([[30.0, 4.0], [104.04, 60.0], [0.0, 300.0]]), reach_m=50)
    assert snapped.edge.tolist() == [0, 2, -1]
    assert snapped.along_dm.tolist() == [300, 600, 0]
    assert snapped.leg_dm.tolist() == [40, 40, 0]
    assert snapped.island.tolist() == [0, 0, -1]


def test_a_leg_crosses_no_barrier_but_may_end_at_one() -> None:
    river = shapely.LineString([(-100, 10), (300, 10)])
    network = a_network([[(0, 0), (200, 0)], [(0, 60), (200, 60)]], barriers=[river])
    places = np.array([[50.0, 20.0], [50.0, 9.0], [50.0, 10.0]])
    assert walking.snap(network, places, reach_m=100).edge.tolist() == [1, 0, 0]
    assert walking.snap(network, places, reach_m=30).edge.tolist() == [-1, 0, 0]


def test_a_place_without_coordinates_and_a_network_without_streets_are_answers() -> None:
    snapped = walking.snap(a_network(CROSSING), np.array([[np.nan, 1.0], [np.inf, 0.0], [1e9, -1e9], [10.0, 1.0]]), reach_m=50)
    assert snapped.edge.tolist() == [-1, -1, -1, 0]


def test_a_street_as_long_as_its_file_says_is_walked_that_long() -> None:
    snapped = walking.snap(a_network([[(0, 0), (50, 0), (50, 50)]], lengths_dm=[2000]), np.array([[60.0, 25.0]]), reach_m=50)
    assert (snapped.along_dm.tolist(), snapped.leg_dm.tolist()) == ([1500], [100])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(0, 8), st.sampled_from([40.0, 300.0, 2000.0]))
def test_every_leg_is_the_shortest_that_no_barrier_cuts(seed: int, n_streets: int, n_barriers: int, reach_m: float) -> None:
    random = np.random.default_rng(seed)
    streets = [random.uniform(0, 1000, (random.integers(2, 5), 2)) for _ in range(n_streets)]
    barriers = [shapely.LineString(random.uniform(0, 1000, (3, 2))) for _ in range(n_barriers)]
    network = a_network(streets, barriers=barriers)
    places = random.uniform(-200, 1200, (25, 2))
    found = walking.snap(network, places, reach_m=reach_m)
    pieces = [(edge, pair) for edge, street in enumerate(streets) for pair in pairwise(street)]
    lines = np.array([shapely.LineString(pair) for _, pair in pieces])
    for at, place in enumerate(shapely.points(places)):
        legs = shapely.shortest_line(place, lines)
        length = shapely.length(legs)
        inner = shapely.linestrings(
            np.stack([shapely.get_coordinates(shapely.line_interpolate_point(legs, m)) for m in (END_M, -END_M)], axis=1)
        )
        free = (length <= reach_m) & ~np.array([any(shapely.intersects(leg, b) for b in barriers) for leg in inner], bool)
        if not free.any():
            assert found.edge[at] == -1
            continue
        best = int(np.argmin(np.where(free, length, np.inf)))
        edge = shapely.LineString(streets[pieces[best][0]])
        before = shapely.length(lines[[piece[0] == pieces[best][0] and i < best for i, piece in enumerate(pieces)]]).sum()
        along = (before + shapely.line_locate_point(lines[best], place)) / edge.length * network.length_dm[pieces[best][0]]
        assert found.edge[at] == pieces[best][0]
        assert found.leg_dm[at] == pytest.approx(10 * length[best], abs=0.51)
        assert found.along_dm[at] == pytest.approx(along, abs=0.51)
