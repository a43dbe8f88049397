"""A comparison as files: read back by programs that know the formats."""

import io
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import openpyxl
import pyogrio
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gis.comparing import Comparisons
from server.config import Settings
from server.reports.making import Reports, key_of, make
from server.reports.maps import scale_length_m
from tests.builders_of_drafts import a_draft, border_cells

COMMUNITY = "441900003001"


@pytest.fixture
def path(demo_engine: Engine) -> Iterator[str]:
    """Where the comparison of the plan in force and a draft of it is answered."""
    with demo_engine.begin() as conn:
        in_force = conn.execute(text("SELECT id FROM plan WHERE upper_inf(valid)")).scalar_one()
        draft = a_draft(conn, border_cells(conn, COMMUNITY))
    yield f"/api/v1/plans/{in_force}/comparison/{draft}"
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM plan WHERE id = :id"), {"id": draft})


def test_the_workbook_has_a_row_for_every_changed_grid(client: FlaskClient, path: str) -> None:
    told, answer = client.get(path).json, client.get(f"{path}/report.xlsx?language=en")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Summary", "Changed grids", "Ground that changes hands", "Communities", "Towns"]
    rows = list(book["Changed grids"].iter_rows(min_row=3, values_only=True))
    assert [row[3] for row in rows] == sorted(grid["code"] for grid in told["grids"])
    assert book["Summary"]["A3"].value == told["sentences"][0]["en"]


def test_the_geopackage_has_the_moved_ground_and_both_divisions(client: FlaskClient, path: str, tmp_path: Path) -> None:
    file = tmp_path / "changes.gpkg"
    file.write_bytes(client.get(f"{path}/changes.gpkg").data)
    assert [name for name, _ in pyogrio.list_layers(file)] == ["moved_ground", "grids_before", "grids_after"]
    moved = pyogrio.raw.read(file, layer="moved_ground", read_geometry=False)
    told = client.get(path).json
    assert sum(moved[3][list(moved[0]["fields"]).index("cells")]) == told["summary"]["moved"]["cells"]


def test_the_report_on_a_town_is_printed_at_once(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}/report.pdf?language=zh")
    assert (answer.status_code, answer.content_type, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert client.get(f"{path}/report.pdf?language=zh").data == answer.data


@pytest.fixture
def overheard() -> Iterator[tuple[str, list[str]]]:
    """An address, and what was asked of it."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *told: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_a_name_never_makes_the_report_fetch_anything(
    client: FlaskClient, path: str, overheard: tuple[str, list[str]], demo_engine: Engine
) -> None:
    address, asked = overheard
    name = f"x\n; }} }} body {{ background: url({address}/style) }} <img src={address}/picture> @page {{ @top-left {{ content: y"
    with demo_engine.begin() as conn:
        conn.execute(text("UPDATE plan SET name_zh = :name WHERE id = :id"), {"id": int(path.rsplit("/", 1)[1]), "name": name})
    assert client.get(f"{path}/report.pdf?language=zh").data[:5] == b"%PDF-"
    assert asked == []


def test_a_report_on_the_whole_city_is_left_to_the_worker(app: Flask, client: FlaskClient, demo_engine: Engine) -> None:
    with demo_engine.connect() as conn:
        before, after = (row.id for row in conn.execute(text("SELECT id FROM plan WHERE valid IS NOT NULL ORDER BY valid")))
        compared = Comparisons().get(conn, before, after, reach=None)
    settings: Settings = app.config["SETTINGS"]
    reports, path = Reports(settings.exports_dir / "reports"), f"/api/v1/plans/{before}/comparison/{after}/report.pdf?language=en"
    told = client.get(path)
    assert (told.status_code, told.json) == (202, {"done": 0, "total": compared.totals.towns + 1})
    key = key_of(compared, language="en", area_path="441900")
    reports.tell(key, done=7, total=34)
    assert client.get(path).json == {"done": 7, "total": 34}
    reports.tell(key, done=0, total=0, problem="The paper is out.")
    refused = client.get(path)
    assert (refused.status_code, refused.json["detail"]) == (503, "The paper is out.")
    assert client.get(path).status_code == 202
    for _ in range(3):  # its note grew old, and no worker is there
        reports.forget(key)
        assert client.get(path).status_code == 202
    with demo_engine.connect() as conn:
        waiting = text("SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'todo' AND args ->> 'key' = :key")
        assert conn.execute(waiting, {"key": key}).scalar_one() == 1
    reports.file(key).write_bytes(b"%PDF-whole")
    assert client.get(path).data == b"%PDF-whole"
    reports.file(key).unlink()


def test_the_worker_makes_a_report_and_says_what_went_wrong(demo_engine: Engine, path: str, tmp_path: Path) -> None:
    before, after = (int(part) for part in (path.split("/")[4], path.split("/")[6]))
    reports = Reports(tmp_path)
    make(demo_engine, reports, before=before, after=after, language="en", area_path="441900", key="one")
    assert (reports.file("one").read_bytes()[:5], reports.progress("one")) == (b"%PDF-", None)
    make(demo_engine, reports, before=before, after=999_999, language="en", area_path="441900", key="two")
    assert reports.progress("two") == {"done": 0, "total": 0, "problem": "There is no plan with the number 999999."}


@pytest.mark.parametrize(("most_m", "length_m"), [(999, 500), (1000, 1000), (4_999, 2_000), (19, 10), (0.7, 0.5)])
def test_a_scale_bar_has_a_round_length(most_m: float, length_m: float) -> None:
    assert scale_length_m(most_m) == length_m
