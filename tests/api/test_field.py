"""Shifts, positions and the ranking over the API."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text

from tests.api.conftest import Login


@pytest.fixture
def posted(demo_engine: Engine) -> Iterator[str]:
    """The number of somebody posted in the community of the demo's officer, tied to that account for one test."""
    find = """
        SELECT s.id, s.number FROM staff s JOIN posting p ON p.staff_id = s.id AND p.valid @> now() AND p.role = 'manager'
        JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> now()
        JOIN account a ON a.area_id = v.community_id AND a.login = 'officer' ORDER BY s.number DESC LIMIT 1
    """
    with demo_engine.begin() as conn:
        found = conn.execute(text(find)).one()
        before = conn.execute(text("SELECT staff_id FROM account WHERE login = 'officer'")).scalar_one()
        _tie(conn, found.id)
    yield found.number
    with demo_engine.begin() as conn:
        for table in ("track", "position", "shift"):
            conn.execute(text(f"DELETE FROM {table} WHERE staff_id = :id"), {"id": found.id})
        _tie(conn, before)


def _tie(conn: Connection, staff_id: int | None) -> None:
    conn.execute(text("UPDATE account SET staff_id = :id WHERE login = 'officer'"), {"id": staff_id})


def test_an_officer_goes_on_shift_shares_places_and_is_ranked(login: Login, posted: str) -> None:
    officer, command, elsewhere = login("officer"), login("admin"), login("dispatcher")
    assert officer.post("/api/v1/me/shift", json={"on": True}).json["on"] is True
    point = {"lon": 113.75, "lat": 23.02, "at": datetime.now(UTC).isoformat(), "accuracy_m": 12}
    sent = {"points": [point, point | {"lon": 2.35}]}  # the second is in Paris
    assert officer.post("/api/v1/me/positions", json=sent).json == {"kept": 1, "sent": 2, "on": True}
    assert officer.post("/api/v1/me/positions", json=sent).json["kept"] == 0
    for client in (officer, command, elsewhere):
        listed = {one["number"]: one for one in client.get("/api/v1/officers").json["officers"]}
        assert (listed[posted]["lon"], listed[posted]["accuracy_m"], listed[posted]["on_shift"]) == (113.75, 12, True)
    number = command.get("/api/v1/cases?limit=1").json["cases"][0]["number"]
    ranked = command.get(f"/api/v1/cases/{number}/officers").json["officers"]
    assert [one["score"] for one in ranked] == sorted(one["score"] for one in ranked)
    assert {"code", "text", "value"} == set(ranked[0]["reasons"][0])
    assert officer.post("/api/v1/me/shift", json={"on": False}).json == {"on": False, "since": None}
    assert posted not in [one["number"] for one in command.get("/api/v1/officers").json["officers"]]


def test_viewers_auditors_and_departments_do_not_see_where_officers_are(login: Login) -> None:
    for name in ("viewer", "auditor", "department", "planner"):
        assert login(name).get("/api/v1/officers").status_code == 403


def test_a_shift_is_for_whoever_is_of_the_staff(login: Login, demo_engine: Engine) -> None:
    with demo_engine.begin() as conn:
        before = conn.execute(text("SELECT staff_id FROM account WHERE login = 'officer'")).scalar_one()
        _tie(conn, None)
    refused = login("officer").post("/api/v1/me/shift", json={"on": True})
    assert (refused.status_code, refused.json["type"]) == (409, "urn:wangge:NotInTheField")
    with demo_engine.begin() as conn:
        _tie(conn, before)
