"""The event stream under a thousand listeners, against the usual ways to push from Flask; and the way in for reports.

Every server has two processes, the same listeners in one process of their own, and the same events in the same rhythm. Ours
take the whole way: a row of the journal, its commit, the bell, the question, the rights of each listener, the wire. An event
that has not come when the clock is stopped counts with the time that it was waited for.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg2

from bench.live_city import furnished
from bench.processor import cpu_s_of
from bench.report import Comparison, figure, lower_is_better, skipped
from bench.serving import free_port
from server.cluster import Cluster
from server.config import Settings
from server.supervisor import Child, children

LISTENERS, PER_S, PROCESSES = 1_000, 100, 2
TARGET_MS = 300
DRAIN_S = 5
UP_WITHIN_S = 60
Publish = Callable[[bytes], None]


@dataclass(frozen=True)
class Measured:
    """One server under load. `cpu_ms` is its processor time for a thousand deliveries, `listening_ms` that of the listeners."""

    p50_ms: float
    p99_ms: float
    fraction: float
    per_s: float
    cpu_ms: float
    listening_ms: float
    load: float


def run(*, quick: bool) -> list[Comparison]:
    """The stream against a fixed figure and against its peers; then the way in."""
    seconds = 5 if quick else 20
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        ours = _measure_ours(Path(folder), seconds=seconds)
    case = f"{LISTENERS:,} listeners × {PER_S} events/s"
    told = [
        Comparison("live", f"{case}: p99", "target", round(ours.p99_ms, 1), TARGET_MS, "ms", round(TARGET_MS / ours.p99_ms, 2), 1.0,
                   ours.p99_ms <= TARGET_MS),
        figure("live", f"{case}: p50", ours.p50_ms, unit="ms"),
        figure("live", f"{case}: deliveries", ours.per_s, unit="1/s"),
        figure("live", f"{case}: delivered", ours.fraction, unit="fraction"),
        figure("live", f"{case}: processor time a thousand deliveries", ours.cpu_ms, unit="ms"),
        figure("live", f"{case}: the same of the listeners", ours.listening_ms, unit="ms"),
        figure("live", f"{case}: load of the machine meanwhile", ours.load, unit="processes"),
    ]  # fmt: skip
    for kind, name in (("queues", "Flask + gevent, a queue for each client"), ("socketio", "Flask-SocketIO + gevent")):
        theirs = _measure_peer(kind, seconds=seconds)
        if theirs is None:
            skipped("live", name, "it is not installed, or did not come up")
            continue
        told += [
            lower_is_better("live", f"{case}: p99", name, ours.p99_ms, theirs.p99_ms, unit="ms", target=1.0),
            lower_is_better("live", f"{case}: p50", name, ours.p50_ms, theirs.p50_ms, unit="ms"),
            figure("live", f"{case}: delivered by {name}", theirs.fraction, unit="fraction"),
            lower_is_better("live", f"{case}: processor time a thousand deliveries", name, ours.cpu_ms, theirs.cpu_ms, unit="ms"),
        ]
    return told + _intake(quick=quick)


def _intake(*, quick: bool) -> list[Comparison]:
    """The way in for reports has a file of its own."""
    try:
        from bench.live_intake import intake_cases
    except ModuleNotFoundError as fault:
        skipped("live", "intake", str(fault))
        return []
    return list(intake_cases(quick=quick))


def _measure_ours(folder: Path, *, seconds: float) -> Measured:
    cluster = Cluster(folder / "postgres", throwaway=True)
    try:
        url = cluster.start()
        settings = Settings(database_url=url, var_dir=folder / "var", port=free_port(), events_port=free_port())
        tokens = furnished(url)
        with _stream(settings) as pids, closing(psycopg2.connect(url)) as link:
            link.autocommit = True
            cursor = link.cursor()

            def publish(words: bytes) -> None:
                cursor.execute(
                    "INSERT INTO journal (kind, subject, payload, actor) VALUES ('case.accept', 'x', %s, 'bench')",
                    (words.decode(),),
                )

            return _under_load("sse", settings.events_port, pids, publish, tokens=tokens, seconds=seconds)
    finally:
        cluster.destroy()


@contextmanager
def _stream(settings: Settings) -> Iterator[list[int]]:
    """The processes of the event stream as the supervisor starts them; yields their numbers."""
    named = {"WANGGE_PORT": str(settings.port), "WANGGE_EVENTS_PORT": str(settings.events_port)}
    kept = [
        Child(child.name, child.command, {**child.environment, **named})
        for child in children(settings)
        if child.name.startswith("event stream")
    ]
    for child in kept:
        child.start()
    try:
        _await(settings.events_port)
        yield [child.process.pid for child in kept if child.process]
    finally:
        for child in kept:
            child.stop()


def _measure_peer(kind: str, *, seconds: float) -> Measured | None:
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as feed:
        command = [sys.executable, "-m", "bench.live_peers", kind, str(port), str(feed.getsockname()[1])]
        peers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(PROCESSES)]
        try:
            feed.settimeout(UP_WITHIN_S)
            links = [feed.accept()[0] for _ in peers]
            _await(port)

            def publish(words: bytes) -> None:
                for link in links:
                    link.sendall(words + b"\n")

            listening = "sse" if kind == "queues" else kind
            return _under_load(listening, port, [peer.pid for peer in peers], publish, tokens=[], seconds=seconds)
        except (OSError, NotListening):
            return None
        finally:
            for peer in peers:
                peer.kill()
                peer.wait()


class NotListening(RuntimeError):
    """Not all listeners got in."""


def _under_load(
    kind: str, port: int, pids: Sequence[int], publish: Publish, *, tokens: Sequence[str], seconds: float
) -> Measured:
    command = [sys.executable, "-m", "bench.live_clients", kind, str(port), str(LISTENERS), *tokens]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        if clients.stdout.readline() != b"ready\n":
            raise NotListening(kind)
        before, began = sum(map(cpu_s_of, pids)), time.monotonic()
        sent = _publish_all(publish, seconds=seconds)
        load = os.getloadavg()[0]
        time.sleep(DRAIN_S)
        cpu_s = sum(map(cpu_s_of, pids)) - before
        lasted = time.monotonic() - began
        clients.stdin.close()
        told = json.loads(clients.stdout.read())
    return _measured(told, sent * LISTENERS, cpu_s=cpu_s, seconds=lasted - DRAIN_S, load=load)


def _measured(told: dict[str, Any], expected: int, *, cpu_s: float, seconds: float, load: float) -> Measured:
    """Percentiles over all that was expected; what did not come stands at the far end."""
    came = told["deliveries"] / expected
    waited_ms = max([DRAIN_S * 1000.0, *told["ms"][-1:]])

    def at(share: float) -> float:
        return float(told["ms"][min(100, round(100 * share / came))]) if came and share <= came else waited_ms

    per_thousand = 1e6 / max(told["deliveries"], 1)
    return Measured(
        at(0.5), at(0.99), min(came, 1.0), told["deliveries"] / seconds,
        per_thousand * cpu_s, per_thousand * told["cpu_s"], load,
    )  # fmt: skip


def _publish_all(publish: Publish, *, seconds: float) -> int:
    """Events in an even rhythm, each with the moment at which it was made; returns how many."""
    count = round(seconds * PER_S)
    begin = time.monotonic()
    for number in range(count):
        while (left := begin + number / PER_S - time.monotonic()) > 0:
            time.sleep(left)
        publish(orjson.dumps(_marker(number) | {"sent": time.time()}))
    return count


def _marker(number: int) -> dict[str, Any]:
    """What the journal says of a case."""
    return {
        "number": f"260101-{number:06d}", "version": 3, "action": "accept", "state": "accepted", "urgency": 2, "matter": "0101",
        "department": "xiaofang", "lon": 113.751234, "lat": 23.021234, "grid": "44190000300101",
        "path": "441900.441900003.441900003001", "command": "441900003001", "level": "community", "officer": None, "tier": None,
        "channel": "citizen", "supervised": False, "merged_into": None, "reported_at": "2026-05-01T01:02:03+00:00",
        "due_at": "2026-05-02T01:02:03+00:00", "warn_at": "2026-05-01T23:02:03+00:00", "closed_at": None, "parties": [],
    }  # fmt: skip


def _await(port: int) -> None:
    """Until every process listens: who comes before that would be alone with the first."""
    until = time.monotonic() + UP_WITHIN_S
    mark = f"0100007F:{port:04X} 00000000:0000 0A"
    while time.monotonic() < until:
        if Path("/proc/net/tcp").read_text().count(mark) == PROCESSES:
            return
        time.sleep(0.1)
    raise NotListening(f"nothing listens on port {port}")
