"""Whom to send, and that no two dispatchers send the same officer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from gis import dispatching, incidents, upkeep
from gis.errors import NobodyFree, NotFound, OfficerTaken
from gis.records import Account, Reach, Report
from gis.store import officers
from server.cluster import Cluster
from tests.builders import CALENDAR, COMMUNITY, MATTER, WHOLE_CITY, atlas_of, create_database, found_city, publish
from tests.builders_of_staff import NOW, an_officer, in_hand

ELSEWHERE = Reach("441900.441900099")
PLACE = (113.755, 23.045)
PRESSING = 6


def _report(conn: Connection, folder: Path, lon: float = PLACE[0]) -> str:
    sent = Report(MATTER.code, lon, PLACE[1], "citizen", reported_at=NOW - timedelta(minutes=2))
    return incidents.report(
        conn, sent, atlas=atlas_of(conn, folder), calendar=CALENDAR, timezone="Asia/Shanghai", now=NOW, by="test"
    )


def _take(conn: Connection, number: str, officer: str, *, seen_load: int | None = None, reach: Reach = WHOLE_CITY) -> int:
    case = officers.case_place(conn, number, reach=reach)
    assert case is not None
    return officers.take(conn, incident_id=case.id, officer=officer, seen_load=seen_load, reach=reach, now=NOW)


@pytest.fixture
def number(conn: Connection, tmp_path: Path) -> str:
    found_city(conn, "AB")
    publish(conn, "AB")
    return _report(conn, tmp_path)


@pytest.fixture
def near(conn: Connection, number: str) -> Account:
    """Of two officers the one who is near; the other is a kilometre away."""
    an_officer(conn, "far", duty="patrol", area=COMMUNITY, at=(113.765, 23.045))
    return an_officer(conn, "near", duty="patrol", area=COMMUNITY, at=PLACE)


def test_officers_on_shift_are_ranked_with_their_load(conn: Connection, number: str, near: Account, tmp_path: Path) -> None:
    an_officer(conn, "home", duty="patrol", area=COMMUNITY, on_shift=False)
    choices = dispatching.choices(conn, number, reach=WHOLE_CITY, now=NOW)
    assert [(choice.officer.number, choice.officer.load) for choice in choices] == [("near", 0), ("far", 0)]
    in_hand(conn, _report(conn, tmp_path), "near")
    choices = dispatching.choices(conn, number, reach=WHOLE_CITY, now=NOW)
    assert [(choice.officer.number, choice.officer.load) for choice in choices] == [("far", 0), ("near", 1)]
    assert [reason.code for reason in choices[1].reasons] == ["travel", "duty", "load", "urgent_load", "posted"]


def test_a_case_outside_the_reach_has_no_ranking(conn: Connection, number: str) -> None:
    with pytest.raises(NotFound):
        dispatching.choices(conn, number, reach=ELSEWHERE, now=NOW)


def test_who_has_more_in_hand_than_was_seen_is_taken_already(conn: Connection, number: str, near: Account, tmp_path: Path) -> None:
    assert _take(conn, number, "near", seen_load=0) == near.staff_id
    in_hand(conn, _report(conn, tmp_path), "near")
    with pytest.raises(OfficerTaken) as refused:
        _take(conn, number, "near", seen_load=0)
    assert refused.value.facts == {"officer": "near", "load": 1}
    assert _take(conn, number, "near") == near.staff_id


def test_nobody_is_taken_from_outside_ones_part_or_when_nobody_is_there(conn: Connection, number: str) -> None:
    with pytest.raises(NobodyFree):
        _take(conn, number, "nearest")
    an_officer(conn, "desk", duty="dispatch", area=COMMUNITY)
    with pytest.raises(NobodyFree):
        _take(conn, number, "nearest")
    with pytest.raises(NotFound):
        _take(conn, number, "nobody\0")


@pytest.fixture(scope="module")
def town(cluster: Cluster, empty_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, list[str]]]:
    """A city of its own with six cases at one place and six officers around it, for dispatchers in their own transactions."""
    engine = upkeep.open_database(create_database(cluster, "dispatching", template="wangge"))
    with engine.begin() as conn:
        found_city(conn, "AB")
        publish(conn, "AB")
        numbers = [_report(conn, tmp_path_factory.mktemp("index")) for _ in range(PRESSING)]
        for step in range(PRESSING):
            an_officer(conn, f"{step:04}", duty="patrol", area=COMMUNITY, at=(PLACE[0] + step * 1e-4, PLACE[1]))
    yield engine, numbers
    engine.dispose()


def test_dispatchers_who_press_nearest_at_once_get_one_officer_each(town: tuple[Engine, list[str]]) -> None:
    engine, numbers = town
    together = threading.Barrier(PRESSING, timeout=30)

    def press(number: str) -> int:
        with engine.begin() as conn:
            together.wait()
            staff_id = _take(conn, number, "nearest")
            together.wait()  # everybody has taken somebody before anybody commits
            conn.execute(
                text("UPDATE incident SET state = 'dispatched', holder_id = :id WHERE number = :number"),
                {"id": staff_id, "number": number},
            )
        return staff_id

    with ThreadPoolExecutor(PRESSING) as dispatchers:
        taken = list(dispatchers.map(press, numbers))
    assert len(set(taken)) == PRESSING


def test_two_who_name_the_same_officer_at_once_are_told_apart(town: tuple[Engine, list[str]]) -> None:
    engine, numbers = town
    with engine.begin() as conn:
        conn.execute(text("UPDATE incident SET state = 'accepted', holder_id = NULL"))
    first_has_taken = threading.Event()

    def first() -> int:
        with engine.begin() as conn:
            staff_id = _take(conn, numbers[0], "0000", seen_load=0)
            first_has_taken.set()
            values = {"id": staff_id, "number": numbers[0]}
            conn.execute(text("UPDATE incident SET state = 'handling', holder_id = :id WHERE number = :number"), values)
            _wait_until_somebody_waits(conn)
        return staff_id

    def second() -> int:
        first_has_taken.wait(30)
        with engine.begin() as conn:
            return _take(conn, numbers[1], "0000", seen_load=0)

    with ThreadPoolExecutor(2) as dispatchers:
        quick, late = dispatchers.submit(first), dispatchers.submit(second)
        assert quick.result() > 0
        with pytest.raises(OfficerTaken, match="quicker"):
            late.result()


def _wait_until_somebody_waits(conn: Connection) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    while not conn.execute(waiting).scalar_one():
        pass
