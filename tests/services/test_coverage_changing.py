"""What changes of facilities come to, held against the same question asked of a city where they were made."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis import coverage_measuring as measuring
from gis.coverage_changing import Changed, changed
from gis.coverage_records import FacilityChange, ReachQuestion
from gis.errors import BadQuestion
from tests.builders import COMMUNITY, found_city, publish
from tests.builders_of_coverage import a_facility, at, lay_streets, open_facilities

RADIUS = ReachQuestion(kinds=("park",), method="radius", minutes=None, metres=1_100.0, rule="share", share=0.5)


@pytest.fixture
def town(conn: Connection) -> Connection:
    """Six cells in a row, 100 residents each; parks in the first two."""
    found_city(conn, "AABBCC")
    publish(conn, "AABBCC")
    open_facilities(conn, a_facility("park", (0.5, 0.5), capacity=30), a_facility("park", (1.5, 0.5), capacity=40))
    return conn


def ids(conn: Connection) -> list[int]:
    return list(conn.execute(text("SELECT id FROM facility ORDER BY id")).scalars())


def asked(conn: Connection, folder: Path, *changes: FacilityChange, question: ReachQuestion = RADIUS) -> Changed:
    return changed(measuring.measure(conn, question, folder=folder), changes)


def covered(found: Changed) -> tuple[int, int]:
    return found.before["covered_residents"], found.after["covered_residents"]


def test_a_park_that_moves_gains_cells_and_loses_others(town: Connection, tmp_path: Path) -> None:
    first, second = ids(town)
    lon, lat = at(4.5, 0.5)
    found = asked(town, tmp_path, FacilityChange("move", second, lon, lat))
    cells = town.execute(text("SELECT id FROM cell ORDER BY ST_XMin(geom)")).scalars().all()

    assert covered(found) == (300, 500)
    assert found.gained.tolist() == list(cells[3:6]) and found.lost.tolist() == [cells[2]]
    assert (found.gained_residents, found.lost_residents) == (300, 100)
    assert (found.before["covered_grids"], found.after["covered_grids"], found.after["facilities"]) == (2, 3, 2)
    assert [row["code"] for row in found.communities] == [COMMUNITY]
    assert found.communities[0]["after"]["covered_fraction"] == pytest.approx(5 / 6)
    assert asked(town, tmp_path, FacilityChange("move", second, lon, lat), FacilityChange("close", first)).lost_residents == 300


def test_what_is_moved_is_what_would_be_counted_if_it_had_moved(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.6), (5.5, 0.6)])
    question = replace(RADIUS, method="walk", metres=2_300.0, k=2, rule="centre")
    second, (lon, lat) = ids(town)[1], at(3.5, 0.5)
    found = asked(town, tmp_path, FacilityChange("move", second, lon, lat), question=question)
    town.execute(
        text("UPDATE facility SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :id"),
        {"lon": lon, "lat": lat, "id": second},
    )
    then = asked(town, tmp_path, question=question)
    assert {name: found.after[name] for name in then.before} == pytest.approx(then.before)


def test_a_larger_park_covers_nobody_more_but_has_more_places(town: Connection, tmp_path: Path) -> None:
    found = asked(town, tmp_path, FacilityChange("resize", ids(town)[0], capacity=300))
    assert covered(found) == (300, 300)
    assert found.after["places_per_1000"] > found.before["places_per_1000"] > 0
    assert (found.after["residents_with_more_places"], found.after["residents_with_fewer_places"]) == (200, 0)


def test_what_is_opened_and_closed_again_changes_nothing(town: Connection, tmp_path: Path) -> None:
    found = asked(town, tmp_path, FacilityChange("open", -1, *at(4.5, 0.5)), FacilityChange("close", -1))
    assert covered(found) == (300, 300) and found.communities == []


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        (FacilityChange("close", 999_999), "facility", "999999 is none"),
        (FacilityChange("open", 7, 113.7, 23.0), "facility", "negative"),
        (FacilityChange("open", -1, 113.7), "lon", "Say where"),
        (FacilityChange("open", -1, 116.4, 39.9), "lon", "outside the city"),
        (FacilityChange("open", -1, *at(4.5, 0.5), capacity=0), "capacity", "More than 0"),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_its_field(
    town: Connection, tmp_path: Path, change: FacilityChange, field: str, says: str
) -> None:
    with pytest.raises(BadQuestion, match=says) as refusal:
        asked(town, tmp_path, change)
    assert [each["field"] for each in refusal.value.facts["errors"]] == [f"changes.0.{field}"]


def test_a_place_far_from_every_street_is_said(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.6), (2.5, 0.6)])
    found = asked(town, tmp_path, FacilityChange("open", -1, *at(5.5, 0.5)), question=replace(RADIUS, method="walk"))
    assert found.after["covered_residents"] == found.before["covered_residents"]
    assert [each["code"] for each in found.findings] == ["far_from_streets"]
