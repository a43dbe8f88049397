"""Requests per second over HTTP: any WSGI application under the same server, the same number of workers, the same load."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

WORKERS, THREADS, CONNECTIONS = 2, 4, 16
UP_WITHIN_S = 60


class CannotServe(RuntimeError):
    """An application did not come up, or there is nothing to put load on it with."""


@contextmanager
def served(
    target: str, *, environment: Mapping[str, str], factory: bool, probe: str, interface: str = "wsgi"
) -> Iterator[str]:
    """The address of a WSGI (or ASGI) application under granian, from when `probe` answers."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("granian")), "--interface", interface, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--no-ws", "--workers-kill-timeout", "3", "--log-level", "error"]
    command += ["--blocking-threads", str(THREADS)] if interface == "wsgi" else []
    command += [*(["--factory"] if factory else []), target]
    process = subprocess.Popen(
        command, env=os.environ | dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await(f"http://127.0.0.1:{port}{probe}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        _stop(process)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and after ten seconds end it with its workers: one that is told to stop while it starts may hang."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers; whether it likes the question is not asked here
        except OSError:
            time.sleep(0.2)
    raise CannotServe(f"{url} did not answer within {UP_WITHIN_S} s")


def requests_per_s(url: str, *, token: str = "", seconds: int) -> float:
    """Answers per second to one client process with 16 connections. Raises CannotServe when an answer is not 2xx."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotServe("wrk is not installed (apt-get install wrk)")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    told = subprocess.run([*command, url], check=True, capture_output=True, text=True, timeout=seconds + 30).stdout
    if "Non-2xx" in told:
        raise CannotServe(f"{url} answered with errors: {told}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    if rate == 0:
        raise CannotServe(f"{url} gave no answer within {seconds} s")
    return rate
