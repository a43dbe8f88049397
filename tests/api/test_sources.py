"""Departments over the API: a source is opened, tried and fed; another department's is as good as none."""

import io
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis import accounts, tokens
from gis.locating import Locator
from server.config import Settings
from server.receiving import Receiver
from tests.api.conftest import Login

PASSWORD = "heron in the reeds"
NAME = {"zh": "部门平台", "en": "Platform"}
MAPPING: dict[str, Any] = {"id": "no", "matter": "kind", "lon": "x", "lat": "y", "reported_at": "time", "description": "text"}


@pytest.fixture
def department(demo: Connection) -> str:
    """The department of the demo's account."""
    return str(demo.execute(text("SELECT department FROM account WHERE login = 'department'")).scalar_one())


@pytest.fixture
def point(demo: Connection) -> tuple[float, float]:
    row = demo.execute(
        text("SELECT ST_X(label_point) AS x, ST_Y(label_point) AS y FROM area WHERE level = 'community' LIMIT 1")
    ).one()
    return row.x, row.y


@pytest.fixture
def source(client: FlaskClient, department: str) -> Iterator[str]:
    """A source of that department, opened by the city's planner, and closed afterwards."""
    code = f"s-{secrets.token_hex(4)}"
    asked = {"code": code, "department": department, "name": NAME, "mapping": MAPPING}
    assert client.post("/api/v1/sources", json=asked).status_code == 201
    yield f"/api/v1/sources/{code}"
    client.patch(f"/api/v1/sources/{code}", json={"active": False, "hook_url": None})


@pytest.fixture
def stranger(app: Flask, department: str) -> FlaskClient:
    """The client of another department's account."""
    name = f"dept-{secrets.token_hex(4)}"
    with app.extensions["wangge-engine"].begin() as conn:
        other = next(row["code"] for row in accounts.departments(conn) if row["code"] != department)
        accounts.open_account(
            conn,
            login=name,
            name="x",
            role="department",
            area_code="441900",
            department=other,
            password=PASSWORD,
            within=None,
            by="test",
        )
    client = app.test_client()
    client.post("/login", data={"login": name, "password": PASSWORD})
    assert client.post("/api/v1/me/password", json={"old": PASSWORD, "new": PASSWORD + "!"}).status_code == 200
    return client


def _record(point: tuple[float, float], number: str = "A-1", **changed: Any) -> dict[str, Any]:
    usual = {"no": number, "kind": "0101", "x": point[0], "y": point[1], "time": "2026-03-01 10:00", "text": "堵"}
    return usual | changed


def test_a_program_of_the_department_pushes_by_token_and_is_told_of_every_row(
    app: Flask, client: FlaskClient, source: str, point: tuple[float, float]
) -> None:
    with app.extensions["wangge-engine"].begin() as conn:
        token = tokens.issue(conn, "department", label="push", days=1, by="test")
    program, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    sent = [_record(point), _record(point, "A-2", kind="9999"), _record(point)]
    told = program.post(f"{source}/deliveries", json=sent, headers=headers).json
    assert [row["state"] for row in told["results"]] == ["taken", "rejected", "repeated"]
    assert told["results"][1]["reasons"][0]["code"] == "unknown_matter"
    assert (told["taken"], told["repeated"], told["rejected"], told["late"]) == (1, 1, 1, 1)
    again = program.post(f"{source}/deliveries", json=_record(point), headers=headers).json
    assert again["results"][0]["number"] == told["results"][0]["number"]
    found = client.get(f"/api/v1/incidents/{told['results'][0]['number']}").json
    assert found["description"] == "堵"
    assert [each["sent_by"] for each in client.get(f"{source}/deliveries").json["deliveries"]] == ["department"] * 2
    board = {f"/api/v1/sources/{each['code']}": each for each in program.get("/api/v1/sources", headers=headers).json["sources"]}
    assert (board[source]["today"]["rows"], board[source]["open_rejects"], board[source]["light"]) == (4, 1, "amber")


