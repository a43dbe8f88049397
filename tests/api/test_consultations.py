"""Consultations over HTTP: planners lead them, residents read and speak without log-in."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gis import accounts
from gis.consultations import OPINIONS_AT_MOST
from tests.api.conftest import Login
from tests.builders_of_drafts import a_draft, border_cells

COMMUNITY, TOWN = "441900003001", "441900003"
PASSWORD = "heron in the reeds"
PLACES = "/api/v1/consultations"
Speak = Callable[..., Any]


@pytest.fixture
def draft(demo_engine: Engine) -> Iterator[int]:
    """A draft that gives three cells of a community to other grids."""
    with demo_engine.begin() as conn:
        made = a_draft(conn, border_cells(conn, COMMUNITY), scope=COMMUNITY)
    yield made
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM proposal WHERE plan_id = :id OR kind <> 'plan'"), {"id": made})
        conn.execute(text("DELETE FROM plan WHERE id = :id"), {"id": made})
        conn.execute(text("DELETE FROM login_attempt"))


def _asked(**more: Any) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    return {
        "title": {"zh": "岗贝网格调整", "en": "Redrawing Gangbei"}, "summary": {"zh": "两格对调", "en": "Two grids change"},
        "since": (today - timedelta(days=2)).isoformat(), "until": (today + timedelta(days=30)).isoformat(), **more,
    }  # fmt: skip


@pytest.fixture
def opened(client: FlaskClient, draft: int) -> dict[str, Any]:
    """A consultation on the draft."""
    answer = client.post(PLACES, json=_asked(plan=draft))
    assert answer.status_code == 201, answer.json
    return answer.json


@pytest.fixture
def speak(app: Flask, opened: dict[str, Any]) -> Speak:
    """A resident speaks from a browser of her own."""

    def said(*, support: bool, browser: FlaskClient | None = None, address: str = "10.0.0.1", **more: Any) -> Any:
        resident = browser or app.test_client()
        path = f"{PLACES}/{opened['id']}/opinions"
        return resident.post(path, json={"support": support, **more}, environ_base={"REMOTE_ADDR": address})

    return said


def _state(client: FlaskClient, plan: int, engine: Engine) -> str:
    with engine.connect() as conn:
        return conn.execute(text("SELECT state FROM plan WHERE id = :id"), {"id": plan}).scalar_one()


def test_a_plan_put_to_residents_is_frozen_until_it_is_formed(
    client: FlaskClient, draft: int, opened: dict[str, Any], demo_engine: Engine
) -> None:
    assert (opened["stage"]["code"], opened["area"]["code"], opened["takes_opinions"]) == ("collect", COMMUNITY, True)
    states = []
    for stage in ("topic", "deliberate", "form", "deliberate"):
        assert client.post(f"{PLACES}/{opened['id']}/stage", json={"stage": stage, "note": "as agreed"}).status_code == 200
        states.append(_state(client, draft, demo_engine))
    assert states == ["consultation", "consultation", "draft", "consultation"]
    told = client.get(f"{PLACES}/{opened['id']}").json
    assert [step["stage"]["code"] for step in told["steps"]] == ["collect", "topic", "deliberate", "form", "deliberate"]


def test_a_draft_that_changes_nothing_is_not_put_to_residents(client: FlaskClient, demo_engine: Engine, draft: int) -> None:
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM draft_assignment WHERE plan_id = :id"), {"id": draft})
    refused = client.post(PLACES, json=_asked(plan=draft))
    assert (refused.status_code, refused.json["field"]) == (422, "plan")


def test_a_plan_is_put_to_residents_once_and_only_as_a_draft(client: FlaskClient, draft: int, opened: dict[str, Any]) -> None:
    assert client.post(PLACES, json=_asked(plan=draft)).json["type"] == "urn:wangge:AlreadyThere"
    in_force = client.get("/api/v1/city").json["plan"]["id"]
    assert client.post(PLACES, json=_asked(plan=in_force)).json["type"] == "urn:wangge:StageRefused"


def test_stages_follow_each_other(client: FlaskClient, opened: dict[str, Any]) -> None:
    assert client.post(f"{PLACES}/{opened['id']}/stage", json={"stage": "form"}).status_code == 409
    assert client.post(f"{PLACES}/{opened['id']}/stage", json={"stage": "party"}).status_code == 422


def test_what_too_few_support_is_not_carried_out_without_a_reason_on_record(
    client: FlaskClient, opened: dict[str, Any], speak: Speak, visitor: FlaskClient
) -> None:
    for support in (True, False, False):
        assert speak(support=support).status_code == 201
    path = f"{PLACES}/{opened['id']}"
    for stage in ("topic", "deliberate", "form"):
        client.post(f"{path}/stage", json={"stage": stage})
    refused = client.post(f"{path}/stage", json={"stage": "carry_out"})
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:SupportMissing")
    assert (round(refused.json["support"], 2), refused.json["support_needed"]) == (0.33, 0.5)
    assert client.post(f"{path}/override", json={"reason": "The fire brigade asks for it."}).status_code == 200
    assert client.post(f"{path}/stage", json={"stage": "carry_out"}).status_code == 200
    told = visitor.get(path).json
    assert told["override"]["reason"] == "The fire brigade asks for it."
    assert "planner" not in visitor.get(path).text


def test_what_enough_support_needs_no_reason(client: FlaskClient, opened: dict[str, Any], speak: Speak) -> None:
    speak(support=True)
    refused = client.post(f"{PLACES}/{opened['id']}/override", json={"reason": "just to be sure of it"})
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:StageRefused")


def test_a_browser_has_one_voice_wherever_it_is(app: Flask, opened: dict[str, Any], speak: Speak) -> None:
    browser = app.test_client()
    assert [speak(support=True, browser=browser).status_code, speak(support=False, browser=browser).status_code] == [201, 200]
    assert speak(support=False, browser=browser).json["voices"] == {"support": 0, "against": 1, "hidden": 0, "fraction": 0.0}
    assert speak(support=True, browser=browser, address="10.0.0.2").json["voices"]["against"] == 0
    assert speak(support=True).json["voices"]["support"] == 2


def test_who_speaks_again_is_not_counted_again(app: Flask, opened: dict[str, Any], speak: Speak) -> None:
    browser = app.test_client()
    for _ in range(OPINIONS_AT_MOST + 2):
        assert speak(support=True, browser=browser, address="10.0.0.11").status_code in (200, 201)
    assert speak(support=True, address="10.0.0.11").status_code == 201


def test_an_address_can_speak_only_so_often(opened: dict[str, Any], speak: Speak) -> None:
    for _ in range(OPINIONS_AT_MOST):
        assert speak(support=True, address="10.0.0.9").status_code == 201
    refused = speak(support=True, address="10.0.0.9")
    assert (refused.status_code, refused.json["type"]) == (429, "urn:wangge:TooManyAttempts")
    assert int(refused.headers["Retry-After"]) > 0
    assert speak(support=True, address="10.0.0.10").status_code == 201


def test_a_place_gives_a_voice_its_community_and_is_told_as_a_quarter(
    client: FlaskClient, opened: dict[str, Any], speak: Speak, visitor: FlaskClient
) -> None:
    lon, lat = client.get(f"/api/v1/areas/{COMMUNITY}").json["center"]
    assert speak(support=True, words="<b>好</b>", place=[lon, lat]).status_code == 201
    assert speak(support=False, place=[lat, lon]).json["fault"] == "swapped"
    (told,) = visitor.get(f"{PLACES}/{opened['id']}/opinions").json["opinions"]
    assert (told["community"]["code"], told["words"]) == (COMMUNITY, "<b>好</b>")
    assert told["place"] == [round(lon, 3), round(lat, 3)]
    (community,) = visitor.get(f"{PLACES}/{opened['id']}").json["communities"]
    assert (community["code"], community["support"], community["fraction"]) == (COMMUNITY, 1, 1.0)


def test_what_moderation_takes_out_counts_for_neither_side(
    client: FlaskClient, opened: dict[str, Any], speak: Speak, visitor: FlaskClient, login: Login
) -> None:
    speak(support=False, words="rubbish")
    path = f"{PLACES}/{opened['id']}/opinions"
    number = client.get(path).json["opinions"][0]["id"]
    assert client.patch(f"{path}/{number}", json={"hidden": True}).status_code == 200
    assert visitor.get(path).json["opinions"] == []
    assert visitor.get(f"{PLACES}/{opened['id']}").json["voices"] == {"support": 0, "against": 0, "hidden": 1, "fraction": None}
    assert client.get(path).json["opinions"][0]["hidden"]
    assert login("viewer").get(path).json["opinions"] == []
    client.patch(f"{path}/{number}", json={"hidden": False})
    assert visitor.get(f"{PLACES}/{opened['id']}").json["voices"]["against"] == 1


def test_residents_read_the_plan_that_they_are_heard_on(
    client: FlaskClient, draft: int, opened: dict[str, Any], speak: Speak, visitor: FlaskClient, demo_engine: Engine
) -> None:
    path = f"{PLACES}/{opened['id']}"
    speak(support=True)
    for stage in ("topic", "deliberate", "form"):
        client.post(f"{path}/stage", json={"stage": stage})
    heard = visitor.get(f"{path}/map").json
    with demo_engine.begin() as conn:
        kept = conn.execute(text("SELECT min(cell_id) FROM draft_assignment WHERE plan_id = :id"), {"id": draft}).scalar_one()
        conn.execute(text("DELETE FROM draft_assignment WHERE plan_id = :id AND cell_id > :kept"), {"id": draft, "kept": kept})
        conn.execute(text("UPDATE plan SET version = version + 1 WHERE id = :id"), {"id": draft})
    assert visitor.get(f"{path}/map").json == heard
    client.post(f"{path}/stage", json={"stage": "deliberate"})
    assert visitor.get(f"{path}/map").json["change"]["moved"]["cells"] == 1
    assert visitor.get(path).json["voices"]["support"] == 0
    assert speak(support=True).json["voices"]["support"] == 1


def test_opinions_are_taken_while_it_is_open_and_not_later(client: FlaskClient, opened: dict[str, Any], speak: Speak) -> None:
    yesterday = (datetime.now(UTC).date() - timedelta(days=2)).isoformat()
    assert client.patch(f"{PLACES}/{opened['id']}", json={"until": yesterday}).json["takes_opinions"] is False
    assert speak(support=True).json["type"] == "urn:wangge:ConsultationClosed"
    assert client.patch(f"{PLACES}/{opened['id']}", json={"until": "2020-01-01"}).json["field"] == "until"


def test_the_public_map_shows_the_change_and_no_name_of_anybody(opened: dict[str, Any], visitor: FlaskClient) -> None:
    answer = visitor.get(f"{PLACES}/{opened['id']}/map")
    drawn = answer.json
    assert {grid["properties"]["community"] for grid in drawn["before"]["features"]} == {COMMUNITY}
    assert drawn["change"]["moved"]["cells"] == 3
    roles = [role["code"] for each in drawn["posts"].values() for role in each]
    assert set(roles) <= {"manager", "assistant", "police", "supervisor", "other"} and "manager" in roles


def test_the_public_learns_nothing_of_drafts_that_are_not_put_to_it(
    client: FlaskClient, opened: dict[str, Any], draft: int, visitor: FlaskClient
) -> None:
    in_force = client.get("/api/v1/city").json["plan"]["id"]
    for path in (f"plans/{draft}", f"plans/{in_force}/comparison/{draft}", f"plans/{in_force}/comparison/{draft}/map"):
        assert visitor.get(f"/api/v1/{path}").status_code == 401
    later = (datetime.now(UTC).date() + timedelta(days=9)).isoformat()
    coming = client.post(PLACES, json=_asked(kind="other", area=TOWN, since=later)).json
    assert visitor.get(f"{PLACES}/{coming['id']}").status_code == 404
    assert coming["id"] not in [each["id"] for each in visitor.get(PLACES).json["consultations"]]
    assert coming["id"] in [each["id"] for each in client.get(PLACES).json["consultations"]]


def test_something_else_than_a_plan_is_put_to_an_area(client: FlaskClient, draft: int, visitor: FlaskClient) -> None:
    asked = client.post(PLACES, json=_asked(kind="facility", area=TOWN)).json
    drawn = visitor.get(f"{PLACES}/{asked['id']}/map").json
    assert (asked["area"]["code"], asked["plan"], drawn["ground"]) == (TOWN, None, None)
    assert drawn["area"]["type"].endswith("Polygon")
    assert client.post(PLACES, json=_asked(kind="facility")).status_code == 422


@pytest.fixture
def planner_elsewhere(app: Flask, draft: int) -> FlaskClient:
    """A planner of another town."""
    name = f"town-{secrets.token_hex(4)}"
    with app.extensions["wangge-engine"].begin() as conn:
        first = accounts.open_account(conn, login=name, name="P", role="planner", area_code="441900121", within=None, by="test")
    client = app.test_client()
    client.post("/login", data={"login": name, "password": first})
    client.post("/api/v1/me/password", json={"old": first, "new": PASSWORD})
    return client


def test_planners_lead_only_what_lies_in_their_own_part(planner_elsewhere: FlaskClient, draft: int, login: Login) -> None:
    assert planner_elsewhere.post(PLACES, json=_asked(plan=draft)).status_code == 404  # a draft elsewhere is as good as none
    number = login("planner").post(PLACES, json=_asked(plan=draft)).json["id"]
    path = f"{PLACES}/{number}"
    tried = [
        planner_elsewhere.patch(path, json={"outcome": "mine"}),
        planner_elsewhere.post(f"{path}/stage", json={"stage": "topic"}),
        planner_elsewhere.post(f"{path}/override", json={"reason": "because I say so"}),
        planner_elsewhere.patch(f"{path}/opinions/1", json={"hidden": True}),
    ]
    assert [(answer.status_code, answer.json["type"]) for answer in tried] == [(403, "urn:wangge:BeyondOwnPart")] * 4
