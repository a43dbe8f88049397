"""The application on the demo city, and clients who are logged in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from seed.people import DEMO_PASSWORD
from server.app import create_app
from server.config import Settings

Login = Callable[[str], FlaskClient]


@pytest.fixture(scope="session")
def app(demo_url: str, folder: Path) -> Iterator[Flask]:
    made = create_app(Settings(database_url=demo_url, var_dir=folder / "var"))
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["wangge-engine"].dispose()


@pytest.fixture(scope="session")
def sessions() -> dict[str, str]:
    """The session that each demo account opened last: looking at a password takes a tenth of a second."""
    return {}


@pytest.fixture
def login(app: Flask, sessions: dict[str, str]) -> Login:
    """Logs a demo account in, or goes on with a session of it that still holds, and returns its client."""

    def by(name: str) -> FlaskClient:
        client = app.test_client()
        if name in sessions:
            client.set_cookie("session", sessions[name])
            if client.get("/api/v1/me").status_code == 200:
                return client
        answer = client.post("/login", data={"login": name, "password": DEMO_PASSWORD})
        assert answer.status_code == 302
        cookie = client.get_cookie("session")
        assert cookie
        sessions[name] = cookie.value
        return client

    return by


@pytest.fixture
def client(login: Login) -> FlaskClient:
    """A planner's client."""
    return login("planner")


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who is not logged in."""
    return app.test_client()
