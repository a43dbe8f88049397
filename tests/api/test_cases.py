"""Cases over the API: a whole story, what is refused, the queue and the points, and the own part of the city."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis.rules.case_steps import STEPS
from tests.api.conftest import Login

Step = Callable[..., Any]


@pytest.fixture
def place(demo: Connection) -> tuple[float, float]:
    """A point inside the community of the demo's officer."""
    row = demo.execute(
        text("""
            SELECT ST_X(u.label_point) AS lon, ST_Y(u.label_point) AS lat
            FROM account a JOIN area u ON u.id = a.area_id WHERE a.login = 'officer'
        """)
    ).one()
    return row.lon, row.lat


@pytest.fixture
def station(login: Login) -> FlaskClient:
    return login("station")


@pytest.fixture
def reported(login: Login, place: tuple[float, float]) -> str:
    """The number of a fresh case of urban management in the community of the demo's officer."""
    client = login("dispatcher")
    matters = client.get("/api/v1/matters").json["matters"]
    mine = next(m["code"] for m in matters if m["department"]["code"] == "chengguan" and m["urgency"] == 2)
    body = {"matter": mine, "lon": place[0], "lat": place[1], "channel": "citizen", "address": "门口"}
    return str(client.post("/api/v1/incidents", json=body).json["number"])


def _take(client: FlaskClient, number: str, action: str, **given: Any) -> Any:
    version = client.get(f"/api/v1/cases/{number}").json["version"]
    answer = client.post(f"/api/v1/cases/{number}/steps", json={"action": action, "seen_version": version, **given})
    assert answer.status_code == 200, answer.json
    return answer.json


def _may(case: Any) -> list[str]:
    return [step["action"] for step in case["may"]]


def test_a_case_goes_from_the_report_to_its_end_over_three_desks(
    login: Login, station: FlaskClient, reported: str, demo: Connection
) -> None:
    town, officer = login("dispatcher"), login("officer")
    theirs = text("SELECT s.number FROM account a JOIN staff s ON s.id = a.staff_id WHERE login = 'officer'")
    own = demo.execute(theirs).scalar_one()
    fresh = station.get(f"/api/v1/cases/{reported}").json
    assert (fresh["state"]["code"], fresh["version"], fresh["command"]["level"], fresh["late"]) == (
        "collected", 1, "community", False,
    )  # fmt: skip
    assert [step["action"]["code"] for step in fresh["steps"]] == ["report"]
    assert "accept" in _may(fresh)
    assert _may(officer.get(f"/api/v1/cases/{reported}").json) == []
    _take(station, reported, "accept")
    given = _take(station, reported, "dispatch", officer=own, note="请到现场")
    assert (given["state"]["code"], given["officer"]["number"], given["steps"][-1]["note"]) == ("dispatched", own, "请到现场")
    assert {"start", "refuse", "report_back", "comment"} <= set(_may(officer.get(f"/api/v1/cases/{reported}").json))
    _take(officer, reported, "start", lon=given["lon"], lat=given["lat"])
    answered = _take(officer, reported, "report_back", note="已清理")
    assert (answered["state"]["code"], answered["steps"][-1]["actor"]["login"]) == ("feedback", "officer")
    assert answered["clock"]["running"] is True
    _take(town, reported, "verify")
    closed = _take(town, reported, "close")
    assert (closed["state"]["code"], closed["closed_at"] is not None, closed["clock"]["running"]) == ("closed", True, False)
    assert [step["version"] for step in closed["steps"]] == list(range(1, closed["version"] + 1))
    told = demo.execute(text("SELECT kind FROM journal WHERE subject = :n AND kind LIKE 'case.%' ORDER BY seq"), {"n": reported})
    assert told.scalars().all() == [
        "case.report", "case.accept", "case.dispatch", "case.start", "case.report_back", "case.verify", "case.close",
    ]  # fmt: skip


def test_what_a_case_cannot_take_is_refused_with_what_it_can(station: FlaskClient, login: Login, reported: str) -> None:
    address = f"/api/v1/cases/{reported}/steps"
    early = station.post(address, json={"action": "close", "seen_version": 1})
    assert (early.status_code, early.json["type"], early.json["state"]) == (409, "urn:wangge:StepRefused", "collected")
    assert "accept" in early.json["may"]
    elsewhere = login("department").post(address, json={"action": "accept", "seen_version": 1})
    assert (elsewhere.status_code, "not by you" in elsewhere.json["detail"]) == (409, True)
    bare = station.post(address, json={"action": "reject", "seen_version": 1, "note": "  "})
    assert (bare.status_code, bare.json["type"], bare.json["field"]) == (422, "urn:wangge:BadStep", "note")
    unknown = station.post(address, json={"action": "explode", "seen_version": 1})
    assert (unknown.status_code, unknown.json["field"]) == (422, "action")
    _take(station, reported, "accept")
    late = station.post(address, json={"action": "reject", "seen_version": 1, "note": "x"})
    assert (late.status_code, late.json["type"], late.json["current_version"]) == (409, "urn:wangge:StaleCase", 2)
    assert (late.json["case"]["state"]["code"], "dispatch" in _may(late.json["case"])) == ("accepted", True)


