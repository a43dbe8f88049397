"""Publishing over HTTP in a small city of its own, and looking back at what was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gis import accounts, tokens, upkeep
from server.app import create_app
from server.cluster import Cluster
from server.config import Settings
from tests.builders import COMMUNITY, a_draft, create_database, found_city, publish

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = "2026-06-01T00:00:00+00:00"


@pytest.fixture(scope="session")
def published_url(cluster: Cluster, empty_url: str) -> str:
    """A database with the schema only, for plans that stay published."""
    return create_database(cluster, "published", template="wangge")


@pytest.fixture(scope="module")
def engine(published_url: str) -> Iterator[Engine]:
    made = upkeep.open_database(published_url)
    with made.begin() as conn:
        found_city(conn, "AAABBB")
        publish(conn, "AAABBB", since=FIRST)
        conn.execute(
            text("""
                INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
                SELECT 'T-' || c.id, :at, m.id, 1, 'patrol', ST_Centroid(c.geom) FROM matter m, cell c
            """),
            {"at": FIRST + timedelta(days=40)},
        )
        for login, role in (("planner", "planner"), ("viewer", "viewer")):
            accounts.open_account(
                conn, login=login, name=login, role=role, area_code="441900", within=None, by="test",
                password="x8#Lantern-quay", demo=True,
            )  # fmt: skip
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def small(engine: Engine, published_url: str, folder: Path) -> Iterator[Flask]:
    app = create_app(Settings(database_url=published_url, var_dir=folder / "published"))
    app.config |= {"WTF_CSRF_ENABLED": False, "CLOCK": lambda: NOW}
    yield app
    app.extensions["wangge-engine"].dispose()


def _client(app: Flask, engine: Engine, login: str) -> FlaskClient:
    with engine.begin() as conn:
        token = tokens.issue(conn, login, label="test", by="test", days=1)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def planner(small: Flask, engine: Engine) -> FlaskClient:
    return _client(small, engine, "planner")


@pytest.fixture(scope="module")
def draft(engine: Engine) -> int:
    with engine.begin() as conn:
        return a_draft(conn, "AAABCC", names={"A": COMMUNITY + "01", "B": COMMUNITY + "02"}, by="planner")


def test_what_publishing_would_do_is_told_before(planner: FlaskClient, draft: int) -> None:
    told = planner.get(f"/api/v1/plans/{draft}/publication?since=2026-06-01").json
    assert (told["blocked"], told["communities"]) == (False, [COMMUNITY])
    assert told["grids"] == {"redrawn": 3, "new": [COMMUNITY + "03", COMMUNITY + "04"], "ended": [COMMUNITY + "02"], "kept": 1}
    assert [finding["rule"] for finding in told["findings"]] == ["nobody_posted"]


def test_what_was_read_is_told_with_its_version_and_today_is_as_soon_as_possible(planner: FlaskClient, draft: int) -> None:
    told = planner.get(f"/api/v1/plans/{draft}/publication?since=2026-05-01").json
    assert (told["version"], told["blocked"], told["since"]) == (1, False, "2026-05-01T00:00:00Z")


def test_a_plan_in_the_past_is_refused_with_its_findings(planner: FlaskClient, draft: int) -> None:
    asked = {"since": "2020-01-01", "decision": "x", "seen_version": 1}
    refused = planner.post(f"/api/v1/plans/{draft}/publish", json=asked)
    assert (refused.status_code, refused.json["type"]) == (422, "urn:wangge:PublicationRefused")
    assert {"in_the_past", "too_early"} & {finding["rule"] for finding in refused.json["findings"]}


def test_who_read_an_older_version_is_told_the_newer_one(planner: FlaskClient, draft: int) -> None:
    refused = planner.post(f"/api/v1/plans/{draft}/publish", json={"since": LATER, "decision": "x", "seen_version": 9})
    assert (refused.status_code, refused.json["current_version"]) == (409, 1)


def test_a_viewer_does_not_publish(small: Flask, engine: Engine, draft: int) -> None:
    viewer = _client(small, engine, "viewer")
    asked = {"since": LATER, "decision": "x", "seen_version": 1}
    assert viewer.post(f"/api/v1/plans/{draft}/publish", json=asked).status_code == 403


@pytest.fixture(scope="module")
def published(small: Flask, engine: Engine, draft: int) -> int:
    asked = {"since": LATER, "decision": "东府〔2026〕9号", "seen_version": 1}
    answer = _client(small, engine, "planner").post(f"/api/v1/plans/{draft}/publish", json=asked)
    assert answer.status_code == 200, answer.json
    return draft


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("grids?as_of={}&limit=100", lambda told: len(told["features"])),
        ("labels?level=grid&as_of={}", lambda told: len(told["labels"])),
        ("figures?measure=population&level=grid&as_of={}", lambda told: len(told["values"])),
        ("figures?measure=staff&level=grid&as_of={}", lambda told: len(told["values"])),
        (f"areas/{COMMUNITY}?as_of={{}}", lambda told: told["grids"]),
        (f"search?q={COMMUNITY}0&as_of={{}}", lambda told: len(told["results"])),
        ("city?as_of={}", lambda told: told["counts"]["grids"]),
    ],
)
def test_every_question_can_be_asked_as_of_a_date(planner: FlaskClient, published: int, path: str, count) -> None:
    for moment, grids in (("2026-05-31", 2), ("2026-06-02", 3)):
        assert count(planner.get(f"/api/v1/{path.format(moment)}").json) == grids, moment


def test_a_grid_is_described_as_of_its_time(planner: FlaskClient, published: int) -> None:
    code = COMMUNITY + "02"
    assert planner.get(f"/api/v1/grids/{code}?as_of=2026-01-01").json["population"] == 300
    assert planner.get(f"/api/v1/grids/{code}?as_of=2026-06-02").status_code == 404
    new = planner.get(f"/api/v1/grids/{COMMUNITY}04?as_of=2026-06-02").json
    assert [origin["code"] for origin in new["predecessors"]] == [code]


def test_incidents_of_a_past_year_are_counted_for_that_year(planner: FlaskClient, published: int) -> None:
    def counted(at: str) -> dict[str, float]:
        return planner.get(f"/api/v1/figures?measure=incidents&level=grid&as_of={at}").json["values"]

    assert counted("2025-02-01") == {COMMUNITY + "01": 0, COMMUNITY + "02": 0}
    assert counted("2025-03-01") == {COMMUNITY + "01": 3, COMMUNITY + "02": 3}


def test_a_moment_that_is_none_is_refused(planner: FlaskClient, published: int) -> None:
    assert planner.get("/api/v1/labels?level=grid&as_of=yesterday").status_code == 422


def test_the_timeline_tells_what_each_plan_changed_and_who_decided(planner: FlaskClient, published: int) -> None:
    told = planner.get("/api/v1/plans/timeline").json["plans"]
    assert [plan["grids"] for plan in told] == [2, 3]
    assert told[0]["changed"] == []
    last = told[-1]
    assert (last["id"], last["decision"]) == (published, "东府〔2026〕9号")
    assert (last["author"], last["published_by"]) == ("planner", "planner")
    assert last["changed"] == [COMMUNITY + "03", COMMUNITY + "04"]
    assert (last["grids_new"], last["grids_ended"]) == (2, 1)


def test_a_place_has_its_grids_through_time_with_their_grounds(planner: FlaskClient, published: int) -> None:
    told = planner.get("/api/v1/history?lon=113.805&lat=23.045").json["grids"]
    assert [step["code"] for step in told] == [COMMUNITY + "02", COMMUNITY + "04"]
    assert told[0]["valid"]["to"] == told[1]["valid"]["from"] == "2026-06-01T00:00:00Z"
    assert told[1]["plan"]["decision"] == "东府〔2026〕9号"
    assert [origin["code"] for origin in told[1]["origins"]] == [COMMUNITY + "02"]
    assert told[1]["geometry"]["type"] == "MultiPolygon"
    unchanged = planner.get("/api/v1/history?lon=113.755&lat=23.045").json["grids"]
    assert [(step["code"], step["valid"]["to"]) for step in unchanged] == [(COMMUNITY + "01", None)]
    assert planner.get("/api/v1/history?lon=23&lat=113").status_code == 422
    assert planner.get("/api/v1/history?lon=110&lat=23").json["grids"] == []


def test_series_say_how_they_were_put_on_todays_grids(small: Flask, planner: FlaskClient, published: int) -> None:
    small.config["CLOCK"] = lambda: datetime(2026, 7, 1, tzinfo=UTC)
    try:
        asked = "from=2025-01-01&to=2026-07-01&step=year"
        counted = planner.get(f"/api/v1/series?measure=incidents&{asked}").json
        assert (counted["method"], counted["steps"]) == ("replaced", ["2025-01-01", "2026-01-01"])
        assert {row["code"][-2:]: row["values"] for row in counted["series"]} == {"01": [3, 0], "03": [1, 0], "04": [2, 0]}
        then = planner.get(f"/api/v1/series?measure=incidents&on=then&{asked}").json
        assert {row["code"][-2:]: row["values"] for row in then["series"]} == {"01": [3, 0], "02": [3, 0]}
        residents = planner.get(f"/api/v1/series?measure=residents&{asked}").json
        assert residents["method"] == "lineage_shares"
        assert {row["code"][-2:]: [round(value) for value in row["values"]] for row in residents["series"]} == {
            "01": [300, 300], "03": [100, 100], "04": [200, 200],
        }  # fmt: skip
        homes = planner.get(f"/api/v1/series?measure=residents&by=community&area=441900&{asked}").json
        assert [[round(value) for value in row["values"]] for row in homes["series"]] == [[600, 600]]
        assert planner.get(f"/api/v1/series?area=99&{asked}").status_code == 404
    finally:
        small.config["CLOCK"] = lambda: NOW


def test_tiles_of_cells_and_grids_are_those_of_the_plan_asked_for(planner: FlaskClient, published: int) -> None:
    first = planner.get("/api/v1/plans/timeline").json["plans"][0]["id"]
    z, x, y = 14, *_tile(113.78, 23.045, 14)
    for layer in ("grids", "cells"):
        for plan in (first, published):
            assert planner.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt?plan={plan}").status_code == 200
    old, new = (planner.get(f"/tiles/grids/{z}/{x}/{y}.mvt?plan={plan}").data for plan in (first, published))
    assert old != new


def _tile(lon: float, lat: float, z: int) -> tuple[int, int]:
    from math import asinh, pi, radians, tan

    return int((lon + 180) / 360 * 2**z), int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)


def test_an_earlier_plan_is_put_in_force_again(planner: FlaskClient, published: int) -> None:
    first = planner.get("/api/v1/plans/timeline").json["plans"][0]["id"]
    answer = planner.post(f"/api/v1/plans/{first}/restore", json={"since": "2026-09-01", "decision": "撤销"})
    assert (answer.status_code, answer.json["grids"]["new"]) == (200, [])
    assert planner.get("/api/v1/city?as_of=2026-09-02").json["plan"]["id"] == answer.json["id"]
    told = planner.get("/api/v1/history?lon=113.805&lat=23.045").json["grids"]
    assert [step["code"][-2:] for step in told] == ["02", "04", "02"]
    assert told[-1]["plan"]["restores"] == first
