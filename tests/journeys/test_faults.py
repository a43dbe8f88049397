"""Reports come in while parts are killed: each that was acknowledged is there exactly once, and service is back soon."""

import json
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from gis import accounts, incidents, tokens, upkeep
from server.app import create_app
from server.cluster import Cluster
from server.config import Settings
from tests.builders import MATTER, found_city, publish
from tests.journeys.test_running import Running, wait_until

BACK_WITHIN_S = 10
WRITERS = 4
BEFORE, AFTER = 40, 80  # acknowledged reports before and after the fault
PLACE = {"matter": MATTER.code, "lon": 113.755, "lat": 23.045, "channel": "hotline"}


class Alone(Running):
    """A `wangge run` with a private cluster that holds a small city."""

    def __init__(self, var: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.cluster = Cluster(var / "postgres")
        self.engine = upkeep.open_database(self.cluster.start())
        with self.engine.connect() as conn:
            upkeep.migrate(conn)
        with self.engine.begin() as conn:
            self.token = _a_city(conn)
        self.engine.dispose()
        self.cluster.stop()
        self.environment = os.environ | {"WANGGE_VAR_DIR": str(var), "WANGGE_PORT": str(self.port)}
        self.start()

    def web_worker(self) -> int:
        """One of the processes that answer requests."""
        server = self.part("granian")
        return next(pid for pid, line in self.parts().items() if _parent(pid) == server and "resource_tracker" not in line)


def _a_city(conn: Connection) -> str:
    found_city(conn, "AB")
    publish(conn, "AB")
    incidents.prepare_months(conn, now=datetime.now(UTC))
    accounts.open_account(
        conn, login="hotline", name="Hotline", password="rung-at-night-41", role="dispatcher", area_code="441900", within=None,
        by="test",
    )  # fmt: skip
    return tokens.issue(conn, "hotline", label="faults", days=1, by="test")


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


@pytest.fixture(scope="module")
def alone(folder: Path) -> Iterator[Alone]:
    started = Alone(folder / "faults")
    yield started
    started.process.terminate()
    started.process.communicate(timeout=30)
    started.engine.dispose()
    started.cluster.destroy()


class Storm:
    """Clients that report without a pause, and send again with the same key whatever they got no answer to."""

    def __init__(self, running: Alone, name: str) -> None:
        self.acknowledged: dict[str, str] = {}
        self.moments: list[float] = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(running, f"{name}-{n}")) for n in range(WRITERS)]

    def __enter__(self) -> "Storm":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def _write(self, running: Alone, name: str) -> None:
        count = 0
        while not self.ended.is_set():
            key, count = f"{name}-{count}", count + 1
            self.acknowledged[key] = self._sent(running, key)
            self.moments.append(time.monotonic())

    def _sent(self, running: Alone, key: str) -> str:
        """Send one report until it is acknowledged; returns its number."""
        address = f"http://127.0.0.1:{running.port}/api/v1/incidents"
        head = {"Content-Type": "application/json", "Authorization": f"Bearer {running.token}", "Idempotency-Key": key}
        body = json.dumps(PLACE | {"description": key}).encode()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(urllib.request.Request(address, body, head), timeout=10) as answer:
                    return str(json.load(answer)["number"])
            except urllib.error.HTTPError as error:
                with error:
                    assert error.code >= 500, error.read()
            except (OSError, ValueError):
                pass  # cut off in the middle: it may have been taken in or not
            self.ended.wait(0.05)
        raise AssertionError(f"{key} was never acknowledged")

    def await_more(self, count: int) -> None:
        """Wait until so many more were acknowledged."""
        wanted = len(self.moments) + count
        wait_until(lambda: len(self.moments) >= wanted)


FAULTS: dict[str, Callable[[Alone], int]] = {
    "the database": lambda running: int((running.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0]),
    "a web worker": lambda running: running.web_worker(),
}


@pytest.mark.parametrize("part", FAULTS)
def test_whatever_was_acknowledged_while_a_part_was_killed_is_there_once(alone: Alone, part: str) -> None:
    with Storm(alone, part.replace(" ", "-")) as storm:
        storm.await_more(BEFORE)
        killed = time.monotonic()
        os.kill(FAULTS[part](alone), signal.SIGKILL)
        storm.await_more(AFTER)
    silent_s = max(later - earlier for earlier, later in zip(storm.moments, storm.moments[1:], strict=False) if later > killed)
    assert silent_s <= BACK_WITHIN_S
    assert _written(alone.engine, part.replace(" ", "-")) == {key: [number] for key, number in storm.acknowledged.items()}


def _written(engine: Engine, name: str) -> dict[str, list[str]]:
    """The numbers of what is in the database by their keys: each with its first step, and told once."""
    with engine.connect() as conn:
        rows = conn.execute(
            text("""
                SELECT i.description AS key, array_agg(i.number) AS numbers FROM incident i
                JOIN incident_step s ON s.incident_id = i.id AND s.version = 1
                JOIN journal j ON j.subject = i.number AND j.kind = 'case.report'
                WHERE i.description LIKE :name || '-%' GROUP BY 1
            """),
            {"name": name},
        )
        return {row.key: list(row.numbers) for row in rows}


def test_a_clock_that_jumps_loses_and_doubles_nothing(alone: Alone, folder: Path) -> None:
    app = create_app(Settings(database_url=alone.cluster.url, var_dir=folder / "jumps"))
    now = datetime.now(UTC)
    head = {"Authorization": f"Bearer {alone.token}"}
    numbers = []
    for jump in (timedelta(0), timedelta(days=-2), timedelta(days=800), timedelta(hours=-1)):
        app.config["CLOCK"] = lambda moment=now + jump: moment
        with app.test_client() as client:
            for key in (f"jump{jump.total_seconds():.0f}", "jump-again"):
                answer = client.post("/api/v1/incidents", json=PLACE | {"key": key}, headers=head)
                assert answer.status_code == 201, answer.text
                assert answer.json["due_at"] > answer.json["reported_at"]
                numbers.append(answer.json["number"])
    app.extensions["wangge-engine"].dispose()
    assert len(set(numbers[1::2])) == 1  # sent again, whatever the clock says
    assert len(set(numbers)) == 5
    with alone.engine.connect() as conn:
        held = conn.execute(text("SELECT count(*) FROM incident WHERE number = ANY(:numbers)"), {"numbers": numbers}).scalar_one()
    assert held == 5
