"""Citizens over HTTP: report without an account, follow, join, rate; what is private stays so."""

import io
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from gis.rules.blurring import SQUARE_DEG
from tests.api.conftest import Login
from tests.server.test_photos import a_photo

API = "/api/v1"
REPORTS = f"{API}/public/reports"
POTHOLE, OVERCROWDED, WAGES, VISIT, REPAIR = "1303", "0603", "1001", "0803", "9101"
LON, LAT = 113.7512, 23.0411
MAIL = {"email": "wang@example.org", "wants_mail": True}


@pytest.fixture(autouse=True)
def cleared(demo_engine: Engine) -> Iterator[None]:
    yield
    with demo_engine.begin() as conn:
        for table in ("notice", "photo", "reporter", "login_attempt", "done_once"):
            conn.execute(text(f"DELETE FROM {table}"))
        ended = "closed_at = now(), state = 'closed'"
        conn.execute(text(f"UPDATE incident SET {ended} WHERE channel = 'citizen' AND NOT synthetic AND closed_at IS NULL"))


def _report(client: FlaskClient, *, matter: str = POTHOLE, address: str = "10.2.0.1", **more: Any) -> TestResponse:
    body = {"matter": matter, "lon": LON, "lat": LAT} | more
    return client.post(REPORTS, json=body, environ_base={"REMOTE_ADDR": address})


def _photo(client: FlaskClient) -> str:
    sent = client.post(f"{API}/public/photos", data={"photo": (io.BytesIO(a_photo()), "a.jpg")})
    return str(sent.json["id"])


def _step(engine: Engine, number: str, *, action: str, state: str, note: str | None = None, photo: str | None = None) -> None:
    """Somebody inside takes a step."""
    ended = "now()" if state in ("closed", "rejected", "merged") else "NULL"
    with engine.begin() as conn:
        step = conn.execute(
            text(f"""
                WITH i AS (UPDATE incident SET state = :state, version = version + 1, closed_at = {ended} WHERE number = :number
                           RETURNING id, version, command_id)
                INSERT INTO incident_step (incident_id, version, action, state, actor, command_id, note)
                SELECT id, version, :action, :state, 'station', command_id, :note FROM i RETURNING id, incident_id
            """),
            {"state": state, "number": number, "action": action, "note": note},
        ).one()
        if photo:
            conn.execute(
                text("UPDATE photo SET incident_id = :case, step_id = :step, sent_by = 'officer' WHERE id = :id"),
                {"case": step.incident_id, "step": step.id, "id": photo},
            )


def test_a_report_is_a_case_with_its_reporter_photos_and_first_step(
    visitor: FlaskClient, login: Login, demo_engine: Engine
) -> None:
    photo = _photo(visitor)
    wang = MAIL | {"name": "王女士"}
    sent = _report(visitor, photos=[photo, "f" * 32], description="  积水的坑  ", address="10.2.0.2", contact=wang)
    assert sent.status_code == 201, sent.json
    assert (sent.json["photos"], sent.json["joined"]) == (1, False)
    assert sent.json["follow"] == f"/report/{sent.json['number']}?key={sent.json['key']}"
    case = login("admin").get(f"{API}/incidents/{sent.json['number']}").json
    assert (case["channel"], case["description"], case["matter"]["code"]) == ("citizen", "积水的坑", POTHOLE)
    with demo_engine.connect() as conn:
        row = conn.execute(
            text("""
                SELECT s.action, p.id AS photo, r.name, n.kind FROM incident i JOIN incident_step s ON s.incident_id = i.id
                JOIN photo p ON p.step_id = s.id JOIN reporter r ON r.incident_id = i.id JOIN notice n ON n.reporter_id = r.id
                WHERE i.number = :number
            """),
            {"number": sent.json["number"]},
        ).one()
    assert tuple(row) == ("report", photo, "王女士", "report")
    assert login("admin").get(f"{API}/photos/{photo}.jpg").status_code == 200


