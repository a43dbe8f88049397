"""The way to the event stream: where the pages find it, whom it takes for whom, and which pages may read it."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from seed.people import DEMO_PASSWORD
from server.app import create_app
from server.config import Settings
from server.events import origins
from server.events.visitors import Door, Pass

PORT = 8000


@pytest.fixture(scope="module")
def settings(demo_url: str, folder: Path) -> Settings:
    return Settings(database_url=demo_url, var_dir=folder / "var", port=PORT)


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def _cookie(app: Flask, login: str) -> str:
    client = app.test_client()
    client.post("/login", data={"login": login, "password": DEMO_PASSWORD})
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"language=en; session={cookie.value}"


def test_the_session_of_a_page_opens_the_stream(app: Flask, settings: Settings, demo_engine: Engine) -> None:
    door = Door(settings, demo_engine)
    shown = door.shown(cookie=_cookie(app, "dispatcher"), authorization="")
    assert shown is not None
    account = door.account(shown)
    assert account is not None
    assert (account.login, account.role) == ("dispatcher", "dispatcher")
    assert door.account(Pass(account.id, account.stamp + 1)) is None


@pytest.mark.parametrize("cookie", ["", "session=", "session=forged.by.hand", "session=eyJfdXNlcl9pZCI6IjE6MSJ9.aaaa.bbbb"])
def test_a_forged_session_opens_nothing(settings: Settings, demo_engine: Engine, cookie: str) -> None:
    assert Door(settings, demo_engine).shown(cookie=cookie, authorization="") is None


def test_a_token_goes_before_a_session(app: Flask, settings: Settings, demo_engine: Engine) -> None:
    door = Door(settings, demo_engine)
    shown = door.shown(cookie=_cookie(app, "dispatcher"), authorization="Bearer wgt_unknown")
    assert shown == Pass(token="wgt_unknown")
    assert door.account(shown) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("http://127.0.0.1:8000/events", "http://127.0.0.1:8001/events"),
        ("http://grid.example/events?kinds=case&last_event_id=7", "http://grid.example:8001/events?kinds=case&last_event_id=7"),
        ("http://[::1]:8000/events", "http://[::1]:8001/events"),
    ],
)
def test_the_main_server_leads_to_the_stream(app: Flask, asked: str, expected: str) -> None:
    path, _, query = asked.partition("://")[2].partition("/")[2].partition("?")
    client = app.test_client()
    base = asked.partition("/events")[0]
    client.post("/login", data={"login": "viewer", "password": DEMO_PASSWORD}, base_url=base)
    answer = client.get(f"/{path}", query_string=query, base_url=base)
    assert (answer.status_code, answer.headers["Location"]) == (307, expected)


def test_a_page_says_where_the_stream_is(app: Flask) -> None:
    client = app.test_client()
    client.post("/login", data={"login": "viewer", "password": DEMO_PASSWORD})
    assert '<meta name="events-url" content="http://localhost:8001/events">' in client.get("/me").text


def test_a_proxy_that_leads_to_the_wrong_port_is_told_so(demo_url: str, folder: Path) -> None:
    app = create_app(Settings(database_url=demo_url, var_dir=folder / "var", events_url="https://grid.example/events"))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"login": "viewer", "password": DEMO_PASSWORD}, base_url="https://grid.example")
    answer = client.get("/events", base_url="https://grid.example")
    assert answer.status_code == 503
    assert "WANGGE_EVENTS_PORT" in answer.text


def test_readiness_says_whether_the_stream_follows(app: Flask) -> None:
    assert app.test_client().get("/readyz").json["events"] in ("ok", "away")


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8001", True),
        ("https://grid.example", "grid.example", True),
        ("http://127.0.0.1:9999", "127.0.0.1:8001", False),
        ("http://localhost:8000", "127.0.0.1:8001", False),
        ("https://elsewhere.example", "grid.example", False),
        ("null", "127.0.0.1:8001", False),
        ("http://127.0.0.1:x", "127.0.0.1:8001", False),
    ],
)
def test_only_pages_of_the_main_server_may_read(origin: str, host: str, allowed: bool) -> None:
    if not allowed:
        with pytest.raises(origins.Foreign):
            origins.admitted({"origin": origin, "host": host}, port=PORT)
        return
    headers = dict(origins.admitted({"origin": origin, "host": host}, port=PORT))
    assert headers[b"access-control-allow-origin"] == origin.encode()
    assert headers[b"access-control-allow-credentials"] == b"true"


def test_programs_need_no_origin() -> None:
    assert origins.admitted({"host": "127.0.0.1:8001"}, port=PORT) == []


def test_the_stream_has_the_next_port_unless_told() -> None:
    assert Settings(port=9100).events_port == 9101
    assert Settings(port=9100, events_port=9300).events_port == 9300
