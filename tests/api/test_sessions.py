"""Logging in and out, tokens, and forms that others cannot send for us."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis import tokens
from seed.people import DEMO_PASSWORD
from tests.api.conftest import Login


@pytest.fixture
def guarded(app: Flask) -> FlaskClient:
    """A visitor with the protection of forms switched on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False


def _token(client: FlaskClient, path: str) -> str:
    return re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)[1]


def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(visitor: FlaskClient) -> None:
    wrong = visitor.post("/login", data={"login": "planner", "password": "no"})
    unknown = visitor.post("/login", data={"login": "no\0body", "password": "no"})
    assert wrong.status_code == unknown.status_code == 401
    assert "planner" in wrong.text


def test_a_form_without_its_token_is_refused(guarded: FlaskClient) -> None:
    answer = guarded.post("/login", data={"login": "planner", "password": DEMO_PASSWORD})
    assert answer.status_code == 400


def test_a_form_with_its_token_logs_in_and_out(guarded: FlaskClient) -> None:
    form = {"login": "planner", "password": DEMO_PASSWORD, "csrf_token": _token(guarded, "/login")}
    assert guarded.post("/login?next=/docs/api", data=form).headers["Location"] == "/docs/api"
    assert guarded.get("/").status_code == 200
    assert guarded.post("/logout", data={"csrf_token": _token(guarded, "/")}).status_code == 302
    assert guarded.get("/").status_code == 302


def test_a_change_through_the_api_needs_the_sessions_token(guarded: FlaskClient) -> None:
    guarded.post("/login", data={"login": "planner", "password": DEMO_PASSWORD, "csrf_token": _token(guarded, "/login")})
    point = {"lon": 113.75, "lat": 23.04}
    assert guarded.post("/api/v1/locate", json=point).status_code == 400
    sent = guarded.post("/api/v1/locate", json=point, headers={"X-CSRFToken": _token(guarded, "/")})
    assert sent.status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", ""]
)
def test_log_in_never_leads_to_another_host(visitor: FlaskClient, target: str) -> None:
    answer = visitor.post("/login", query_string={"next": target}, data={"login": "planner", "password": DEMO_PASSWORD})
    assert answer.headers["Location"] == "/"


def test_a_token_speaks_for_its_account_until_it_ends(app: Flask, guarded: FlaskClient) -> None:
    with app.extensions["wangge-engine"].begin() as conn:
        token = tokens.issue(conn, "viewer", label="test", days=1, by="test")
    bearer = {"Authorization": f"Bearer {token}"}
    assert guarded.get("/api/v1/city", headers=bearer).status_code == 200
    assert guarded.post("/api/v1/locate", json={"lon": 113.75, "lat": 23.04}, headers=bearer).status_code == 200
    assert guarded.post("/api/v1/incidents", json={}, headers=bearer).status_code == 403
    assert guarded.get("/api/v1/city", headers={"Authorization": "Bearer wgt_wrong"}).status_code == 401


def test_the_language_is_chosen_and_kept(login: Login) -> None:
    client = login("planner")
    assert 'lang="zh-CN"' in client.get("/").text
    assert client.get("/language/en?next=/docs/api").headers["Location"] == "/docs/api"
    assert 'lang="en"' in client.get("/").text
