"""Lists over HTTP: pages, links, fields, faults, and what each role sees."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event, text

from gis import features
from server.api.lists import LISTED
from tests.api.conftest import Login

API = "/api/v1"


def _walk(client: FlaskClient, path: str) -> Iterator[dict]:
    """Every row, following the links."""
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        yield from answer.json.get("features", answer.json.get("items"))
        link = answer.headers.get("Link", "")
        path = link.removeprefix("<").partition(">")[0]
        assert bool(path) == (answer.json["next"] is not None)


@pytest.mark.parametrize("layer", LISTED)
def test_a_list_is_geojson_with_geometry_and_items_without(client: FlaskClient, layer: str) -> None:
    answer = client.get(f"{API}/{layer}?limit=2")
    described = features.LAYERS[layer]
    assert answer.mimetype == ("application/geo+json" if described.geometry else "application/json")
    rows = answer.json["features" if described.geometry else "items"]
    assert answer.json["numberReturned"] == len(rows) == 2
    assert answer.json["numberMatched"] > 2
    assert answer.json["numberMatchedIsEstimate"] is (layer == "incidents")
    assert answer.json["next"]


def test_links_lead_through_the_whole_list(client: FlaskClient, demo: Connection) -> None:
    path = f"{API}/incidents?limit=400&area=441900006&state=closed,rejected&fields=number"
    numbers = [row["id"] for row in _walk(client, path)]
    expected = demo.execute(
        text("""
            SELECT i.number FROM incident i JOIN area a ON a.id = i.community_id
            WHERE a.path <@ '441900.441900006' AND i.state IN ('closed', 'rejected') ORDER BY i.reported_at DESC, i.id DESC
        """)
    )
    assert numbers == expected.scalars().all()


def test_filters_may_be_repeated_or_have_commas_between(client: FlaskClient) -> None:
    one = client.get(f"{API}/incidents?state=closed,suspended&limit=50").json
    two = client.get(f"{API}/incidents?state=closed&state=suspended&limit=50").json
    assert one["features"] == two["features"]
    category = client.get(f"{API}/incidents", query_string={"category": "Food, medicines and health"})
    assert category.json["features"][0]["properties"]["category_zh"] == "食药与公共卫生"


def test_a_day_stands_for_its_first_moment_in_the_city(client: FlaskClient) -> None:
    day = client.get(f"{API}/incidents?reported_from=2026-03-01&reported_until=2026-03-02&limit=1000").json["features"]
    plus = "reported_from=2026-03-01T00:00:00%2B08:00&reported_until=2026-03-01T16:00:00Z"
    assert day == client.get(f"{API}/incidents?{plus}&limit=1000").json["features"]
    assert {row["properties"]["reported_at"][:10] for row in day} == {"2026-02-28", "2026-03-01"}
    unescaped = client.get(f"{API}/grids?as_of=2025-12-31T23:00:00+08:00&limit=1&fields=code")
    assert unescaped.json["numberMatched"] == 3106


def test_grids_as_of_a_day(client: FlaskClient) -> None:
    assert client.get(f"{API}/grids?limit=1").json["numberMatched"] == 2958
    assert client.get(f"{API}/grids?limit=1&as_of=2025-07-01").json["numberMatched"] == 3106


def test_fields_choose_properties_and_geometry(client: FlaskClient) -> None:
    row = client.get(f"{API}/grids?limit=1&fields=code,population").json["features"][0]
    assert (list(row["properties"]), row["geometry"]) == (["code", "population"], None)
    row = client.get(f"{API}/grids?limit=1&fields=geometry").json["features"][0]
    assert (row["properties"], row["geometry"]["type"]) == ({}, "MultiPolygon")
    assert list(client.get(f"{API}/staff?limit=1&fields=number,duty").json["items"][0]) == ["number", "duty"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("incidents?colour=red", "colour"),
        ("incidents?fields=number,password", "fields"),
        ("incidents?state=open", "state"),
        ("incidents?state=", "state"),
        ("incidents?matter=%27%20OR%20true%20--", "matter"),
        ("incidents?urgency=one", "urgency"),
        ("incidents?urgency=1e3", "urgency"),
        ("incidents?open=perhaps", "open"),
        ("incidents?reported_from=yesterday", "reported_from"),
        ("incidents?reported_from=2026-03-01T00:00:00", "reported_from"),
        ("incidents?reported_from=0001-01-01", "reported_from"),
        ("incidents?grid=%00", "grid"),
        ("incidents?as_of=2026-01-01", "as_of"),
        ("incidents?bbox=1,2,3", "bbox"),
        ("incidents?bbox=nan,22,114,23", "bbox"),
        ("incidents?bbox=114,22,113,23", "bbox"),
        ("incidents?bbox=113,22,114,inf", "bbox"),
        ("incidents?bbox=", "bbox"),
        ("incidents?limit=0", "limit"),
        ("incidents?limit=1001", "limit"),
        ("incidents?limit=-1", "limit"),
        ("incidents?limit=%D9%A1", "limit"),
        ("incidents?limit=1&limit=2", "limit"),
        ("incidents?after=x", "after"),
        ("incidents?after=", "after"),
        ("incidents?area=44", "area"),
        ("grids?area=%27", "area"),
        ("staff?bbox=1,2,3,4", "bbox"),
        ("grids?unit_type=castle", "unit_type"),
        ("departments?area=441900", "area"),
    ],
)
def test_a_parameter_at_fault_is_named(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"{API}/{query}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["type"] == "urn:wangge:BadQuery"
    assert answer.json["field"] == field


def test_an_unknown_parameter_is_told_what_exists(client: FlaskClient) -> None:
    problem = client.get(f"{API}/incidents?colour=red").json
    assert {"bbox", "area", "fields", "limit", "after", "state", "matter", "reported_from", "open"} <= set(problem["known"])
    assert {"number", "matter_zh"} <= set(client.get(f"{API}/incidents?fields=x").json["known"])


def test_a_cursor_of_another_list_is_refused(client: FlaskClient) -> None:
    cursor = client.get(f"{API}/incidents?limit=1").json["next"]
    assert client.get(f"{API}/incidents?state=closed&after={cursor}").json["field"] == "after"
    assert client.get(f"{API}/grids?after={cursor}").status_code == 422


@pytest.mark.parametrize("name", ["planner", "dispatcher", "officer", "department"])
def test_everybody_sees_their_own_part(login: Login, demo: Connection, name: str) -> None:
    client = login(name)
    account = demo.execute(
        text("SELECT a.path::text, department FROM account JOIN area a ON a.id = area_id WHERE login = :login"), {"login": name}
    ).one()
    mine = demo.execute(
        text("""
            SELECT count(*) FROM incident i JOIN matter m ON m.id = i.matter_id LEFT JOIN area a ON a.id = i.community_id
            WHERE (a.path <@ CAST(:path AS ltree) OR :path = '441900') AND (:department IS NULL OR m.department = :department)
        """),
        {"path": account.path, "department": account.department},
    ).scalar_one()
    assert sum(1 for _ in _walk(client, f"{API}/incidents?limit=1000&fields=number")) == mine
    people = list(_walk(client, f"{API}/staff?limit=1000&fields=number,area"))
    assert all(row["area"].startswith(account.path.rpartition(".")[2]) for row in people)
    assert (len(people) == 9756) is (name in ("planner", "department"))
    assert client.get(f"{API}/grids?limit=1").json["numberMatched"] == 2958


def test_one_of_the_staff_with_every_posting(login: Login) -> None:
    number = login("officer").get(f"{API}/staff?limit=1").json["items"][0]["number"]
    found = login("officer").get(f"{API}/staff/{number}").json
    assert found["number"] == number
    assert found["postings"][0]["valid"]["to"] is None
    assert found["postings"][0]["area"]["code"].startswith("441900")
    stranger = login("planner").get(f"{API}/staff?limit=1&grid=44190000300101").json["items"][0]["number"]
    assert login("planner").get(f"{API}/staff/{stranger}").status_code == 200
    assert login("officer").get(f"{API}/staff/{stranger}").status_code == 404
    assert login("planner").get(f"{API}/staff/%00").status_code == 404


def test_one_plan_with_what_it_changed(client: FlaskClient) -> None:
    old, new = (client.get(f"{API}/plans/{number}").json for number in (1, 2))
    assert (old["grids"], new["grids"], new["parent"]) == (3106, 2958, 1)
    assert old["grids"] + new["grids_new"] - new["grids_ended"] == new["grids"]
    assert (old["state"]["code"], new["state"]["code"]) == ("superseded", "published")
    assert client.get(f"{API}/plans/999999999").status_code == 404
    assert client.get(f"{API}/plans/{10**30}").status_code == 422


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_unchanged_page_is_not_sent_twice(client: FlaskClient, encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    first = client.get(f"{API}/grids?limit=500", headers=headers)
    assert first.headers.get("Content-Encoding", "identity") == encoding
    again = client.get(f"{API}/grids?limit=500", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{API}/grids?limit=499", headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_a_page_takes_few_statements(client: FlaskClient, app: Flask) -> None:
    engine: Engine = app.extensions["wangge-engine"]
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    client.get(f"{API}/incidents?limit=10")  # a connection plans the commonest question once
    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get(f"{API}/incidents?limit=10")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    # who asks, the page, how many: each of the two transactions also says what it is for
    assert len(asked) <= 5, asked


def test_the_description_names_every_parameter_and_property(client: FlaskClient) -> None:
    paths = client.get(f"{API}/openapi.json").json["paths"]
    for layer in LISTED:
        described = features.LAYERS[layer]
        operation = paths[f"{API}/{layer}"]["get"]
        taken = [parameter["name"] for parameter in operation["parameters"]]
        assert taken == [*features.parameters(described), *described.filter_of]
        content = operation["responses"]["200"]["content"]
        schema = next(iter(content.values()))["schema"]["properties"]
        rows = schema["features"]["items"]["properties"]["properties"] if described.geometry else schema["items"]["items"]
        assert list(rows["properties"]) == list(described.property_of)
    state = next(item for item in paths[f"{API}/incidents"]["get"]["parameters"] if item["name"] == "state")
    assert "suspended" in state["schema"]["items"]["enum"]


def test_a_report_stands_first_in_the_list_at_once(client: FlaskClient) -> None:
    sent = client.post(f"{API}/incidents", json={"matter": "0101", "lon": 113.75, "lat": 23.04, "description": '"<b>\\'})
    first = client.get(f"{API}/incidents", query_string={"limit": 1, "reported_until": f"{datetime.now(UTC):%Y-12-31}"})
    assert first.json["features"][0]["id"] == sent.json["number"]
    assert first.json["features"][0]["properties"]["description"] == '"<b>\\'
