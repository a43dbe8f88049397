"""Processor time of a server under load: its processes, and the database's backends that work for it."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from bench.processor import cpu_s_of
from bench.serving import CannotServe

CLIENTS = 2


def requests_per_cpu_s(address: str, *, engine: Engine, token: str = "", seconds: float) -> float:
    """Answers per second of processor time, of requests that two clients put one after the other for some seconds.

    Every request that is counted has been answered when the clock is read, however busy the machine is. Raises CannotServe when an
    answer is not 200.
    """
    before = server_cpu_s(address, engine)
    with ThreadPoolExecutor(CLIENTS) as clients:
        answered = sum(clients.map(lambda _: _ask(address, token, seconds), range(CLIENTS)))
    return answered / max(server_cpu_s(address, engine) - before, 1e-3)


def _ask(address: str, token: str, seconds: float) -> int:
    parts = urlsplit(address)
    link = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    until, answered = time.monotonic() + seconds, 0
    while answered == 0 or time.monotonic() < until:
        link.request("GET", f"{parts.path}?{parts.query}", headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = link.getresponse()
        answer.read()
        if answer.status != HTTPStatus.OK:
            raise CannotServe(f"{address} answered {answer.status}")
        answered += 1
    link.close()
    return answered


def server_cpu_s(address: str, engine: Engine) -> float:
    """Seconds that the server at this address and all backends on the database have spent since they began.

    Parallel workers of the database, which end with their question, are not counted.
    """
    with engine.connect() as conn:
        asked = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        backends = list(conn.execute(asked).scalars())
    return sum(map(_spent_s, [*_session_of(str(urlsplit(address).port)), *backends]))


def _spent_s(pid: int) -> float:
    try:
        return cpu_s_of(pid)
    except FileNotFoundError:
        return 0.0  # a backend that has just gone


def _session_of(port: str) -> list[int]:
    """The processes of the server that was told this port; it has a session of its own."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    sessions = {os.getsid(pid) for pid in pids if _was_told(pid, port)}
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and os.getsid(pid) in sessions]


def _was_told(pid: int, port: str) -> bool:
    try:
        told = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False  # it has just ended
    return b"--port" in told and port.encode() in told
