"""A real worker between a department and the city, killed in the middle: every record is there once, every call is heard."""

import hashlib
import hmac
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, text

from gis import hooks, sources, upkeep
from gis.locating import Locator
from gis.records import Name, Reach
from server import receiving
from server.cluster import Cluster
from server.hooks import HookCaller
from server.receiving import Receiver
from tests.builders import MATTER, create_database, found_city, publish

MAPPING: dict[str, Any] = {"id": "no", "matter_always": MATTER.code, "lon": "x", "lat": "y", "reported_at": "time", "rows": "items"}
ROWS = 3_000
WITHIN_S = 120.0
_CITY = Reach("441900")


class Department(ThreadingHTTPServer):
    """A department's own server: hears calls, and holds records ready."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.heard: list[tuple[str, dict[str, Any], str, bytes]] = []
        self.lock, self.in_the_middle, self.go_on = Lock(), Event(), Event()
        self.status, self.hold_next, self.etag = 204, False, '"1"'
        self.items: list[dict[str, Any]] = []
        self.asked: list[str] = []
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Department
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            hold, self.server.hold_next = self.server.hold_next, False
            if self.server.status == 204:
                told = (self.headers["X-Wangge-Event"], orjson.loads(body), self.headers["X-Wangge-Signature"], body)
                self.server.heard.append(told)
        if hold:  # the department has it, and the worker never learns so
            self.server.in_the_middle.set()
            self.server.go_on.wait(WITHIN_S)
        self._answer(self.server.status)

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.startswith("/elsewhere"):
            self._answer(302, headers={"Location": "http://127.0.0.2:9/secret"})
        elif self.path.startswith("/moved"):
            self._answer(302, headers={"Location": "/cases"})
        elif self.headers["If-None-Match"] == self.server.etag:
            self._answer(304)
        else:
            self._answer(200, orjson.dumps({"items": self.server.items}), {"ETag": self.server.etag})

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # whoever asked was killed
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def url(cluster: Cluster, empty_url: str) -> str:
    return create_database(cluster, "departments", template="wangge")


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    """A small city with a fire brigade that has a source."""
    made = upkeep.open_database(url, pool_size=12)
    with made.begin() as conn:
        found_city(conn, "AB")
        publish(conn, "AB")
        name = Name("消防平台", "Fire platform")
        sources.open_source(conn, code="fire", department="xiaofang", name=name, mapping=MAPPING, on=date(2026, 3, 1), by="test")
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def var(folder: Path) -> Path:
    made = folder / "departments"
    (made / "inbox" / "fire").mkdir(parents=True)
    return made


@pytest.fixture
def department() -> Iterator[Department]:
    made = Department()
    yield made
    made.go_on.set()
    made.shutdown()
    made.server_close()


Work = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def work(url: str, var: Path) -> Iterator[Work]:
    """Starts real workers; whatever is left of them is killed at the end."""
    begun: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = os.environ | {"WANGGE_DATABASE_URL": url, "WANGGE_VAR_DIR": str(var)}
        begun.append(subprocess.Popen([Path(sys.executable).parent / "wangge", "worker"], env=environment, start_new_session=True))
        return begun[-1]

    yield start
    for each in begun:
        if each.poll() is None:
            os.killpg(each.pid, signal.SIGKILL)
        each.wait(20)


def _until(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def _one(engine: Engine, sql: str) -> Any:
    with engine.connect() as conn:
        return conn.execute(text(sql)).scalar_one()


def _kill(worker: subprocess.Popen[bytes]) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(20)


def _record(number: int | str, **changed: Any) -> dict[str, Any]:
    return {"no": f"F-{number}", "x": 113.755, "y": 23.045, "time": "2026-03-02 08:00"} | changed


def test_a_worker_killed_in_the_middle_of_a_file_loses_and_doubles_nothing(engine: Engine, var: Path) -> None:
    lines = "".join(f"F-{i},113.755,23.045,2026-03-02 08:00\n" for i in range(ROWS))
    (var / "inbox" / "fire" / "night.csv").write_text("no,x,y,time\n" + lines)
    receiver = [sys.executable, "-c", _RECEIVE, str(engine.url.render_as_string(hide_password=False)), str(var)]
    first = subprocess.Popen(receiver, start_new_session=True)
    _until(lambda: 0 < _one(engine, "SELECT count(*) FROM received") < ROWS, "the worker was never in the middle")
    _kill(first)
    there = _one(engine, "SELECT count(*) FROM received")
    assert 0 < there < ROWS
    assert _one(engine, "SELECT count(*) FROM incident") == there
    subprocess.run(receiver, check=True, timeout=WITHIN_S)
    assert _one(engine, "SELECT count(*) FROM incident") == ROWS
    assert _one(engine, "SELECT count(DISTINCT number) FROM received WHERE number <> ''") == ROWS
    with engine.connect() as conn:
        told = conn.execute(text("SELECT accepted, repeated, fault FROM delivery ORDER BY id")).all()
    assert told[0].fault.startswith("broken off")
    assert [(row.accepted, row.repeated) for row in told] == [(there, 0), (ROWS - there, there)]
    assert len(list((var / "inbox" / "fire" / "done").glob("*night.csv"))) == 1


# What the worker's task does, without waiting for its minute, and in smaller pieces.
_RECEIVE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gis.locating import Locator
from gis.upkeep import open_database
from server import receiving
receiving.ROWS_AT_ONCE = 300
var = Path(sys.argv[2])
receiver = receiving.Receiver(open_database(sys.argv[1]), Locator(var / "index"), var / "inbox")
receiver.run(now=datetime.now(UTC), settled_after_s=0)
"""