def test_what_is_no_list_of_records_is_refused_whole(client: FlaskClient, source: str) -> None:
    for body in (b"", b"nonsense", orjson.dumps([{}] * 5001)):
        refused = client.post(f"{source}/deliveries", data=body, content_type="application/json")
        assert (refused.status_code, refused.json["type"]) == (422, "urn:wangge:BadFile")
    assert client.get(f"{source}/deliveries").json["deliveries"] == []


def test_a_rejected_record_is_corrected_replayed_and_settled_once(
    client: FlaskClient, source: str, point: tuple[float, float]
) -> None:
    client.post(f"{source}/deliveries", json=[_record(point, kind=""), _record(point, "A-2", kind="")])
    held = client.get(f"{source}/rejects").json
    assert held["matched"] == 2
    one, other = (f"{source}/rejects/{each['id']}" for each in held["rejects"])
    assert client.patch(one, json={"record": _record(point, "A-2")}).json["reasons"] == []
    first, second = (client.post(f"{one}/replay").json["results"][0] for _ in range(2))
    assert (first["state"], second["state"]) == ("taken", "repeated")
    assert first["number"] == second["number"]
    assert client.post(f"{source}/rejects/replay").json["rejected"] == 1
    assert client.post(f"{other}/drop", json={"reason": "a test of theirs"}).json["state"] == "dropped"
    refused = client.post(f"{other}/drop", json={"reason": "again"})
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:RejectSettled")
    assert client.get(f"{source}/rejects?state=dropped").json["rejects"][0]["note"] == "a test of theirs"


def test_a_mapping_is_tried_on_a_file_before_it_is_kept(client: FlaskClient, source: str, point: tuple[float, float]) -> None:
    csv = f"no,kind,x,y,time\nA,0101,{point[0]},{point[1]},2026年3月1日 9:00\nB,?,1,2,soon\n".encode("gb18030")
    sample = client.post("/api/v1/sources/sample?filename=案件.csv", data=csv).json
    assert (sample["rows"], sample["fields"]) == (2, ["no", "kind", "x", "y", "time"])
    rows = client.post("/api/v1/sources/preview", json={"records": sample["records"], "mapping": MAPPING}).json["rows"]
    assert (rows[0]["report"]["matter"], rows[0]["reasons"]) == ("0101", [])
    assert {reason["code"] for reason in rows[1]["reasons"]} == {"unknown_matter", "outside_china", "bad_moment"}
    refused = client.patch(source, json={"mapping": MAPPING | {"datum": "mars"}})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "datum")
    assert client.post("/api/v1/sources/sample?filename=a.exe", data=b"x").status_code == 422


def test_files_are_put_into_the_folder_and_taken_in_whatever_they_are(
    app: Flask, client: FlaskClient, source: str, point: tuple[float, float]
) -> None:
    settings: Settings = app.config["SETTINGS"]
    x, y = point
    book = openpyxl.Workbook()
    for row in (["no", "kind", "x", "y", "time"], ["X-1", "0101", x, y, "2026-03-01 9:00"], ["X-2", "?", x, y, "2026-03-01 9:00"]):
        book.active.append(row)
    excel = io.BytesIO()
    book.save(excel)
    files = {
        "a.csv": f"no,kind,x,y,time\nC-1,0101,{x},{y},2026-03-01 9:00\n".encode(),
        "b.xlsx": excel.getvalue(),
        "c.json": orjson.dumps([_record(point, "J-1"), _record(point, "C-1")]),
        "d.ndjson": orjson.dumps(_record(point, "N-1")) + b"\n",
        "e.json": b"{broken",
    }
    for name, content in files.items():
        assert client.post(f"{source}/files?filename={name}", data=content).status_code == 202
    receiver = Receiver(app.extensions["wangge-engine"], Locator(settings.var_dir / "index"), settings.inbox_dir)
    code = source.rpartition("/")[2]
    until = time.monotonic() + 30  # a worker of the same city may be at the folder at the moment
    while len(told := client.get(f"{source}/deliveries").json["deliveries"]) < len(files) and time.monotonic() < until:
        receiver.run_one(code, pull=False, now=datetime.now(UTC))
    assert sum(each["accepted"] for each in told) == 4
    assert (sum(each["repeated"] for each in told), sum(each["rejected"] for each in told)) == (1, 1)
    assert [each["fault"] for each in told if each["fault"]] == [next(each["fault"] for each in told if "e.json" in each["name"])]
    folder: Path = settings.inbox_dir / code
    assert len(list((folder / "done").glob("*.report.json"))) == 4
    assert len(list((folder / "failed").iterdir())) == 2
    assert [file.name for file in folder.iterdir() if file.is_file()] == []


