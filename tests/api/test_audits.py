"""Audits over HTTP, on the demo city: asked on the spot, kept, repeated, compared, published, refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.api.conftest import Login

CENTRES = {"kinds": ["service_centre"], "method": "radius", "minutes": 15}


@pytest.fixture
def auditor(login: Login) -> FlaskClient:
    return login("auditor")


@pytest.fixture(scope="module", autouse=True)
def _tidy(app: Flask) -> Iterator[None]:
    yield
    with app.extensions["wangge-engine"].begin() as conn:
        conn.execute(text("DELETE FROM audit"))


def _audit(client: FlaskClient, name: str = "Fifteen minutes", **question: Any) -> Any:
    answer = client.post("/api/v1/audits", json={"name": name, "question": CENTRES | question})
    assert answer.status_code == 201, answer.json
    return answer.json


def test_what_a_question_can_choose_from(client: FlaskClient) -> None:
    found = client.get("/api/v1/coverage/options").json
    kinds = {kind["code"]: kind["count"] for kind in found["kinds"]}
    assert kinds["service_centre"] == 593
    assert {"radius_15", "walk_15", "thousand_metres", "camera"} <= {preset["code"] for preset in found["presets"]}
    assert {group["code"]: group["speed_kmh"] for group in found["groups"]} == {"adult": 4.8, "elderly": 3.6, "child": 3.6}
    assert [level["code"] for level in found["levels"]] == ["city", "town", "community", "estate"]
    assert (found["areas"][0]["level"], len(found["areas"])) == ("city", 36)


def test_reach_is_counted_on_the_spot_and_not_kept(auditor: FlaskClient) -> None:
    found = auditor.post("/api/v1/coverage/reach", json=CENTRES | {"scope": "441900003"}).json
    totals = found["totals"]
    assert found["limit_m"] == 1_000
    assert {row["level"] for row in found["rows"]} == {"community", "town"}
    assert totals["communities"] == sum(row["level"] == "community" for row in found["rows"])
    assert sum(row["residents"] for row in found["rows"] if row["level"] == "town") == totals["residents"]
    assert len(found["cells"]["id"]) == len(found["cells"]["metres"]) == totals["cells"]
    assert sum(within >= 1 for within in found["cells"]["within"]) == totals["covered_cells"]
    assert sum(metres is None for metres in found["cells"]["metres"]) == totals["cells"] - totals["covered_cells"]
    assert sum(gap["properties"]["residents"] for gap in found["gaps"]["features"]) == pytest.approx(
        totals["residents"] - totals["covered_residents"]
    )
    assert len(found["facilities"]["features"]) == 593  # those beyond the border of the scope serve too
    assert found["inputs"]["plan"]["name"]["zh"]
    assert auditor.get("/api/v1/audits").json == {"audits": []}


def test_an_audit_is_kept_repeated_and_compared(auditor: FlaskClient, login: Login) -> None:
    audit = _audit(auditor)
    assert (audit["state"], audit["total"], audit["author"], audit["area"]["code"]) == ("done", 593, "auditor", "441900")
    viewer = login("viewer")
    assert viewer.get(f"/api/v1/audits/{audit['id']}").json == audit
    uncovered = viewer.get(f"/api/v1/audits/{audit['id']}/rows?level=community&covered=false").json["rows"]
    assert len(uncovered) == 593 - audit["totals"]["covered_communities"]
    assert len(viewer.get(f"/api/v1/audits/{audit['id']}/cells").json["id"]) == 44_000
    gaps = viewer.get(f"/api/v1/audits/{audit['id']}/gaps").json["features"]
    assert {gap["geometry"]["type"] for gap in gaps} == {"Polygon"}
    served = viewer.get(f"/api/v1/audits/{audit['id']}/facilities").json["features"]
    assert sum(each["properties"]["residents_nearest"] for each in served) == audit["totals"]["covered_residents"]

    again = auditor.post(f"/api/v1/audits/{audit['id']}/repeat", json={}).json
    assert (again["repeats"], again["totals"]) == (audit["id"], audit["totals"])
    wider = _audit(auditor, "Further", minutes=None, metres=1_500)
    found = viewer.get(f"/api/v1/audits/{audit['id']}/compare/{wider['id']}?level=community").json
    assert {each["what"] for each in found["differs"]} == {"limit_m"}
    gained = [unit for unit in found["units"] if unit["verdict"] == "gained"]
    assert len(gained) == wider["totals"]["covered_communities"] - audit["totals"]["covered_communities"]
    assert not [unit for unit in found["units"] if unit["verdict"] == "lost"]


def test_an_audit_is_published_and_withdrawn_by_those_who_answer_for_the_city(auditor: FlaskClient, login: Login) -> None:
    audit = _audit(auditor, scope="441900003")
    address = f"/api/v1/audits/{audit['id']}"
    assert login("planner").post(f"{address}/publish", json={"statement": "Mine."}).status_code == 403
    published = auditor.post(f"{address}/publish", json={"statement": "Every centre was counted."}).json
    assert published["page"] == f"/audits/{published['key']}" and published["published_by"] == "auditor"
    assert auditor.post(f"{address}/publish", json={"statement": "Twice."}).status_code == 409
    assert auditor.post(f"{address}/withdraw").json["page"] is None
    assert auditor.post(f"{address}/withdraw").status_code == 409


@pytest.mark.parametrize(
    ("question", "kind", "field"),
    [
        ({"kinds": ["zoo"]}, "urn:wangge:BadQuestion", "kinds"), ({"services": ["zoo"]}, "urn:wangge:BadQuestion", "services"),
        ({"scope": "999"}, "urn:wangge:BadQuestion", "scope"), ({"minutes": 0}, "urn:wangge:InvalidInput", "question.minutes"),
        ({"k": 0}, "urn:wangge:InvalidInput", "question.k"), ({"k": 1000}, "urn:wangge:InvalidInput", "question.k"),
        ({"method": "fly"}, "urn:wangge:InvalidInput", "question.method"),
        ({"metres": -3}, "urn:wangge:InvalidInput", "question.metres"),
        ({"open_at": {"weekday": 8, "minute": 0}}, "urn:wangge:InvalidInput", "question.open_at.weekday"),
        ({"method": "walk", "by_ground": True}, "urn:wangge:BadQuestion", "by_ground"),
    ],
)  # fmt: skip
def test_questions_that_cannot_be_answered_name_their_field(
    auditor: FlaskClient, question: dict[str, Any], kind: str, field: str
) -> None:
    refused = auditor.post("/api/v1/audits", json={"name": "Odd", "question": CENTRES | question})
    assert (refused.status_code, refused.json["type"]) == (422, kind)
    assert refused.json["errors"][0]["field"] == field


def test_nothing_to_reach_is_said(auditor: FlaskClient) -> None:
    refused = auditor.post("/api/v1/coverage/reach", json=CENTRES | {"floor_area_m2": 999_999})
    assert (refused.status_code, refused.json["type"]) == (422, "urn:wangge:NothingToReach")
    assert auditor.get("/api/v1/audits/999999999").status_code == 404
