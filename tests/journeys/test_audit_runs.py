"""Audits as the worker runs them: to the end, stopped, failed, orphaned."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gis import audits, upkeep
from gis.coverage_records import ReachQuestion
from server.audit_runs import AuditRunner, run_at_once
from server.cluster import Cluster
from tests.builders import create_database, found_city, publish
from tests.builders_of_coverage import a_facility, lay_streets, open_facilities

WALK = ReachQuestion(kinds=("park",), method="walk", minutes=15.0)


@pytest.fixture(scope="module")
def engine(cluster: Cluster, empty_url: str) -> Iterator[Engine]:
    """A town of four cells with two parks and a street, in a database of its own."""
    made = upkeep.open_database(create_database(cluster, "audit_runs", template="wangge"))
    with made.begin() as conn:
        found_city(conn, "AABB")
        publish(conn, "AABB")
        open_facilities(conn, a_facility("park", (0.5, 0.5)), a_facility("park", (3.5, 0.5)))
        lay_streets(conn, [(0.5, 0.5), (3.5, 0.5)])
    yield made
    made.dispose()


@pytest.fixture
def audit_id(engine: Engine) -> int:
    with engine.begin() as conn:
        return audits.ask(conn, name="Parks", question=WALK, by="auditor").id


def _state(engine: Engine, audit_id: int) -> tuple[str, str | None]:
    with engine.connect() as conn:
        audit = audits.get(conn, audit_id)
    return audit.state, audit.problem


def test_an_audit_is_run_to_its_end_once(engine: Engine, audit_id: int, tmp_path: Path) -> None:
    AuditRunner(engine, tmp_path).run(audit_id)
    assert _state(engine, audit_id) == ("done", None)
    with engine.connect() as conn:
        done = audits.get(conn, audit_id)
        assert (done.done, done.total, done.outcome["covered_residents"]) == (2, 2, 400)
    AuditRunner(engine, tmp_path).run(audit_id)  # has ended: nothing is written twice
    assert _state(engine, audit_id) == ("done", None)


def test_an_audit_that_is_stopped_while_it_runs_leaves_nothing(engine: Engine, audit_id: int, tmp_path: Path) -> None:
    with engine.begin() as conn:
        conn.execute(text("UPDATE audit SET stop_asked = true WHERE id = :id"), {"id": audit_id})  # asked after it began
    AuditRunner(engine, tmp_path).run(audit_id)
    assert _state(engine, audit_id) == ("stopped", None)
    with engine.connect() as conn:
        assert audits.rows(conn, audit_id) == []


def test_a_stop_is_heard_by_an_audit_that_is_already_running(engine: Engine, audit_id: int) -> None:
    with engine.begin() as holder:
        assert audits.hold_run(holder, audit_id) is not None
        with engine.begin() as conn:
            assert audits.advance(conn, audit_id, done=1) is False
            assert audits.is_held(conn, audit_id)
            assert audits.ask_stop(conn, audit_id, by="auditor").state == "running"
            assert audits.advance(conn, audit_id, done=1) is True


def test_what_cannot_be_answered_any_more_fails_with_its_reason(engine: Engine, audit_id: int, tmp_path: Path) -> None:
    with engine.begin() as conn:
        conn.execute(text("UPDATE facility SET kind = 'clinic' WHERE kind = 'park'"))
    try:
        AuditRunner(engine, tmp_path).run(audit_id)
        state, problem = _state(engine, audit_id)
        with engine.begin() as conn:
            again = audits.get(conn, audit_id)
            conn.execute(text("UPDATE audit SET state = 'waiting' WHERE id = :id"), {"id": audit_id})
            run_at_once(conn, again, folder=tmp_path)
    finally:
        with engine.begin() as conn:
            conn.execute(text("UPDATE facility SET kind = 'park' WHERE kind = 'clinic'"))
    assert state == "failed" and "No facility" in problem
    assert _state(engine, audit_id) == (state, problem)


def test_a_fault_of_ours_fails_the_audit_and_is_not_hidden(engine: Engine, audit_id: int, tmp_path: Path) -> None:
    broken = tmp_path / "file"
    broken.touch()  # a file where a folder should be
    with pytest.raises(OSError, match="file"):
        AuditRunner(engine, broken / "networks").run(audit_id)
    state, problem = _state(engine, audit_id)
    assert state == "failed" and "worker's log" in problem


def test_audits_of_a_worker_that_died_fail_and_those_that_wait_go_on_waiting(engine: Engine, audit_id: int) -> None:
    with engine.begin() as conn:
        waiting = audits.ask(conn, name="Waits", question=WALK, by="auditor").id
        audits.advance(conn, audit_id, done=1)
    with engine.begin() as holder:
        assert audits.hold_run(holder, audit_id) is not None
        with engine.begin() as conn:
            audits.give_up_orphans(conn)
        assert _state(engine, audit_id)[0] == "running"  # somebody has it
    with engine.begin() as conn:
        audits.give_up_orphans(conn)
    state, problem = _state(engine, audit_id)
    assert state == "failed" and "interrupted" in problem
    assert _state(engine, waiting)[0] == "waiting"
