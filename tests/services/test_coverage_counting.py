"""Counting coverage: figures that can be counted by hand on a drawing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis.coverage_counting import Counted, bands_of, count
from gis.coverage_measuring import measure
from gis.coverage_records import ReachQuestion
from tests.builders import found_city, publish
from tests.builders_of_coverage import CELL_WIDTH_M, a_facility, lay_streets, open_facilities

ASKED = ReachQuestion(kinds=("park",), method="radius", minutes=None, metres=1_100.0)


@pytest.fixture
def town(conn: Connection) -> Connection:
    """Six cells in a row, 100 residents and 50 households each, but 300 in the last; parks in the first and second."""
    found_city(conn, "AAABBB")
    publish(conn, "AAABBB")
    last = conn.execute(text("SELECT max(id) FROM cell")).scalar_one()
    conn.execute(text("UPDATE cell SET population = 300 WHERE id = :last"), {"last": last})
    open_facilities(conn, a_facility("park", (0.5, 0.5), capacity=30), a_facility("park", (1.5, 0.5), capacity=60))
    return conn


def _counted(conn: Connection, folder: Path, **changes: object) -> Counted:
    return count(measure(conn, replace(ASKED, **changes), folder=folder))


def test_sums_are_those_of_the_drawing(town: Connection, tmp_path: Path) -> None:
    found = _counted(town, tmp_path)

    assert found.within.tolist() == [2, 2, 1, 0, 0, 0]
    assert found.totals | {"area_m2": 0, "covered_area_m2": 0, "bands": 0, "accessibility": 0, "mean_m": 0} == {
        "residents": 800, "covered_residents": 300.0, "covered_fraction": 0.375, "households": 300, "covered_households": 150.0,
        "cells": 6, "covered_cells": 3, "communities": 1, "covered_communities": 0, "grids": 2, "covered_grids": 1, "towns": 1,
        "covered_towns": 0, "k": [300, 200, 0], "facilities": 2, "area_m2": 0, "covered_area_m2": 0, "bands": 0,
        "accessibility": 0, "mean_m": 0,
    }  # fmt: skip
    assert found.totals["covered_area_m2"] == pytest.approx(found.totals["area_m2"] / 2, rel=1e-3)
    assert found.totals["mean_m"] == pytest.approx(CELL_WIDTH_M / 3, abs=1)
    assert [band["residents"] for band in found.totals["bands"]] == [200, 0, 100, 500]
    assert found.residents_within.tolist() == [200, 300]
    assert found.residents_nearest.tolist() == [100, 200]


def test_accessibility_shares_places_among_those_who_reach_them(town: Connection, tmp_path: Path) -> None:
    found = _counted(town, tmp_path)
    # 30 places for 200 residents, 60 for 300: 0.15 and 0.2 places each.
    assert found.accessibility == pytest.approx([350, 350, 200, 0, 0, 0])
    assert found.totals["accessibility"] | {"graded": 0} == {
        "places": 90, "two_step": pytest.approx(900 * 100 / 800), "graded": 0, "residents_without": 500,
    }  # fmt: skip
    community = next(row for row in found.rows if row.level == "community")
    assert community.accessibility == pytest.approx(900 * 100 / 800)

    town.execute(text("UPDATE facility SET capacity = NULL WHERE capacity = 60"))
    assert [each.code for each in _counted(town, tmp_path).findings] == ["capacity_unknown"]
    town.execute(text("UPDATE facility SET capacity = NULL"))
    unknown = _counted(town, tmp_path)
    assert (unknown.accessibility, unknown.totals["accessibility"], unknown.findings) == (None, None, ())


@pytest.mark.parametrize(
    ("rule", "covered"),
    [
        ({"rule": "centre"}, {"community": False, "A": True, "B": False}),
        ({"rule": "everyone"}, {"community": False, "A": True, "B": False}),
        ({"rule": "share", "share": 0.375}, {"community": True, "A": True, "B": False}),
        ({"rule": "share", "share": 0.376}, {"community": False, "A": True, "B": False}),
        ({"rule": "everyone", "k": 2}, {"community": False, "A": False, "B": False}),
        ({"rule": "centre", "k": 2}, {"community": False, "A": True, "B": False}),
        ({"rule": "everyone", "metres": 4_110.0}, {"community": True, "A": True, "B": True}),
        ({"rule": "centre", "metres": 1_600.0}, {"community": True, "A": True, "B": False}),
    ],
)  # fmt: skip
def test_units_are_covered_by_the_rule_that_was_asked_for(
    town: Connection, tmp_path: Path, rule: dict[str, object], covered: dict[str, bool]
) -> None:
    found = _counted(town, tmp_path, **rule)
    grids = [row.covered for row in found.rows if row.level == "grid"]
    community = next(row for row in found.rows if row.level == "community")
    assert {"community": community.covered, "A": grids[0], "B": grids[1]} == covered


def test_nobody_living_there_has_no_share(town: Connection, tmp_path: Path) -> None:
    town.execute(text("UPDATE cell SET population = 0, households = 0"))
    found = _counted(town, tmp_path, rule="everyone", metres=4_110.0)
    assert (found.totals["covered_fraction"], found.totals["mean_m"]) == (None, None)
    assert found.totals["covered_communities"] == 1  # by its cells
    assert [each.code for each in found.findings] == ["nobody_lives_here"]


def test_bands_are_five_minutes_or_thirds(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.5), (5.5, 0.5)])

    def bands(**changes: object) -> list[tuple[float | None, float]]:
        return bands_of(measure(town, replace(ASKED, **changes), folder=tmp_path))

    assert bands(metres=None, minutes=15.0) == [(5.0, 300.0), (10.0, 500.0), (15.0, 1_000.0)]
    assert bands(metres=None, minutes=15.0, method="walk") == [(5.0, 400.0), (10.0, 800.0), (15.0, 1_200.0)]
    assert np.allclose([metres for _, metres in bands(metres=None, minutes=8.0, method="walk")], [640 / 3, 1_280 / 3, 640])
    assert bands(metres=900.0) == [(None, 300.0), (None, 600.0), (None, 900.0)]
