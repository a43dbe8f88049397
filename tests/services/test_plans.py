"""Publishing a division: what is refused, what is conserved, what is remembered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from gis import areas, city, incidents, plans, staff
from gis.errors import AlreadyThere, DivisionInvalid, NoCity, NotFound
from gis.records import AreaRow, City, Division, Name, Report, StaffRow
from tests.builders import CALENDAR, COMMUNITY, MATTER, SINCE, WHOLE_CITY, a_division, atlas_of, found_city, publish, square

LATER = datetime(2026, 6, 1, tzinfo=UTC)


def _publish(conn: Connection, division: Division) -> None:
    plans.publish_division(conn, division, name=Name("方案", "Plan"), since=SINCE, decision="", by="test")


def test_a_fresh_plan_has_its_grids_numbered_and_counted(conn: Connection) -> None:
    found_city(conn, "AAB\nABB")
    _, codes = publish(conn, "AAB\nABB")
    assert sorted(codes) == [COMMUNITY + "01", COMMUNITY + "02"]
    grid = plans.describe_grid(conn, codes[0], reach=WHOLE_CITY)
    assert (grid["cells"], grid["population"], grid["households"]) == (3, 300, 150)


def test_a_gap_is_refused_with_its_place(conn: Connection) -> None:
    found_city(conn, "AB")
    division = a_division("AB")
    shrunk = division.grid_shape.copy()
    shrunk[1] = square(1.001, 0, 0.999)
    with pytest.raises(DivisionInvalid) as refused:
        _publish(conn, replace(division, grid_shape=shrunk))
    assert any("its parts cover" in finding for finding in refused.value.facts["findings"])


def test_an_overlap_is_refused_with_its_place(conn: Connection) -> None:
    found_city(conn, "AB")
    division = a_division("AB")
    grown = division.grid_shape.copy()
    grown[1] = square(0.5, 0, 1.5)
    with pytest.raises(DivisionInvalid, match="overlaps or misses a neighbour's at 113"):
        _publish(conn, replace(division, grid_shape=grown))


def test_a_grid_without_cells_is_refused(conn: Connection) -> None:
    found_city(conn, "AB")
    with pytest.raises(DivisionInvalid, match="grid 1: it has no cell"):
        _publish(conn, replace(a_division("AB"), cell_grid=np.array([0, 0])))


def test_a_refused_plan_leaves_the_old_one_in_force(conn: Connection) -> None:
    found_city(conn, "AB")
    plan, _ = publish(conn, "AB")
    with pytest.raises(DivisionInvalid):
        plans.publish_division(
            conn, replace(a_division("AB"), cell_grid=np.array([0, 0])), name=Name("坏", "Bad"), since=LATER, decision="", by="test"
        )
    assert [held.id for held in plans.list_plans(conn)] == [plan.id]
    assert plans.list_plans(conn)[0].until is None


def test_a_plan_of_other_cells_is_refused(conn: Connection) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    with pytest.raises(DivisionInvalid, match="the division has 4 cells, the city 2"):
        publish(conn, "AB\nAB", since=LATER)


def test_merged_grids_leave_their_lineage_and_their_codes(conn: Connection) -> None:
    found_city(conn, "ABC")
    _, old = publish(conn, "ABC")
    _, new = publish(conn, "AAC", since=LATER, keeps={"C": old[2]})
    assert new[1] == old[2]
    assert new[0] not in old
    origin = plans.describe_grid(conn, new[0], reach=WHOLE_CITY)["predecessors"]
    assert [(row["code"], row["area_fraction"], row["resident_fraction"]) for row in origin] == [
        (old[0], 1.0, 1.0),
        (old[1], 1.0, 1.0),
    ]
    with pytest.raises(NotFound):
        plans.describe_grid(conn, old[0], reach=WHOLE_CITY)


letters = st.text("ABC", min_size=3, max_size=3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(letters, min_size=2, max_size=2).map("\n".join), st.lists(letters, min_size=2, max_size=2).map("\n".join))
def test_ground_and_residents_are_conserved_from_plan_to_plan(conn: Connection, before: str, after: str) -> None:
    sums = text(
        "SELECT sum(area_m2), sum(population), sum(households), sum(cells) FROM grid_version"
        " WHERE valid @> CAST(:at AS timestamptz)"
    )
    with conn.begin_nested() as savepoint:
        found_city(conn, before)
        publish(conn, before)
        first = conn.execute(sums, {"at": SINCE}).one()
        publish(conn, after, since=LATER)
        second = conn.execute(sums, {"at": LATER}).one()
        shares = conn.execute(text("SELECT sum(area_fraction) FROM lineage GROUP BY from_grid_id")).scalars().all()
        savepoint.rollback()
    assert second[0] == pytest.approx(first[0], abs=0.01)
    assert tuple(second[1:]) == tuple(first[1:])
    assert shares == pytest.approx([1.0] * len(shares))


def test_the_grid_of_a_past_date_is_the_grid_of_its_plan(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    _, old = publish(conn, "AB")
    _, new = publish(conn, "AA", since=LATER)
    point = np.array([113.765]), np.array([23.045])
    for moment, code in ((SINCE, old[1]), (LATER - timedelta(seconds=1), old[1]), (LATER, new[0])):
        atlas = atlas_of(conn, tmp_path, moment)
        assert atlas.grids[atlas.place(*point)[0]].code == code


def test_a_second_city_is_refused(conn: Connection) -> None:
    found_city(conn, "AB")
    with pytest.raises(AlreadyThere):
        city.found(conn, City("440100", Name("广州市", "Guangzhou"), 4547, synthetic=True), by="test")


def test_nothing_is_published_before_the_city_is_founded(conn: Connection) -> None:
    with pytest.raises(NoCity):
        publish(conn, "AB")


def test_areas_that_do_not_fill_their_parent_are_refused(conn: Connection) -> None:
    city.found(conn, City("441900", Name("东莞市", "Dongguan"), 4547, synthetic=True), by="test")
    rows = [
        AreaRow("441900", None, "city", Name("东莞市", "Dongguan"), square(0, 0, 2), synthetic=True),
        AreaRow("441900003", "441900", "town", Name("东城", "Dongcheng"), square(0, 0, 1), synthetic=True),
    ]
    with pytest.raises(DivisionInvalid, match="area 441900: its parts cover"):
        areas.found(conn, rows, by="test")


def test_an_area_whose_parent_comes_later_is_refused(conn: Connection) -> None:
    city.found(conn, City("441900", Name("东莞市", "Dongguan"), 4547, synthetic=True), by="test")
    rows = [AreaRow("441900003", "441900", "town", Name("东城", "Dongcheng"), square(0, 0), synthetic=True)]
    with pytest.raises(DivisionInvalid, match="its parent 441900 is not listed before it"):
        areas.found(conn, rows, by="test")


def test_a_cell_that_moves_there_and_back_counts_no_incident_twice(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AAB")
    first = datetime.now(UTC) - timedelta(days=40)
    _, codes = publish(conn, "AAB", since=first)
    keeps = dict(zip("AB", codes, strict=True))
    for lon in (113.755, 113.765, 113.775):
        incidents.report(
            conn,
            Report(MATTER.code, lon, 23.045, "patrol"),
            atlas=atlas_of(conn, tmp_path, datetime.now(UTC)),
            calendar=CALENDAR,
            timezone="Asia/Shanghai",
            now=first + timedelta(days=1),
            by="test",
        )
    publish(conn, "ABB", since=first + timedelta(days=2), keeps=keeps)
    publish(conn, "AAB", since=first + timedelta(days=3), keeps=keeps)
    incidents.renew_activity(conn)
    assert [plans.describe_grid(conn, code, reach=WHOLE_CITY)["days_365"] for code in codes] == [2, 1]


def test_officers_of_a_grid_that_lives_on_stay_posted(conn: Connection) -> None:
    found_city(conn, "ABC")
    _, codes = publish(conn, "ABC")
    name = Name("陈一", "Chen Yi")
    rows = [StaffRow(f"s{i}", name, "patrol", code, None, "manager", synthetic=True) for i, code in enumerate(codes)]
    rows.append(StaffRow("s9", name, "dispatch", None, COMMUNITY, None, synthetic=True))
    staff.post(conn, rows, since=SINCE, by="test")
    publish(conn, "AAC", since=LATER, keeps={"C": codes[2]})
    posted = conn.execute(
        text("SELECT s.number FROM posting p JOIN staff s ON s.id = p.staff_id WHERE upper_inf(p.valid) ORDER BY 1")
    )
    assert posted.scalars().all() == ["s2", "s9"]
