"""What the map reads: the city, its units, figures, search, and the description of the API."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import Connection, text

from gis.upkeep import open_database


def test_the_city_is_dongguan_with_all_its_figures(client: FlaskClient) -> None:
    city = client.get("/api/v1/city").json
    counts = city["counts"]
    assert {name: counts[name] for name in ("towns", "communities", "grids", "staff", "departments", "matters")} == {
        "towns": 35, "communities": 593, "grids": 2958, "staff": 9756, "departments": 10, "matters": 83,
    }  # fmt: skip
    assert city["synthetic"] is True
    assert "合成" in city["synthetic_note"]["zh"]
    assert "synthetic" in city["synthetic_note"]["en"]


def test_every_town_has_its_census_figure(client: FlaskClient) -> None:
    town = client.get("/api/v1/areas/441900119").json
    assert (town["population"], town["population_official"]) == (807_391, 807_391)
    assert (town["communities"], len(town["children"])) == (15, 15)
    assert sum(child["grids"] for child in town["children"]) == town["grids"]


def test_a_grid_has_facts_officers_and_origin(client: FlaskClient, demo: Connection) -> None:
    code = demo.execute(
        text("SELECT g.code FROM lineage l JOIN grid g ON g.id = l.to_grid_id ORDER BY g.code LIMIT 1")
    ).scalar_one()
    grid = client.get(f"/api/v1/grids/{code}").json
    assert [officer["role"]["code"] for officer in grid["officers"]][:2] == ["manager", "assistant"]
    assert len(grid["predecessors"]) == 2
    assert grid["valid"] == {"from": "2025-12-31T16:00:00Z", "to": None}


@pytest.mark.parametrize("measure", ["population", "area", "staff", "incidents"])
def test_a_measure_sums_to_the_same_at_every_level(client: FlaskClient, measure: str) -> None:
    sums = {
        level: sum(client.get(f"/api/v1/figures?measure={measure}&level={level}").json["values"].values())
        for level in ("town", "community", "grid")
    }
    assert sums["town"] == pytest.approx(sums["community"] + (282 - 37 if measure == "staff" else 0), rel=1e-9)
    if measure != "staff":  # communities and towns have staff of their own beside their grids'
        assert sums["grid"] == pytest.approx(sums["town"], rel=1e-9)


def test_figures_carry_a_unit_and_limits_that_hold_all_values(client: FlaskClient) -> None:
    figures = client.get("/api/v1/figures?measure=density&level=grid").json
    assert figures["unit"] == {"zh": "人/平方公里", "en": "residents per km²"}
    assert figures["breaks"][0] <= min(figures["values"].values())
    assert max(figures["values"].values()) <= figures["breaks"][-1]
    assert 5 <= len(figures["breaks"]) - 1 <= 7


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        ("莞城街道", "area", "441900006"),
        ("guancheng subdistrict", "area", "441900006"),
        ("441900006", "area", "441900006"),
        ("岗贝", "area", "441900003001"),
        ("44190000300101", "grid", "44190000300101"),
        ("岗贝社区党群", "facility", None),
    ],
)
def test_search_finds_by_name_and_code_the_best_first(client: FlaskClient, words: str, kind: str, code: str | None) -> None:
    best = client.get("/api/v1/search", query_string={"q": words}).json["results"][0]
    assert best["type"] == kind
    assert code in (None, best["code"])


@pytest.mark.parametrize("words", ["%", "_", "\\", "\0", "'; DROP TABLE area; --", "<script>", " "])
def test_search_takes_any_text_as_text(client: FlaskClient, words: str) -> None:
    assert client.get("/api/v1/search", query_string={"q": words}).json == {"results": []}


def test_an_unchanged_answer_is_not_sent_twice(client: FlaskClient) -> None:
    first = client.get("/api/v1/labels?level=grid")
    again = client.get("/api/v1/labels?level=grid", headers={"If-None-Match": first.headers["ETag"]})
    assert len(first.json["labels"]) == 2958
    assert (again.status_code, again.data) == (304, b"")


def test_long_answers_are_compressed(client: FlaskClient) -> None:
    answer = client.get("/api/v1/labels?level=grid", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_an_unknown_path_is_a_problem_for_programs_and_a_page_for_people(client: FlaskClient) -> None:
    assert client.get("/api/v1/nothing").content_type == "application/problem+json"
    page = client.get("/nothing", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (404, "text/html")


@pytest.mark.parametrize(
    "path", ["/api/v1/grids/12", "/api/v1/areas/x", "/api/v1/figures?measure=beauty", "/api/v1/labels?level=moon"]
)
def test_a_query_at_fault_names_its_field(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] in ("code", "measure", "level")


def test_the_description_is_valid_openapi_3_1_and_knows_every_api_route(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    rules = {
        rule.rule.replace("<int:", "<") for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "openapi_document"
    }  # fmt: skip
    assert {path.replace("{", "<").replace("}", ">") for path in document["paths"]} == rules
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert "application/problem+json" in operation["responses"]["422"]["content"]


def test_alive_and_ready(visitor: FlaskClient) -> None:
    assert visitor.get("/healthz").json == {"status": "alive"}
    assert visitor.get("/readyz").json["status"] == "ready"


def test_a_page_of_somebody_logged_in_says_that_the_database_is_away(app: Flask, client: FlaskClient) -> None:
    sound = app.extensions["wangge-engine"]
    app.extensions["wangge-engine"] = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    try:
        page = client.get("/", headers={"Accept": "text/html"})
        answer = client.get("/api/v1/city")
    finally:
        app.extensions["wangge-engine"] = sound
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert answer.json["type"] == "urn:wangge:DatabaseAway"
