"""Over one's own part of the city: for every such route, somebody of a town or community gets nothing from elsewhere."""

import csv
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import mapbox_vector_tile
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis import accounts, drafts
from gis.draft_records import NewDraft
from gis.records import Name, Reach
from server.auth.rights import RIGHTS, Over
from tests.api.conftest import Login

PASSWORD = "heron in the reeds"
ZOOM = 13


@dataclass(frozen=True)
class Elsewhere:
    """An incident outside somebody's part, as far away as the city goes, with its grid, its tile and somebody who works there.

    `own_codes` are the areas that are inside the part.
    """

    number: str
    grid: str
    tile: str
    colleague: str
    own_codes: set[str]


def _elsewhere(conn: Connection, part: Reach) -> Elsewhere:
    row = conn.execute(
        text("""
            WITH own AS (SELECT label_point AS geom FROM area WHERE path = CAST(:path AS ltree))
            SELECT i.number, g.code AS grid, s.number AS colleague, ST_X(i.geom_3857) AS x, ST_Y(i.geom_3857) AS y
            FROM incident i JOIN area a ON a.id = i.community_id JOIN grid_version v ON v.community_id = a.id AND v.valid @> now()
            JOIN grid g ON g.id = v.grid_id JOIN posting p ON p.grid_id = g.id JOIN staff s ON s.id = p.staff_id, own
            WHERE NOT a.path <@ CAST(:path AS ltree) AND i.reported_at > now() - interval '300 days'
            ORDER BY ST_Distance(a.label_point, own.geom) DESC LIMIT 1
        """),
        {"path": part.area_path},
    ).one()
    codes = conn.execute(text("SELECT code FROM area WHERE path <@ CAST(:path AS ltree)"), {"path": part.area_path}).scalars()
    half = 20_037_508.342789244
    side = 2 * half / 2**ZOOM
    tile = f"{ZOOM}/{int((row.x + half) / side)}/{int((half - row.y) / side)}"
    return Elsewhere(row.number, row.grid, tile, row.colleague, set(codes))


def _tile(client: FlaskClient, where: Elsewhere) -> int:
    answer = client.get(f"/tiles/incidents/{where.tile}.mvt?days=365")
    layers = mapbox_vector_tile.decode(answer.data) if answer.status_code == 200 else {}
    return sum(len(layer["features"]) for layer in layers.values())


def _incident_is_hidden(client: FlaskClient, where: Elsewhere) -> None:
    assert client.get(f"/api/v1/incidents/{where.number}").status_code == 404


def _grid_is_bare(client: FlaskClient, where: Elsewhere) -> None:
    grid = client.get(f"/api/v1/grids/{where.grid}").json
    assert (grid["officers"], grid["recent_incidents"]) == ([], [])


def _tile_is_empty(client: FlaskClient, where: Elsewhere) -> None:
    assert _tile(client, where) == 0


def _list_holds_only(client: FlaskClient, name: str, place: str, codes: set[str]) -> None:
    answer, listed = client.get(f"/api/v1/{name}?limit=1000").json, 0
    while True:
        rows = answer.get("items") or [feature["properties"] for feature in answer.get("features", [])]
        assert {row[place] for row in rows} <= codes
        listed += len(rows)
        if not answer["next"]:
            break
        answer = client.get(f"/api/v1/{name}?limit=1000&after={answer['next']}").json
    assert listed > 0


def _staff_are_own(client: FlaskClient, where: Elsewhere) -> None:
    _list_holds_only(client, "staff", "area", where.own_codes)


def _postings_are_own(client: FlaskClient, where: Elsewhere) -> None:
    _list_holds_only(client, "postings", "area", where.own_codes)


def _incidents_are_own(client: FlaskClient, where: Elsewhere) -> None:
    _list_holds_only(client, "incidents", "community", where.own_codes)


