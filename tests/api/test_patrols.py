"""Patrol, inspections and QR codes over the API."""

import re
import secrets

from flask import Flask

from tests.api.conftest import Login


def test_an_officer_walks_the_list_and_a_finding_sent_twice_is_one_case(login: Login) -> None:
    officer = login("officer")
    patrol = officer.get("/api/v1/me/patrol").json
    assert len(patrol["places"]) > 10
    place = patrol["places"][0]
    sent = {
        "place": place["code"], "outcome": "finding", "matter": "0102", "note": "灭火器缺失",
        "lon": place["lon"], "lat": place["lat"],
        "key": secrets.token_hex(8),
    }  # fmt: skip
    first = officer.post("/api/v1/inspections", json=sent)
    assert first.status_code == 201, first.json
    assert officer.post("/api/v1/inspections", json=sent).json == first.json
    number = first.json["number"]
    tasks = {case["number"]: case for case in officer.get("/api/v1/me/tasks").json["cases"]}
    assert (tasks[number]["state"]["code"], tasks[number]["grid"]) == ("handling", place["grid"])
    assert "report_back" in [step["action"] for step in tasks[number]["may"]]
    assert place["code"] not in [each["code"] for each in officer.get("/api/v1/me/patrol").json["places"]]
    inspections = officer.get(f"/api/v1/places/{place['code']}").json["inspections"]
    assert [each["number"] for each in inspections] == [number]
    settled = {
        "action": "report_back", "seen_version": tasks[number]["version"], "note": "已补齐", "key": sent["key"],
    }  # fmt: skip
    assert officer.post(f"/api/v1/cases/{number}/steps", json=settled).status_code == 200
    assert number not in [case["number"] for case in officer.get("/api/v1/me/tasks").json["cases"]]


def test_the_code_of_a_place_leads_officers_to_their_page_and_others_to_what_is_known(app: Flask, login: Login) -> None:
    officer, viewer = login("officer"), login("viewer")
    place = officer.get("/api/v1/me/patrol").json["places"][-1]
    drawn = officer.get(f"/api/v1/places/{place['code']}/qr.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert officer.get(f"/p/{place['code']}").headers["Location"] == f"/officer?place={place['code']}"
    assert place["name"] in viewer.get(f"/p/{place['code']}").text
    sheet = viewer.get(f"/officer/codes/{place['grid']}").text
    assert len(re.findall("<svg", sheet)) > 20
    assert viewer.get("/p/P-333333").status_code == 404


def test_the_page_can_be_installed(login: Login) -> None:
    officer = login("officer")
    assert officer.get("/officer/manifest.webmanifest").json["scope"] == "/officer"
    with officer.get("/officer/sw.js") as worker:
        assert (worker.mimetype, worker.headers["Service-Worker-Allowed"]) == ("text/javascript", "/officer")