def test_a_step_sent_again_with_its_key_is_taken_once(station: FlaskClient, reported: str) -> None:
    body = {"action": "accept", "seen_version": 1, "key": "phone-1"}
    first, again = (station.post(f"/api/v1/cases/{reported}/steps", json=body) for _ in range(2))
    assert (first.status_code, again.status_code, again.json["version"]) == (200, 200, 2)


def test_up_and_down_the_tree_and_a_department_in_between(login: Login, station: FlaskClient, reported: str) -> None:
    town, command, department = login("dispatcher"), login("command"), login("department")
    raised = _take(station, reported, "escalate", note="需要镇街协调")
    assert raised["command"]["level"] == "town"
    assert _may(raised) == []
    assert _take(town, reported, "escalate", note="需要市级协调")["command"]["level"] == "city"
    assert "escalate" not in _may(command.get(f"/api/v1/cases/{reported}").json)
    lowered = _take(command, reported, "send_down", area=raised["community"]["code"])
    assert (lowered["command"]["code"], lowered["steps"][-1]["facts"]["to"]) == (raised["community"]["code"],) * 2
    assert "supervise" in _may(lowered)
    _take(command, reported, "supervise", note="限时办结")
    with_them = _take(station, reported, "dispatch", department=True)
    assert (with_them["with_department"], with_them["officer"]) == (True, None)
    assert "start" in _may(department.get(f"/api/v1/cases/{reported}").json)
    assert _take(department, reported, "refuse", note="不属本部门")["state"]["code"] == "returned"


def test_the_clock_stands_still_while_a_case_is_suspended(station: FlaskClient, reported: str) -> None:
    _take(station, reported, "accept")
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    paused = _take(station, reported, "suspend", note="等待配件", until=until)
    assert (paused["due_at"], paused["warn_at"], paused["clock"]["running"]) == (None, None, False)
    assert paused["left_min"] == paused["clock"]["left_min"] > 0
    running = _take(station, reported, "resume")
    assert (running["state"]["code"], running["left_min"], running["due_at"] is not None) == ("accepted", None, True)
    assert running["clock"]["left_min"] == pytest.approx(paused["left_min"], abs=1)


def test_duplicates_are_offered_and_end_with_the_case_they_were_merged_into(
    login: Login, station: FlaskClient, reported: str
) -> None:
    first = station.get(f"/api/v1/cases/{reported}").json
    body = {"matter": first["matter"]["code"], "lon": first["lon"] + 0.0002, "lat": first["lat"], "channel": "citizen"}
    second = login("dispatcher").post("/api/v1/incidents", json=body).json["number"]
    alike = station.get(f"/api/v1/cases/{second}/near").json["cases"]
    assert reported in {case["number"] for case in alike}
    offered = next(case for case in alike if case["number"] == reported)
    assert 15 < offered["metres"] < 25
    assert station.get(f"/api/v1/cases/{second}").json["near"] == len(alike)
    merged = _take(station, second, "merge", lead=reported)
    assert (merged["state"]["code"], merged["merged_into"]) == ("merged", reported)
    assert station.get(f"/api/v1/cases/{reported}").json["merged"] == [second]
    _take(station, reported, "accept")
    _take(station, reported, "reject", note="不属管辖")
    ended = station.get(f"/api/v1/cases/{second}").json
    assert (ended["steps"][-1]["action"]["code"], ended["steps"][-1]["facts"]) == ("reject", {"lead": reported})
    assert _take(station, second, "split", note="不是同一件")["state"]["code"] == "accepted"


def test_the_queue_is_read_in_pages_late_first(login: Login) -> None:
    client = login("command")
    listed: list[Any] = []
    cursor, pages = "", 0
    while True:
        page = client.get(f"/api/v1/cases?limit=40{cursor}").json
        listed, pages = [*listed, *page["cases"]], pages + 1
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (len(listed), len({case["number"] for case in listed})) == (page["matched"],) * 2
    assert pages == -(-len(listed) // 40)
    due = [case["due_at"] or "9" for case in listed]
    assert due == sorted(due)
    late = client.get("/api/v1/cases?due=late&limit=500").json
    assert late["matched"] == sum(case["late"] for case in listed)
    stolen = client.get(f"/api/v1/cases?limit=40&urgency=1{cursor}")
    assert (stolen.status_code, stolen.json["type"]) == (422, "urn:wangge:BadQuery")


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("urgency=1", lambda case: case["urgency"] == 1),
        ("department=chengguan", lambda case: case["department"]["code"] == "chengguan"),
        ("state=suspended,accepted", lambda case: case["state"]["code"] in ("suspended", "accepted")),
        ("level=town", lambda case: case["command"]["level"] == "town"),
        ("due=none", lambda case: case["due_at"] is None),
        ("wish=false&sort=new", lambda case: case["tier"] is None),
        ("bbox=113.5,22.6,114.0,23.2", lambda case: 113.5 <= case["lon"] <= 114.0),
        ("state=closed&limit=20", lambda case: case["closed_at"] is not None),
        ("mine=true", lambda case: case["command"]["level"] == "city"),
    ],
)
def test_a_filter_leaves_what_it_says(login: Login, query: str, holds: Callable[[Any], bool]) -> None:
    answer = login("command").get(f"/api/v1/cases?{query}")
    assert answer.status_code == 200, answer.json
    assert all(holds(case) for case in answer.json["cases"])