def _files_hold_only_own_rows(client: FlaskClient, where: Elsewhere) -> None:
    for layer, place in (("staff", "area"), ("postings", "area"), ("incidents", "community")):
        rows = list(csv.DictReader(io.StringIO(client.get(f"/api/v1/exports/{layer}.csv").data.decode("utf-8-sig"))))
        assert rows
        assert {row[place] for row in rows} <= where.own_codes


def _colleague_is_hidden(client: FlaskClient, where: Elsewhere) -> None:
    assert client.get(f"/api/v1/staff/{where.colleague}").status_code == 404


def _map_holds_only_own(client: FlaskClient, where: Elsewhere) -> None:
    address, listed = "/ogc/collections/incidents/items?limit=1000&skipGeometry=true", 0
    while address:
        answer = client.get(address).json
        assert {feature["properties"]["community"] for feature in answer["features"]} <= where.own_codes
        listed += answer["numberReturned"]
        address = next((link["href"] for link in answer["links"] if link["rel"] == "next"), "")
    assert listed > 0


def _feature_is_hidden(client: FlaskClient, where: Elsewhere) -> None:
    assert client.get(f"/ogc/collections/incidents/items/{where.number}").status_code == 404


def _cases_are_own(client: FlaskClient, where: Elsewhere) -> None:
    cases = client.get("/api/v1/cases?state=closed,rejected&limit=500").json["cases"]
    assert cases
    assert {case["community"]["code"] for case in cases} <= where.own_codes


def _figures_are_own(client: FlaskClient, where: Elsewhere) -> None:
    figures = client.get("/api/v1/cases/figures?by=area").json
    assert {row["code"] for row in figures["rows"]} <= where.own_codes
    assert figures["open"] == client.get("/api/v1/cases?limit=1").json["matched"]


def _points_are_own(client: FlaskClient, where: Elsewhere) -> None:
    listed = {case["number"] for case in client.get("/api/v1/cases?limit=500").json["cases"]}
    assert {row[0] for row in client.get("/api/v1/cases/points").json["rows"]} == listed


def _replay_is_own(client: FlaskClient, where: Elsewhere) -> None:
    today = datetime.now(UTC) + timedelta(hours=8)
    for day in range(3):
        for event in client.get(f"/api/v1/cases/replay?day={today - timedelta(days=day):%Y-%m-%d}").json["events"]:
            assert client.get(f"/api/v1/cases/{event['number']}").status_code == 200


def _case_is_hidden(client: FlaskClient, where: Elsewhere, rest: str = "") -> None:
    assert client.get(f"/api/v1/cases/{where.number}{rest}").status_code == 404


def _case_takes_no_step(client: FlaskClient, where: Elsewhere) -> None:
    step = client.post(f"/api/v1/cases/{where.number}/steps", json={"action": "reopen", "seen_version": 1, "note": "x"})
    assert step.status_code == 404


def _draft_elsewhere(client: FlaskClient, where: Elsewhere, *, scope: str | None = None) -> int:
    """A draft of a community outside of somebody's part."""
    draft = NewDraft(Name("他处", "Elsewhere"), (scope or where.grid[:12],))
    with client.application.extensions["wangge-engine"].begin() as conn:
        return drafts.open_draft(conn, draft, reach=Reach("441900"), by="test")


def _draft_is_not_listed(client: FlaskClient, where: Elsewhere) -> None:
    there = _draft_elsewhere(client, where)
    assert there not in {plan["id"] for plan in client.get("/api/v1/plans").json["plans"]}


def _draft_is_hidden(client: FlaskClient, where: Elsewhere, rest: str = "") -> None:
    there = _draft_elsewhere(client, where)
    assert client.get(f"/api/v1/plans/{there}{rest}").status_code == 404


