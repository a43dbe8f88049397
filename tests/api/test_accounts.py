"""Accounts over HTTP: the administrator's, and one's own."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis import logins
from seed.people import DEMO_PASSWORD
from server.api.accounts import Role
from server.app import create_app
from server.auth.rights import ROLES, WITH_TEMPORARY_PASSWORD
from server.config import Settings
from tests.api.conftest import Login

OWN = "heron in the reeds"


@pytest.fixture
def admin(login: Login) -> FlaskClient:
    return login("admin")


def _new(admin: FlaskClient, **wanted: object) -> dict:
    given = {"login": f"t-{secrets.token_hex(5)}", "name": "陈伟", "role": "viewer", "area": "441900"} | wanted
    answer = admin.post("/api/v1/accounts", json=given)
    assert answer.status_code == 201, answer.text
    return answer.json


def _log_in(app: Flask, login: str, password: str) -> FlaskClient:
    client = app.test_client()
    client.post("/login", data={"login": login, "password": password})
    return client


def _settled(app: Flask, admin: FlaskClient, **wanted: object) -> tuple[FlaskClient, str]:
    """Somebody new who has changed the first password."""
    made = _new(admin, **wanted)
    client = _log_in(app, made["login"], made["password"])
    assert client.post("/api/v1/me/password", json={"old": made["password"], "new": OWN}).status_code == 200
    return client, made["login"]


def test_the_api_knows_the_roles_that_the_table_knows() -> None:
    assert set(Role.__args__) == ROLES


def test_a_new_account_is_answered_with_its_password_once(admin: FlaskClient) -> None:
    made = _new(admin, role="department", department="chengguan")
    held = admin.get(f"/api/v1/accounts/{made['login']}").json
    assert made.pop("password")
    assert held == made
    assert held["department"]["name"]["zh"]
    assert (held["must_change_password"], held["last_login_at"]) == (True, None)


def test_with_a_temporary_password_nothing_opens_but_the_form_to_change_it(app: Flask, admin: FlaskClient) -> None:
    made = _new(admin, role="administrator")
    client = _log_in(app, made["login"], made["password"])
    assert client.get("/").headers["Location"] == client.get("/accounts").headers["Location"] == "/me"
    for path in ("/api/v1/city", "/api/v1/accounts", "/api/v1/me/tokens"):
        assert client.get(path).json["type"] == "urn:wangge:PasswordMustChange"
    assert client.get("/tiles/grids/10/835/444.mvt").status_code == 403
    assert client.get("/api/v1/me").json["must_change_password"] is True
    page = client.get("/me").text
    assert 'id="password-form"' in page
    assert 'id="token-form"' not in page
    assert client.post("/api/v1/me/password", json={"old": made["password"], "new": OWN}).status_code == 200
    assert client.get("/api/v1/accounts").status_code == 200
    assert {"people.me", "me.change_password"} <= WITH_TEMPORARY_PASSWORD


def test_ones_own_account_says_what_one_may(login: Login) -> None:
    dispatcher, viewer = login("dispatcher").get("/api/v1/me").json, login("viewer").get("/api/v1/me").json
    assert (dispatcher["area"]["level"], dispatcher["whole_city"], viewer["whole_city"]) == ("town", False, True)
    assert dispatcher["may"]["incidents.report"] == "any"
    assert dispatcher["may"]["incidents.read"] == "own"
    assert "incidents.report" not in viewer["may"]
    assert "accounts.find" not in viewer["may"]


@pytest.mark.parametrize("change", [("PATCH", "", {"role": "planner"}), ("POST", "/close", {}), ("POST", "/password", {})])
def test_a_session_ends_when_its_rights_do(app: Flask, admin: FlaskClient, change: tuple) -> None:
    client, name = _settled(app, admin)
    assert client.get("/api/v1/city").status_code == 200
    method, rest, body = change
    assert admin.open(f"/api/v1/accounts/{name}{rest}", method=method, json=body).status_code == 200
    assert client.get("/api/v1/city").status_code == 401
    assert client.get("/").headers["Location"].startswith("/login")


def test_changing_ones_password_keeps_this_session_and_ends_the_others(app: Flask, admin: FlaskClient) -> None:
    here, name = _settled(app, admin)
    there = _log_in(app, name, OWN)
    assert there.get("/api/v1/me").status_code == 200
    assert here.post("/api/v1/me/password", json={"old": OWN, "new": "an otter swims home"}).status_code == 200
    assert (here.get("/api/v1/me").status_code, there.get("/api/v1/me").status_code) == (200, 401)


@pytest.mark.parametrize(
    ("body", "field", "fault"),
    [
        ({"old": "wrong", "new": "an otter swims home"}, "old", "old"),
        ({"old": OWN, "new": OWN}, "new", "same"),
        ({"old": OWN, "new": "short"}, "new", "length"),
    ],
)
def test_a_password_refused_names_its_field_and_fault(app: Flask, admin: FlaskClient, body: dict, field: str, fault: str) -> None:
    client, _ = _settled(app, admin)
    answer = client.post("/api/v1/me/password", json=body)
    assert (answer.status_code, answer.json["type"]) == (422, "urn:wangge:BadPassword")
    assert (answer.json["field"], answer.json["fault"]) == (field, fault)


def test_after_too_many_wrong_passwords_one_waits_and_others_at_the_same_address_do_not(
    app: Flask, admin: FlaskClient, visitor: FlaskClient
) -> None:
    made = _new(admin)
    for _ in range(logins.WRONG_AT_MOST):
        assert visitor.post("/login", data={"login": made["login"], "password": "wrong"}).status_code == 401
    refused = visitor.post("/login", data={"login": made["login"], "password": made["password"]})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= logins.WINDOW_S
    assert visitor.post("/login", data={"login": "viewer", "password": DEMO_PASSWORD}).status_code == 302


def test_the_old_password_cannot_be_guessed_from_an_open_session(app: Flask, admin: FlaskClient) -> None:
    client, _ = _settled(app, admin)
    body = {"old": "wrong", "new": "an otter swims home"}
    answers = [client.post("/api/v1/me/password", json=body).status_code for _ in range(logins.WRONG_AT_MOST + 1)]
    assert answers == [422] * logins.WRONG_AT_MOST + [429]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"login": "Chen"}, 422, "A login has"),
        ({"login": "planner"}, 409, "never given twice"),
        ({"role": "emperor"}, 422, "role"),
        ({"area": "999999"}, 422, "no area"),
        ({"role": "department"}, 422, "needs a department"),
        ({"password": "123456"}, 422, "12 to 256"),
        ({"active": False}, 422, "active"),
    ],
)
def test_an_account_at_fault_is_refused_and_not_opened(
    admin: FlaskClient, demo: Connection, body: dict, status: int, words: str
) -> None:
    count = text("SELECT count(*) FROM account")
    before = demo.execute(count).scalar_one()
    given = {"login": f"t-{secrets.token_hex(5)}", "name": "x", "role": "viewer", "area": "441900"}
    answer = admin.post("/api/v1/accounts", json=given | body)
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    demo.rollback()
    assert demo.execute(count).scalar_one() == before


def test_the_own_account_and_the_last_administrator_are_kept(admin: FlaskClient) -> None:
    answer = admin.post("/api/v1/accounts/admin/close")
    assert (answer.status_code, answer.json["type"]) == (403, "urn:wangge:OwnAccount")


def test_ones_own_tokens_are_issued_once_listed_used_and_revoked(app: Flask, admin: FlaskClient, visitor: FlaskClient) -> None:
    client, name = _settled(app, admin)
    made = client.post("/api/v1/me/tokens", json={"label": "QGIS", "days": 7})
    assert (made.status_code, made.json["last_used_at"]) == (201, None)
    bearer = {"Authorization": f"Bearer {made.json['token']}"}
    assert visitor.get("/api/v1/me", headers=bearer).json["login"] == name
    (listed,) = client.get("/api/v1/me/tokens").json["tokens"]
    assert "token" not in listed
    assert listed["last_used_at"]
    assert admin.get(f"/api/v1/accounts/{name}/tokens").json["tokens"] == [listed]
    assert client.delete(f"/api/v1/me/tokens/{listed['id']}").status_code == 200
    assert visitor.get("/api/v1/me", headers=bearer).status_code == 401
    assert client.delete(f"/api/v1/me/tokens/{listed['id']}").status_code == 404


def test_an_administrator_revokes_the_token_of_an_account(app: Flask, admin: FlaskClient, visitor: FlaskClient) -> None:
    client, name = _settled(app, admin)
    made = client.post("/api/v1/me/tokens", json={"label": "feed"}).json
    assert admin.delete(f"/api/v1/accounts/{name}/tokens/{made['id']}").status_code == 200
    assert visitor.get("/api/v1/me", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 401


def test_a_token_issues_no_tokens(app: Flask, admin: FlaskClient, visitor: FlaskClient) -> None:
    client, _ = _settled(app, admin)
    bearer = {"Authorization": f"Bearer {client.post('/api/v1/me/tokens', json={'label': 'feed'}).json['token']}"}
    assert visitor.post("/api/v1/me/tokens", json={"label": "more"}, headers=bearer).status_code == 403


@pytest.fixture
def guarded(app: Flask, admin: FlaskClient) -> Iterator[FlaskClient]:
    """An administrator's session with the protection of forms switched on."""
    app.config["WTF_CSRF_ENABLED"] = True
    yield admin
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/accounts"), ("PATCH", "/api/v1/accounts/viewer"), ("POST", "/api/v1/accounts/viewer/close"),
        ("POST", "/api/v1/accounts/viewer/reopen"), ("POST", "/api/v1/accounts/viewer/password"),
        ("DELETE", "/api/v1/accounts/viewer/tokens/1"), ("POST", "/api/v1/me/password"), ("POST", "/api/v1/me/tokens"),
        ("DELETE", "/api/v1/me/tokens/1"),
    ],
)  # fmt: skip
def test_another_site_changes_nothing_through_an_open_session(guarded: FlaskClient, method: str, path: str) -> None:
    refused = guarded.open(path, method=method, json={"name": "x"})
    assert (refused.status_code, "CSRF" in refused.json["detail"]) == (400, True)


