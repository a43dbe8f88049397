"""The real server on the demo city, and a real browser."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from seed.people import DEMO_PASSWORD
from tests.browser.hearing import Heard
from tests.serving import await_ready

# As long as a busy machine may need: what is right is seen at once, and only what is wrong waits so long.
expect.set_options(timeout=20_000)
CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "chromium")
REFUSED = ("409", "422")  # a browser tells of every answer that is not a yes
DESKTOP = {"width": 1440, "height": 900}
LIVE_IS_OPEN = "window.wangge?.live?.isOpen && wangge.live.line.state === 'live' && wangge.live.names.matters.size > 0"
Enter = Callable[..., Page]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update",
    "--disable-sync", "--disable-quic",
]  # fmt: skip


@pytest.fixture(scope="session")
def environment(demo_url: str, folder: Path) -> dict[str, str]:
    """The settings that the server, its stream of events and its worker share."""
    with socket.socket() as pages, socket.socket() as events:
        for probe in (pages, events):
            probe.bind(("127.0.0.1", 0))
        ports = {"WANGGE_PORT": str(pages.getsockname()[1]), "WANGGE_EVENTS_PORT": str(events.getsockname()[1])}
    return os.environ | ports | {"WANGGE_DATABASE_URL": demo_url, "WANGGE_VAR_DIR": str(folder / "var")}


@pytest.fixture(scope="session")
def base_url(environment: dict[str, str]) -> Iterator[str]:
    """Address of a server of its own, with two web workers, on the demo city."""
    server = _started("serve", environment)
    url = f"http://127.0.0.1:{environment['WANGGE_PORT']}"
    try:
        await_ready(f"{url}/readyz", server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker beside the server; what is asked of it waits in the queue until it is up."""
    started = _started("worker", environment)
    yield started
    started.terminate()
    started.wait(20)


def _started(command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([Path(sys.executable).parent / "wangge", command], env=environment)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def session_state(browser: Browser, base_url: str) -> dict:
    """The cookies of a planner who has logged in through the form."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base_url}/login")
    page.fill("#login", "planner")
    page.fill("#password", DEMO_PASSWORD)
    page.click("#log-in")
    page.wait_for_url(f"{base_url}/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(browser: Browser, session_state: dict) -> Iterator[BrowserContext]:
    made = browser.new_context(storage_state=session_state, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of somebody who is logged in as a planner."""
    return context.new_page()


@pytest.fixture
def enter(browser: Browser, base_url: str) -> Iterator[Enter]:
    """Opens the live page for a demo account in a browser of its own; afterwards nothing may have gone wrong or outside."""
    opened: list[tuple[Page, Heard]] = []

    def by(login: str, *, path: str = "/live", **given: object) -> Page:
        context = browser.new_context(**({"viewport": DESKTOP, "locale": "zh-CN"} | given))  # type: ignore[arg-type]
        page = context.new_page()
        opened.append((page, Heard(page)))
        page.goto(f"{base_url}/login")
        page.fill("#login", login)
        page.fill("#password", DEMO_PASSWORD)
        page.click("#log-in")
        page.wait_for_url(f"{base_url}/**")
        page.goto(f"{base_url}{path}")
        if path == "/live":
            page.wait_for_function(LIVE_IS_OPEN)
        return page

    yield by
    for page, heard in opened:
        assert [error for error in heard.errors if not any(status in error for status in REFUSED)] == []
        assert {urlsplit(address).hostname for address in heard.addresses if address.startswith("http")} == {"127.0.0.1"}
        page.context.close()
