"""The stream when things break: the database killed, a process of the stream killed, nets that fail, clients who do not read."""

import os
import random
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import psycopg2
import pytest
from sqlalchemy import text

from gis import accounts, tokens, upkeep
from gis.store import journal
from server.cluster import Cluster
from server.config import Settings
from server.supervisor import Child, children
from tests.builders import found_city
from tests.listening import Listener, deaf

CITY, TOWN, ELSEWHERE = "441900", "441900.441900003", "441900.441900004"
WRITERS, EACH = 8, 60
WITHIN_S = 30


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@dataclass
class Stream:
    """A database of its own and two processes of the stream, that somebody starts again when they die."""

    cluster: Cluster
    url: str
    port: int
    kept: list[Child]
    token: dict[str, str]

    def rows(self, after: int, path: str = CITY) -> list[int]:
        """What the journal holds in the end: the truth."""
        with psycopg2.connect(self.url) as link, link.cursor() as cursor:
            cursor.execute(
                "SELECT seq FROM journal WHERE seq > %s AND kind LIKE 'case.%%' AND payload->>'path' LIKE %s ORDER BY seq",
                (after, path + "%"),
            )
            return [row[0] for row in cursor]

    def follows(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(orjson.loads(answer.read())["following"])
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _furnish(url: str) -> dict[str, str]:
    """The schema, a small city, and one who hears the whole city and one who hears a town."""
    engine = upkeep.open_database(url)
    with engine.connect() as conn:
        upkeep.migrate(conn)
    found = {}
    with engine.begin() as conn:
        conn.execute(text("ALTER DATABASE wangge SET synchronous_commit = on"))  # the clusters of tests are without
        found_city(conn, "AB")
        for login, area in (("city", "441900"), ("town", "441900003")):
            accounts.open_account(conn, login=login, name=login, role="dispatcher", area_code=area, within=None, by="test")
            found[login] = tokens.issue(conn, login, label="test", days=None, by="test")
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def stream(folder: Path) -> Iterator[Stream]:
    cluster = Cluster(folder / "stream", throwaway=True)
    url = cluster.start()
    settings = Settings(database_url=url, var_dir=folder / "stream-var", port=_free_port(), events_port=_free_port())
    token = _furnish(url)
    os.environ |= {"WANGGE_PORT": str(settings.port), "WANGGE_EVENTS_PORT": str(settings.events_port)}
    kept = [child for child in children(settings) if child.name.startswith("event stream")]
    del os.environ["WANGGE_PORT"], os.environ["WANGGE_EVENTS_PORT"]
    over = threading.Event()

    def tend() -> None:
        while not over.wait(0.1):
            for child in kept:
                child.tend()

    tending = threading.Thread(target=tend)
    tending.start()
    made = Stream(cluster, url, settings.events_port, kept, token)
    until(made.follows, "the stream does not follow")
    yield made
    over.set()
    tending.join()
    for child in kept:
        child.stop()
    cluster.destroy()


def write(stream: Stream, number: int) -> None:
    """Entries for two towns; some are slow to commit, some are rolled back, and a killed database is waited for."""
    chance = random.Random(number)
    written = 0
    while written < EACH:
        try:
            link = psycopg2.connect(stream.url)
            with link.cursor() as cursor:
                while written < EACH:
                    path = chance.choice([TOWN, ELSEWHERE])
                    for _ in range(chance.randint(1, 3)):
                        cursor.execute(
                            "INSERT INTO journal (kind, subject, payload, actor) VALUES ('case.accept', 'x', %s, 'test')",
                            (orjson.dumps({"path": f"{path}.1", "number": "x"}).decode(),),
                        )
                    cursor.execute("SELECT pg_sleep(%s)", (chance.choice([0.0, 0.01, 0.05]),))
                    link.rollback() if chance.random() < 0.2 else link.commit()
                    written += 1
        except psycopg2.Error:
            time.sleep(0.1)


def test_everybody_hears_everything_once_and_in_order_whatever_is_killed(stream: Stream) -> None:
    start = max(stream.rows(0), default=0)
    chance = random.Random(5)
    listeners = [
        Listener(stream.port, stream.token["city"], since=start),
        Listener(stream.port, stream.token["city"], since=start, leaves=lambda: chance.random() < 0.02),
        Listener(stream.port, stream.token["town"], since=start, leaves=lambda: chance.random() < 0.05),
    ]
    dumb = deaf(stream.port, stream.token["city"])
    writers = [threading.Thread(target=write, args=(stream, number)) for number in range(WRITERS)]
    for thread in (*listeners, *writers):
        thread.start()
    until(lambda: len(listeners[0].heard) > 60, "nothing came")
    os.kill(_postmaster(stream.cluster), signal.SIGKILL)
    stream.cluster.start()
    heard = len(listeners[0].heard)
    until(lambda: len(listeners[0].heard) > heard + 60, "nothing came after the database was back")
    for child in stream.kept[:1]:
        assert child.process is not None
        os.kill(child.process.pid, signal.SIGKILL)
    for writer in writers:
        writer.join(WITHIN_S)
    everything, of_the_town = stream.rows(start), stream.rows(start, TOWN)
    assert len(everything) > WRITERS * EACH
    assert 0 < len(of_the_town) < len(everything)
    for listener, expected in zip(listeners, (everything, everything, of_the_town), strict=True):
        until(lambda heard=listener.heard, expected=expected: len(heard) >= len(expected), "something is missing")
        listener.stop()
        assert listener.seqs == expected
        assert listener.left == []
    assert listeners[1].visits > 2
    dumb.close()


def test_who_does_not_read_holds_nobody_up_is_cut_off_and_goes_on_later(stream: Stream) -> None:
    start = max(stream.rows(0), default=0)
    dumb = deaf(stream.port, stream.token["city"])
    dumb.recv(1)
    quick = Listener(stream.port, stream.token["city"], since=start)
    quick.start()
    with psycopg2.connect(stream.url) as link, link.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO journal (kind, subject, payload, actor)
            SELECT 'case.accept', 'x', jsonb_build_object('path', %s::text, 'words', repeat('x', 700)), 'test'
            FROM generate_series(1, 21000)
            """,
            (TOWN,),
        )
    expected = stream.rows(start)
    until(lambda: len(quick.heard) == len(expected), "the one who reads was held up")
    assert quick.seqs == expected
    quick.stop()
    until(lambda: _is_reset(dumb), "the one who does not read was not cut off")
    dumb.close()
    late = Listener(stream.port, stream.token["city"], since=start + 1)
    late.start()
    until(lambda: len(late.heard) >= len(expected) - 1, "the one who came back missed something")
    late.stop()
    assert late.seqs == [seq for seq in expected if seq > start + 1]


def test_an_account_that_loses_its_rights_hears_no_more(stream: Stream) -> None:
    engine = upkeep.open_database(stream.url)
    with engine.begin() as conn:
        accounts.open_account(conn, login="brief", name="brief", role="dispatcher", area_code="441900", within=None, by="test")
        token = tokens.issue(conn, "brief", label="test", days=None, by="test")
    listener = Listener(stream.port, token, since=max(stream.rows(0)))
    listener.start()
    until(lambda: listener.visits > 0, "it was not let in")
    with engine.begin() as conn:
        accounts.close(conn, "brief", within=None, by="test")
    with engine.begin() as conn:
        journal.append(conn, "case.accept", subject="x", actor="test", path="441900")
    other = Listener(stream.port, stream.token["city"], since=max(stream.rows(0)) - 1)
    other.start()
    until(lambda: bool(other.heard), "nobody heard it")
    other.stop()
    listener.stop()
    assert listener.heard == []
    engine.dispose()


def _postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def _is_reset(link: socket.socket) -> bool:
    try:
        link.sendall(b"x")
    except OSError:
        return True
    return False
