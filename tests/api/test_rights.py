"""Every route is in the table of rights, and every role meets what the table says."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, g, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gis.accounts import ROLES
from server.auth.matrix import Route, page, routes, size
from server.auth.rights import PUBLIC, RIGHTS, Over
from server.auth.rights import ROLES as LISTED
from tests.api.conftest import Login

LOGINS = {
    "administrator": "admin", "planner": "planner", "dispatcher": "dispatcher", "auditor": "auditor", "officer": "officer",
    "department": "department", "viewer": "viewer",
}  # fmt: skip
SAMPLES = {
    "fmt": "json",
    "token": "none",
    "layer": "grids",
    "kind": "no-such-kind",
    "z": 10,
    "x": 835,
    "y": 444,
    "code": "44190000300101",
    "number": "260101-AAAAAA",
    "place": "P-333333",
    "grid": "44190000300101",
    "id": 1,
    "filename": "favicon.svg",
    "login": "nobody-of-this-name",
    "token_id": 999_999_999,
    "view_id": 999_999_999,
    "proposal_id": 999_999_999,
    "part": "findings",
    "format": "csv",
    "collection": "grids",
    "fid": "44190000300101",
    "model_id": 999_999_999,
    "network_id": 999_999_999,
    "key": 999_999_999,
    "table": "moves",
    "a": 1,
    "b": 2,
    "file": "report.xlsx",
    "opinion_id": 999_999_999,
    "other": 999_999_999,
    "audit_file": "report.xlsx",
    "reject_id": 999_999_999,
    "call_id": 999_999_999,
    "decision_id": 999_999_999,
    "photo": "0" * 32,
}
NOBODY = {"login": "nobody-of-this-name", "name": "Nobody", "role": "viewer", "area": "00"}
SEEN = {"seen_version": 1}
LONG_AGO = {"since": "2001-01-01", "decision": "nothing", "seen_version": 1}
WORDS = {"zh": "问", "en": "Asked"}
OF_NOTHING = {"question": {"kinds": ["no-such-kind"]}}
BODIES: dict[str, dict[str, Any]] = {
    "accounts.open_account": NOBODY,
    "plans.open_draft": {"name": {"zh": "x", "en": "x"}, "scope": ["00"]},
    "plans.change": SEEN | {"decision": "x"},
    "drafts.edit": SEEN | {"kind": "lock", "grids": "all", "locked": True},
    "drafts.undo": SEEN,
    "drafts.redo": SEEN,
    "workloads.revise": {"parent": 999_999_999},
    "workloads.preview": {"area": "441900003001"},
    "consultations.put_to_residents": {
        "plan": 999_999_999, "title": WORDS, "summary": WORDS, "since": "2026-01-01", "until": "2026-01-02",
    },
    "consultations.enter_stage": {"stage": "topic"},
    "consultations.override": {"reason": "more than ten letters"},
    "consultations.moderate": {"hidden": True},
    **dict.fromkeys(("publishing.publish", "publishing.restore", "publishing.rebase"), LONG_AGO),
    "services.matrix": {"question": {"method": "radius", "minutes": 0}},
    "coverage.reach": {"kinds": ["no-such-kind"]},
    "coverage.circles": {"kinds": ["no-such-kind"]},
    "audits.publish": {"statement": "nobody's"},
    **dict.fromkeys(("scenarios.what_if", "sitings.ask"), OF_NOTHING),
    "scenarios.save": OF_NOTHING | {"name": "x"},
    "scenarios.change": OF_NOTHING | SEEN | {"name": "x"},
    "services.set_standard": {"floor_area_m2": 10, "source": "nobody's"},
    "cases.take_step": SEEN | {"action": "accept"},
    "publishing.cancel": {"reason": "called off"},
    "admissions.propose": {"code": "no-such", "what": "retire", "reason": "none there"},
    "field.switch_shift": {"on": False},
    "patrols.inspect": {"place": "P-333333", "outcome": "fine"},
    "field.note_positions": {"points": []},
}  # fmt: skip
NO_SUCH_ID = 999_999_999
# What takes seconds for a plan of the whole city is asked of one that there is not.
OVER_THE_WHOLE_CITY = ("plans.grids", "drafts.check", "drafts.equivalency")
ENDS_THE_SESSION = ("pages.log_out", "pages.login")
REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "rights.md"


def _open(app: Flask, client: FlaskClient, route: Route) -> TestResponse:
    """The answer to a route and method, with something harmless in its places and its body."""
    names = next(rule.arguments for rule in app.url_map.iter_rules() if rule.endpoint == route.endpoint)
    with app.test_request_context():
        named = SAMPLES | ({"id": NO_SUCH_ID} if route.endpoint in OVER_THE_WHOLE_CITY else {})
        path = app.url_for(route.endpoint, **{name: named[name] for name in names})
    body = None if route.method == "GET" or not path.startswith("/api/") else BODIES.get(route.endpoint, {})
    with client.open(path, method=route.method, json=body) as answer:
        return answer


def test_the_table_knows_every_route_and_no_other(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(RIGHTS)


def test_the_table_knows_every_role() -> None:
    assert set(ROLES) == LISTED == set(LOGINS)


@pytest.mark.parametrize("role", sorted(LOGINS))
def test_every_role_meets_what_the_table_says_on_every_route_and_method(app: Flask, login: Login, role: str) -> None:
    client = login(LOGINS[role])
    whole_city = LOGINS[role] not in ("dispatcher", "officer")
    for route in routes(app):
        if route.endpoint in ENDS_THE_SESSION:
            continue
        may = route.right is PUBLIC or (role in route.right.roles and (route.right.over is not Over.CITY or whole_city))
        assert (_open(app, client, route).status_code != 403) is may, route


def test_without_log_in_only_the_public_routes_open(app: Flask, visitor: FlaskClient) -> None:
    for route in routes(app):
        answer = _open(app, visitor, route)
        if route.right is PUBLIC:
            # 401: the log-in form was sent without a password; 404, 422: nothing is put to residents, nothing was said; 400: nor to
            # Open311
            assert answer.status_code in (200, 302, 304, 400, 401, 404, 422), route
        elif route.path.startswith(("/api/", "/tiles/", "/ogc")):
            assert answer.status_code == 401, route
        else:
            assert answer.status_code == 302, route
            assert answer.headers["Location"].startswith("/login?next="), route


def test_the_page_of_rights_is_the_table_of_rights(app: Flask) -> None:
    said = "the table has changed: python -m server.auth.matrix > docs/reference/rights.md"
    assert REFERENCE.read_text(encoding="utf-8") == page(app), said


def test_the_size_of_the_matrix_counts_every_method_of_every_route(app: Flask) -> None:
    methods = sum(len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in app.url_map.iter_rules())
    assert size(app) == f"{methods} routes × 7 roles + logged out = {methods * 8} cells"


def test_a_route_that_the_table_does_not_know_is_closed(demo_url: str, app: Flask, login: Login) -> None:
    allowed = RIGHTS.pop("search.find")
    try:
        assert login("admin").get("/api/v1/search?q=a").status_code == 403
    finally:
        RIGHTS["search.find"] = allowed


def test_every_route_over_the_own_part_asks_for_it(app: Flask, login: Login) -> None:
    asked: dict[str, bool] = {}

    def note(response: Response) -> Response:
        asked[request.endpoint or ""] = g.get("reach_asked", False)
        return response

    admin, dispatcher = login("admin"), login("dispatcher")
    app.after_request_funcs.setdefault(None, []).append(note)
    try:
        own = [route for route in routes(app) if route.right.over is Over.OWN]
        for route in own:
            _open(app, admin if "administrator" in route.right.roles else dispatcher, route)
    finally:
        app.after_request_funcs[None].remove(note)
    assert dict.fromkeys({route.endpoint for route in own}, True) == asked
