"""Photos over HTTP: who may send them, who may look at them, what happens when the disk is full."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from gis import photos
from gis.photos import SENT_AT_MOST
from gis.store import photos as store
from tests.api.conftest import Login
from tests.server.test_photos import a_photo

PUBLIC, OWN = "/api/v1/public/photos", "/api/v1/photos"


def _send(client: FlaskClient, path: str = PUBLIC, *, address: str = "10.1.0.1", **photo: int) -> TestResponse:
    form = {"photo": (io.BytesIO(a_photo(**photo)), "photo.jpg")}
    return client.post(path, data=form, environ_base={"REMOTE_ADDR": address})


@pytest.fixture(autouse=True)
def cleared(demo_engine: Engine) -> Iterator[None]:
    yield
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM photo"))
        conn.execute(text("DELETE FROM reporter"))
        conn.execute(text("DELETE FROM login_attempt"))


def _case(engine: Engine, *, in_town_of: str, inside: bool) -> int:
    """An incident inside or outside of the part of an account."""
    with engine.connect() as conn:
        found: int = conn.execute(
            text("""
                SELECT i.id FROM incident i JOIN area c ON c.id = i.community_id, account a JOIN area u ON u.id = a.area_id
                WHERE a.login = :login AND (c.path <@ u.path) = :inside ORDER BY i.id LIMIT 1
            """),
            {"login": in_town_of, "inside": inside},
        ).scalar_one()
    return found


def test_a_photo_without_log_in_waits_and_is_shown_to_nobody(visitor: FlaskClient, login: Login) -> None:
    sent = _send(visitor, width=400, height=200)
    assert (sent.status_code, sent.json["width"], sent.json["height"]) == (201, 400, 200)
    for who in (visitor, login("dispatcher")):
        assert who.get(f"{OWN}/{sent.json['id']}.jpg").status_code == 404


def test_a_photo_is_for_who_may_see_its_case(login: Login, visitor: FlaskClient, demo_engine: Engine) -> None:
    officer = login("officer")
    sent = {inside: _send(officer, OWN).json["id"] for inside in (True, False)}
    for inside, photo in sent.items():
        with demo_engine.begin() as conn:
            case = _case(demo_engine, in_town_of="dispatcher", inside=inside)
            store.attach(conn, [photo], incident_id=case, step_id=None, sent_by="officer")
        shown = {who: login(who).get(f"{OWN}/{photo}.jpg").status_code for who in ("admin", "dispatcher", "officer")}
        assert shown == {"admin": 200, "dispatcher": 200 if inside else 404, "officer": 200}  # who took it sees it
        assert visitor.get(f"{OWN}/{photo}.jpg").status_code == 404
    answer = officer.get(f"{OWN}/{photo}.jpg")
    assert (answer.content_type, answer.headers["Cache-Control"]) == ("image/jpeg", "private, max-age=86400")


def test_a_reporter_sees_her_own_photo_by_her_key_and_no_other(visitor: FlaskClient, demo_engine: Engine) -> None:
    case = _case(demo_engine, in_town_of="dispatcher", inside=True)
    sent = [_send(visitor).json["id"] for _ in range(2)]
    with demo_engine.begin() as conn:
        for i, key in enumerate(("first-key", "second-key")):
            reporter = conn.execute(
                text("INSERT INTO reporter (incident_id, key) VALUES (:case, :key) RETURNING id"), {"case": case, "key": key}
            ).scalar_one()
            given = store.attach_reporters(
                conn, [sent[i], "f" * 32], incident_id=case, step_id=None, sent_by="public", reporter_id=reporter
            )
            assert given == [sent[i]]
    seen = [visitor.get(f"{OWN}/{photo}.jpg?key=first-key").status_code for photo in sent]
    assert seen == [200, 404]


def test_the_photos_of_a_report_stand_in_its_timeline_however_often_it_is_sent(login: Login, demo_engine: Engine) -> None:
    officer = login("officer")
    with demo_engine.connect() as conn:
        place = conn.execute(
            text("SELECT ST_X(u.label_point) AS lon, ST_Y(u.label_point) AS lat FROM account a JOIN area u ON u.id = a.area_id"
                 " WHERE a.login = 'officer'")
        ).one()  # fmt: skip
    photo = _send(officer, OWN).json["id"]
    body = {"matter": "0101", "lon": place.lon, "lat": place.lat, "photos": [photo], "key": f"with-{photo}"}
    sent = [officer.post("/api/v1/incidents", json=body) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    number = sent[0].json["number"]
    assert sent[1].json["number"] == number
    assert login("station").get(f"/api/v1/cases/{number}").json["steps"][0]["photos"] == [photo]
    refused = officer.post("/api/v1/incidents", json=body | {"key": "another"})
    assert (refused.status_code, refused.json["field"]) == (422, "photos")


def test_what_is_no_photo_is_refused_in_words(visitor: FlaskClient) -> None:
    answer = visitor.post(PUBLIC, data={"photo": (io.BytesIO(b"MZ"), "photo.jpg")})
    assert (answer.status_code, answer.json["type"]) == (422, "urn:wangge:BadPhoto")
    assert visitor.post(PUBLIC, data={}).status_code == 422
    assert _send(visitor, OWN).status_code == 401


def test_a_full_disk_is_said_and_nothing_is_left(visitor: FlaskClient, app: Flask, demo_engine: Engine, tmp_path: Path) -> None:
    settings = app.config["SETTINGS"]
    away = tmp_path / "var"
    away.write_text("a file where the folder should be")
    app.config["SETTINGS"] = settings.model_copy(update={"var_dir": away})
    try:
        answer = _send(visitor)
    finally:
        app.config["SETTINGS"] = settings
    assert (answer.status_code, answer.json["type"]) == (507, "urn:wangge:PhotoNotKept")
    assert "without it" in answer.json["detail"]
    with demo_engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM photo")).scalar_one() == 0


def test_who_sends_too_many_photos_is_told_when_to_try_again(visitor: FlaskClient) -> None:
    answers = [_send(visitor, address="10.1.0.9").status_code for _ in range(SENT_AT_MOST + 1)]
    assert answers == [201] * SENT_AT_MOST + [429]
    assert int(_send(visitor, address="10.1.0.9").headers["Retry-After"]) > 3000


def test_photos_that_no_report_took_up_are_swept_after_a_day(visitor: FlaskClient, demo_engine: Engine) -> None:
    photo = _send(visitor).json["id"]
    with demo_engine.begin() as conn:
        assert photos.sweep(conn, now=datetime.now(UTC) + timedelta(hours=23)) == []
        assert photos.sweep(conn, now=datetime.now(UTC) + timedelta(hours=25)) == [photo]
