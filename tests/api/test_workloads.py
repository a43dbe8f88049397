"""Workload models and staffing over HTTP."""

import io
import secrets
import time

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis import accounts

TOWN = "441900003"


@pytest.fixture
def plan(demo: Connection) -> int:
    found: int = demo.execute(text("SELECT id FROM plan WHERE valid @> now()")).scalar_one()
    return found


@pytest.fixture
def unsaved(app: Flask) -> None:
    """Versions that a test saves are taken away again."""
    engine = app.extensions["wangge-engine"]
    with engine.connect() as conn:
        last = conn.execute(text("SELECT max(id) FROM workload_model")).scalar_one()
    yield
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM workload_model WHERE id > :last"), {"last": last})


def test_the_versions_are_listed_with_their_weights(client: FlaskClient):
    models = client.get("/api/v1/workload-models").json["models"]
    kinds = client.get("/api/v1/place-kinds").json["kinds"]
    assert models[0]["version"] == max(model["version"] for model in models)
    assert set(models[0]["weights"]["places"]) == {kind["code"] for kind in kinds}
    assert client.get(f"/api/v1/workload-models/{models[0]['id']}").json == models[0]


@pytest.mark.usefixtures("unsaved")
def test_a_new_version_keeps_what_is_not_changed(client: FlaskClient):
    first = client.get("/api/v1/workload-models").json["models"][0]
    answer = client.post("/api/v1/workload-models", json={"weights": {"resident_min": 0.75}, "note": "counted in autumn"})
    assert answer.status_code == 201
    made = answer.json
    assert (made["parent"], made["version"], made["author"]) == (first["id"], first["version"] + 1, "planner")
    assert made["weights"] == first["weights"] | {"resident_min": 0.75}
    assert (made["period"], made["note"], made["stale"]) == (first["period"], "counted in autumn", [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"weights": {"places": {"shop": {"standard_min": 5, "interval_d": 9}}}}, "places.factory"),
        ({"weights": {"post_h": 1}}, "post_h"),
        ({"weights": {"matters": {"nothing": 3}}}, "matters.nothing"),
        ({"weights": {"speed": 3}}, "weights.speed"),
        ({"period": {"from": "2025-01-15", "until": "2025-03-01"}}, "period"),
    ],
)
def test_what_cannot_be_weighed_is_refused_by_its_field(client: FlaskClient, body: dict, field: str):
    answer = client.post("/api/v1/workload-models", json=body)
    assert answer.status_code == 422
    assert field in {fault["field"] for fault in answer.json["errors"]}


def test_a_preview_of_a_town_has_its_grids_before_and_after(client: FlaskClient):
    began = time.monotonic()
    answer = client.post("/api/v1/workload-models/preview", json={"area": TOWN, "weights": {"fixed_h": 34}}).json
    assert time.monotonic() - began < 5
    assert answer["summary"]["grids"] == len(answer["grids"]) > 50
    for grid in answer["grids"]:
        assert grid["community"].startswith(TOWN)
        assert grid["hours"] == pytest.approx(sum(grid["parts"].values()))
        assert grid["hours"] - grid["hours_before"] == pytest.approx(10)
    assert answer["summary"]["after"]["hours"] == pytest.approx(sum(grid["hours"] for grid in answer["grids"]))


def test_a_grid_tells_its_hours_in_both_languages(client: FlaskClient, plan: int):
    before = client.post("/api/v1/workload-models/preview", json={"area": TOWN}).json["grids"][0]
    told = client.get(f"/api/v1/plans/{plan}/grids/{before['key']}/hours").json
    assert told["hours"] == pytest.approx(before["hours"], abs=1e-6)
    assert sum(part["hours"] for part in told["parts"]) == pytest.approx(told["hours"], abs=1e-6)
    for name in ("inspections", "incidents", "people"):
        part = next(part["hours"] for part in told["parts"] if part["part"] == name)
        assert sum(line["hours"] for line in told[name]) == pytest.approx(part, abs=1e-6)
    for line in [*told["inspections"], *told["incidents"], *told["people"], told["walking"], told["spread"], told["fixed"], told]:
        assert set(line["says"]) == {"zh", "en"}
    assert "小时" in told["says"]["zh"]


def test_staffing_gives_every_grid_of_a_town_an_officer(client: FlaskClient, plan: int):
    found = client.get(f"/api/v1/plans/{plan}/staffing?area={TOWN}").json
    assert all(grid["after"]["patrol"] >= 1 for grid in found["grids"])
    for duty in found["duties"]:
        assert duty["before"] == duty["after"] == sum(grid["after"][duty["code"]] for grid in found["grids"])
    summary = found["summary"]
    assert summary["moves"] == len(found["moves"])
    assert summary["after"]["variation"] < summary["before"]["variation"] / 2


def test_the_tables_of_staffing_come_as_workbooks(client: FlaskClient, plan: int):
    found = client.get(f"/api/v1/plans/{plan}/staffing?area={TOWN}&method=hamilton").json
    for table in ("grids", "moves"):
        answer = client.get(f"/api/v1/plans/{plan}/staffing/{table}.xlsx?area={TOWN}&method=hamilton")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
        assert sheet.max_row == 1 + len(found[table])


def test_too_few_posts_are_refused(client: FlaskClient, plan: int):
    answer = client.get(f"/api/v1/plans/{plan}/staffing?area={TOWN}&posts=3")
    assert (answer.status_code, answer.json["field"]) == (422, "posts")


def test_a_planner_of_a_town_staffs_only_that_town(app: Flask, plan: int):
    name = f"town-{secrets.token_hex(4)}"
    with app.extensions["wangge-engine"].begin() as conn:
        first = accounts.open_account(
            conn, login=name, name="Town planner", role="planner", area_code=TOWN, within=None, by="test"
        )
    client = app.test_client()
    client.post("/login", data={"login": name, "password": first})
    client.post("/api/v1/me/password", json={"old": first, "new": "heron in the reeds"})
    found = client.get(f"/api/v1/plans/{plan}/staffing").json
    assert found["area"] == TOWN
    assert {grid["town"]["code"] for grid in found["grids"]} == {TOWN}
    for path in ("staffing?area=441900", "staffing/moves.xlsx?area=441900005"):
        assert client.get(f"/api/v1/plans/{plan}/{path}").status_code == 403
    assert client.post("/api/v1/workload-models", json={}).status_code == 403
