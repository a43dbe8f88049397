"""Waiting for a real server."""

import subprocess
import time
import urllib.request

READY_WITHIN_S = 60


def await_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    """Returns when the address answers; fails when the server ends before that, or does not answer in time."""
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        assert server.poll() is None, "the server ended before it was ready"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} was not ready within {READY_WITHIN_S} s")
