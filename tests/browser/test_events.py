"""A page follows the event stream in a real browser: across ports, with its session, and again after the stream was away."""

import os
import signal
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import Engine

from gis.store import journal

LISTENS = """async () => {
    const { listen } = await import("/static/js/events.js");
    window.heard = [];
    listen({
        kinds: ["draft.edited"],
        onEvent: (entry) => window.heard.push(entry.subject),
        onState: (state) => { window.state = state; },
    });
}"""


def _stream_processes(port: str) -> list[int]:
    mark = f"WANGGE_PORT={port}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"server.events" in (path / "cmdline").read_bytes() and mark in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def test_a_page_hears_everything_also_after_the_stream_was_killed(
    page: Page, base_url: str, environment: dict[str, str], demo_engine: Engine
) -> None:
    def tell(subject: str) -> None:
        with demo_engine.begin() as conn:
            journal.append(conn, "draft.edited", subject=subject, actor="test")

    page.goto(f"{base_url}/me")
    page.evaluate(LISTENS)
    page.wait_for_function("window.state === 'live'")
    tell("first")
    page.wait_for_function("window.heard.length === 1")
    for pid in _stream_processes(environment["WANGGE_PORT"]):
        os.kill(pid, signal.SIGKILL)
    page.wait_for_function("window.state === 'away'")
    tell("while away")
    page.wait_for_function("window.heard.length === 2", timeout=60_000)
    tell("third")
    page.wait_for_function("window.heard.length === 3")
    assert page.evaluate("window.heard") == ["first", "while away", "third"]