def test_sent_again_with_its_key_a_report_is_taken_in_once(visitor: FlaskClient) -> None:
    key = secrets.token_hex(8)
    first = _report(visitor, key=key, description="同一个坑")
    assert _report(visitor, key=key, description="同一个坑").json == first.json
    assert visitor.get(f"{REPORTS}/{first.json['number']}").json["reporters"] == 1


def test_the_same_words_at_the_same_place_are_one_case(visitor: FlaskClient) -> None:
    first = _report(visitor, description="这里有个坑").json
    again = _report(visitor, description="这里有个坑", lon=LON + 0.00005).json
    other = _report(visitor, description="别的坑").json
    assert (again["number"], again["joined"]) == (first["number"], True)
    assert again["key"] != first["key"]
    assert other["number"] != first["number"]


@pytest.mark.parametrize(
    ("change", "type_"),
    [
        ({"matter": "9999"}, "urn:wangge:BadReport"),
        ({"matter": VISIT}, "urn:wangge:BadReport"),
        ({"website": "http://buy.example"}, "urn:wangge:BadReport"),
        ({"lon": LAT, "lat": LON}, "urn:wangge:BadCoordinates"),
        ({"contact": {"email": "a@b.c\nBcc: all@example.org"}}, "urn:wangge:InvalidInput"),
        ({"contact": {"email": "no address"}}, "urn:wangge:InvalidInput"),
        ({"description": "x" * 1001}, "urn:wangge:InvalidInput"),
        ({"photos": ["../../etc/passwd"]}, "urn:wangge:InvalidInput"),
        ({"holder": 1}, "urn:wangge:InvalidInput"),
    ],
)
def test_what_cannot_be_taken_is_refused(visitor: FlaskClient, change: dict[str, Any], type_: str) -> None:
    answer = _report(visitor, **change)
    assert (answer.status_code, answer.json["type"]) == (422, type_)


def test_who_reports_too_much_is_told_when_to_try_again(app: Flask, visitor: FlaskClient) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"reports_per_hour": 3})
    try:
        key = secrets.token_hex(8)
        answers = [_report(visitor, address="10.2.0.9", key=key if i == 0 else None, description=str(i)) for i in range(4)]
        known = _report(visitor, address="10.2.0.9", key=key, description="0")
    finally:
        app.config["SETTINGS"] = settings
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert 3000 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert known.json == answers[0].json  # what was sent already is answered, however much else came


def test_a_report_is_followed_in_plain_words_and_answers_are_for_its_reporter(visitor: FlaskClient, demo_engine: Engine) -> None:
    sent = _report(visitor, description="坑", address="10.2.0.3").json
    number, key = sent["number"], sent["key"]
    photo = _photo(visitor)
    _step(demo_engine, number, action="accept", state="accepted", note="within: call Mrs Li")
    _step(demo_engine, number, action="comment", state="accepted", note="nobody outside")
    _step(demo_engine, number, action="settle", state="closed", note="已填补", photo=photo)
    open_ = visitor.get(f"{REPORTS}/{number}").json
    assert [step["action"] for step in open_["steps"]] == ["report", "accept", "settle"]
    assert open_["state"]["name"]["en"] == "Settled"
    assert {step["words"] for step in open_["steps"]} == {None}
    assert open_["own"] is None
    own = visitor.get(f"{REPORTS}/{number}?key={key}").json
    assert [(step["words"], step["photos"]) for step in own["steps"]] == [(None, []), (None, []), ("已填补", [photo])]
    assert (own["own"]["description"], own["own"]["may_rate"]) == ("坑", True)
    assert visitor.get(f"{API}/photos/{photo}.jpg?key={key}").status_code == 200
    assert visitor.get(f"{API}/photos/{photo}.jpg?key=other").status_code == 404
    assert visitor.get(f"{REPORTS}/{number}?key=wrong").json["own"] is None
    assert visitor.get(f"{REPORTS}/260101-ZZZZZZ").status_code == 404


