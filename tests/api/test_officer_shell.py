"""What a phone keeps of the officer's page: every file that the page loads, and a version that changes with them."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server import officer_shell
from tests.api.conftest import Login


def test_every_file_is_there_and_every_script_of_the_page_among_them() -> None:
    kept = officer_shell.files()
    assert [file for file in kept if not (officer_shell.STATIC / file).is_file()] == []
    own = {f"js/{path.name}" for path in (officer_shell.STATIC / "js").glob("officer*.js")} - {officer_shell.WORKER}
    assert own - set(kept) == set()


def test_all_that_the_page_asks_for_is_kept(login: Login) -> None:
    html = login("officer").get("/officer").text
    asked = set(re.findall(r'(?:src|href)="/static/([^"?]+)"', html)) | set(re.findall(r'from "/static/([^"]+)"', html))
    assert asked - set(officer_shell.files()) == {"icons/app-180.png"}, "a picture for the list of programs is not the page"


def test_the_version_changes_with_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = officer_shell.version()
    for file in (*officer_shell.files(), officer_shell.WORKER):
        copy = tmp_path / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((officer_shell.STATIC / file).read_bytes())
    files = officer_shell.files()
    monkeypatch.setattr(officer_shell, "STATIC", tmp_path)
    assert officer_shell.version_of(files) == before
    (tmp_path / "css/officer.css").write_text("/* new */")
    assert officer_shell.version_of(files) != before


def test_the_worker_may_keep_the_page_and_is_asked_for_anew(visitor: FlaskClient) -> None:
    answer = visitor.get("/officer/sw.js")
    assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/officer"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert f'const VERSION = "{officer_shell.version()}"' in answer.text


def test_a_phone_finds_what_it_needs_to_put_the_page_among_its_programs(visitor: FlaskClient) -> None:
    answer = visitor.get("/officer/manifest.webmanifest")
    assert (answer.status_code, answer.mimetype) == (200, "application/manifest+json")
    said = answer.json
    assert (said["start_url"], said["scope"], said["display"]) == ("/officer", "/officer", "standalone")
    pictures = [officer_shell.STATIC / each["src"].removeprefix("/static/") for each in said["icons"]]
    assert [picture.is_file() for picture in pictures] == [True] * 3
