"""`wangge run` as a city lives with it: parts are killed and come back; stopping leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WANGGE = str(Path(sys.executable).parent / "wangge")
WITHIN_S = 60


class Running:
    """A `wangge run` on the demo city."""

    def __init__(self, url: str, var: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {"WANGGE_DATABASE_URL": url, "WANGGE_VAR_DIR": str(var), "WANGGE_PORT": str(self.port)}
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([WANGGE, "run"], env=self.environment, stdout=subprocess.PIPE, text=True)
        wait_until(self.is_ready)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(json.load(answer)["status"] == "ready")
        except OSError:
            return False

    def parts(self) -> dict[int, str]:
        """Every live process of this installation, by its number."""
        mark = f"WANGGE_PORT={self.port}".encode()
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (path / "environ").read_bytes().split(b"\0") and int(path.name) != os.getpid():
                    found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return {pid: line for pid, line in found.items() if line.strip()}

    def part(self, words: str) -> int:
        wait_until(lambda: any(words in line for line in self.parts().values()))
        return min(pid for pid, line in self.parts().items() if words in line)


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def running(demo_url: str, folder: Path) -> Iterator[Running]:
    started = Running(demo_url, folder / "run")
    yield started
    started.process.kill()
    started.process.communicate()
    wait_until(lambda: not started.parts())


def test_ctrl_c_stops_every_part(running: Running) -> None:
    assert len(running.parts()) >= 4
    running.process.send_signal(signal.SIGINT)
    printed, _ = running.process.communicate(timeout=WITHIN_S)
    assert "Demo log-ins" in printed
    assert printed.endswith("Stopped.\n")
    assert running.process.returncode == 0
    assert running.parts() == {}


@pytest.mark.parametrize("words", ["granian", "wangge worker"])
def test_a_killed_part_comes_back(running: Running, words: str) -> None:
    killed = running.part(words)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: running.is_ready() and any(words in line for pid, line in running.parts().items() if pid != killed))


def test_when_the_supervisor_is_killed_nothing_is_left_and_the_next_start_is_clean(running: Running) -> None:
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.communicate()
    wait_until(lambda: not running.parts())
    running.start()
    assert running.is_ready()


def test_a_second_start_on_the_same_data_is_refused(running: Running) -> None:
    second = subprocess.run([WANGGE, "run"], env=running.environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "runs already" in second.stderr


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://wangge@127.0.0.1:1/wangge", "does not answer"),
        ("mysql://somewhere/else", "must begin with postgresql://"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_so(folder: Path, url: str, words: str) -> None:
    environment = os.environ | {"WANGGE_DATABASE_URL": url, "WANGGE_VAR_DIR": str(folder / "none")}
    failed = subprocess.run([WANGGE, "run"], env=environment, capture_output=True, text=True, check=False)
    assert failed.returncode != 0
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_basemap_that_cannot_be_had_stops_the_start(folder: Path) -> None:
    environment = os.environ | {"WANGGE_BASEMAP": "tianditu", "WANGGE_VAR_DIR": str(folder / "none")}
    failed = subprocess.run([WANGGE, "run"], env=environment, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr == "WANGGE_BASEMAP: Tianditu needs the operator's key.\n"
