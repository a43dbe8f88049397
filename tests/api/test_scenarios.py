"""What if and where next, as the API answers them, on the demo city."""

import time

from flask import Flask
from flask.testing import FlaskClient

from server.siting_runs import SitingRunner
from tests.api.conftest import Login

MARKETS = {"kinds": ["market"], "method": "radius", "minutes": 15}


def _far_cell(client: FlaskClient) -> dict[str, float]:
    """A place of the city whose residents no market covers, where most would be gained."""
    asked = {"question": MARKETS, "wish": {"sites": 3, "most_candidates": 100}}
    siting = client.post("/api/v1/sitings", json=asked)
    assert siting.status_code == 201 and siting.json["state"] == "waiting"
    app: Flask = client.application
    SitingRunner(app.extensions["wangge-engine"], app.config["SETTINGS"].networks_dir).run(siting.json["id"])
    until = time.monotonic() + 60  # a worker of the same city may have taken it before
    while (found := client.get(f"/api/v1/sitings/{siting.json['id']}").json)["state"] in ("waiting", "running"):
        assert time.monotonic() < until
    assert (found["state"], found["outcome"]["proven"], len(found["outcome"]["sites"])) == ("done", True, 3)
    return found


def test_sites_are_found_tried_kept_and_compared(login: Login) -> None:
    client = login("planner")
    siting = _far_cell(client)
    outcome = siting["outcome"]
    best = outcome["sites"][0]
    assert client.get("/api/v1/sitings").json["sitings"][0] | {"id": siting["id"], "value": outcome["value"]} == (
        client.get("/api/v1/sitings").json["sitings"][0]
    )
    opened = {"what": "open", "facility": -1, "lon": best["lon"], "lat": best["lat"]}
    tried = client.post("/api/v1/coverage/what-if", json={"question": MARKETS, "changes": [opened]}).json
    assert tried["gained_residents"] == best["gained_residents"] > 10_000
    assert len(tried["gained"]) > 10 and tried["lost"] == []
    assert tried["after"]["covered_residents"] - tried["before"]["covered_residents"] == best["gained_residents"]
    assert all(row["after"]["covered_residents"] > row["before"]["covered_residents"] for row in tried["communities"])

    three = client.post("/api/v1/scenarios", json={"name": "All three", "siting": siting["id"]})
    assert three.status_code == 201 and three.json["outcome"]["after"] == outcome["after"] and three.json["is_current"]
    one = client.post("/api/v1/scenarios", json={"name": "One", "question": MARKETS, "changes": [opened]}).json
    compared = client.get(f"/api/v1/scenarios/compare?ids={three.json['id']},{one['id']}").json
    assert [each["name"] for each in compared["scenarios"]] == ["All three", "One"] and compared["same_question"]
    put = client.put(
        f"/api/v1/scenarios/{one['id']}", json={"name": "None", "question": MARKETS, "changes": [], "seen_version": 1}
    ).json
    assert (put["version"], put["gained_residents"], put["change_count"]) == (2, 0, 0)
    assert client.delete(f"/api/v1/scenarios/{one['id']}?seen_version=1").status_code == 409
    for scenario, version in ((one["id"], 2), (three.json["id"], 1)):
        assert client.delete(f"/api/v1/scenarios/{scenario}?seen_version={version}").status_code == 204
    assert client.get(f"/api/v1/scenarios/{one['id']}").status_code == 404


def test_changes_that_cannot_be_are_refused_by_field(client: FlaskClient) -> None:
    changes = [{"what": "close", "facility": 999_999_999}, {"what": "open", "facility": -1, "lon": 116.4}]
    refused = client.post("/api/v1/coverage/what-if", json={"question": MARKETS, "changes": changes})
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json["errors"]] == ["changes.0.facility", "changes.1.lon"]
    away = [{"what": "open", "facility": -1, "lon": 116.4, "lat": 39.9}]
    refused = client.post("/api/v1/scenarios", json={"name": "x", "question": MARKETS, "changes": away})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "changes.0.lon")
    both = client.post("/api/v1/scenarios", json={"name": "x", "question": MARKETS, "siting": 1})
    assert both.status_code == 422


def test_a_scenario_has_a_name(client: FlaskClient) -> None:
    refused = client.post("/api/v1/scenarios", json={"name": "  ", "question": MARKETS})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "name")


def test_what_if_counts_points_and_says_so_where_ground_was_asked_for(client: FlaskClient) -> None:
    by_points, by_ground = (
        client.post("/api/v1/coverage/what-if", json={"question": MARKETS | {"by_ground": cut}}).json for cut in (False, True)
    )
    assert by_points["before"] == by_ground["before"]
    assert (by_points["findings"], [each["code"] for each in by_ground["findings"]]) == ([], ["counted_by_points"])


def test_a_viewer_looks_and_does_not_search(login: Login) -> None:
    viewer = login("viewer")
    assert viewer.get("/api/v1/scenarios").status_code == viewer.get("/api/v1/sitings").status_code == 200
    assert viewer.post("/api/v1/sitings", json={}).status_code == 403
