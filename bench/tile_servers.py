"""Servers under load: ours with and without what was drawn before, and tipg, each with two worker processes."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from flask import Flask

from server.app import create_app

WORKERS = 2
CONNECTIONS = 16
READY_WITHIN_S = 60
_FIRST_REQUEST = """
local paths = {{ {paths} }}
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""


def undrawn() -> Flask:
    """Our application with a memory that forgets at once: every tile is drawn and packed anew."""
    app = create_app()
    cache = app.extensions["wangge-tiles"]
    for name in ("find", "keep"):
        setattr(cache, name, lambda *_, **__: None)
    return app


@contextmanager
def our_server(url: str, *, var_dir: Path, factory: str = "server.supervisor:web_worker") -> Iterator[int]:
    """Our web server as `wangge run` starts it; yields its port."""
    port = _free_port()
    command = [
        _binary("granian"), "--interface", "wsgi", "--factory", factory, "--port", str(port), "--workers", str(WORKERS),
        "--blocking-threads", "4", "--no-ws", "--log-level", "error",
    ]
    environment = os.environ | {"WANGGE_DATABASE_URL": url, "WANGGE_VAR_DIR": str(var_dir)}
    with _running(command, environment, ready=f"http://127.0.0.1:{port}/readyz"):
        yield port


@contextmanager
def tipg_server(url: str) -> Iterator[int]:
    """tipg over the schema `peer` of the same database; yields its port."""
    port = _free_port()
    command = [_binary("uvicorn"), "tipg.main:app", "--port", str(port), "--workers", str(WORKERS), "--log-level", "error"]
    environment = os.environ | {"DATABASE_URL": _host_in_place(url), "TIPG_DB_SCHEMAS": '["peer"]', "TIPG_CATALOG_TTL": "100000"}
    with _running(command, environment, ready=f"http://127.0.0.1:{port}/healthz"):
        yield port


def missing() -> str | None:
    """Why tipg cannot be measured here, or None."""
    if shutil.which("wrk") is None:
        return "wrk is not installed (apt-get install wrk)"
    try:
        import tipg  # noqa: F401
    except ImportError:
        return "tipg is not installed (make bench brings it)"
    return None


def requests_per_s(port: int, paths: Sequence[str], *, seconds: int, folder: Path, headers: dict[str, str]) -> float:
    """Answers a second that wrk gets for these paths in turn; it takes as long as the first of them needs, and `seconds` at least.

    Raises RuntimeError when one is refused.
    """
    script = folder / "paths.lua"
    script.write_text(_FIRST_REQUEST.format(paths=", ".join(f'"{path}"' for path in paths)))
    lines = [f"{name}: {value}" for name, value in (headers | {"Accept-Encoding": "gzip"}).items()]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
    for line in lines:
        command += ["-H", line]
    told = subprocess.run([*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if found is None:
        raise RuntimeError(told)
    speed = float(found[1])
    return speed or requests_per_s(port, paths, seconds=4 * seconds, folder=folder, headers=headers)


def get(port: int, path: str, *, token: str) -> bytes:
    """The body of one answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        body: bytes = answer.read()
    return body


@contextmanager
def _running(command: list[str], environment: dict[str, str], *, ready: str) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _await(ready, process)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _binary(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _host_in_place(url: str) -> str:
    """The address with its host where tipg looks for it: `postgresql://user@/db?host=/socket` is not a URL with a host."""
    parts = urlsplit(url)
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    if parts.hostname:
        return url
    return f"postgresql://{parts.username}@{quote(asked['host'], safe='')}:{asked.get('port', '5432')}{parts.path}"
