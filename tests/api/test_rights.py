"""Every route is in the table of rights, and every role meets what the table says."""

import pytest
from flask import Flask, Response, g, request
from flask.testing import FlaskClient

from gis.accounts import ROLES
from server.auth.rights import PUBLIC, RIGHTS, Over
from server.auth.rights import ROLES as LISTED
from tests.api.conftest import Login

LOGINS = {
    "administrator": "admin", "planner": "planner", "dispatcher": "dispatcher", "auditor": "auditor", "officer": "officer",
    "department": "department", "viewer": "viewer",
}  # fmt: skip
SAMPLES = {
    "layer": "grids",
    "z": 10,
    "x": 835,
    "y": 444,
    "code": "44190000300101",
    "number": "260101-AAAAAA",
    "id": 1,
    "filename": "favicon.svg",
}


def _path(app: Flask, endpoint: str) -> tuple[str, str]:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    with app.test_request_context():
        return method, app.url_for(endpoint, **{name: SAMPLES[name] for name in rule.arguments})


def test_the_table_knows_every_route_and_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(RIGHTS)


def test_the_table_knows_every_role() -> None:
    assert set(ROLES) == LISTED == set(LOGINS)


@pytest.mark.parametrize("role", sorted(LOGINS))
def test_every_role_meets_what_the_table_says(app: Flask, login: Login, role: str) -> None:
    client = login(LOGINS[role])
    whole_city = LOGINS[role] not in ("dispatcher", "officer")
    for endpoint, right in RIGHTS.items():
        if endpoint == "pages.log_out":
            continue  # it would end the session that the test uses
        method, path = _path(app, endpoint)
        with client.open(path, method=method) as answer:
            refused = answer.status_code == 403
        may = right is PUBLIC or (role in right.roles and (right.over is not Over.CITY or whole_city))
        assert refused is not may, endpoint


def test_without_log_in_only_the_public_routes_open(app: Flask, visitor: FlaskClient) -> None:
    for endpoint, right in RIGHTS.items():
        method, path = _path(app, endpoint)
        with visitor.open(path, method=method) as answer:
            pass
        if right is PUBLIC:
            assert answer.status_code in (200, 302, 304, 401), endpoint  # 401: the log-in form was sent without a password
        elif path.startswith(("/api/", "/tiles/")):
            assert answer.status_code == 401, endpoint
        else:
            assert answer.status_code == 302, endpoint
            assert answer.headers["Location"].startswith("/login?next="), endpoint


def test_a_route_that_the_table_does_not_know_is_closed(demo_url: str, app: Flask, login: Login) -> None:
    allowed = RIGHTS.pop("search.find")
    try:
        assert login("admin").get("/api/v1/search?q=a").status_code == 403
    finally:
        RIGHTS["search.find"] = allowed


def test_every_route_over_the_own_part_asks_for_it(app: Flask, login: Login) -> None:
    asked: dict[str, bool] = {}

    def note(response: Response) -> Response:
        if response.status_code < 400 and request.endpoint:
            asked[request.endpoint] = g.get("reach_asked", False)
        return response

    client = login("officer")
    app.after_request_funcs.setdefault(None, []).append(note)
    try:
        for endpoint, right in RIGHTS.items():
            if right.over is Over.OWN:
                method, path = _path(app, endpoint)
                with client.open(path, method=method):
                    pass
    finally:
        app.after_request_funcs[None].remove(note)
    assert asked
    assert all(asked.values()), asked
