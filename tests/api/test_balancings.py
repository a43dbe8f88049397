"""Proposals over HTTP, on the demo city."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from procrastinate import App, SyncPsycopgConnector
from sqlalchemy import Connection, text

from gis.draft_records import NewDraft
from gis.drafts import open_draft
from gis.records import Name, Reach
from tests.api.conftest import Login

TOWN, OTHER_TOWN = "441900003", "441900004"


def _a_draft(app: Flask, scope: str) -> int:
    with app.extensions["wangge-engine"].begin() as conn:
        return open_draft(conn, NewDraft(Name("草案", "Draft"), (scope,)), reach=Reach("441900"), by="planner")


@pytest.fixture
def draft(app: Flask) -> int:
    return _a_draft(app, TOWN)


def test_a_town_is_balanced_while_the_planner_waits(client: FlaskClient, draft: int) -> None:
    answer = client.post(f"/api/v1/plans/{draft}/proposals", json={"scope": [TOWN], "tolerance": 0.15, "dial": 0.15, "seed": 7})
    assert (answer.status_code, answer.json["state"]) == (202, "done")
    told = client.get(f"/api/v1/plans/{draft}/proposals/{answer.json['id']}").json
    assert told == answer.json
    assert told["totals"]["cells_moved"] == sum(row["cells_moved"] for row in told["communities"])
    moved = max(told["communities"], key=lambda row: row["cells_moved"])
    of_one = client.get(f"/api/v1/plans/{draft}/proposals/{told['id']}/moves?community={moved['code']}").json["cells"]
    assert len(of_one) == moved["cells_moved"]
    assert client.get(f"/api/v1/plans/{draft}/proposals").json["proposals"][0]["id"] == told["id"]


def test_the_same_seed_gives_the_same_moves(client: FlaskClient, draft: int) -> None:
    def moves() -> list[list[int]]:
        run = client.post(f"/api/v1/plans/{draft}/proposals", json={"restarts": 2, "seed": 11}).json
        found: list[list[int]] = client.get(f"/api/v1/plans/{draft}/proposals/{run['id']}/moves").json["cells"]
        return found

    assert moves() == moves()


def test_a_city_is_left_to_the_worker_and_can_be_stopped_before(client: FlaskClient, app: Flask) -> None:
    plan = _a_draft(app, "441900")
    answer = client.post(f"/api/v1/plans/{plan}/proposals", json={})
    assert (answer.status_code, answer.json["state"], answer.json["total"]) == (202, "waiting", 593)
    assert client.post(f"/api/v1/plans/{plan}/proposals/{answer.json['id']}/stop").json["state"] == "stopped"


def test_a_run_that_cannot_be_queued_has_failed(client: FlaskClient, app: Flask) -> None:
    plan, queue = _a_draft(app, "441900"), app.extensions.pop("wangge-queue", None)
    app.extensions["wangge-queue"] = App(connector=SyncPsycopgConnector())  # was never opened
    try:
        answer = client.post(f"/api/v1/plans/{plan}/proposals", json={})
    finally:
        del app.extensions["wangge-queue"]
        if queue is not None:
            app.extensions["wangge-queue"] = queue
    assert answer.status_code == 500
    (run,) = client.get(f"/api/v1/plans/{plan}/proposals").json["proposals"]
    assert (run["state"], run["problem"]) == ("failed", "The run could not be put into the queue; ask again.")


def test_a_wish_that_cannot_be_is_a_failed_proposal_that_says_why(client: FlaskClient, draft: int, demo: Connection) -> None:
    code = demo.execute(text("SELECT min(code) FROM area WHERE code LIKE :town || '___'"), {"town": TOWN}).scalar_one()
    answer = client.post(f"/api/v1/plans/{draft}/proposals", json={"mode": "change_k", "grids": {code: 9_000}})
    assert (answer.status_code, answer.json["state"]) == (202, "failed")
    assert f"Community {code} has" in answer.json["problem"]


@pytest.mark.parametrize(
    "wish", [{"scope": [OTHER_TOWN]}, {"mode": "change_k"}, {"dial": 2}, {"barriers": [{"coordinates": [[113.8, 23.0]]}]}]
)
def test_a_faulty_wish_is_refused(client: FlaskClient, draft: int, wish: dict[str, object]) -> None:
    assert client.post(f"/api/v1/plans/{draft}/proposals", json=wish).status_code == 422


def test_communities_are_told_how_many_grids_they_should_have(client: FlaskClient, draft: int) -> None:
    rows = client.get(f"/api/v1/plans/{draft}/grids-wanted?area={TOWN}").json["communities"]
    assert sum(row["wanted"] for row in rows) == sum(row["grids"] for row in rows) > len(rows)
    assert [point["grids"] for point in rows[0]["curve"]][:3] == [1, 2, 3]
    assert client.get(f"/api/v1/plans/{draft}/grids-wanted?area={OTHER_TOWN}").status_code == 404


def test_nobody_asks_the_machine_beyond_the_own_part(login: Login, app: Flask, demo: Connection) -> None:
    town = demo.execute(
        text("SELECT a.code FROM account JOIN area a ON a.id = area_id WHERE login = 'dispatcher'")
    ).scalar_one()
    with app.extensions["wangge-engine"].begin() as conn:
        conn.execute(text("UPDATE account SET role = 'planner' WHERE login = 'dispatcher'"))
    try:
        client = login("dispatcher")
        elsewhere = OTHER_TOWN if town != OTHER_TOWN else TOWN
        for scope, statuses in ((elsewhere, (404, 404)), ("441900", (403, 403)), (town, (202, 200))):
            plan = _a_draft(app, scope)
            asked = client.post(f"/api/v1/plans/{plan}/proposals", json={"restarts": 1})
            run = asked.json.get("id", 1)
            stopped = client.post(f"/api/v1/plans/{plan}/proposals/{run}/stop")
            assert (asked.status_code, stopped.status_code) == statuses, (scope, asked.json)
    finally:
        with app.extensions["wangge-engine"].begin() as conn:
            conn.execute(text("UPDATE account SET role = 'dispatcher' WHERE login = 'dispatcher'"))