def test_points_are_every_open_case_with_the_place_in_the_journal(login: Login) -> None:
    client = login("command")
    before = client.get("/api/v1/cases/points").json
    assert len(before["rows"]) == client.get("/api/v1/cases?limit=1").json["matched"]
    row = dict(zip(before["columns"], before["rows"][0], strict=True))
    case = client.get(f"/api/v1/cases/{row['number']}").json
    assert (row["state"], row["version"], row["command"]) == (case["state"]["code"], case["version"], case["command"]["code"])
    assert before["seq"] > 0


def test_the_steps_of_a_day_are_told_in_order(login: Login, reported: str) -> None:
    client = login("command")
    today = datetime.now(UTC) + timedelta(hours=8)
    events = client.get(f"/api/v1/cases/replay?day={today:%Y-%m-%d}").json["events"]
    mine = [event for event in events if event["number"] == reported]
    assert [(event["action"], event["state"]) for event in mine] == [("report", "collected")]
    assert [event["at_s"] for event in events] == sorted(event["at_s"] for event in events)


def test_the_table_of_steps_is_the_rules(client: FlaskClient) -> None:
    listed = client.get("/api/v1/cases/steps").json["steps"]
    assert [(row["action"], row["needs"]) for row in listed] == [(step.action, list(step.needs)) for step in STEPS]


def test_a_place_is_corrected_and_the_case_goes_where_it_belongs(login: Login, station: FlaskClient, reported: str) -> None:
    outside = {"lon": 113.2, "lat": 22.5}
    moved = _take(station, reported, "relocate", **outside)
    assert (moved["grid"], moved["community"], moved["command"]["level"]) == (None, None, "city")
    assert station.get(f"/api/v1/cases/{reported}").status_code == 404
    journaled = login("command").get(f"/api/v1/cases/{reported}").json
    assert journaled["steps"][-1]["facts"]["to"] == [113.2, 22.5]
    swapped = login("command").post(
        f"/api/v1/cases/{reported}/steps", json={"action": "relocate", "seen_version": 2, "lon": 22.5, "lat": 113.2}
    )
    assert (swapped.status_code, swapped.json["type"]) == (422, "urn:wangge:BadCoordinates")


@pytest.fixture
def elsewhere(app: Flask, login: Login, demo: Connection) -> Iterator[str]:
    """An open case as far from the officer's community as the city goes."""
    yield demo.execute(
        text("""
            SELECT i.number FROM incident i JOIN area c ON c.id = i.community_id, account a JOIN area u ON u.id = a.area_id
            WHERE a.login = 'dispatcher' AND i.closed_at IS NULL AND NOT c.path <@ u.path
            ORDER BY ST_Distance(i.geom, u.label_point) DESC LIMIT 1
        """)
    ).scalar_one()


def test_a_case_elsewhere_is_as_good_as_none_until_one_has_it_in_hand(login: Login, elsewhere: str, demo: Connection) -> None:
    for who in ("dispatcher", "station", "officer"):
        client = login(who)
        assert client.get(f"/api/v1/cases/{elsewhere}").status_code == 404
        assert client.get(f"/api/v1/cases/{elsewhere}/near").status_code == 404
        step = client.post(f"/api/v1/cases/{elsewhere}/steps", json={"action": "accept", "seen_version": 1})
        assert step.status_code == 404


@pytest.mark.parametrize("by", ["level", "matter", "department", "area"])
def test_figures_add_up_by_level_matter_department_and_area(login: Login, by: str) -> None:
    figures = login("command").get(f"/api/v1/cases/figures?by={by}").json
    for name in ("received", "open", "late", "closed"):
        assert sum(row[name] for row in figures["rows"]) == figures[name]
    assert figures["received"] > 0
    assert 0 < figures["on_time_fraction"] < 1
    assert figures["median_handling_min"] > 0
    assert all(row["name"]["zh"] for row in figures["rows"])


def test_figures_of_a_period_that_cannot_be_are_refused(login: Login) -> None:
    client = login("command")
    assert client.get("/api/v1/cases/figures?from=2026-02-02&to=2026-02-01").status_code == 422
    assert client.get("/api/v1/cases/figures?from=2020-02-02&to=2026-02-01").json["field"] == "from"
    assert client.get("/api/v1/cases/figures?area=999999").status_code == 404
