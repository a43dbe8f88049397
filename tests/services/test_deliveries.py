"""Departments' records: each once, whoever delivers it how often; what cannot be taken waits with its reasons."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from gis import deliveries, incidents, sources, upkeep
from gis.errors import AlreadyThere, BadMapping, BadSource, NotFound, RejectSettled, SourceClosed
from gis.locating import Locator
from gis.records import Name, Reach
from gis.source_records import Outcome, Source
from seed.sources import open_demo_sources
from server import receiving
from server.cluster import Cluster
from tests.builders import MATTER, SINCE, WHOLE_CITY, create_database, found_city, publish

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = date(2026, 3, 2)
MAPPING: dict[str, Any] = {
    "id": "no", "matter": "kind", "matters": {"消防通道": MATTER.code}, "lon": "x", "lat": "y", "reported_at": "time",
    "description": "text", "contact_phone": "phone",
}  # fmt: skip
Push = Callable[..., Outcome]


def _record(number: str = "A-1", **changed: Any) -> dict[str, Any]:
    usual = {"no": number, "kind": "消防通道", "x": 113.755, "y": 23.045, "time": "2026-03-02 15:00", "text": "堵", "phone": "138"}
    return usual | changed


def _open(conn: Connection, code: str = "fire") -> Source:
    found_city(conn, "AB")
    publish(conn, "AB")
    name = Name("消防平台", "Fire platform")
    return sources.open_source(conn, code=code, department="xiaofang", name=name, mapping=MAPPING, on=TODAY, by="test")


@pytest.fixture
def source(conn: Connection) -> Source:
    return _open(conn)


@pytest.fixture
def push(conn: Connection, source: Source, tmp_path: Path) -> Push:
    """Delivers records to the source."""

    def send(*records: Any, way: str = "push") -> Outcome:
        held = receiving.desk(conn, locator=Locator(tmp_path), now=NOW, by="fire-token")
        return receiving.push(conn, sources.get(conn, source.code), records, desk=held, way=way)

    return send


def _count(conn: Connection, table: str) -> int:
    found: int = conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return found


def test_a_record_becomes_an_incident_of_its_matter_in_its_grid(conn: Connection, push: Push) -> None:
    row = push(_record()).rows[0]
    assert (row.row, row.key, row.state, row.late) == (1, "A-1", "taken", False)
    found = incidents.get(conn, str(row.number))
    assert (found["matter"], found["channel"], found["state"]) == (MATTER.code, "department", "collected")
    assert found["grid"] is not None
    assert conn.execute(text("SELECT phone FROM reporter")).scalars().all() == ["138"]


def test_a_record_that_comes_again_is_answered_with_its_number(conn: Connection, push: Push) -> None:
    first = push(_record(), _record("A-2"), _record())
    again = push(_record(text="other words"), _record(kind="nothing any more"))
    assert [row.state for row in first.rows] == ["taken", "taken", "repeated"]
    assert [row.state for row in again.rows] == ["repeated", "repeated"]
    assert {row.number for row in again.rows} == {first.rows[0].number} == {first.rows[2].number}
    assert (_count(conn, "incident"), _count(conn, "reject")) == (2, 0)


def test_good_rows_come_in_and_bad_ones_wait_with_every_reason(conn: Connection, source: Source, push: Push) -> None:
    outcome = push(_record(), _record("A-2", kind="?", x=1), "nonsense", _record("A-3", text="null\0byte"))
    assert [row.state for row in outcome.rows] == ["taken", "rejected", "rejected", "taken"]
    held, matched = deliveries.rejects(conn, source)
    assert matched == 2
    assert [[reason["code"] for reason in each["reasons"]] for each in held] == [
        ["not_an_object"],
        ["outside_china", "unknown_matter"],
    ]
    told = deliveries.latest(conn, source)[0]
    assert [told[name] for name in ("rows", "accepted", "repeated", "late", "rejected")] == [4, 2, 0, 0, 2]
    assert told["sent_by"] == "fire-token"


def test_a_bad_record_that_comes_again_waits_once(conn: Connection, push: Push) -> None:
    push(_record(kind="?"))
    push(_record(kind="?"), _record(kind="??"))
    assert _count(conn, "reject") == 2


def test_a_late_record_is_counted_and_placed_by_the_plan_of_its_moment(conn: Connection, push: Push) -> None:
    _, codes = publish(conn, "AA", since=SINCE + timedelta(days=30))
    before = (SINCE + timedelta(days=3)).isoformat()
    lon = 113.765  # in B by the old plan, in A by the new
    rows = push(_record("A-1", time=before, x=lon), _record("A-2", x=lon), _record("A-3", time="2025-06-01 08:00", x=lon)).rows
    assert [row.late for row in rows] == [True, False, True]
    grids = [incidents.get(conn, str(row.number))["grid"] for row in rows]
    assert grids[1] == codes[0]
    assert grids[0] not in (None, codes[0])
    assert grids[2] is None


def test_a_corrected_record_is_replayed_and_twice_is_once(conn: Connection, source: Source, push: Push, tmp_path: Path) -> None:
    push(_record(kind="?", x=None))
    held = deliveries.rejects(conn, source)[0][0]
    desk = receiving.desk(conn, locator=Locator(tmp_path), now=NOW, by="planner")
    fixed = deliveries.correct(conn, source, held["id"], record=_record(x=None), known=desk.known, now=NOW)
    assert [reason["code"] for reason in fixed["reasons"]] == ["missing"]

    def replay() -> Outcome:
        return deliveries.replay(conn, source, [held["id"]], intake=desk.intake, known=desk.known, now=NOW, by="planner")

    assert replay().rows[0].state == "rejected"
    deliveries.correct(conn, source, held["id"], record=_record(), known=desk.known, now=NOW)
    first, second = replay(), replay()
    assert (first.rows[0].state, second.rows[0].state) == ("taken", "repeated")
    assert first.rows[0].number == second.rows[0].number
    assert _count(conn, "incident") == 1
    settled = deliveries.reject(conn, source, held["id"])
    assert (settled["state"], settled["number"], settled["settled_by"]) == ("replayed", first.rows[0].number, "planner")
    with pytest.raises(RejectSettled):
        deliveries.drop(conn, source, held["id"], note="too late", by="planner")
    with pytest.raises(RejectSettled):
        deliveries.correct(conn, source, held["id"], record={}, known=desk.known, now=NOW)


def test_a_record_that_its_department_corrects_settles_what_lay_there(conn: Connection, source: Source, push: Push) -> None:
    push(_record(kind="?"))
    number = push(_record()).rows[0].number
    held = deliveries.rejects(conn, source, state="replayed")[0]
    assert [each["number"] for each in held] == [number]


def test_all_open_rejects_are_replayed_after_the_mapping_learned_their_words(
    conn: Connection, source: Source, push: Push, tmp_path: Path
) -> None:
    push(_record("A-1", kind="占用"), _record("A-2", kind="占用"), _record("A-3", kind="?"))
    taught = MAPPING | {"matters": {"占用": MATTER.code}}
    source = sources.change(conn, source.code, wanted={"mapping": taught}, on=TODAY, by="planner")
    desk = receiving.desk(conn, locator=Locator(tmp_path), now=NOW, by="planner")
    outcome = deliveries.replay(conn, source, None, intake=desk.intake, known=desk.known, now=NOW, by="planner")
    assert sorted(row.state for row in outcome.rows) == ["rejected", "taken", "taken"]
    assert deliveries.rejects(conn, source)[1] == 1


def test_a_dropped_record_keeps_its_reason_and_is_no_others(conn: Connection, source: Source, push: Push) -> None:
    push(_record(kind="?"))
    held = deliveries.rejects(conn, source)[0][0]
    dropped = deliveries.drop(conn, source, held["id"], note="a test of theirs", by="planner")
    assert (dropped["state"], dropped["note"]) == ("dropped", "a test of theirs")
    with pytest.raises(NotFound):
        deliveries.reject(conn, source, held["id"] + 1)


def test_a_closed_source_takes_nothing(conn: Connection, source: Source, push: Push) -> None:
    sources.change(conn, source.code, wanted={"active": False}, on=TODAY, by="planner")
    with pytest.raises(SourceClosed):
        push(_record())


def test_a_source_says_what_it_cannot_be(conn: Connection, source: Source) -> None:
    given: dict[str, Any] = {"name": Name("x", "x"), "on": TODAY, "by": "test"}
    with pytest.raises(AlreadyThere):
        sources.open_source(conn, code="fire", department="xiaofang", mapping=MAPPING, **given)
    with pytest.raises(BadSource, match="'moon'"):
        sources.open_source(conn, code="x", department="moon", mapping=MAPPING, **given)
    with pytest.raises(BadMapping) as refused:
        sources.open_source(conn, code="x", department="xiaofang", mapping={"id": 5, "datum": "mars"}, **given)
    assert {fault["field"] for fault in refused.value.facts["errors"]} == {"id", "matter", "lon", "datum"}
    for url in ("ftp://x/y", "file:///etc/passwd", "https://", "https://user:secret@host/"):
        with pytest.raises(BadSource):
            sources.change(conn, "fire", wanted={"pull_url": url}, on=TODAY, by="test")
    with pytest.raises(NotFound):
        sources.change(conn, "water", wanted={}, on=TODAY, by="test")


def test_a_department_sees_its_own_sources_and_a_part_of_the_city_none(conn: Connection, source: Source) -> None:
    for reach, seen in (
        (WHOLE_CITY, True), (Reach("441900", "xiaofang"), True), (Reach("441900", "gongan"), False), (Reach("441900", ""), False),
        (Reach("441900.441900003"), False),
    ):  # fmt: skip
        assert bool(sources.listed(conn, reach=reach)) is seen
        assert bool(sources.board(conn, reach=reach, timezone="Asia/Shanghai", now=NOW)) is seen


def test_the_board_says_how_a_source_is(conn: Connection, source: Source, push: Push) -> None:
    def light() -> tuple[str, list[str]]:
        _, figures, colour, words = sources.board(conn, reach=WHOLE_CITY, timezone="Asia/Shanghai", now=datetime.now(UTC))[0]
        assert figures["rows_today"] <= figures["rows_week"]
        return colour, words

    assert light() == ("grey", ["never_delivered"])
    push(_record())
    assert light() == ("green", [])
    push(_record("A-2", kind="?"))
    assert light() == ("amber", ["open_rejects"])
    push(_record("A-3", kind="?"))
    assert light() == ("red", ["mostly_rejected", "open_rejects"])
    sources.change(conn, source.code, wanted={"active": False}, on=TODAY, by="test")
    assert light() == ("grey", ["closed"])


def test_every_department_of_the_demo_city_has_a_source(conn: Connection, source: Source) -> None:
    assert open_demo_sources(conn, on=TODAY, by="seed") == 1
    assert [(each.code, each.department) for each in sources.listed(conn)] == [("fire", "xiaofang"), ("xiaofang", "xiaofang")]


def test_a_sample_is_tried_and_nothing_is_written(conn: Connection, source: Source) -> None:
    reads = sources.preview(conn, MAPPING, [_record(str(i)) for i in range(30)] + [_record(kind="?")], on=TODAY, now=NOW)
    assert len(reads) == sources.PREVIEW_ROWS
    assert all(read.report for read in reads)
    assert (_count(conn, "incident"), _count(conn, "received")) == (0, 0)
    with pytest.raises(BadMapping):
        sources.preview(conn, {}, [], on=TODAY, now=NOW)


@pytest.fixture(scope="module")
def engine(cluster: Cluster, empty_url: str) -> Iterator[Engine]:
    """A small city of its own with a source, for what is committed."""
    made = upkeep.open_database(create_database(cluster, "deliveries", template="wangge"), pool_size=8)
    with made.begin() as conn:
        _open(conn)
    yield made
    made.dispose()


def test_the_same_records_delivered_at_the_same_moment_become_one_incident_each(engine: Engine, tmp_path: Path) -> None:
    records, locator = [_record(f"T-{i}") for i in range(40)], Locator(tmp_path)

    def deliver(turn: int) -> list[tuple[str, str]]:
        with engine.begin() as conn:
            held = receiving.desk(conn, locator=locator, now=NOW, by=f"thread {turn}")
            sent = records if turn % 2 else records[::-1]
            rows = receiving.push(conn, sources.get(conn, "fire"), sent, desk=held).rows
        return sorted((str(row.key), str(row.number)) for row in rows)

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(deliver, range(6)))
    assert all(each == told[0] for each in told)
    with engine.connect() as conn:
        assert _count(conn, "incident") == _count(conn, "received") == len(records)
        assert conn.execute(text("SELECT sum(accepted) FROM delivery")).scalar_one() == len(records)