READ: dict[str, Callable[[FlaskClient, Elsewhere], None]] = {
    "incidents.read": _incident_is_hidden,
    "case_figures.read": _figures_are_own,
    "cases.find": _cases_are_own,
    "cases.points": _points_are_own,
    "cases.replay": _replay_is_own,
    "cases.read": _case_is_hidden,
    "cases.near": lambda client, where: _case_is_hidden(client, where, "/near"),
    "cases.take_step": _case_takes_no_step,
    "grids.describe": _grid_is_bare,
    "tiles.draw": _tile_is_empty,
    "staff.describe": _colleague_is_hidden,
    "lists.staff": _staff_are_own,
    "lists.postings": _postings_are_own,
    "lists.incidents": _incidents_are_own,
    "exports.download": _files_hold_only_own_rows,
    "ogc.items": _map_holds_only_own,
    "ogc.item": _feature_is_hidden,
    "plans.listed": _draft_is_not_listed,
    "plans.describe": _draft_is_hidden,
    "plans.grids": lambda client, where: _draft_is_hidden(client, where, "/grids"),
    "plans.cells": lambda client, where: _draft_is_hidden(client, where, "/cells?area=" + where.grid[:12]),
    "drafts.check": lambda client, where: _draft_is_hidden(client, where, "/check"),
    "drafts.equivalency": lambda client, where: _draft_is_hidden(client, where, "/equivalency.csv"),
    "drafts.changes": lambda client, where: _draft_is_hidden(client, where, "/edits?after=0"),
    "balancings.listed": lambda client, where: _draft_is_hidden(client, where, "/proposals"),
    "balancings.describe": lambda client, where: _draft_is_hidden(client, where, "/proposals/1"),
    "balancings.moves": lambda client, where: _draft_is_hidden(client, where, "/proposals/1/moves"),
    "publishing.inspect": lambda client, where: _draft_is_hidden(client, where, "/publication"),
    "balancings.grids_wanted": lambda client, where: _draft_is_hidden(client, where, "/grids-wanted"),
}
ADMINISTERED = {
    "accounts.describe": ("GET", ""),
    "accounts.change": ("PATCH", ""),
    "accounts.close": ("POST", "/close"),
    "accounts.reopen": ("POST", "/reopen"),
    "accounts.reset_password": ("POST", "/password"),
    "accounts.list_tokens": ("GET", "/tokens"),
    "accounts.revoke_token": ("DELETE", "/tokens/1"),
}
# Also of figures about plans that are for everybody.
ABOUT_DRAFTS = {
    "staffing.describe": ("GET", "/api/v1/plans/{draft}/staffing"),
    "staffing.workbook": ("GET", "/api/v1/plans/{draft}/staffing/grids.xlsx"),
    "workloads.preview": ("POST", "/api/v1/workload-models/preview"),
    "workloads.explain": ("GET", "/api/v1/plans/{draft}/grids/{grid}/hours"),
    "comparisons.describe": ("GET", "/api/v1/plans/1/comparison/{draft}"),
    "comparisons.draw": ("GET", "/api/v1/plans/{draft}/comparison/1/map"),
    "comparison_files.download": ("GET", "/api/v1/plans/1/comparison/{draft}/report.xlsx"),
    "workload_pages.staffing_of_plan": ("GET", "/plans/{draft}/staffing"),
}
COMPARED = {"comparisons.describe", "comparisons.draw", "comparison_files.download"}  # in test_comparisons.py
SEEN = {"seen_version": 1}
PLANNED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "plans.change": ("PATCH", "", SEEN | {"decision": "x"}),
    "plans.withdraw": ("DELETE", "", {}),
    "drafts.edit": ("POST", "/edits", SEEN | {"kind": "lock", "grids": "all", "locked": True}),
    "drafts.undo": ("POST", "/undo", SEEN),
    "drafts.redo": ("POST", "/redo", SEEN),
    "publishing.publish": ("POST", "/publish", SEEN | {"decision": "x"}),
    "publishing.rebase": ("POST", "/rebase", SEEN),
}
WEIGHED = {"workloads.preview", "workloads.explain"}  # in services/test_workloads.py
STAFFED = {"staffing.describe", "staffing.workbook"}  # in test_workloads.py
LED = {  # in test_consultations.py
    f"consultations.{what}" for what in ("put_to_residents", "change", "enter_stage", "override", "moderate")
}
BALANCED = {"balancings.ask", "balancings.stop"}  # in test_balancings.py
DELIVERED = {  # in test_sources.py
    "source_pages.board", "source_pages.one", "admissions.propose",
    "sources.board", "sources.describe", "sources.calls", "deliveries.deliver", "deliveries.delivered", "deliveries.upload",
    "deliveries.rejects",
}  # fmt: skip
CALLED_OFF = {"publishing.cancel"}  # in services/test_cancelling.py
IN_THE_FIELD = {  # in services/test_field.py, test_dispatching.py and test_patrols.py
    "field.officers", "field.choices", "patrols.listed", "patrols.describe", "patrols.qr", "officers.place", "officers.codes",
}  # fmt: skip
PROVED = {
    *READ, *ADMINISTERED, *COMPARED, "accounts.find", "accounts.open_account", *PLANNED, "plans.open_draft", *WEIGHED, *STAFFED,
    *LED, *BALANCED, *CALLED_OFF, *DELIVERED, "drafts.bring_in", *IN_THE_FIELD,
}  # fmt: skip


