"""Runs of imports as the worker does them: two at once, cancelled, orphaned; the city stays as it was unless one is applied."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine, text

from gis import areas, catalogue, city, imports, upkeep
from gis.errors import ImportNotReady
from gis.locating import Locator
from gis.records import AreaRow, City, ImportJob, Name
from server.cluster import Cluster
from server.import_runs import Runner
from tests.builders import MATTER, create_database, square

Opened = Callable[[str, str, str], ImportJob]


@pytest.fixture
def engine(cluster: Cluster, empty_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A small city of four communities in a database of its own."""
    made = upkeep.open_database(create_database(cluster, f"runs_{abs(hash(request.node.name)) % 10**8}", template="wangge"))
    with made.begin() as conn:
        city.found(conn, City("441900", Name("东莞市", "Dongguan"), 4547, synthetic=True), by="test")
        whole = shapely.coverage_union_all([square(x, 0, 1, 2) for x in range(4)])
        rows = [AreaRow("441900", None, "city", Name("东莞市", "Dongguan"), whole, synthetic=True)]
        rows.append(AreaRow("441900003", "441900", "town", Name("东城街道", "Dongcheng"), whole, synthetic=True))
        rows += [
            AreaRow(
                f"44190000300{x + 1}",
                "441900003",
                "community",
                Name(f"第{x + 1}社区", f"C{x + 1}"),
                square(x, 0, 1, 2),
                synthetic=True,
            )
            for x in range(4)
        ]
        areas.found(conn, rows, by="test")
        catalogue.admit(conn, departments={"xiaofang": Name("消防", "Fire")}, matters=[MATTER], on=date(2024, 1, 1), by="test")
    yield made
    made.dispose()


@pytest.fixture
def runner(engine: Engine, tmp_path: Path) -> Runner:
    return Runner(engine, Locator(tmp_path / "index"), tmp_path / "imports")


@pytest.fixture
def opened(engine: Engine, runner: Runner) -> Opened:
    """A file that was uploaded and whose check may run."""

    def by(kind: str, name: str, content: str) -> ImportJob:
        with engine.begin() as conn:
            job = imports.open_job(conn, kind=kind, filename=name, size=len(content), by="test")
        folder = runner.folder_of(job.id)
        folder.mkdir(parents=True)
        (folder / f"source{Path(name).suffix}").write_text(content, encoding="utf-8")
        with engine.begin() as conn:
            return imports.begin(conn, job.id, "checking", source={}, options={})

    return by


def _facilities(*names: str) -> str:
    return "kind,name,lon,lat\n" + "".join(f"market,{name},113.755,23.045\n" for name in names)


def _state(engine: Engine, job: ImportJob) -> ImportJob:
    with engine.connect() as conn:
        return imports.get(conn, job.id)


def _begin(engine: Engine, job: ImportJob, state: str) -> None:
    with engine.begin() as conn:
        imports.begin(conn, job.id, state)


def _facilities_there(engine: Engine) -> int:
    with engine.connect() as conn:
        return conn.execute(text("SELECT count(*) FROM facility")).scalar_one()


