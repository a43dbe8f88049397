"""Files out: every format holds every row that the reader may see, and programs of others read them."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Connection, text

from tests.api.conftest import Login

Fetch = Callable[[str], bytes]


@pytest.fixture
def fetch(client: FlaskClient) -> Fetch:
    def by(path: str) -> bytes:
        answer = client.get(f"/api/v1/exports/{path}")
        assert answer.status_code == 200, answer.text
        return answer.data

    return by


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_format_holds_every_grid(fetch: Fetch, tmp_path: Path) -> None:
    assert len(json.loads(fetch("grids.geojson"))["features"]) == 2_958
    assert len(_rows(fetch("grids.csv"))) == 2_958
    (tmp_path / "grids.gpkg").write_bytes(fetch("grids.gpkg"))
    info = pyogrio.read_info(tmp_path / "grids.gpkg")
    assert (info["features"], info["crs"], info["geometry_type"]) == (2_958, "EPSG:4326", "MultiPolygon")
    book = load_workbook(io.BytesIO(fetch("grids.xlsx?fields=code,population")), read_only=True)
    sheet = list(book["grids"].iter_rows(values_only=True))
    assert sheet[0] == ("code", "population")
    assert len(sheet) == 2_959


def test_an_export_takes_the_list_s_own_filters(fetch: Fetch, demo: Connection) -> None:
    rows = _rows(fetch("facilities.csv?kind=market&fields=name_zh,kind,geometry"))
    there = demo.execute(text("SELECT count(*) FROM facility WHERE kind = 'market'")).scalar_one()
    assert len(rows) == there
    assert set(rows[0]) == {"name_zh", "kind", "lon", "lat"}


def test_incidents_are_cut_to_the_reader_s_part(login: Login, demo: Connection) -> None:
    mine = _rows(login("officer").get("/api/v1/exports/incidents.csv").data)
    whole = _rows(login("planner").get("/api/v1/exports/incidents.csv").data)
    there = demo.execute(
        text("SELECT count(*) FROM incident i JOIN account a ON a.area_id = i.community_id WHERE a.login = 'officer'")
    ).scalar_one()
    assert len(mine) == there < len(whole) == demo.execute(text("SELECT count(*) FROM incident")).scalar_one()


def test_a_list_without_geometry_has_none(fetch: Fetch) -> None:
    assert len(json.loads(fetch("matters.geojson"))) == 83
    assert "lon" not in _rows(fetch("matters.csv"))[0]
    assert len(_rows(fetch("staff.csv"))) == 9_756


def test_text_is_no_formula_for_a_spreadsheet(client: FlaskClient, fetch: Fetch) -> None:
    sent = {"matter": "0101", "lon": 113.75, "lat": 23.02, "description": '=HYPERLINK("http://x","y")'}
    number = client.post("/api/v1/incidents", json=sent).json["number"]
    row = next(row for row in _rows(fetch("incidents.csv?fields=number,description")) if row["number"] == number)
    assert row["description"].startswith("'=")
    sheet = load_workbook(io.BytesIO(fetch("incidents.xlsx?fields=number,description")))["incidents"]
    cell = next(cells[1] for cells in sheet.iter_rows(min_row=2) if cells[0].value == number)
    assert cell.data_type == "s"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("castles.csv", 404, "castles"),
        ("grids.doc", 422, "format"),
        ("staff.gpkg", 422, "CSV"),
        ("grids.csv?colour=red", 422, "colour"),
        ("grids.gpkg?fields=colour", 422, "colour"),
        ("incidents.xlsx?bbox=1,2,3", 422, "bbox"),
    ],
)
def test_what_cannot_be_exported_is_said(client: FlaskClient, path: str, status: int, says: str) -> None:
    answer = client.get(f"/api/v1/exports/{path}")
    assert answer.status_code == status
    assert says in answer.json["detail"]


def test_no_more_than_two_files_are_sent_at_once_by_a_worker(client: FlaskClient) -> None:
    slow = [client.get("/api/v1/exports/cells.csv") for _ in range(2)]  # more than the piece that is read ahead
    refused = client.get("/api/v1/exports/departments.csv")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    for answer in slow:
        answer.close()
    assert client.get("/api/v1/exports/departments.csv").status_code == 200


def test_what_one_account_is_told_no_proxy_keeps(client: FlaskClient) -> None:
    answer = client.get("/api/v1/incidents?limit=1")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