def test_a_worker_killed_in_the_middle_of_a_call_has_its_department_hear_all_and_drop_what_repeats(
    engine: Engine, var: Path, department: Department, work: Work
) -> None:
    with engine.begin() as conn:
        changed = sources.change(conn, "fire", wanted={"hook_url": f"{department.url}/hook"}, on=date(2026, 3, 1), by="test")
    _push(engine, var, [_record(f"h{i}") for i in range(6)])
    department.hold_next = True
    worker = work()
    assert department.in_the_middle.wait(WITHIN_S)
    _kill(worker)
    department.go_on.set()
    waiting = "SELECT count(*) FROM hook_call WHERE done_at IS NULL"
    assert _one(engine, waiting) == 6
    with engine.begin() as conn:  # the lease of whoever died is over
        conn.execute(text("UPDATE hook_call SET next_at = now() WHERE next_at > now()"))
    work()
    _until(lambda: bool(_one(engine, waiting) == 0), "not every call was heard")
    events = [event for event, *_ in department.heard]
    assert (len(events), len(set(events))) == (7, 6)
    assert {told["id"] for _, told, *_ in department.heard} == {f"F-h{i}" for i in range(6)}
    assert {told["case"]["state"] for _, told, *_ in department.heard} == {"collected"}
    for _, _, signature, body in department.heard:
        moment, proof = (part.partition("=")[2] for part in signature.split(","))
        expected = hmac.new(str(changed.hook_secret).encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        assert proof == expected
    assert _one(engine, "SELECT count(*) FROM hook_call WHERE status = 204") == 6
    with engine.begin() as conn:
        conn.execute(text("UPDATE hook_call SET done_at = done_at - interval '91 days' WHERE seq % 2 = 0"))
        forgotten = hooks.forget(conn)
    assert 0 < forgotten < 6


def _push(engine: Engine, var: Path, records: list[dict[str, Any]]) -> None:
    with engine.begin() as conn:
        desk = receiving.desk(conn, locator=Locator(var / "index"), now=datetime.now(UTC), by="push")
        receiving.push(conn, sources.get(conn, "fire"), records, desk=desk)


def test_a_department_that_is_away_is_tried_later_and_later_and_then_parked(
    engine: Engine, var: Path, department: Department
) -> None:
    department.status = 503
    with engine.begin() as conn:
        sources.change(conn, "fire", wanted={"hook_url": f"{department.url}/hook"}, on=date(2026, 3, 1), by="test")
        source = sources.get(conn, "fire")
    _push(engine, var, [_record("p1"), _record("p2")])
    caller = HookCaller(engine)
    caller.round()
    caller.busy[source.id].result()
    waiting = "SELECT min(next_at) > now() + interval '10 seconds' FROM hook_call WHERE done_at IS NULL"
    _until(lambda: bool(_one(engine, waiting)), "both wait after one try")
    assert _one(engine, "SELECT sum(tries) FROM hook_call WHERE done_at IS NULL") == 1
    with engine.begin() as conn:
        conn.execute(text("UPDATE hook_call SET at = at - interval '25 hours', next_at = now() WHERE done_at IS NULL"))
    for _ in range(2):
        caller.call(source.id)
    with engine.connect() as conn:
        _, figures, light, words = sources.board(conn, reach=_CITY, timezone="Asia/Shanghai", now=datetime.now(UTC))[0]
    assert (figures["calls_parked"], figures["calls_fault"], light) == (2, "answered 503", "red")
    assert "calls_parked" in words
    department.status = 204
    with engine.begin() as conn:
        conn.execute(text("UPDATE hook_call SET next_at = now() WHERE done_at IS NULL"))
    assert caller.call(source.id) == 2


def test_records_are_fetched_from_where_the_last_pull_ended(engine: Engine, var: Path, department: Department) -> None:
    receiver, now = Receiver(engine, Locator(var / "index"), var / "inbox"), datetime.now(UTC)

    def pull(path: str = "/cases?since={since}") -> dict[str, Any]:
        wanted = {"pull_url": department.url + path, "pull_every_min": 5}
        with engine.begin() as conn:
            sources.change(conn, "fire", wanted=wanted, on=date(2026, 3, 1), by="test")
        receiver.run_one("fire", pull=True, now=now)
        with engine.connect() as conn:
            return sources.get(conn, "fire").pull_state

    department.items = [_record("q1", time="2026-03-02 09:00"), _record("q2", time="2026-03-02 10:00")]
    assert pull()["cursor"] == "2026-03-02 10:00"
    pull()
    assert department.asked == ["/cases?since=", "/cases?since=2026-03-02%2010%3A00"]
    assert _one(engine, "SELECT count(*) FROM delivery WHERE way = 'pull'") == 1
    department.etag = '"2"'
    department.items.append(_record("q3", time="2026-03-02 11:00"))
    pull()
    assert _one(engine, "SELECT sum(accepted) FROM delivery WHERE way = 'pull'") == 3
    assert _one(engine, "SELECT sum(repeated) FROM delivery WHERE way = 'pull'") == 2
    assert pull("/elsewhere")["tries"] == 1
    assert "elsewhere" in pull("/elsewhere")["fault"]
    assert pull("/moved")["fault"] is None
    with engine.connect() as conn:
        source = sources.get(conn, "fire")
    assert [receiving.is_due(source, now=now + timedelta(minutes=minutes)) for minutes in (1, 5)] == [False, True]
