"""Reports: placed, numbered, never lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis import incidents, plans
from gis.errors import BadReport, NotFound
from gis.locating import Locator
from gis.records import Report
from tests.builders import MATTER, SINCE, WHOLE_CITY, atlas_of, found_city, publish

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def _report(conn: Connection, folder: Path, report: Report) -> str:
    return incidents.report(conn, report, atlas=atlas_of(conn, folder), timezone="Asia/Shanghai", now=NOW, by="test")


def test_a_report_is_placed_and_takes_its_matters_urgency(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    number = _report(conn, tmp_path, Report(MATTER.code, 113.765, 23.045, "citizen", "门口"))
    found = incidents.get(conn, number)
    assert (found["grid"], found["urgency"], found["state"], found["description"]) == (codes[1], 1, "collected", "门口")
    journaled = conn.execute(text("SELECT payload FROM journal WHERE kind = 'incident.reported'")).scalar_one()
    assert journaled == {"grid": codes[1], "urgency": 1}


def test_a_report_outside_every_grid_is_kept_without_one(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    number = _report(conn, tmp_path, Report(MATTER.code, 114.5, 23.5, "hotline"))
    assert incidents.get(conn, number)["grid"] is None


def test_the_day_in_the_number_is_the_citys(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    late = datetime(2026, 2, 27, 17, 30, tzinfo=UTC)  # half past one in the morning of the 28th in Dongguan
    assert _report(conn, tmp_path, Report(MATTER.code, 113.755, 23.045, "patrol", reported_at=late)).startswith("260228-")


def test_an_unknown_matter_is_refused_by_field(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    with pytest.raises(BadReport, match="'9999'") as refused:
        _report(conn, tmp_path, Report("9999", 113.755, 23.045, "patrol"))
    assert refused.value.facts == {"field": "matter"}


def test_a_report_from_the_future_is_refused_but_a_fast_clock_is_not(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    _report(conn, tmp_path, Report(MATTER.code, 113.755, 23.045, "patrol", reported_at=NOW + timedelta(minutes=4)))
    with pytest.raises(BadReport, match="future"):
        _report(conn, tmp_path, Report(MATTER.code, 113.755, 23.045, "patrol", reported_at=NOW + timedelta(minutes=6)))


def test_incidents_of_a_merged_grid_count_for_its_heir(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB", since=datetime.now(UTC) - timedelta(days=60))
    atlas = atlas_of(conn, tmp_path, datetime.now(UTC))
    for lon in (113.755, 113.765, 113.766):
        incidents.report(
            conn,
            Report(MATTER.code, lon, 23.045, "patrol"),
            atlas=atlas,
            timezone="Asia/Shanghai",
            now=datetime.now(UTC) - timedelta(days=1),
            by="test",
        )
    _, codes = publish(conn, "AA", since=datetime.now(UTC) - timedelta(hours=1))
    incidents.renew_activity(conn)
    grid = plans.describe_grid(conn, codes[0], reach=WHOLE_CITY)
    assert (grid["days_30"], grid["days_365"], grid["open"]) == (3, 3, 3)


def test_an_unknown_number_is_not_found(conn: Connection) -> None:
    found_city(conn, "AB")
    with pytest.raises(NotFound, match="260101-AAAAAA"):
        incidents.get(conn, "260101-AAAAAA")


def test_months_to_come_are_prepared_once(conn: Connection) -> None:
    assert incidents.prepare_months(conn, now=SINCE) == 4
    assert incidents.prepare_months(conn, now=SINCE) == 0


def test_a_late_report_is_placed_by_the_plan_of_its_day_and_one_from_before_every_plan_is_kept(
    conn: Connection, tmp_path: Path
) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    locator = Locator(tmp_path)
    before = SINCE - timedelta(days=400)
    assert locator.atlas_if_any(conn, before) is None
    number = incidents.report(
        conn,
        Report(MATTER.code, 113.755, 23.045, "hotline", reported_at=before),
        atlas=None,
        timezone="Asia/Shanghai",
        now=NOW,
        by="test",
    )
    assert incidents.get(conn, number)["grid"] is None


def test_an_atlas_of_a_city_that_was_replaced_is_not_used_again(conn: Connection, tmp_path: Path) -> None:
    locator = Locator(tmp_path)
    with conn.begin_nested() as savepoint:
        found_city(conn, "AB")
        publish(conn, "AB")
        first = locator.atlas(conn, SINCE)
        savepoint.rollback()
    found_city(conn, "AB")
    conn.execute(text("UPDATE city SET founded_at = founded_at + interval '1 hour'"))
    publish(conn, "AB")
    assert locator.atlas(conn, SINCE) is not first
