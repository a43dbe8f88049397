"""Drafts over HTTP: opened, edited, undone, told to others, checked, taken out and brought back as files."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Login

COMMUNITY = "441900003001"
NAME = {"zh": "草案", "en": "Draft"}


@pytest.fixture
def draft(client: FlaskClient) -> Iterator[int]:
    """A draft of one community, put away afterwards."""
    opened = client.post("/api/v1/plans", json={"name": NAME, "scope": [COMMUNITY]})
    assert opened.status_code == 201
    yield opened.json["id"]
    client.delete(f"/api/v1/plans/{opened.json['id']}")


def _grids(client: FlaskClient, draft: int) -> dict[int, dict[str, Any]]:
    return {feature["id"]: feature["properties"] for feature in client.get(f"/api/v1/plans/{draft}/grids").json["features"]}


def _merge(client: FlaskClient, draft: int, *, seen: int = 1) -> Any:
    """Merge the first grid of the community with the first of the others that lies beside it."""
    first, *others = _grids(client, draft)
    answers = (
        client.post(f"/api/v1/plans/{draft}/edits", json={"kind": "merge", "grids": [first, other], "seen_version": seen})
        for other in others
    )
    return next(answer for answer in answers if answer.status_code != 422)


def test_a_new_draft_is_as_the_plan_it_starts_from(client: FlaskClient, draft: int) -> None:
    plan = client.get(f"/api/v1/plans/{draft}").json
    assert (plan["state"]["code"], plan["version"], plan["edits"], plan["grids_changed"]) == ("draft", 1, 0, 0)
    assert [area["code"] for area in plan["scope"]] == [COMMUNITY]
    summary = plan["summary"]
    assert (summary["cells_moved"], summary["cells_cut"], summary["grids"]) == (0, 0, summary["grids_before"])
    assert summary["variation_mean"] == pytest.approx(summary["variation_mean_before"])
    assert draft in {plan["id"] for plan in client.get("/api/v1/plans?state=draft").json["plans"]}


def test_the_published_plan_still_says_what_it_brought(client: FlaskClient) -> None:
    plan = client.get("/api/v1/plans/2").json
    assert plan["state"]["code"] == "published"
    assert {"decision", "grids", "grids_new", "grids_ended"} <= set(plan)


def test_grids_carry_their_figures(client: FlaskClient, draft: int) -> None:
    grids = _grids(client, draft)
    for grid in grids.values():
        assert grid["hours"] == pytest.approx(sum(grid["parts"].values()))
        assert grid["community"] == COMMUNITY
        assert (grid["label"], grid["pieces"], grid["changed"]) == (grid["code"][-2:], 1, False)
    mean = sum(grid["hours"] for grid in grids.values()) / len(grids)
    assert all(grid["deviation"] == pytest.approx(grid["hours"] / mean - 1) for grid in grids.values())


def test_cells_are_told_by_community_and_by_box(client: FlaskClient, draft: int) -> None:
    cells = client.get(f"/api/v1/plans/{draft}/cells?area={COMMUNITY}").json["features"]
    assert sum(cell["properties"]["population"] for cell in cells) == sum(
        grid["population"] for grid in _grids(client, draft).values()
    )
    lon, lat = cells[0]["geometry"]["coordinates"][0][0]
    near = client.get(f"/api/v1/plans/{draft}/cells?bbox={lon},{lat},{lon},{lat}").json["features"]
    assert cells[0]["id"] in {cell["id"] for cell in near}
    assert len(near) < len(cells)


def test_an_edit_tells_what_it_changed_and_undo_takes_it_back(client: FlaskClient, draft: int) -> None:
    before = _grids(client, draft)
    done = _merge(client, draft).json
    assert (done["version"], done["kind"], len(done["grids"]), len(done["removed"])) == (2, "merge", 1, 1)
    assert done["summary"]["grids"] == done["summary"]["grids_before"] - 1
    assert done["grids"][0]["properties"]["changed"] is True
    assert {row["key"] for row in done["others"]} == set(before) - {done["grids"][0]["id"], *done["removed"]}
    undone = client.post(f"/api/v1/plans/{draft}/undo", json={"seen_version": 2}).json
    assert (undone["version"], undone["action"]) == (3, "undo")
    assert _grids(client, draft) == before
    again = client.post(f"/api/v1/plans/{draft}/redo", json={"seen_version": 3}).json
    assert (again["version"], again["removed"]) == (4, done["removed"])


def test_a_stale_edit_says_what_was_done_since_and_by_whom(client: FlaskClient, login: Login, draft: int) -> None:
    done = _merge(client, draft).json
    body = {"kind": "lock", "grids": [done["grids"][0]["id"]], "locked": True, "seen_version": 1}
    stale = login("admin").post(f"/api/v1/plans/{draft}/edits", json=body)
    assert (stale.status_code, stale.json["type"], stale.json["current_version"]) == (409, "urn:wangge:StaleEdit", 2)
    assert [(step["kind"], step["author"]) for step in stale.json["since"]] == [("merge", "planner")]
    told = login("admin").get(f"/api/v1/plans/{draft}/edits?after=1").json
    assert (told["version"], told["removed"]) == (2, done["removed"])
    assert client.get(f"/api/v1/plans/{draft}/edits?after=2").json == {"version": 2, "steps": []}


def test_a_refused_edit_names_rule_grids_and_place(client: FlaskClient, draft: int) -> None:
    key = next(iter(_grids(client, draft)))
    cells = [
        cell["id"]
        for cell in client.get(f"/api/v1/plans/{draft}/cells?area={COMMUNITY}").json["features"]
        if cell["properties"]["grid"] != key
    ]
    body = {"kind": "transfer", "to": key, "cells": cells, "seen_version": 1}
    refused = client.post(f"/api/v1/plans/{draft}/edits", json=body)
    assert (refused.status_code, refused.json["type"]) == (422, "urn:wangge:EditRefused")
    finding = refused.json["findings"][0]
    assert (finding["rule"], finding["repair"]["kind"]) == ("empties_a_grid", "merge")
    assert None not in (finding["lon"], finding["lat"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "split", "grid": 1}, "split needs line"),
        ({"kind": "transfer", "to": 1}, "transfer needs cells (or lasso)"),
        ({"kind": "merge", "grids": "all"}, "only a lock takes all grids"),
        ({"kind": "carve", "polygon": [[0, 0], [1, 999], [2, 2]]}, "polygon"),
    ],
)
def test_a_body_that_is_no_edit_is_refused_with_what_it_lacks(
    client: FlaskClient, draft: int, body: dict[str, Any], said: str
) -> None:
    answer = client.post(f"/api/v1/plans/{draft}/edits", json=body | {"seen_version": 1})
    assert answer.status_code == 422
    assert said in answer.json["detail"]


def test_a_published_plan_cannot_be_edited(client: FlaskClient) -> None:
    answer = client.post("/api/v1/plans/2/undo", json={"seen_version": 1})
    assert (answer.status_code, answer.json["type"]) == (409, "urn:wangge:DraftClosed")


def test_the_table_of_cells_comes_back_into_another_draft(client: FlaskClient, draft: int) -> None:
    done = _merge(client, draft).json
    table = client.get(f"/api/v1/plans/{draft}/equivalency.csv").data
    copied = client.post("/api/v1/plans", json={"name": NAME, "scope": [COMMUNITY]}).json["id"]
    form = {"seen_version": "1", "file": (io.BytesIO(table), "cells.csv")}
    brought = client.post(f"/api/v1/plans/{copied}/file", data=form)
    assert brought.status_code == 200, brought.json
    assert (brought.json["kind"], brought.json["removed"]) == ("file", done["removed"])
    client.delete(f"/api/v1/plans/{copied}")


def test_what_is_notable_of_a_plan_is_found(client: FlaskClient, draft: int) -> None:
    few = client.get(f"/api/v1/plans/{draft}/check?deviation=9").json["findings"]
    many = client.get(f"/api/v1/plans/{draft}/check?deviation=0").json["findings"]
    assert few == []
    assert {finding["rule"] for finding in many} == {"over_threshold"}
    assert all(re.search(r", \d+ % (above|below) the mean of its community\.$", finding["message"]) for finding in many)
    assert len(many) == len(_grids(client, draft))


def test_a_name_with_a_line_break_is_refused(client: FlaskClient, draft: int) -> None:
    body = {"seen_version": 1, "name": {"zh": "草案\n二", "en": "Draft"}}
    assert client.patch(f"/api/v1/plans/{draft}", json=body).status_code == 422


def test_a_draft_is_renamed_copied_and_withdrawn(client: FlaskClient, draft: int) -> None:
    body = {"name": {"zh": "新", "en": "New"}, "decision": "x", "seen_version": 1}
    assert client.patch(f"/api/v1/plans/{draft}", json=body).json["name"] == body["name"]
    _merge(client, draft)
    copied = client.post("/api/v1/plans", json={"name": NAME, "copy_of": draft}).json
    assert (copied["version"], copied["edits"]) == (2, 1)
    withdrawn = client.delete(f"/api/v1/plans/{copied['id']}").json
    assert withdrawn["state"]["code"] == "withdrawn"
    late = client.post(f"/api/v1/plans/{copied['id']}/undo", json={"seen_version": 2})
    assert late.status_code == 409