def test_a_check_writes_a_report_and_nothing_else(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("facilities", "f.csv", _facilities("一", "二"))
    runner.run(job.id)
    checked = _state(engine, job)
    assert checked.state == "checked"
    assert checked.outcome is not None
    assert checked.outcome["counts"] == {"facilities": 2}
    assert _facilities_there(engine) == 0


def test_two_imports_at_once_wait_for_each_other_and_both_come_in(engine: Engine, runner: Runner, opened: Opened) -> None:
    jobs = [opened("facilities", f"{n}.csv", _facilities(*(f"{n}-{i}" for i in range(200)))) for n in range(2)]
    for job in jobs:
        runner.run(job.id)
        _begin(engine, job, "applying")
    threads = [threading.Thread(target=runner.run, args=(job.id,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [_state(engine, job).state for job in jobs] == ["applied", "applied"]
    assert _facilities_there(engine) == 400


def test_the_same_import_runs_once_however_often_it_is_asked_for(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("facilities", "f.csv", _facilities("一"))
    runner.run(job.id)
    _begin(engine, job, "applying")
    threads = [threading.Thread(target=runner.run, args=(job.id,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert _facilities_there(engine) == 1


def test_what_is_applied_twice_at_once_is_there_once(engine: Engine, runner: Runner, opened: Opened) -> None:
    jobs = [opened("facilities", "f.csv", _facilities("一", "二")) for _ in range(2)]
    for job in jobs:
        runner.run(job.id)
        _begin(engine, job, "applying")
    for job in jobs:
        runner.run(job.id)
    assert _facilities_there(engine) == 2


def test_a_cancelled_run_writes_nothing_and_may_be_tried_again(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("facilities", "f.csv", _facilities("一"))
    runner.run(job.id)
    _begin(engine, job, "applying")
    with engine.begin() as conn:
        imports.ask_cancel(conn, job.id)
    runner.run(job.id)
    assert _state(engine, job).state == "checked"
    assert _facilities_there(engine) == 0
    _begin(engine, job, "applying")
    runner.run(job.id)
    assert _state(engine, job).state == "applied"


def test_what_has_blocking_findings_cannot_be_applied(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("facilities", "f.csv", "kind,name,lon,lat\nmarket,一,23.045,113.755\n")
    runner.run(job.id)
    with pytest.raises(ImportNotReady, match="1 findings"):
        _begin(engine, job, "applying")


def test_a_file_that_cannot_be_read_fails_with_the_reason(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("grids", "g.geojson", '{"type": "FeatureCollection", "features": [')
    runner.run(job.id)
    failed = _state(engine, job)
    assert failed.state == "failed"
    assert failed.problem


def test_a_city_that_changed_between_check_and_apply_is_looked_at_again(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("incidents", "i.csv", "matter,reported_at,lon,lat\n0101,2026-03-01,113.755,23.045\n")
    runner.run(job.id)
    _begin(engine, job, "applying")
    with engine.begin() as conn:
        conn.execute(text("UPDATE matter SET retired_on = '2026-01-02'"))
    runner.run(job.id)
    assert _state(engine, job).state == "failed"
    with engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM incident")).scalar_one() == 0


def test_a_run_whose_process_died_is_failed_at_the_next_start(engine: Engine, opened: Opened) -> None:
    job, waiting = opened("facilities", "f.csv", _facilities("一")), opened("facilities", "w.csv", _facilities("二"))
    with engine.begin() as conn:
        imports.advance(conn, job.id, "Reading the file", 1, 2)
    with engine.begin() as conn:
        assert imports.give_up_orphans(conn) == 1
    assert _state(engine, job).state == "failed"
    assert _state(engine, waiting).state == "checking"


def test_a_run_that_is_alive_is_no_orphan(engine: Engine, opened: Opened) -> None:
    job = opened("facilities", "f.csv", _facilities("一"))
    with engine.begin() as conn:
        imports.advance(conn, job.id, "Reading the file", 1, 2)
    with engine.connect() as running:
        assert imports.hold_run(running, job.id)
        with engine.begin() as conn:
            assert imports.give_up_orphans(conn) == 0


def test_every_applied_import_is_in_the_journal(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("facilities", "f.csv", _facilities("一"))
    runner.run(job.id)
    _begin(engine, job, "applying")
    runner.run(job.id)
    with engine.connect() as conn:
        row = conn.execute(text("SELECT subject, payload, actor FROM journal WHERE kind = 'import.applied'")).one()
    assert (row.subject, row.payload["brought"], row.payload["facilities"], row.actor) == ("f.csv", "facilities", 1, "test")
    assert _state(engine, job).changed_at <= datetime.now(UTC)


def test_an_applied_import_is_never_taken_for_a_run_that_died(
    engine: Engine, runner: Runner, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = opened("facilities", "f.csv", _facilities("一"))
    runner.run(job.id)
    _begin(engine, job, "applying")

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(Path, "unlink", die)
    with pytest.raises(SystemExit):
        runner.run(job.id)
    with engine.begin() as conn:
        assert imports.give_up_orphans(conn) == 0
    assert _state(engine, job).state == "applied"
    assert _facilities_there(engine) == 1


def test_the_file_of_an_applied_import_is_not_kept(engine: Engine, runner: Runner, opened: Opened) -> None:
    job = opened("facilities", "f.csv", _facilities("一"))
    runner.run(job.id)
    _begin(engine, job, "applying")
    runner.run(job.id)
    assert list(runner.folder_of(job.id).glob("source.*")) == []
    with engine.begin() as conn:
        imports.begin(conn, job.id, "abandoned")
