"""`wangge run`: the private cluster, the worker and the web server as one, stopped together.

A child that dies is started again; when the supervisor itself is killed its children go with it (the kernel sees to
that), and whatever is left of the cluster is found and used at the next start.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from server.config import Settings

if TYPE_CHECKING:
    from flask import Flask

PR_SET_PDEATHSIG = 1
STOP_WITHIN_S = 10
READY_WITHIN_S = 60
RESTART_AFTER_S = (0.5, 1, 2, 5, 10)
STEADY_AFTER_S = 60
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def web_worker() -> "Flask":
    """What granian calls in each of its workers: the application, in a process that does not outlive granian."""
    _die_with_parent()
    from server.app import create_app

    app = create_app()
    threading.Thread(target=import_module, args=("layers.overview",), daemon=True).start()
    return app


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread here
            stdin=subprocess.DEVNULL,
        )
        self.started = time.monotonic()

    def tend(self) -> None:
        """Start it again when it has died, later each time it keeps dying."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif self.process.poll() is not None:
            self.falls = 0 if now - self.started > STEADY_AFTER_S else self.falls + 1
            pause = RESTART_AFTER_S[min(self.falls, len(RESTART_AFTER_S) - 1)]
            print(f"{self.name} ended with {self.process.returncode}; starting it again in {pause} s", file=sys.stderr)
            self.process, self.due = None, now + pause

    def stop(self) -> None:
        """Ask it to end, then end it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def only_one(var_dir: Path) -> Iterator[None]:
    """Hold the installation: a second `wangge run` says so instead of starting on the same data."""
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"Wangge runs already from {var_dir}; stop it first, or choose another WANGGE_VAR_DIR.") from None
        yield


def claim_ports(settings: Settings) -> None:
    """Say early that a port is taken: both are shared by several processes (SO_REUSEPORT), so two servers would answer in turn."""
    _claim(settings.host, settings.port, "WANGGE_PORT")
    _claim(settings.host, settings.events_port, "WANGGE_EVENTS_PORT")


def _claim(host: str, port: int, setting: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {host}:{port}: {error.strerror}. Choose another {setting} (or WANGGE_HOST)."
            ) from None


def children(settings: Settings) -> list[Child]:
    """The web server, the processes of the event stream and the worker, with everything they need in their environment."""
    binaries = Path(sys.executable).parent
    environment = os.environ | {
        "WANGGE_DATABASE_URL": str(settings.database_url),
        "WANGGE_VAR_DIR": str(settings.var_dir),
    }
    web = [
        str(binaries / "granian"),
        "--interface",
        "wsgi",
        "--factory",
        "server.supervisor:web_worker",
        "--host",
        settings.host,
        "--port",
        str(settings.port),
        "--workers",
        str(settings.workers),
        "--blocking-threads",
        "4",
        "--no-ws",
        "--respawn-failed-workers",
        "--log-level",
        "warning",
        "--workers-kill-timeout",
        "5",
    ]
    events = [sys.executable, "-P", "-m", "server.events"]
    return [
        Child("web server", web, environment),
        *(Child(f"event stream {number}", events, environment) for number in range(1, settings.events_workers + 1)),
        Child("worker", [str(binaries / "wangge"), "worker"], environment),
    ]


def supervise(
    settings: Settings, *, announce: Callable[[], None], tend_database: Callable[[], None], with_worker: bool = True
) -> None:
    """Keep the children running until SIGINT or SIGTERM; `announce` is called once the server is ready."""
    kept = [child for child in children(settings) if with_worker or child.name != "worker"]
    stopping: list[int] = []
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda received, _: stopping.append(received))
    try:
        kept[0].start()  # the worker starts once the pages answer: the two would share the processor
        _await_ready(settings, kept, stopping)
        if not stopping:
            announce()
        while not stopping:
            tend_database()
            for child in kept:
                child.tend()
            time.sleep(0.3)
    finally:
        for child in kept:
            child.stop()


def _await_ready(settings: Settings, kept: list[Child], stopping: list[int]) -> None:
    url = f"http://{settings.address}/readyz"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # an office's proxy has no business here
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and not stopping:
        if kept[0].process is not None and kept[0].process.poll() is not None:
            raise SystemExit(f"The web server did not start; is port {settings.port} in use? Choose another: WANGGE_PORT.")
        try:
            with direct.open(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    if not stopping:
        raise SystemExit(f"The server was not ready within {READY_WITHIN_S} s; see the messages above, or run `wangge doctor`.")
