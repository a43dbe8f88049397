"""Placing points over HTTP."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

INSIDE = (113.75, 23.04)


def _locate(client: FlaskClient, **body: object) -> list[dict]:
    answer = client.post("/api/v1/locate", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json["results"]


def test_a_point_is_answered_with_its_grid_community_town_and_city(client: FlaskClient, demo: Connection) -> None:
    (found,) = _locate(client, lon=INSIDE[0], lat=INSIDE[1])
    expected = demo.execute(
        text("SELECT code FROM grid WHERE id = grid_at(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), now())"),
        {"lon": INSIDE[0], "lat": INSIDE[1]},
    ).scalar_one()
    assert found["status"] == "inside"
    assert found["grid"]["code"] == expected
    assert expected.startswith(found["community"]["code"])
    assert found["community"]["code"].startswith(found["town"]["code"])
    assert found["city"]["name"] == {"zh": "东莞市", "en": "Dongguan"}


def test_a_point_outside_is_answered_with_the_nearest_grid_and_its_distance(client: FlaskClient, demo: Connection) -> None:
    (found,) = _locate(client, lon=113.0, lat=23.0)
    metres = demo.execute(
        text("""
            SELECT min(ST_Distance(ST_Transform(geom, 4547), ST_Transform('SRID=4326;POINT(113 23)'::geometry, 4547)))
            FROM grid_version WHERE valid @> now()
        """)
    ).scalar_one()
    assert (found["status"], found["grid"]) == ("outside", None)
    assert found["nearest"]["distance_m"] == pytest.approx(metres, abs=0.02)


def test_a_batch_keeps_its_order_and_names_each_fault(client: FlaskClient) -> None:
    found = _locate(client, points=[[*INSIDE], [INSIDE[1], INSIDE[0]], [None, 23.0], [12.5, 41.9], [500, 23]])
    assert [one["status"] for one in found] == ["inside", "fault", "fault", "fault", "fault"]
    assert [one["fault"]["code"] for one in found[1:]] == ["swapped", "missing", "outside_china", "out_of_range"]
    assert "swapped" in found[1]["fault"]["message"]


def test_the_grid_of_a_past_date_is_that_of_the_plan_of_then(client: FlaskClient, demo: Connection) -> None:
    lon, lat, old, new = demo.execute(
        text("""
            SELECT ST_X(v.label_point), ST_Y(v.label_point), old.code, new.code
            FROM lineage l JOIN grid old ON old.id = l.from_grid_id JOIN grid new ON new.id = l.to_grid_id
            JOIN grid_version v ON v.grid_id = old.id ORDER BY old.code LIMIT 1
        """)
    ).one()
    assert _locate(client, lon=lon, lat=lat)[0]["grid"]["code"] == new
    assert _locate(client, lon=lon, lat=lat, at="2025-06-01T00:00:00+08:00")[0]["grid"]["code"] == old


def test_a_date_before_every_plan_is_said_so(client: FlaskClient) -> None:
    answer = client.post("/api/v1/locate", json={"lon": 113.75, "lat": 23.04, "at": "1999-01-01T00:00:00Z"})
    assert answer.status_code == 404
    assert "No plan was in force on 1999-01-01" in answer.json["detail"]


def test_phone_map_coordinates_land_where_they_were_taken(client: FlaskClient) -> None:
    """The outline's measured shift: a GCJ-02 point lies (-0.00503, +0.00279) degrees off its WGS 84 place."""
    (honest,) = _locate(client, lon=113.75, lat=23.04)
    (declared,) = _locate(client, lon=113.75 + 0.00503, lat=23.04 - 0.00279, datum="gcj02")
    (mistaken,) = _locate(client, lon=113.75 + 0.00503, lat=23.04 - 0.00279)
    assert declared["grid"] == honest["grid"]
    assert mistaken["grid"] != honest["grid"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ('{"lon": NaN, "lat": 23}', 400, "NaN"),
        ("[1, 2", 400, "not valid JSON"),
        ('{"lon": "east", "lat": 23}', 422, "lon"),
        ('{"points": [[113.7, "x"]]}', 422, "points.0.1"),
        ('{"points": [[113.7]]}', 422, "points.0"),
        ('{"lon": 113.7, "lat": 23, "points": [[113.7, 23]]}', 422, "not both"),
        ('{"lon": 113.7, "lat": 23, "datum": "mars"}', 422, "datum"),
        ('{"lon": 113.7, "lat": 23, "at": "yesterday"}', 422, "at"),
    ],
)
def test_input_at_fault_is_answered_with_the_field(client: FlaskClient, body: str, status: int, words: str) -> None:
    answer = client.post("/api/v1/locate", data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert words in json.dumps(answer.json)


def test_a_file_comes_back_with_the_answer_beside_each_row(client: FlaskClient) -> None:
    lines = "name,lng,lat\n" + "".join(f"点{i},{113.6 + i / 5000},{22.9 + i / 9000}\n" for i in range(2000)) + "坏,23,113\n"
    answer = client.post("/api/v1/locate/file?format=csv", data=lines.encode(), content_type="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    summary = json.loads(answer.headers["X-Place-Summary"])
    assert answer.status_code == 200
    assert len(rows) == summary["rows"] == 2001
    assert summary["faults"][0]["row"] == 2001
    direct = _locate(client, points=[[float(row["lng"]), float(row["lat"])] for row in rows[:50]])
    assert [row["grid_code"] for row in rows[:50]] == [(one["grid"] or {"code": ""})["code"] for one in direct]


def test_a_file_at_fault_is_a_problem_and_not_half_an_answer(client: FlaskClient) -> None:
    answer = client.post("/api/v1/locate/file?format=parquet", data=b"lon,lat\n1,2\n")
    assert (answer.status_code, answer.json["type"]) == (422, "urn:wangge:BadFile")


def test_a_report_is_placed_and_can_be_read_by_its_number(client: FlaskClient) -> None:
    matter = client.get("/api/v1/matters").json["matters"][0]
    sent = client.post(
        "/api/v1/incidents", json={"matter": matter["code"], "lon": 113.75, "lat": 23.04, "description": "<b>门口</b>"}
    )
    assert sent.status_code == 201
    read = client.get(f"/api/v1/incidents/{sent.json['number']}").json
    assert read["grid"]["code"] == _locate(client, lon=113.75, lat=23.04)[0]["grid"]["code"]
    assert (read["description"], read["department"]) == ("<b>门口</b>", matter["department"]["code"])
    assert datetime.fromisoformat(read["reported_at"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lon": 23.04, "lat": 113.75}, "swapped"),
        ({"lon": 12.5, "lat": 41.9}, "Outside China"),
        ({"lon": None}, "lon"),
        ({"matter": "9999"}, "no admitted matter"),
        ({"reported_at": "2199-01-01T00:00:00Z"}, "future"),
        ({"reported_at": "2026-01-01T10:00:00"}, "reported_at"),
        ({"channel": "pigeon"}, "channel"),
        ({"description": "x" * 5000}, "description"),
    ],
)
def test_a_report_at_fault_is_refused_and_nothing_is_kept(client: FlaskClient, demo: Connection, change: dict, words: str) -> None:
    count = text("SELECT count(*) FROM incident")
    before = demo.execute(count).scalar_one()
    answer = client.post("/api/v1/incidents", json={"matter": "0101", "lon": 113.75, "lat": 23.04} | change)
    assert answer.status_code == 422
    assert words in json.dumps(answer.json)
    demo.rollback()
    assert demo.execute(count).scalar_one() == before
