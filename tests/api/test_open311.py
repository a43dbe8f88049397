"""Open311 as other programs use it: found, filed, followed, in both formats; nobody is told what is private."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from georeport import GeoReport
from PIL import Image
from sqlalchemy import text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from gis import tokens
from gis.rules.blurring import SQUARE_DEG

V2 = "/open311/v2"
HERE = {"lat": "23.0207", "long": "113.7518"}


@pytest.fixture
def matters(app: Flask) -> Iterator[dict[str, str]]:
    """Codes of matters by how the public may see them."""
    engine = app.extensions["wangge-engine"]
    seen = text("UPDATE matter SET visibility = :seen WHERE code = :code")
    with engine.begin() as conn:
        before = conn.execute(
            text("SELECT code, visibility FROM matter WHERE kind = 'matter' AND by_citizens ORDER BY code LIMIT 3")
        ).all()
        found = dict(zip(("shown", "blurred", "hidden"), (row.code for row in before), strict=True))
        conn.execute(seen, [{"seen": visibility, "code": code} for visibility, code in found.items()])
        conn.execute(text("DELETE FROM login_attempt"))
    yield found
    with engine.begin() as conn:
        conn.execute(seen, [{"seen": row.visibility, "code": row.code} for row in before])


@pytest.fixture
def api_key(app: Flask) -> str:
    with app.extensions["wangge-engine"].begin() as conn:
        return tokens.issue(conn, "admin", label="open311", days=1, by="test")


def _filed(client: FlaskClient, **fields: Any) -> str:
    answer = client.post(f"{V2}/requests.json", data=HERE | fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json[0]["service_request_id"])


def _request(client: FlaskClient, number: str, **asked: str) -> dict[str, Any]:
    [found] = client.get(f"{V2}/requests/{number}.json", query_string=asked).json
    return dict(found)


def _xml(answer: TestResponse) -> ElementTree.Element:
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.data.startswith(b"<?xml")
    return ElementTree.fromstring(answer.data)


def test_the_service_is_discovered(visitor: FlaskClient) -> None:
    found = visitor.get(f"{V2}/discovery.json").json
    [endpoint] = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"].endswith(V2)
    assert endpoint["formats"] == ["application/json", "text/xml"]
    root = _xml(visitor.get(f"{V2}/discovery.xml"))
    assert [each.text for each in root.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_services_and_their_questions_are_the_same_in_both_formats(visitor: FlaskClient, matters: dict[str, str]) -> None:
    listed = visitor.get(f"{V2}/services.json", headers={"Accept-Language": "en"}).json
    root = _xml(visitor.get(f"{V2}/services.xml", headers={"Accept-Language": "en"}))
    assert [each.findtext("service_name") for each in root.findall("service")] == [each["service_name"] for each in listed]
    assert {each["service_code"] for each in listed} >= set(matters.values())
    assert (listed[0]["metadata"], root.findtext("service/metadata"), listed[0]["type"]) == (True, "true", "realtime")
    extended = visitor.get(f"{V2}/services.json?extensions=true").json[0]
    assert extended["urgency"] in (1, 2, 3)
    defined = visitor.get(f"{V2}/services/{matters['shown']}.json").json
    asked = _xml(visitor.get(f"{V2}/services/{matters['shown']}.xml"))
    assert [each.findtext("code") for each in asked.findall("attributes/attribute")] == [
        each["code"] for each in defined["attributes"]
    ]
    valued = next(each for each in defined["attributes"] if each["values"])
    assert {"key", "name"} == set(valued["values"][0])


def test_a_request_is_filed_and_followed(visitor: FlaskClient, app: Flask, matters: dict[str, str], api_key: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    picture.seek(0)
    sent = {
        "service_code": matters["shown"], "description": "路灯 <坏> 了", "address_string": "东城路1号", "email": "a@example.org",
        "first_name": "Li", "last_name": "Na", "attribute[address_details]": "三楼", "attribute[when][]": ["night", "morning"],
        "attribute[injured]": "no", "media_url": "https://example.org/1.jpg", "media": (picture, "1.png"),
    }  # fmt: skip
    answer = visitor.post(f"{V2}/requests.xml", data=HERE | sent, content_type="multipart/form-data")
    assert answer.status_code == 201
    number = _xml(answer).findtext("request/service_request_id") or ""
    public, whole = _request(visitor, number), _request(visitor, number, api_key=api_key)
    assert (public["status"], public["description"], public["address"]) == ("open", None, None)
    assert (public["lat"], public["long"]) == (float(HERE["lat"]), float(HERE["long"]))
    assert public["expected_datetime"] > public["requested_datetime"]
    assert whole["address"] == "东城路1号"
    assert whole["description"].startswith("路灯 <坏> 了\n")
    assert "楼栋、楼层或参照物：三楼" in whole["description"]
    written = _xml(visitor.get(f"{V2}/requests/{number}.xml?api_key={api_key}"))
    assert written.findtext("request/description") == whole["description"]
    assert _request(visitor, number, extensions="true")["state"] == "collected"
    with app.extensions["wangge-engine"].connect() as conn:
        said = conn.execute(
            text("""
                SELECT r.name, r.email, (SELECT count(*) FROM photo p WHERE p.incident_id = i.id) AS photos, i.channel
                FROM incident i JOIN reporter r ON r.incident_id = i.id WHERE i.number = :number
            """),
            {"number": number},
        ).one()
    assert tuple(said) == ("Li Na", "a@example.org", 1, "citizen")


def test_what_is_filed_again_with_its_key_is_filed_once_and_the_key_is_its_token(
    visitor: FlaskClient, matters: dict[str, str]
) -> None:
    first, again = (_filed(visitor, service_code=matters["shown"], key="fms-77", email="a@example.org") for _ in range(2))
    assert first == again
    assert visitor.get(f"{V2}/tokens/fms-77.json").json == [{"service_request_id": first, "token": "fms-77"}]
    assert _xml(visitor.get(f"{V2}/tokens/fms-77.xml")).findtext("request/service_request_id") == first
    assert visitor.get(f"{V2}/tokens/fms-78.json").status_code == 404


def test_many_reports_without_a_key_have_to_wait_and_those_with_one_do_not(
    visitor: FlaskClient, app: Flask, matters: dict[str, str], api_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", app.config["SETTINGS"].model_copy(update={"reports_per_hour": 1}))
    sent = HERE | {"service_code": matters["shown"], "key": "fms-90"}
    assert visitor.post(f"{V2}/requests.json", data=sent).status_code == 201
    assert visitor.post(f"{V2}/requests.json", data=sent).status_code == 201
    refused = visitor.post(f"{V2}/requests.json", data=sent | {"key": "fms-91"})
    assert (refused.status_code, refused.json[0]["code"], int(refused.headers["Retry-After"]) > 0) == (429, 429, True)
    assert visitor.post(f"{V2}/requests.json", data=sent | {"key": "fms-91", "api_key": api_key}).status_code == 201


def test_a_place_may_be_an_address_alone(visitor: FlaskClient, matters: dict[str, str], app: Flask, api_key: str) -> None:
    with app.extensions["wangge-engine"].connect() as conn:
        name = conn.execute(text("SELECT name_zh FROM facility ORDER BY id LIMIT 1")).scalar_one()
    answer = visitor.post(f"{V2}/requests.json", data={"service_code": matters["shown"], "address_string": name})
    assert answer.status_code == 201
    assert _request(visitor, answer.json[0]["service_request_id"], api_key=api_key)["address"] == name


def test_everybody_sees_a_private_matter_in_its_neighbourhood_only_and_a_hidden_one_nowhere(
    visitor: FlaskClient, matters: dict[str, str], api_key: str
) -> None:
    numbers = {visibility: _filed(visitor, service_code=code) for visibility, code in matters.items()}
    blurred, hidden = _request(visitor, numbers["blurred"]), _request(visitor, numbers["hidden"])
    assert 0 < abs(blurred["lat"] - float(HERE["lat"])) <= SQUARE_DEG
    told = ("lat", "long", "service_name", "service_code", "agency_responsible", "expected_datetime")
    assert {hidden[name] for name in told} == {None}
    assert _request(visitor, numbers["hidden"], api_key=api_key)["lat"] == float(HERE["lat"])
    listed = {each["service_request_id"] for each in visitor.get(f"{V2}/requests.json").json}
    assert listed & set(numbers.values()) == {numbers["shown"], numbers["blurred"]}


def test_requests_are_asked_for_by_every_filter(visitor: FlaskClient, matters: dict[str, str]) -> None:
    ours = [_filed(visitor, service_code=matters["shown"]) for _ in range(2)]
    assert [each["service_request_id"] for each in visitor.get(f"{V2}/requests.json?service_request_id={','.join(ours)}").json] == [
        *reversed(ours)
    ]
    of_two = visitor.get(f"{V2}/requests.json?service_code={matters['shown']},{matters['blurred']}&page_size=50").json
    assert {each["service_code"] for each in of_two} <= {matters["shown"], matters["blurred"]}
    for status in ("open", "closed"):
        assert {each["status"] for each in visitor.get(f"{V2}/requests.json?status={status}&page_size=20").json} == {status}
    pages = [visitor.get(f"{V2}/requests.json?page_size=5&page={page}").json for page in (1, 2)]
    assert [each["service_request_id"] for page in pages for each in page] == [
        each["service_request_id"] for each in visitor.get(f"{V2}/requests.json?page_size=10").json
    ]
    newest = datetime.fromisoformat(pages[0][0]["requested_datetime"])
    asked = {"start_date": (newest - timedelta(days=3)).isoformat(), "end_date": (newest - timedelta(days=2)).isoformat()}
    between = visitor.get(f"{V2}/requests.json", query_string=asked).json
    assert between
    assert all(asked["start_date"] <= each["requested_datetime"] <= asked["end_date"] for each in between)


def test_updates_tell_what_became_of_requests_and_take_comments(
    visitor: FlaskClient, matters: dict[str, str], api_key: str, app: Flask
) -> None:
    number = _filed(visitor, service_code=matters["shown"])
    sent = {"service_request_id": number, "description": "还没修", "status": "open", "update_id": "9"}
    assert visitor.post(f"{V2}/servicerequestupdates.json", data=sent).status_code == 403
    first, again = (visitor.post(f"{V2}/servicerequestupdates.json", data=sent | {"api_key": api_key}) for _ in range(2))
    assert (first.status_code, first.json) == (201, again.json)
    with app.extensions["wangge-engine"].begin() as conn:
        conn.execute(
            text("""
                WITH i AS (UPDATE incident SET state = 'accepted', version = version + 1 WHERE number = :number RETURNING *)
                INSERT INTO incident_step (incident_id, version, action, state, actor, command_id, note)
                SELECT id, version, 'accept', state, 'x', command_id, '内部' FROM i
            """),
            {"number": number},
        )
    root = _xml(visitor.get(f"{V2}/servicerequestupdates.xml"))
    told = [each for each in root.findall("request_update") if each.findtext("service_request_id") == number]
    assert [(each.findtext("status"), each.findtext("description")) for each in told] == [("investigating", "立案")]
    inside = visitor.get(f"{V2}/servicerequestupdates.json", query_string={"api_key": api_key}).json
    ours = [each["description"] for each in inside if each["service_request_id"] == number]
    assert ours == ["备注: [open] 还没修", "立案: 内部"]


@pytest.mark.parametrize(
    ("path", "code", "word"),
    [
        ("services/9999.json", 404, "service_code"),
        ("services.json?jurisdiction_id=sfgov.org", 404, "jurisdiction_id"),
        ("requests/260101-AAAAAA.json", 404, "service_request_id"),
        ("requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-06-01T00:00:00Z", 400, "90 days"),
        ("requests.json?start_date=yesterday", 400, "start_date"),
        ("requests.json?status=late", 400, "status"),
        ("requests.json?page_size=0", 400, "page_size"),
        ("requests.json?api_key=wgt_none", 403, "api_key"),
    ],
)
def test_errors_are_told_as_the_standard_says(visitor: FlaskClient, path: str, code: int, word: str) -> None:
    answer = visitor.get(f"{V2}/{path}")
    assert (answer.status_code, answer.json[0]["code"]) == (code, code)
    assert word in answer.json[0]["description"]
    root = _xml(visitor.get(f"{V2}/{path.replace('.json', '.xml', 1)}"))
    assert (root.tag, root.findtext("error/code"), root.findtext("error/description")) == (
        "errors", str(code), answer.json[0]["description"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "code", "word"),
    [
        (HERE, 400, "service_code"),
        ({"service_code": "9999"} | HERE, 404, "service_code"),
        ({"service_code": "shown"}, 400, "address_string"),
        ({"service_code": "shown", "lat": "north", "long": "113"}, 400, "lat"),
        ({"service_code": "shown", "lat": "113.75", "long": "23.02"}, 400, "lat"),
        ({"service_code": "shown", "attribute[injured]": "perhaps", "attribute[when]": "never"} | HERE, 400, "attribute"),
        ({"service_code": "shown", "api_key": "wgt_none"} | HERE, 403, "api_key"),
    ],
)
def test_what_cannot_be_filed_is_told_why(
    visitor: FlaskClient, matters: dict[str, str], sent: dict[str, str], code: int, word: str
) -> None:
    sent = sent | ({"service_code": matters["shown"]} if sent.get("service_code") == "shown" else {})
    answer = visitor.post(f"{V2}/requests.json", data=sent)
    assert (answer.status_code, answer.json[0]["code"]) == (code, code)
    assert word in answer.json[0]["description"]


def test_a_session_of_the_browser_counts_for_nothing(client: FlaskClient, app: Flask, matters: dict[str, str]) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        number = _filed(client, service_code=matters["shown"])
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    with app.extensions["wangge-engine"].connect() as conn:
        actor = conn.execute(text("SELECT actor FROM journal WHERE subject = :number"), {"number": number}).scalar_one()
    assert actor == "public"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application on a port of its own, for clients that speak HTTP themselves."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}{V2}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("spoken", ["json", "xml"])
def test_a_client_of_others_finds_its_way(
    address: str, visitor: FlaskClient, matters: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    ours = GeoReport(address, jurisdiction="441900", output_format=spoken)
    services = {service["service_code"]: service for service in ours.get_service_list()}
    assert services[matters["shown"]]["type"] == "realtime"
    assert ours.get_service_definition(matters["shown"])["service_code"] == matters["shown"]
    number = _filed(visitor, service_code=matters["shown"])
    assert ours.get_service_request(number)["service_request_id"] == number
    found = ours.get_service_requests(service_code=matters["shown"], status="open")
    assert number in {request["service_request_id"] for request in found}