def test_a_reporter_rates_once_when_it_is_settled_and_it_is_a_step_of_the_case(visitor: FlaskClient, demo_engine: Engine) -> None:
    sent = _report(visitor, description="rate me").json
    rating = {"key": sent["key"], "rating": 1, "words": "没有修好"}
    path = f"{REPORTS}/{sent['number']}/rating"
    assert visitor.post(path, json=rating).json["type"] == "urn:wangge:RatingRefused"
    _step(demo_engine, sent["number"], action="close", state="closed")
    assert visitor.post(path, json=rating | {"key": "other"}).status_code == 404
    assert visitor.post(path, json=rating).json == {"rating": 1}
    assert visitor.post(path, json=rating).status_code == 409
    with demo_engine.connect() as conn:
        step = conn.execute(
            text("""
                SELECT s.version = i.version AS newest, s.action, s.note, s.facts, j.kind FROM incident i
                JOIN incident_step s ON s.incident_id = i.id JOIN journal j ON j.subject = i.number
                WHERE i.number = :number ORDER BY s.version DESC, j.seq DESC LIMIT 1
            """),
            {"number": sent["number"]},
        ).one()
    assert tuple(step) == (True, "evaluate", "没有修好", {"rating": 1}, "case.evaluate")


def test_who_joins_hears_of_the_outcome_but_not_of_what_is_private(visitor: FlaskClient, demo_engine: Engine) -> None:
    for matter, words in ((POTHOLE, "已填补"), (OVERCROWDED, None)):
        sent = _report(visitor, matter=matter, description="三楼李家", address="10.2.0.4").json
        joined = visitor.post(f"{REPORTS}/{sent['number']}/join", json={"contact": MAIL}).json
        assert (joined["number"], joined["joined"]) == (sent["number"], True)
        _step(demo_engine, sent["number"], action="settle", state="closed", note="已填补")
        told = visitor.get(f"{REPORTS}/{sent['number']}?key={joined['key']}").json
        assert (told["own"]["description"], told["own"]["lon"], told["own"]["may_rate"]) == (None, None, True)
        assert told["steps"][-1]["words"] == words
    hidden = _report(visitor, matter=WAGES, description="老板跑了").json
    assert visitor.post(f"{REPORTS}/{hidden['number']}/join", json={}).status_code == 404
    assert visitor.get(f"{REPORTS}/{hidden['number']}").json["matter"] is None


def test_the_reporter_of_a_merged_case_follows_the_one_that_leads(visitor: FlaskClient, demo_engine: Engine) -> None:
    lead, merged = (_report(visitor, description=each).json for each in ("first", "second"))
    with demo_engine.begin() as conn:
        conn.execute(
            text("UPDATE incident SET state = 'merged', merged_into = :lead, closed_at = now() WHERE number = :number"),
            {"lead": lead["number"], "number": merged["number"]},
        )
    _step(demo_engine, merged["number"], action="merge", state="merged")
    _step(demo_engine, lead["number"], action="settle", state="closed", note="都好了")
    _step(demo_engine, merged["number"], action="settle", state="merged")  # it ends with its lead
    told = visitor.get(f"{REPORTS}/{merged['number']}?key={merged['key']}").json
    assert (told["state"]["code"], told["handled_in"], told["steps"][-1]["words"]) == ("closed", lead["number"], "都好了")
    rated = visitor.post(f"{REPORTS}/{merged['number']}/rating", json={"key": merged["key"], "rating": 5})
    assert rated.status_code == 200
    assert visitor.get(f"{REPORTS}/{lead['number']}").json["reporters"] == 2


def test_what_is_near_is_shown_first_of_the_same_matter_and_only_what_may_be_seen(visitor: FlaskClient) -> None:
    numbers = {
        matter: _report(visitor, matter=matter, lon=LON + 0.0002, address=f"10.3.0.{i}").json["number"]
        for i, matter in enumerate((POTHOLE, "1302", OVERCROWDED, WAGES))
    }
    near = visitor.get(f"{API}/public/near?lon={LON}&lat={LAT}&matter=1302").json["cases"]
    found = {case["number"]: case for case in near}
    assert near[0]["number"] == numbers["1302"]
    assert (found[numbers[POTHOLE]]["metres"], found[numbers[OVERCROWDED]]["metres"]) == (pytest.approx(20, abs=2), None)
    assert numbers[WAGES] not in found


