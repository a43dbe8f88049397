"""Reports: placed, numbered, never lost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis import catalogue, incidents, plans, staff
from gis.errors import BadReport, NotFound
from gis.locating import Locator
from gis.records import IncidentColumns, Name, Report, StaffRow
from tests.builders import CALENDAR, COMMUNITY, MATTER, SINCE, WHOLE_CITY, atlas_of, found_city, publish

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def _report(conn: Connection, folder: Path, report: Report) -> str:
    return incidents.report(
        conn, report, atlas=atlas_of(conn, folder), calendar=CALENDAR, timezone="Asia/Shanghai", now=NOW, by="test"
    )


def _first_steps(conn: Connection) -> list[dict[str, Any]]:
    rows = conn.execute(text("SELECT * FROM incident_step ORDER BY incident_id"))
    return [{name: getattr(row, name) for name in ("version", "action", "state", "at", "actor", "staff_id")} for row in rows]


def _told(conn: Connection) -> list[tuple[str, str, dict[str, Any]]]:
    rows = conn.execute(text("SELECT subject, actor, payload FROM journal WHERE kind = 'case.report' ORDER BY seq"))
    return [(row.subject, row.actor, row.payload) for row in rows]


def _stored(conn: Connection) -> list[dict[str, Any]]:
    """The incidents as they lie in the table, without what is each one's own."""
    rows = conn.execute(text("SELECT * FROM incident ORDER BY id"))
    return [{name: value for name, value in row._mapping.items() if name not in ("id", "number")} for row in rows]


