"""Measuring reach: which facilities are asked for, who reaches them, and what is odd about it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis import coverage_measuring as measuring
from gis.coverage_records import OpenAt, ReachQuestion
from gis.errors import BadQuestion, NoNetwork, NothingToReach
from gis.rules.datums import Datum
from gis.rules.walking import SearchStopped
from tests.builders import COMMUNITY, found_city, publish
from tests.builders_of_coverage import CELL_WIDTH_M, a_facility, lay_streets, open_facilities

RADIUS = ReachQuestion(method="radius", minutes=None, metres=1_100.0)
WALK = ReachQuestion(method="walk", minutes=None, metres=1_100.0)


@pytest.fixture
def town(conn: Connection) -> Connection:
    """Four cells in a row, 100 residents each; a park in the middle of the first."""
    found_city(conn, "AABB")
    publish(conn, "AABB")
    open_facilities(
        conn, a_facility("park", (0.5, 0.5), hours="Mo-Fr 08:00-18:00", floor_area_m2=400.0), a_facility("clinic", (3.5, 0.5))
    )
    return conn


def test_by_radius_the_table_leads_from_facilities_to_cells_and_to_the_centres_of_units(town: Connection, tmp_path: Path) -> None:
    found = measuring.measure(town, replace(RADIUS, kinds=("park",)), folder=tmp_path)

    assert found.facilities.kind.tolist() == ["park"]
    assert (found.limit_m, found.network, found.places) == (1_100.0, None, None)
    assert found.table.cell.tolist() == [0, 1]
    assert found.table.metres == pytest.approx([0.0, CELL_WIDTH_M], abs=2)
    # The community's centre is beyond the limit; of the grids A is reached.
    assert found.centres.cell.tolist() == [len(found.ground.communities)]
    assert found.centres.n_cells == 1 + 2 + 1
    assert found.findings == ()


def test_on_foot_the_legs_to_and_from_the_street_count(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.6), (3.5, 0.6)])  # a tenth of a cell south of where people live
    found = measuring.measure(town, replace(WALK, kinds=("park",), metres=1_250.0), folder=tmp_path)

    assert found.table.cell.tolist() == [0, 1]
    assert found.table.metres == pytest.approx([2 * 110.7, CELL_WIDTH_M + 2 * 110.7], abs=2)
    assert found.network is not None and found.sources is not None
    assert found.sources.leg_dm.tolist() == [pytest.approx(1_107, abs=2)]


def test_what_was_measured_is_kept_until_something_changes(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.5), (3.5, 0.5)])
    before = measuring.measure(town, WALK, folder=tmp_path)
    assert measuring.measure(town, WALK, folder=tmp_path) is before
    assert measuring.measure(town, replace(WALK, k=2), folder=tmp_path).table is before.table

    lay_streets(town, [(0.5, 0.5), (1.5, 0.5)])
    shorter = measuring.measure(town, WALK, folder=tmp_path)
    assert shorter.table is not before.table
    open_facilities(town, a_facility("park", (1.5, 0.5)))
    assert len(measuring.measure(town, WALK, folder=tmp_path).facilities) == 3


def test_the_same_question_is_asked_of_other_places(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.5), (3.5, 0.5)])
    for question in (RADIUS, WALK):
        found = measuring.measure(town, replace(question, kinds=("park",)), folder=tmp_path)
        again = measuring.reached_of(found, found.facilities.point_m)
        assert again.table.cell.tolist() == found.table.cell.tolist()
        assert again.centres.cell.tolist() == found.centres.cell.tolist()
        elsewhere = measuring.table_of(found, found.ground.point_m[2:3])
        assert elsewhere.cell.tolist() == [1, 2, 3]
        assert elsewhere.metres == pytest.approx([CELL_WIDTH_M, 0, CELL_WIDTH_M], abs=2)


def test_facilities_are_chosen_by_hours_floor_area_and_what_is_on_record(town: Connection, tmp_path: Path) -> None:
    open_facilities(town, a_facility("park", (1.5, 0.5), hours="whenever we like"))
    monday = measuring.measure(town, replace(RADIUS, open_at=OpenAt(1, 600)), folder=tmp_path)
    assert monday.facilities.hours.tolist() == ["Mo-Fr 08:00-18:00"]
    assert [each.code for each in monday.findings] == ["hours_unknown", "hours_unreadable"]
    with pytest.raises(NothingToReach, match="cannot be read"):
        measuring.measure(town, replace(RADIUS, open_at=OpenAt(7, 600)), folder=tmp_path)

    with pytest.raises(NothingToReach, match=r"2 facilities fit otherwise, but none is known to be open") as refused:
        measuring.measure(town, replace(RADIUS, open_at=OpenAt(7, 600), kinds=("park",)), folder=tmp_path)
    assert refused.value.facts["says"]["zh"].startswith("没有符合条件的设施。")
    with pytest.raises(NothingToReach, match="floor area asked for"):
        measuring.measure(town, replace(RADIUS, floor_area_m2=5000.0), folder=tmp_path)

    large = measuring.measure(town, replace(RADIUS, floor_area_m2=350.0, kinds=("park", "clinic")), folder=tmp_path)
    assert large.facilities.floor_area_m2.tolist() == [400.0]
    assert [each.code for each in large.findings] == ["floor_area_unknown", "kind_without_facilities"]


def test_only_facilities_that_offer_all_services_count(town: Connection, tmp_path: Path) -> None:
    town.execute(
        text("""
            INSERT INTO service (code, category_zh, category_en, name_zh, name_en, at_station)
            VALUES ('s1', '类', 'Class', '一', 'One', true), ('s2', '类', 'Class', '二', 'Two', false)
        """)
    )
    park, clinic = town.execute(text("SELECT id FROM facility ORDER BY id")).scalars()
    town.execute(text(f"INSERT INTO facility_service VALUES ({park}, 's1'), ({park}, 's2'), ({clinic}, 's1')"))
    assert measuring.facilities(town, replace(RADIUS, services=("s1",))).id.tolist() == [park, clinic]
    assert measuring.facilities(town, replace(RADIUS, services=("s1", "s2"))).id.tolist() == [park]
    town.execute(text("DELETE FROM facility_service WHERE service = 's2'"))
    with pytest.raises(NothingToReach, match="No facility does all of the services"):
        measuring.measure(town, replace(RADIUS, services=("s1", "s2")), folder=tmp_path)


def test_the_scope_cuts_residents_and_not_facilities(town: Connection, tmp_path: Path) -> None:
    found = measuring.measure(town, replace(RADIUS, scope=COMMUNITY), folder=tmp_path)
    assert found.scope.all() and len(found.facilities) == 2
    with pytest.raises(BadQuestion) as refused:
        measuring.measure(town, replace(RADIUS, scope="999"), folder=tmp_path)
    assert refused.value.facts["errors"][0]["field"] == "scope"


def test_what_cannot_be_answered_is_refused(town: Connection, tmp_path: Path) -> None:
    with pytest.raises(NoNetwork):
        measuring.measure(town, WALK, folder=tmp_path)
    with pytest.raises(BadQuestion, match="kinds"):
        measuring.measure(town, replace(RADIUS, kinds=("zoo",)), folder=tmp_path)
    lay_streets(town, [(0.5, 0.5), (3.5, 0.5)])
    with pytest.raises(SearchStopped):
        measuring.measure(town, WALK, folder=tmp_path, stop=lambda: True)
    assert len(measuring.measure(town, WALK, folder=tmp_path).table.cell) == 4  # what was stopped is not kept


def test_a_network_of_another_datum_is_said(conn: Connection, tmp_path: Path) -> None:
    drawing = "\n".join(["AAABBB"] * 6)
    found_city(conn, drawing)
    publish(conn, drawing)
    open_facilities(conn, a_facility("park", (0.5, 0.5)))
    straight = [*([(0.0, y), (6.0, y)] for y in range(7)), *([(x, 0.0), (x, 6.0)] for x in range(7))]
    lay_streets(conn, *straight)
    assert "network_shifted" not in {each.code for each in measuring.measure(conn, WALK, folder=tmp_path).findings}

    lay_streets(conn, *straight, datum=Datum.GCJ02)
    said = {each.code: each for each in measuring.measure(conn, WALK, folder=tmp_path).findings}
    assert said["network_shifted"].facts["datum"] == "GCJ02"
    assert "GCJ02" in said["network_shifted"].says.zh


def test_odd_places_are_said(town: Connection, tmp_path: Path) -> None:
    open_facilities(town, a_facility("park", (9, 0.5), name="海上公园"))
    lay_streets(town, [(0.5, 0.5), (0.9, 0.5)], [(1.3, 0.5), (2.6, 0.5)])
    town.execute(text("UPDATE cell SET population = 0"))
    found = measuring.measure(town, replace(WALK, kinds=("park",)), folder=tmp_path)

    said = {each.code: each for each in found.findings}
    assert set(said) == {
        "outside_city", "far_from_streets", "facilities_on_islands", "cells_far_from_streets", "cells_on_islands",
        "nobody_lives_here",
    }  # fmt: skip
    assert "海上公园" in said["outside_city"].says.zh
    assert said["far_from_streets"].facts == {"metres": 500, "count": 1}
    assert said["cells_on_islands"].facts["count"] == 1
    assert np.isin(said["outside_city"].ids, found.facilities.id).all()


def test_a_limit_within_which_there_is_no_room_for_the_city_is_refused(
    town: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_streets(town, [(0.5, 0.5), (3.5, 0.5)])
    monkeypatch.setitem(measuring._Way.reached.__kwdefaults__, "most", 10)
    for question, field in ((replace(RADIUS, metres=19_000.0), "metres"), (replace(WALK, metres=None, minutes=119.0), "minutes")):
        with pytest.raises(BadQuestion, match="more than the 10 that are counted at once") as refusal:
            measuring.measure(town, question, folder=tmp_path)
        assert [each["field"] for each in refusal.value.facts["errors"]] == [field]
    assert measuring.measure(town, replace(RADIUS, kinds=("park",), metres=900.0), folder=tmp_path).table.cell.tolist() == [0]