def test_the_public_map_blurs_and_hides_and_no_box_finds_the_place(visitor: FlaskClient) -> None:
    shown = _report(visitor, description="王家门口 13800000000").json["number"]
    blurred = _report(visitor, matter=OVERCROWDED).json["number"]
    hidden = _report(visitor, matter=WAGES).json["number"]

    def cases(west: float, south: float, east: float, north: float) -> dict[str, Any]:
        answer = visitor.get(f"{API}/public/cases?bbox={west},{south},{east},{north}")
        assert "13800000000" not in answer.text
        return {case["number"]: case for case in answer.json["cases"]}

    wide = cases(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    assert (wide[shown]["lon"], wide[shown]["lat"], hidden in wide) == (LON, LAT, False)
    lon, lat = wide[blurred]["lon"], wide[blurred]["lat"]
    assert (lon, lat) != (LON, LAT)
    assert max(abs(lon - LON), abs(lat - LAT)) <= SQUARE_DEG / 2 + 1e-6
    assert blurred not in cases(LON - 1e-5, LAT - 1e-5, LON + 1e-5, LAT + 1e-5)
    assert blurred in cases(lon - 1e-5, lat - 1e-5, lon + 1e-5, lat + 1e-5)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", wide[blurred]["reported_at"])


@pytest.mark.parametrize("bbox", ["", "1,2,3", "113,23,112,24", "a,b,c,d", "1..2,1,2,3", "113,22,114,99"])
def test_a_box_that_is_none_is_refused(visitor: FlaskClient, bbox: str) -> None:
    assert visitor.get(f"{API}/public/cases?bbox={bbox}").status_code == 422


def test_matters_are_told_by_picture_and_wishes_apart(visitor: FlaskClient, login: Login) -> None:
    told = visitor.get(f"{API}/public/matters").json
    listed = [matter for category in told["categories"] for matter in category["matters"]]
    assert VISIT not in {matter["code"] for matter in listed}
    assert all(matter["icon"] for matter in listed)
    assert 1 <= len(told["often"]) <= 8
    wishes = visitor.get(f"{API}/public/matters?kind=wish").json
    assert REPAIR in {matter["code"] for category in wishes["categories"] for matter in category["matters"]}
    assert len(login("planner").get(f"{API}/matters").json["matters"]) == 83


def test_a_wish_is_reported_by_the_same_way(visitor: FlaskClient, demo_engine: Engine) -> None:
    sent = _report(visitor, matter=REPAIR, description="灯坏了").json
    with demo_engine.connect() as conn:
        tier = conn.execute(text("SELECT tier FROM incident WHERE number = :n"), {"n": sent["number"]}).scalar_one()
    assert tier == "soon"
    assert visitor.get(f"{REPORTS}/{sent['number']}?key={sent['key']}").json["matter"]["kind"] == "wish"


def test_the_qr_code_carries_the_page_of_the_report(visitor: FlaskClient) -> None:
    sent = _report(visitor, description="qr").json
    answer = visitor.get(f"{REPORTS}/{sent['number']}/qr.svg?key={sent['key']}")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert visitor.get(f"{REPORTS}/{sent['number']}/qr.svg?key=wrong").status_code == 404


def test_mail_ends_by_the_key(visitor: FlaskClient) -> None:
    sent = _report(visitor, description="mail", contact=MAIL).json
    path = f"{REPORTS}/{sent['number']}?key={sent['key']}"
    assert visitor.get(path).json["own"]["mail"] is True
    assert visitor.post(f"{API}/public/unsubscribe", json={"key": sent["key"]}).json == {"mail": False}
    assert visitor.get(path).json["own"]["mail"] is False
    assert visitor.post(f"{API}/public/unsubscribe", json={"key": "none"}).status_code == 404