def test_the_page_of_accounts_carries_the_token_its_script_sends(guarded: FlaskClient) -> None:
    token = re.search(r'name="csrf-token" content="([^"]+)"', guarded.get("/accounts").text)[1]
    answer = guarded.patch("/api/v1/accounts/viewer", json={}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200


def test_only_an_administrator_is_led_to_the_accounts(login: Login) -> None:
    assert 'href="/accounts"' in login("admin").get("/me").text
    assert 'href="/accounts"' not in login("planner").get("/me").text
    assert login("planner").get("/accounts", headers={"Accept": "text/html"}).status_code == 403


def test_behind_a_proxy_the_visitors_own_address_counts(demo_url: str, folder: Path, admin: FlaskClient) -> None:
    behind = create_app(Settings(database_url=demo_url, var_dir=folder / "var", proxies=1))
    behind.config["WTF_CSRF_ENABLED"] = False
    form = {"login": _new(admin)["login"], "password": "wrong"}
    for _ in range(logins.WRONG_AT_MOST):
        behind.test_client().post("/login", data=form, headers={"X-Forwarded-For": "192.0.2.1"})
    answers = [
        behind.test_client().post("/login", data=form, headers={"X-Forwarded-For": address}).status_code
        for address in ("192.0.2.1", "192.0.2.2")
    ]
    behind.extensions["wangge-engine"].dispose()
    assert answers == [429, 401]
