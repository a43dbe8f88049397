"""Patrols: what is due, in which order, and what a finding makes."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis import incidents, patrols, workloads
from gis.errors import BadReport, NotFound, NotInTheField
from gis.field_records import PlaceRow
from gis.plan_records import PlaceKind, PlaceStandard
from gis.records import Account, Name, Reach
from tests.builders import CALENDAR, MATTER, WHOLE_CITY, atlas_of, found_city, publish
from tests.builders_of_staff import NOW, an_officer

ELSEWHERE = Reach("441900.441900099")
ZONE = "Asia/Shanghai"
WEST, EAST, LAT = 113.755, 113.765, 23.045


def _row(name: str, lon: float, *, ago_d: float | None, interval_d: int | None = None) -> PlaceRow:
    inspected = None if ago_d is None else NOW - timedelta(days=ago_d)
    return PlaceRow("rented_house", name, "Street 1", lon, LAT, interval_d, inspected, synthetic=False)


@pytest.fixture
def officer(conn: Connection) -> Account:
    """The manager of the western of two grids, each with places."""
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    workloads.register_places(
        conn, [PlaceKind("rented_house", Name("出租屋", "Rented house"), PlaceStandard(15, 30))], [], by="test"
    )
    patrols.register(
        conn,
        [
            _row("far", WEST + 0.003, ago_d=33), _row("near", WEST + 0.001, ago_d=30), _row("new", WEST + 0.002, ago_d=None),
            _row("lately", WEST, ago_d=3), _row("often", WEST - 0.001, ago_d=3, interval_d=3), _row("other grid", EAST, ago_d=60),
        ],
        by="test",
    )  # fmt: skip
    return an_officer(conn, "0001", duty="patrol", role="manager", grid=codes[0])


def _today(conn: Connection, officer: Account) -> list[str]:
    patrol = patrols.today(conn, officer, start=(WEST, LAT), now=NOW, timezone=ZONE)
    return [call.place.name for call in patrol.calls]


def _code(conn: Connection, name: str) -> str:
    return str(conn.execute(text("SELECT code FROM place WHERE name = :name"), {"name": name}).scalar_one())


def _inspect(conn: Connection, officer: Account, folder: Path, name: str, found: patrols.Found) -> str | None:
    report = patrols.finding(conn, officer, _code(conn, name), found)
    number = None
    if report:
        number = incidents.report(
            conn, report, atlas=atlas_of(conn, folder), calendar=CALENDAR, timezone=ZONE, now=NOW, by=officer.login
        )
    return patrols.inspect(conn, officer, _code(conn, name), found, number=number).number


def test_what_is_due_in_ones_own_grid_is_walked_from_where_one_stands(conn: Connection, officer: Account) -> None:
    patrol = patrols.today(conn, officer, start=(WEST - 0.002, LAT), now=NOW, timezone=ZONE)
    assert [call.place.name for call in patrol.calls] == ["often", "near", "new", "far"]
    assert [call.overdue_d for call in patrol.calls] == [0, 0, 0, 3]
    assert patrol.calls[1].leg_m == pytest.approx(0.002 * 111_195 * 0.9202 * 1.35, rel=0.01)
    assert (patrol.left_over, patrol.done, len(patrol.grids)) == (0, 0, 1)


def test_a_day_holds_six_hours_of_inspections_and_the_rest_is_left_over(conn: Connection, officer: Account) -> None:
    patrols.register(conn, [_row(f"more {n}", WEST + n * 1e-4, ago_d=31) for n in range(30)], by="test")
    patrol = patrols.today(conn, officer, start=None, now=NOW, timezone=ZONE)
    assert (len(patrol.calls), patrol.left_over) == (24, 10)
    assert {"far", "new"} <= {call.place.name for call in patrol.calls}  # the most overdue first


def test_what_was_inspected_is_due_again_after_its_interval_and_a_closed_door_tomorrow(
    conn: Connection, officer: Account, tmp_path: Path
) -> None:
    assert _inspect(conn, officer, tmp_path, "near", patrols.Found("fine", NOW)) is None
    _inspect(conn, officer, tmp_path, "far", patrols.Found("closed", NOW, note="门锁着"))
    assert _today(conn, officer) == ["often", "new"]
    tomorrow = patrols.today(conn, officer, start=None, now=NOW + timedelta(days=1), timezone=ZONE)
    assert "far" in {call.place.name for call in tomorrow.calls}
    assert "near" not in {call.place.name for call in tomorrow.calls}
    place, inspections = patrols.place(conn, _code(conn, "far"), reach=WHOLE_CITY)
    assert [(each.outcome, each.note) for each in inspections] == [("closed", "门锁着")]
    assert place.inspected_at == NOW - timedelta(days=33)


def test_a_finding_opens_a_case_at_the_place_in_the_officers_own_hands(conn: Connection, officer: Account, tmp_path: Path) -> None:
    with pytest.raises(BadReport, match="matter"):
        patrols.finding(conn, officer, _code(conn, "far"), patrols.Found("finding", NOW))
    number = _inspect(conn, officer, tmp_path, "far", patrols.Found("finding", NOW, "两具灭火器过期", WEST, LAT, MATTER.code))
    row = conn.execute(text("SELECT * FROM incident WHERE number = :number"), {"number": number}).one()
    assert (row.state, row.holder_id, row.channel, row.address) == ("handling", officer.staff_id, "patrol", "Street 1 far")
    assert row.description == "两具灭火器过期"
    assert "far" not in _today(conn, officer)
    assert conn.execute(text("SELECT incident_id FROM inspection WHERE outcome = 'finding'")).scalar_one() == row.id


def test_a_place_elsewhere_is_as_good_as_none(conn: Connection, officer: Account) -> None:
    code = _code(conn, "far")
    with pytest.raises(NotFound):
        patrols.place(conn, code, reach=ELSEWHERE)
    assert patrols.listed(conn, None, reach=ELSEWHERE) == []
    listed = patrols.listed(conn, None, reach=WHOLE_CITY, limit=4)
    assert len(listed) == 4
    assert len(patrols.listed(conn, None, reach=WHOLE_CITY, after=listed[-1].code)) == 2
    grid = listed[0].grid or ""
    assert patrols.of_grid(conn, grid, reach=ELSEWHERE) == []
    assert {each.grid for each in patrols.of_grid(conn, grid, reach=WHOLE_CITY)} == {grid}


def test_the_codes_of_places_differ_and_an_account_of_nobody_has_no_patrol(conn: Connection, officer: Account) -> None:
    assert conn.execute(text("SELECT count(DISTINCT code) FROM place WHERE code ~ '^P-[0-9A-Z]{6}$'")).scalar_one() == 6
    with pytest.raises(NotInTheField):
        patrols.today(conn, Account(0, "x", "x", "officer", "00", "00"), start=None, now=NOW, timezone=ZONE)