def test_every_route_over_the_own_part_is_proved_here() -> None:
    assert {endpoint for endpoint, right in RIGHTS.items() if right.over is Over.OWN} == PROVED


@pytest.mark.parametrize("who", ["dispatcher", "officer"])
@pytest.mark.parametrize("endpoint", sorted(READ))
def test_a_town_or_community_gets_nothing_from_elsewhere(login: Login, demo: Connection, who: str, endpoint: str) -> None:
    path = demo.execute(
        text("SELECT u.path::text FROM account a JOIN area u ON u.id = a.area_id WHERE login = :login"), {"login": who}
    ).scalar_one()
    where = _elsewhere(demo, Reach(path))
    READ[endpoint](login(who), where)


def test_what_is_hidden_from_others_is_there_for_the_whole_city(login: Login, demo: Connection) -> None:
    """Else the tests above would prove nothing."""
    town = demo.execute(text("SELECT u.path::text FROM account a JOIN area u ON u.id = a.area_id WHERE login = 'dispatcher'"))
    client, where = login("planner"), _elsewhere(demo, Reach(town.scalar_one()))
    assert client.get(f"/api/v1/incidents/{where.number}").status_code == 200
    assert client.get(f"/api/v1/grids/{where.grid}").json["officers"]
    assert client.get(f"/api/v1/staff/{where.colleague}").status_code == 200
    assert _tile(client, where) > 0


@pytest.fixture
def town_administrator(app: Flask, demo: Connection) -> tuple[FlaskClient, str]:
    """The client of an administrator over the dispatcher's town, and the town's code."""
    theirs = text("SELECT u.code FROM account a JOIN area u ON u.id = a.area_id WHERE a.login = 'dispatcher'")
    town = demo.execute(theirs).scalar_one()
    name = f"town-{secrets.token_hex(4)}"
    with app.extensions["wangge-engine"].begin() as conn:
        first = accounts.open_account(
            conn, login=name, name="Town administrator", role="administrator", area_code=town, within=None, by="test"
        )
    client = app.test_client()
    client.post("/login", data={"login": name, "password": first})
    assert client.post("/api/v1/me/password", json={"old": first, "new": PASSWORD}).status_code == 200
    return client, town


def test_an_administrator_of_a_town_lists_only_accounts_inside_it(town_administrator: tuple[FlaskClient, str]) -> None:
    client, town = town_administrator
    listed = client.get("/api/v1/accounts?limit=500").json
    assert listed["total"] == len(listed["accounts"])
    logins = {account["login"] for account in listed["accounts"]}
    assert "dispatcher" in logins
    assert not logins & {"admin", "planner", "viewer"}
    assert {account["area"]["code"][: len(town)] for account in listed["accounts"]} == {town}
    assert client.get("/api/v1/accounts?q=planner").json["total"] == 0