def test_secrets_are_told_once_and_a_call_needs_an_address(client: FlaskClient, source: str) -> None:
    made = client.patch(source, json={"hook_url": "https://department.example/hook", "pull_token": "of theirs"}).json
    assert made["hook_secret"]
    assert client.post(f"{source}/secret").json["hook_secret"] != made["hook_secret"]
    told = client.get(source)
    assert (told.json["hook"]["has_secret"], told.json["pull"]["has_token"]) == (True, True)
    assert "of theirs" not in told.text
    assert made["hook_secret"] not in told.text
    assert client.post(f"{source}/pull").status_code == 422
    assert client.get(f"{source}/calls").json == {"calls": []}
    assert client.post(f"{source}/calls/999999999/again").status_code == 404
    assert client.post(f"{source}/calls/again").json == {"calls": 0}


def test_another_departments_source_is_as_good_as_none(stranger: FlaskClient, login: Login, source: str) -> None:
    paths = ("", "/deliveries", "/rejects", "/calls")
    assert [login("department").get(source + path).status_code for path in paths] == [200] * 4
    assert [stranger.get(source + path).status_code for path in paths] == [404] * 4
    assert source.rpartition("/")[2] not in {each["code"] for each in stranger.get("/api/v1/sources").json["sources"]}
    assert stranger.post(f"{source}/deliveries", json=[]).status_code == 404
    assert stranger.post(f"{source}/files?filename=a.csv", data=b"x").status_code == 404
    assert stranger.patch(source, json={}).status_code == 403
    page = source.replace("/api/v1", "")
    assert [each.get(page).status_code for each in (login("department"), stranger)] == [200, 404]
    assert stranger.get("/sources").status_code == 200


def test_a_department_proposes_a_revision_and_the_city_decides(client: FlaskClient, login: Login, department: str) -> None:
    own = next(each for each in client.get("/api/v1/matters/catalogue").json["matters"] if each["department"]["code"] == department)
    other = next(
        each for each in client.get("/api/v1/matters/catalogue").json["matters"] if each["department"]["code"] != department
    )
    asked = {"what": "revise", "content": {"standard_min": own["standard_min"] + 1}, "reason": "takes longer"}
    dept = login("department")
    assert dept.post("/api/v1/matters/decisions", json=asked | {"code": other["code"]}).status_code == 403
    made = dept.post("/api/v1/matters/decisions", json=asked | {"code": own["code"]})
    assert made.status_code == 201
    path = f"/api/v1/matters/decisions/{made.json['id']}"
    assert dept.post(f"{path}/decide", json={"decision": "we do", "effective_on": "2099-01-01"}).status_code == 403
    past = client.post(f"{path}/decide", json={"decision": "令 8", "effective_on": "2020-01-01"})
    assert (past.status_code, past.json["field"]) == (422, "effective_on")
    assert client.post(f"{path}/refuse", json={"decision": "no"}).json["state"] == "refused"
    again = client.post(f"{path}/refuse", json={"decision": "no"})
    assert (again.status_code, again.json["type"]) == (409, "urn:wangge:AdmissionRefused")
    told = client.get(f"/api/v1/matters/{own['code']}").json
    assert (told["versions"][0]["version"], told["decisions"][0]["state"]) == (own["version"], "refused")
    assert client.get("/api/v1/matters/none-such").status_code == 404
