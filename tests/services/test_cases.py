"""Cases on a real database: locks, versions, hands, and the clock that may jump or be killed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from gis import cases, incidents, tending, upkeep
from gis.case_records import Asked
from gis.errors import OfficerTaken, StaleCase, StepRefused, WanggeError
from gis.records import Account, Report
from gis.rules.working_time import WorkCalendar
from server.case_watch import tend_all
from server.cluster import Cluster
from tests.builders import COMMUNITY, MATTER, create_database, found_city, publish

CALENDAR = WorkCalendar(ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, nine in the morning there
PATH = f"441900.441900003.{COMMUNITY}"
STATION = Account(1, "station", "Workstation", "dispatcher", COMMUNITY, PATH)
TOWN = Account(2, "town", "Town", "dispatcher", "441900003", "441900.441900003")
FIRE = Account(4, "fire", "Fire", "department", "441900", "441900", department="xiaofang")


@pytest.fixture(scope="module")
def engine(cluster: Cluster, empty_url: str) -> Iterator[Engine]:
    """A small city of its own, with an officer, that transactions are committed to."""
    made = upkeep.open_database(create_database(cluster, "of_cases", template="wangge"))
    with made.begin() as conn:
        found_city(conn, "AB")
        _, codes = publish(conn, "AB")
        conn.execute(
            text("""
                INSERT INTO staff (number, name_zh, name_en, duty, synthetic)
                SELECT 'S' || n, '陈', 'Chen', 'patrol', true FROM generate_series(1, 9) AS n
            """)
        )
        conn.execute(
            text("""
                INSERT INTO posting (staff_id, grid_id, role, valid)
                SELECT s.id, g.id, 'manager', tstzrange('2026-01-01', NULL) FROM staff s, grid g WHERE g.code = :grid
            """),
            {"grid": codes[0]},
        )
    yield made
    made.dispose()


def _report(conn: Connection, *, at: datetime = NOW) -> str:
    report = Report(MATTER.code, 113.755, 23.045, "citizen", reported_at=at)
    number = incidents.report(conn, report, atlas=None, calendar=CALENDAR, timezone="Asia/Shanghai", now=at, by="test")
    # Placed by hand: these tests are about what comes after.
    conn.execute(
        text("""
            UPDATE incident SET community_id = a.id, command_id = a.id FROM area a WHERE a.code = :code AND number = :number
        """),
        {"code": COMMUNITY, "number": number},
    )
    return number


def _take(
    conn: Connection, number: str, action: str, *, account: Account = STATION, now: datetime = NOW, seen: int | None = None,
    **given: object,
) -> None:
    version = seen or conn.execute(text("SELECT version FROM incident WHERE number = :n"), {"n": number}).scalar_one()
    asked = Asked(action, version, **given)  # type: ignore[arg-type]
    cases.take_step(conn, number, asked, account=account, calendar=CALENDAR, atlas_at=lambda _: None, now=now)


def _steps(conn: Connection, number: str) -> list[tuple[str, str]]:
    rows = conn.execute(
        text("""
            SELECT s.action, k.level FROM incident_step s JOIN incident i ON i.id = s.incident_id JOIN area k ON k.id = s.command_id
            WHERE i.number = :n ORDER BY s.version
        """),
        {"n": number},
    )
    return [tuple(row) for row in rows]


def _told(conn: Connection, number: str) -> list[str]:
    rows = conn.execute(text("SELECT kind FROM journal WHERE subject = :n AND kind LIKE 'case.%' ORDER BY seq"), {"n": number})
    return [row.kind.removeprefix("case.") for row in rows]


def _end_all(engine: Engine) -> None:
    """What an earlier test left open would be tended with what a test asks about."""
    with engine.begin() as conn:
        conn.execute(text("UPDATE incident SET state = 'closed', left_min = NULL, closed_at = reported_at WHERE closed_at IS NULL"))


def _at_once(engine: Engine, number: str, asked: list[tuple[str, dict[str, object]]]) -> list[WanggeError | None]:
    """The same moment on two desks: each takes its step in a transaction of its own; what was refused, in their order."""
    start, refused = threading.Barrier(len(asked)), [None] * len(asked)

    def desk(place: int, action: str, given: dict[str, object]) -> None:
        try:
            with engine.begin() as conn:
                start.wait(10)
                _take(conn, str(given.pop("number", number)), action, seen=2, **given)
        except WanggeError as error:
            refused[place] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=desk, args=(place, *step)) for place, step in enumerate(asked)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return refused  # type: ignore[return-value]


def test_of_two_who_take_a_step_at_once_one_is_told_what_changed(engine: Engine) -> None:
    with engine.begin() as conn:
        number = _report(conn)
        _take(conn, number, "accept")
    refused = _at_once(engine, number, [("reject", {"note": "x"}), ("escalate", {"note": "y"})])
    assert [type(error) for error in refused if error] == [StaleCase]
    with engine.connect() as conn:
        assert len(_steps(conn, number)) == 3


@pytest.mark.parametrize("officer", ["S1", "S2", "S3"])
def test_two_dispatchers_never_give_the_same_officer_by_the_same_view(engine: Engine, officer: str) -> None:
    with engine.begin() as conn:
        numbers = [_report(conn) for _ in range(4)]
        for number in numbers:
            _take(conn, number, "accept")
    given = [("dispatch", {"number": number, "officer": officer, "seen_load": 0}) for number in numbers]
    refused = _at_once(engine, "", given)
    assert sorted(type(error).__name__ for error in refused) == ["NoneType", *["OfficerTaken"] * 3]
    assert {error.facts["load"] for error in refused if isinstance(error, OfficerTaken)} == {1}


def test_a_case_sent_back_twice_goes_one_level_up(engine: Engine) -> None:
    with engine.begin() as conn:
        number = _report(conn)
        for _ in range(2):
            _take(conn, number, "dispatch", department=True)
            _take(conn, number, "refuse", account=FIRE, note="不属本部门")
        assert _steps(conn, number)[-2:] == [("refuse", "community"), ("escalate", "town")]
        assert _told(conn, number)[-2:] == ["refuse", "escalate"]
        with pytest.raises(StepRefused):
            _take(conn, number, "dispatch", department=True)
        _take(conn, number, "dispatch", account=TOWN, department=True)


def test_merged_cases_hear_of_the_end_of_their_lead_once(engine: Engine) -> None:
    with engine.begin() as conn:
        lead, other = _report(conn), _report(conn)
        _take(conn, other, "merge", lead=lead)
        _take(conn, lead, "reject", note="不受理")
        assert (_told(conn, lead)[-1], _told(conn, other)) == ("reject", ["report", "merge", "reject"])
        ended = text("SELECT bool_and(closed_at IS NOT NULL) FROM incident WHERE number = ANY(:n)")
        assert conn.execute(ended, {"n": [lead, other]}).scalar_one()


def test_the_clock_warns_and_says_late_once_however_it_jumps(engine: Engine) -> None:
    _end_all(engine)
    with engine.begin() as conn:
        number = _report(conn)
    friday, before = NOW + timedelta(days=4), NOW + timedelta(hours=7.5)  # due at six in the evening, warned from 16:24
    tended = [tend_all(engine, hours=CALENDAR.hours, now=now) for now in (NOW, before, friday, NOW, before, friday, before)]
    with engine.connect() as conn:
        steps, told = _steps(conn, number), _told(conn, number)
    assert steps[1:] == [("warn", "community"), ("late", "community"), ("escalate", "town")]
    assert told == ["report", "warn", "late", "escalate"]
    assert (tended[0], tended[3:]) == (0, [0, 0, 0, 0])
    with engine.begin() as conn:
        _take(conn, number, "accept", account=TOWN, now=friday)
        _take(conn, number, "extend", account=TOWN, now=friday, hours=8, note="需施工")
    assert tend_all(engine, hours=CALENDAR.hours, now=friday) == 0
    assert tend_all(engine, hours=CALENDAR.hours, now=friday + timedelta(days=60)) == 1
    with engine.connect() as conn:
        assert _steps(conn, number)[-2:] == [("late", "town"), ("escalate", "city")]


def test_whoever_is_killed_in_the_middle_leaves_nothing_half_done(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _end_all(engine)
    monkeypatch.setattr(tending, "AT_ONCE", 2)
    with engine.begin() as conn:
        numbers = [_report(conn) for _ in range(5)]
    late = NOW + timedelta(days=5)
    with engine.begin() as conn:
        tending.tend(conn, calendar=CALENDAR, now=late)
    dying = engine.connect()
    tending.tend(dying, calendar=CALENDAR, now=late)
    pid = dying.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with engine.begin() as conn:
        conn.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    dying.invalidate()
    dying.close()
    assert tend_all(engine, hours=CALENDAR.hours, now=late) == 3
    with engine.connect() as conn:
        assert {tuple(_told(conn, number)) for number in numbers} == {("report", "late", "escalate")}


def test_a_case_that_somebody_works_on_waits_for_the_next_minute(engine: Engine) -> None:
    _end_all(engine)
    with engine.begin() as conn:
        number = _report(conn)
    late = NOW + timedelta(days=5)
    with engine.begin() as busy:
        busy.execute(text("SELECT FROM incident WHERE number = :n FOR UPDATE"), {"n": number})
        assert tend_all(engine, hours=CALENDAR.hours, now=late) == 0
    assert tend_all(engine, hours=CALENDAR.hours, now=late) == 1


def test_what_was_suspended_until_a_moment_is_taken_up_where_it_was(engine: Engine) -> None:
    _end_all(engine)
    with engine.begin() as conn:
        number = _report(conn)
        _take(conn, number, "dispatch", department=True)
        _take(conn, number, "start", account=FIRE)
        _take(conn, number, "suspend", note="等待配件", until=NOW + timedelta(days=3))
    assert tend_all(engine, hours=CALENDAR.hours, now=NOW + timedelta(days=2)) == 0
    assert tend_all(engine, hours=CALENDAR.hours, now=NOW + timedelta(days=3)) == 1
    with engine.connect() as conn:
        row = conn.execute(text("SELECT state, due_at FROM incident WHERE number = :n"), {"n": number}).one()
    assert (row.state, row.due_at) == ("handling", CALENDAR.after(NOW + timedelta(days=3), minutes=480))


def test_the_history_of_open_cases_is_the_way_to_their_state(engine: Engine) -> None:
    with engine.begin() as conn:
        number = _report(conn, at=NOW - timedelta(days=1))
        values = {"n": number}
        conn.execute(
            text("""
                INSERT INTO incident (number, reported_at, matter_id, state, urgency, channel, geom, placed, command_id)
                SELECT 'old-' || :n, reported_at, matter_id, 'feedback', urgency, channel, geom, true, command_id
                FROM incident WHERE number = :n
            """),
            values,
        )
        assert tending.open_history(conn, now=NOW, by="seed") == 5
        assert tending.open_history(conn, now=NOW, by="seed") == 0
        assert [action for action, _ in _steps(conn, f"old-{number}")] == ["report", "accept", "dispatch", "start", "report_back"]
        held = conn.execute(text("SELECT version, with_department FROM incident WHERE number = 'old-' || :n"), values).one()
    assert tuple(held) == (5, True)


def test_steps_are_never_changed_and_never_deleted(engine: Engine) -> None:
    for statement in ("UPDATE incident_step SET note = 'x'", "DELETE FROM incident_step"):
        with engine.connect() as conn, pytest.raises(DBAPIError, match="incident_step"):
            conn.execute(text(statement))