@pytest.mark.parametrize("endpoint", sorted(ADMINISTERED))
def test_an_account_elsewhere_is_as_good_as_unknown(town_administrator: tuple[FlaskClient, str], endpoint: str) -> None:
    client, _ = town_administrator
    method, rest = ADMINISTERED[endpoint]
    elsewhere, unknown = (
        client.open(f"/api/v1/accounts/{name}{rest}", method=method, json=None if method == "GET" else {})
        for name in ("planner", "planned")
    )
    assert elsewhere.status_code == unknown.status_code == 404
    assert elsewhere.json["detail"].replace("planner", "planned") == unknown.json["detail"]


def test_an_account_elsewhere_cannot_be_opened(town_administrator: tuple[FlaskClient, str]) -> None:
    client, _ = town_administrator
    answer = client.post("/api/v1/accounts", json={"login": "too-far", "name": "x", "role": "viewer", "area": "441900"})
    assert (answer.status_code, answer.json["type"]) == (403, "urn:wangge:BeyondOwnPart")


@pytest.mark.parametrize("endpoint", sorted(ABOUT_DRAFTS))
def test_a_draft_elsewhere_is_as_good_as_none_in_every_figure(
    town_administrator: tuple[FlaskClient, str], demo: Connection, endpoint: str
) -> None:
    client, town = town_administrator
    where = _elsewhere(demo, Reach(f"441900.{town}"))
    grid = demo.execute(text("SELECT id FROM grid WHERE code = :code"), {"code": where.grid}).scalar_one()
    method, path = ABOUT_DRAFTS[endpoint]
    for draft in (_draft_elsewhere(client, where), 999_999_999):
        body = {"plan": draft, "area": where.grid[:12], "weights": {}} if method == "POST" else None
        answer = client.open(path.format(draft=draft, grid=grid), method=method, json=body)
        assert (answer.status_code, "Elsewhere" in answer.text) == (404, False)


@pytest.mark.parametrize("endpoint", sorted(PLANNED))
def test_a_draft_that_reaches_beyond_ones_part_cannot_be_edited(
    town_administrator: tuple[FlaskClient, str], demo: Connection, endpoint: str
) -> None:
    client, town = town_administrator
    method, rest, body = PLANNED[endpoint]
    where = _elsewhere(demo, Reach(f"441900.{town}"))
    for scope, status in ((None, 404), ("441900", 403), (town, 200)):
        draft = _draft_elsewhere(client, where, scope=scope)
        answer = client.open(f"/api/v1/plans/{draft}{rest}", method=method, json=body)
        nothing_to_do = endpoint in ("drafts.undo", "drafts.redo", "publishing.publish") and status == 200
        assert answer.status_code == (422 if nothing_to_do else status), (scope, answer.json)


def test_a_draft_beyond_ones_part_cannot_be_opened(town_administrator: tuple[FlaskClient, str]) -> None:
    client, town = town_administrator
    name = {"zh": "草案", "en": "Draft"}
    for scope, status in (("441900", 403), (town, 201)):
        assert client.post("/api/v1/plans", json={"name": name, "scope": [scope]}).status_code == status


def test_a_file_is_not_brought_into_a_draft_beyond_ones_part(town_administrator: tuple[FlaskClient, str], demo: Connection) -> None:
    client, town = town_administrator
    where = _elsewhere(demo, Reach(f"441900.{town}"))
    for scope, status in ((None, 404), ("441900", 403)):
        draft = _draft_elsewhere(client, where, scope=scope)
        form = {"seen_version": "1", "file": (io.BytesIO(b"cell,grid\n1,x\n"), "cells.csv")}
        assert client.post(f"/api/v1/plans/{draft}/file", data=form).status_code == status