def test_a_report_is_placed_and_takes_its_matters_urgency(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    number = _report(conn, tmp_path, Report(MATTER.code, 113.765, 23.045, "citizen", "门口", address="东城路1号"))
    found = incidents.get(conn, number)
    assert (found["grid"], found["urgency"], found["state"], found["description"]) == (codes[1], 1, "collected", "门口")
    assert (found["command"], found["command_level"], found["version"]) == (COMMUNITY, "community", 1)
    assert found["address"] == "东城路1号"
    [(subject, by, marker)] = _told(conn)
    assert (subject, by, marker["number"], marker["grid"], marker["urgency"]) == (number, "test", number, codes[1], 1)
    assert (marker["action"], marker["path"], marker["level"]) == ("report", f"441900.441900003.{COMMUNITY}", "community")
    assert _first_steps(conn) == [
        {"version": 1, "action": "report", "state": "collected", "at": NOW, "actor": "test", "staff_id": None}
    ]


def test_a_case_is_due_after_its_working_time_and_half_of_it_when_it_is_more_urgent(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    matter, others = replace(MATTER, code="0102", urgency=3), {"chengguan": Name("城管", "Urban management")}
    catalogue.admit(conn, departments=others, matters=[matter], on=date(2024, 1, 1), by="test")
    monday = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine in the morning; NOW is the Sunday before
    due = {
        urgency: conn.execute(
            text("SELECT due_at, warn_at FROM incident WHERE number = :number"),
            {"number": _report(conn, tmp_path, Report("0102", 113.755, 23.045, "patrol", urgency=urgency))},
        ).one()
        for urgency in (None, 2)
    }
    assert due[None] == (monday + timedelta(hours=9), monday + timedelta(hours=7, minutes=24))
    assert due[2] == (monday + timedelta(hours=5), monday + timedelta(hours=4, minutes=12))


def test_a_wish_has_the_working_days_of_its_tier(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    wish, others = replace(MATTER, code="W001", kind="wish"), {"chengguan": Name("城管", "Urban management")}
    catalogue.admit(conn, departments=others, matters=[wish], on=date(2024, 1, 1), by="test")
    now, usual = (_report(conn, tmp_path, Report("W001", 113.755, 23.045, "citizen", tier=tier)) for tier in ("now", None))
    assert incidents.get(conn, now)["due_at"] == datetime(2026, 3, 6, 10, tzinfo=UTC)
    assert incidents.get(conn, usual)["tier"] == "soon"


@pytest.mark.parametrize(
    ("asked", "field"), [({"urgency": 4}, "urgency"), ({"urgency": 0}, "urgency"), ({"tier": "now"}, "tier")]
)
def test_an_urgency_or_tier_that_there_is_not_is_refused(
    conn: Connection, tmp_path: Path, asked: dict[str, Any], field: str
) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    with pytest.raises(BadReport) as refused:
        _report(conn, tmp_path, Report(MATTER.code, 113.755, 23.045, "patrol", **asked))
    assert refused.value.facts == {"field": field}


def test_a_patrols_own_finding_is_in_its_officers_hands(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    row = StaffRow("P001", Name("陈一", "Chen Yi"), "patrol", codes[0], None, "manager", synthetic=True)
    staff.post(conn, [row], since=SINCE, by="test")
    officer = conn.execute(text("SELECT id FROM staff")).scalar_one()
    _report(conn, tmp_path, Report(MATTER.code, 113.755, 23.045, "patrol", holder=officer))
    assert [(step["state"], step["staff_id"]) for step in _first_steps(conn)] == [("handling", officer)]
    assert [(marker["state"], marker["officer"]) for _, _, marker in _told(conn)] == [("handling", "P001")]


def test_what_comes_with_a_key_is_taken_in_once(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    sent = Report(MATTER.code, 113.755, 23.045, "citizen", key="k-1")
    first, again, other = (_report(conn, tmp_path, replace(sent, key=key)) for key in ("k-1", "k-1", "k-2"))
    assert (first == again, first == other, len(_told(conn)), len(_first_steps(conn))) == (True, False, 2, 2)


def test_many_reports_at_once_are_as_many_one_by_one(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    sent = [
        Report(MATTER.code, 113.755, 23.045, "patrol", "一\t二\\", urgency=2, address="路"),
        Report(MATTER.code, 114.5, 23.5, "hotline", reported_at=NOW - timedelta(days=40)),
    ]
    context = {"calendar": CALENDAR, "timezone": "Asia/Shanghai", "now": NOW, "by": "test", "atlas": atlas_of(conn, tmp_path)}
    with conn.begin_nested() as savepoint:
        for one in sent:
            incidents.report(conn, one, **context)
        singly = _stored(conn), _first_steps(conn), [{**marker, "number": None} for _, _, marker in _told(conn)]
        savepoint.rollback()
    numbers = incidents.report_many(conn, sent, **context)
    assert [subject for subject, _, _ in _told(conn)] == numbers
    assert (_stored(conn), _first_steps(conn), [{**marker, "number": None} for _, _, marker in _told(conn)]) == singly
    assert incidents.report_many(conn, [], **context) == []


def test_of_many_reports_the_one_that_cannot_be_taken_in_is_named(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    sent = [Report(code, 113.755, 23.045, "patrol") for code in (MATTER.code, "9999")]
    with pytest.raises(BadReport) as refused:
        incidents.report_many(
            conn, sent, atlas=atlas_of(conn, tmp_path), calendar=CALENDAR, timezone="Asia/Shanghai", now=NOW, by="test"
        )
    assert refused.value.facts == {"field": "matter", "row": 1}


def test_history_has_the_commands_and_time_limits_of_its_day(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    reported = np.array(["2026-02-27T09:00:00", "2026-02-27T09:00:00"], dtype="datetime64[s]")
    columns = IncidentColumns(
        reported_at=reported, closed_at=np.array(["NaT", "NaT"], dtype="datetime64[s]"), lon=np.array([113.755, 114.5]),
        lat=np.array([23.045, 23.5]), matter=np.full(2, MATTER.code, dtype=object),
        state=np.array(["accepted", "suspended"], dtype=object), channel=np.full(2, "patrol", dtype=object), synthetic=True,
    )  # fmt: skip
    atlas = atlas_of(conn, tmp_path)
    incidents.record_history(conn, columns, atlas=atlas, calendar=CALENDAR, timezone="Asia/Shanghai", now=NOW, by="test")
    rows = conn.execute(
        text("SELECT k.level, i.due_at, i.left_min FROM incident i JOIN area k ON k.id = i.command_id ORDER BY i.id")
    )
    assert [tuple(row) for row in rows] == [("community", datetime(2026, 2, 28, 9, tzinfo=UTC), None), ("city", None, 480.0)]


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
            calendar=CALENDAR,
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
        calendar=CALENDAR,
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
