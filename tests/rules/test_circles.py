"""Circles for the map: cut from the network, in bands, honest about what lies off it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.rules import circles, walking
from tests.builders_of_streets import a_network

TOWN = [[(x, y), (x + 100, y)] for x in range(0, 1000, 100) for y in range(0, 1001, 100)]
TOWN += [[(x, y), (x, y + 100)] for x in range(0, 1001, 100) for y in range(0, 1000, 100)]
RIVER = shapely.LineString([(550, -500), (550, 1500)])
WITHOUT_BRIDGES = [street for street in TOWN if not (street[0][0] == 500 and street[1][0] == 600)]
CENTRE = np.array([[500.0, 500.0]])


def test_bands_on_a_lattice_of_streets_are_diamonds_in_each_other() -> None:
    bands = circles.walked(a_network(TOWN), CENTRE, limits_m=[200, 400])
    inner, outer = bands.shape_m
    assert inner.contains(shapely.Point(500, 500))
    assert not inner.intersects(shapely.Point(700.0 - 20, 500.0 + 60))  # 180 + 60 m as streets run
    assert inner.intersection(outer).area == pytest.approx(0, abs=1e-3)
    assert shapely.union(inner, outer).area == pytest.approx(2 * 400**2, rel=0.1)
    assert bands.off_network_m.area == 0


def test_a_river_without_a_bridge_ends_the_circle_and_a_bridge_carries_it_over() -> None:
    beyond = shapely.box(560, -100, 1100, 1100)
    cut = circles.walked(a_network(WITHOUT_BRIDGES, barriers=[RIVER]), CENTRE, limits_m=[400])
    assert cut.shape_m[0].intersection(beyond).area == 0
    bridged = circles.walked(a_network(TOWN, barriers=[RIVER]), CENTRE, limits_m=[400])
    assert bridged.shape_m[0].intersection(beyond).area > 40_000


def test_ground_far_from_every_street_is_in_no_band_and_is_shown_as_off_the_network() -> None:
    bands = circles.walked(a_network([[(0, 0), (2000, 0)]]), np.array([[1000.0, 0.0]]), limits_m=[600], leg_m=100)
    field = shapely.box(900, 150, 1100, 400)
    assert bands.shape_m[0].intersection(field).area == 0
    assert bands.off_network_m.contains(field)
    assert bands.shape_m[0].contains(shapely.box(600, -5, 1400, 5))


def test_most_places_get_the_verdict_of_the_network() -> None:
    network, random = a_network(WITHOUT_BRIDGES + TOWN[50:55], barriers=[RIVER]), np.random.default_rng(3)
    places = random.uniform(0, 1000, (2000, 2))
    source, targets = (walking.snap(network, points, reach_m=150) for points in (CENTRE, places))
    reached = np.isfinite(walking.nearest(network, source, targets, limit_m=500)[0])
    drawn = shapely.intersects_xy(circles.walked(network, CENTRE, limits_m=[500]).shape_m[0], *places.T)
    assert (drawn == reached).mean() > 0.97


def test_nothing_reaches_nothing_and_straight_circles_are_rings() -> None:
    assert circles.walked(a_network(TOWN), np.empty((0, 2)), limits_m=[500]).shape_m[0].is_empty
    bands = circles.straight(np.array([[0.0, 0.0], [5000.0, 0.0]]), limits_m=[1000, 500], detour=1.25)
    assert bands.limits_m.tolist() == [500, 1000]
    assert shapely.area(bands.shape_m) == pytest.approx([2 * np.pi * 400**2, 2 * np.pi * (800**2 - 400**2)], rel=2e-3)
    assert circles.straight(np.empty((0, 2)), limits_m=[500]).shape_m[0].is_empty
