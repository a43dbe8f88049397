"""Matters enter, change and leave the catalogue by decision only, on a day; reports keep what they were filed under."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from gis import admissions, calendars, catalogue, incidents
from gis.errors import AdmissionRefused, BadAdmission, BadReport, BeyondOwnPart, NotFound
from gis.records import Reach, Report
from tests.builders import MATTER, WHOLE_CITY, atlas_of, found_city, publish

TODAY = date(2026, 3, 2)
LATER = TODAY + timedelta(days=30)
FIRE, POLICE = Reach("441900", "xiaofang"), Reach("441900", "gongan")
NEW: dict[str, Any] = {
    "category_zh": "消防", "category_en": "Fire", "name_zh": "电动车上楼", "name_en": "E-bikes upstairs", "department": "xiaofang",
    "time_limit_h": 4, "standard_min": 20, "urgency": 1,
}  # fmt: skip


def _propose(conn: Connection, what: str, code: str = MATTER.code, *, reach: Reach = WHOLE_CITY, **content: Any) -> int:
    made = admissions.propose(conn, code=code, what=what, content=content, reason="needed", reach=reach, by="planner")
    return int(made["id"])


def _decide(conn: Connection, proposal: int, *, on: date = TODAY, today: date = TODAY) -> dict[str, Any]:
    return admissions.decide(conn, proposal, decision="令 7", effective_on=on, today=today, by="admin")


def _codes(conn: Connection, on: date) -> set[str]:
    return {row["code"] for row in catalogue.matters(conn, on=on)}


def _report(conn: Connection, folder: Path, day: date) -> str:
    now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    return incidents.report(
        conn, Report(MATTER.code, 113.755, 23.045, "patrol"), atlas=atlas_of(conn, folder), timezone="Asia/Shanghai",
        calendar=calendars.work_calendar(conn, "Asia/Shanghai"), now=now, by="test",
    )  # fmt: skip


@pytest.fixture(autouse=True)
def city(conn: Connection) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")


def test_a_report_keeps_the_version_that_it_was_filed_under(conn: Connection, tmp_path: Path) -> None:
    before = _report(conn, tmp_path, TODAY)
    _decide(conn, _propose(conn, "revise", time_limit_h=2, name_zh="堵塞消防通道"), on=LATER)
    still = _report(conn, tmp_path, LATER - timedelta(days=1))
    after = _report(conn, tmp_path, LATER)
    asked = text("SELECT m.version, m.name_zh FROM incident i JOIN matter m ON m.id = i.matter_id WHERE i.number = :number")
    found = [tuple(conn.execute(asked, {"number": number}).one()) for number in (before, still, after)]
    assert found == [(1, MATTER.name.zh), (1, MATTER.name.zh), (2, "堵塞消防通道")]
    told = admissions.history(conn, MATTER.code, on=TODAY)
    assert [(row["version"], row["state"], row["retired_on"]) for row in told["versions"]] == [
        (2, "coming", None), (1, "in_force", LATER),
    ]  # fmt: skip
    assert (told["versions"][0]["standard_min"], told["versions"][0]["time_limit_h"]) == (MATTER.standard_min, 2)
    assert told["decisions"][0]["decision"] == "令 7"


def test_a_matter_is_admitted_retired_and_may_come_back(conn: Connection, tmp_path: Path) -> None:
    _decide(conn, _propose(conn, "admit", "0109", **NEW), on=LATER)
    assert ("0109" in _codes(conn, TODAY), "0109" in _codes(conn, LATER)) == (False, True)
    gone = LATER + timedelta(days=10)
    _decide(conn, _propose(conn, "retire", "0109"), on=gone)
    assert ("0109" in _codes(conn, gone - timedelta(days=1)), "0109" in _codes(conn, gone)) == (True, False)
    again = _propose(conn, "admit", "0109", **NEW)
    with pytest.raises(BadAdmission, match="come back"):
        _decide(conn, again, on=LATER)
    _decide(conn, again, on=gone)
    assert "0109" in _codes(conn, gone)
    second = _propose(conn, "retire")
    _decide(conn, _propose(conn, "retire"), on=TODAY)
    with pytest.raises(AdmissionRefused, match="is retired"):
        _decide(conn, second, on=LATER)
    with pytest.raises(BadReport):
        _report(conn, tmp_path, TODAY)


def test_nothing_is_decided_for_days_that_are_over_nor_before_its_first_day(conn: Connection) -> None:
    proposal = _propose(conn, "revise", urgency=3)
    with pytest.raises(BadAdmission, match="today or later"):
        _decide(conn, proposal, on=TODAY - timedelta(days=1))
    _decide(conn, proposal)
    with pytest.raises(BadAdmission, match="first day"):
        _decide(conn, _propose(conn, "revise", urgency=2))


def test_a_proposal_is_decided_once_and_not_over_another(conn: Connection) -> None:
    first, second, third = (_propose(conn, "revise", urgency=urgency) for urgency in (2, 3, 2))
    _decide(conn, first)
    for act in (lambda: _decide(conn, first), lambda: admissions.refuse(conn, first, decision="no", by="admin")):
        with pytest.raises(AdmissionRefused, match="decided already"):
            act()
    with pytest.raises(AdmissionRefused, match="changed since"):
        _decide(conn, second, on=LATER)
    assert admissions.refuse(conn, third, decision="too many", by="admin")["state"] == "refused"
    assert {each["id"] for each in admissions.decisions(conn, state="proposed")} == {second}


@pytest.mark.parametrize(
    ("what", "code", "content", "error"),
    [
        ("admit", MATTER.code, NEW, AdmissionRefused),
        ("admit", "0109", {"name_zh": "x"}, BadAdmission),
        ("admit", "0109", NEW | {"department": "moon"}, BadAdmission),
        ("revise", MATTER.code, {}, BadAdmission),
        ("revise", MATTER.code, {"urgency": MATTER.urgency}, BadAdmission),
        ("revise", "0109", {"urgency": 1}, NotFound),
        ("retire", "0109", {}, NotFound),
    ],
)
def test_what_cannot_be_proposed_is_refused(
    conn: Connection, what: str, code: str, content: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        _propose(conn, what, code, **content)


def test_a_department_proposes_for_its_own_matters(conn: Connection) -> None:
    _propose(conn, "revise", urgency=3, reach=FIRE)
    for reach in (POLICE, Reach("441900", "")):
        with pytest.raises(BeyondOwnPart):
            _propose(conn, "revise", urgency=3, reach=reach)
    with pytest.raises(NotFound):
        admissions.history(conn, "0109", on=TODAY)
    with pytest.raises(NotFound):
        _decide(conn, 999_999_999)
