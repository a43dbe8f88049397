"""An audit as files and as a published page: read back by programs that know the formats."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.api.conftest import Login

QUESTION = {"kinds": ["service_centre"], "method": "radius", "metres": 700, "scope": "441900003"}
STATEMENT = "Every community of the town was looked at.\n<b>Nothing</b> was left out."


@pytest.fixture(scope="module")
def audit(app: Flask) -> Iterator[dict[str, Any]]:
    """A published audit of one town."""
    client = app.test_client()
    client.post("/login", data={"login": "auditor", "password": "wangge-demo"})
    asked = client.post("/api/v1/audits", json={"name": "One town", "question": QUESTION}).json
    yield client.post(f"/api/v1/audits/{asked['id']}/publish", json={"statement": STATEMENT}).json
    with app.extensions["wangge-engine"].begin() as conn:
        conn.execute(text("DELETE FROM audit"))


def test_the_workbook_has_a_sheet_for_each_level_gaps_and_facilities(client: FlaskClient, audit: dict[str, Any]) -> None:
    answer = client.get(f"/api/v1/audits/{audit['id']}/report.xlsx?lang=en")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Summary", "Towns", "Communities", "Grids", "Gaps", "Facilities"]
    rows = client.get(f"/api/v1/audits/{audit['id']}/rows?level=community").json["rows"]
    told = list(book["Communities"].iter_rows(min_row=3, values_only=True))
    assert [(row[0], row[3], row[4]) for row in told] == [
        (row["code"], "yes" if row["covered"] else "no", row["residents"]) for row in rows
    ]
    assert str(book["Summary"]["A2"].value).startswith(f"{audit['totals']['covered_communities']} of")
    assert book["Summary"]["A3"].value == STATEMENT


def test_the_geopackage_has_units_gaps_facilities_and_cells(client: FlaskClient, audit: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "audit.gpkg"
    file.write_bytes(client.get(f"/api/v1/audits/{audit['id']}/report.gpkg").data)
    assert [name for name, _ in pyogrio.list_layers(file)] == ["town", "community", "grid", "gaps", "facilities", "cells"]
    counts = {name: pyogrio.read_info(file, layer=name)["features"] for name, _ in pyogrio.list_layers(file)}
    totals = audit["totals"]
    assert counts == {
        "town": 1, "community": totals["communities"], "grid": totals["grids"], "facilities": totals["facilities"],
        "cells": totals["cells"], "gaps": len(client.get(f"/api/v1/audits/{audit['id']}/gaps").json["features"]),
    }  # fmt: skip
    info, _, _, values = pyogrio.raw.read(file, layer="gaps", read_geometry=False)
    missed = sum(values[list(info["fields"]).index("residents")])
    assert missed == pytest.approx(totals["residents"] - totals["covered_residents"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_is_printed_with_maps_and_kept(client: FlaskClient, audit: dict[str, Any], language: str) -> None:
    answer = client.get(f"/api/v1/audits/{audit['id']}/report.pdf?lang={language}")
    assert (answer.status_code, answer.content_type, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert answer.data.count(b"/Subtype /Image") >= 1
    assert client.get(f"/api/v1/audits/{audit['id']}/report.pdf?lang={language}").data == answer.data


def test_whoever_has_the_address_reads_the_page_the_map_and_the_files(visitor: FlaskClient, audit: dict[str, Any]) -> None:
    page = visitor.get(audit["page"]).get_data(as_text=True)
    assert "One town" in page and "&lt;b&gt;Nothing&lt;/b&gt;" in page and "<b>Nothing" not in page
    drawn = visitor.get(f"{audit['page']}/map.json").json
    assert len(drawn["communities"]["features"]) == audit["totals"]["communities"]
    assert (drawn["radius_m"], len(drawn["facilities"]["features"])) == (700, 593)
    assert visitor.get(f"{audit['page']}/report.xlsx").status_code == 200
    assert visitor.get(f"{audit['page']}/report.exe").status_code == 404
    assert visitor.get(f"/api/v1/audits/{audit['id']}").status_code == 401


def test_a_key_that_opens_nothing_says_so(visitor: FlaskClient) -> None:
    assert visitor.get("/audits/no-such-key").status_code == 404
    assert visitor.get("/audits/no-such-key/map.json").status_code == 404


def test_an_audit_that_is_not_done_has_no_files(login: Login, app: Flask) -> None:
    auditor = login("auditor")
    stopped = auditor.post("/api/v1/audits", json={"name": "Early", "question": QUESTION}).json["id"]
    with app.extensions["wangge-engine"].begin() as conn:
        conn.execute(text("UPDATE audit SET state = 'stopped' WHERE id = :id"), {"id": stopped})
    assert auditor.get(f"/api/v1/audits/{stopped}/report.pdf").status_code == 409


def test_circles_are_drawn_in_bands(login: Login) -> None:
    asked = {"kinds": ["town_centre"], "method": "radius", "minutes": 15}
    bands = login("auditor").post("/api/v1/coverage/circles", json=asked).json["features"]
    assert [band["properties"]["metres"] for band in bands] == [300, 500, 1_000]
    assert {band["geometry"]["type"] for band in bands} == {"MultiPolygon"}
