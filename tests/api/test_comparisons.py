"""Two plans compared over HTTP."""

import io
from collections.abc import Iterator

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from tests.api.conftest import Login
from tests.builders_of_drafts import a_draft, border_cells

COMMUNITY = "441900003001"


@pytest.fixture
def plans(demo_engine: Engine) -> Iterator[tuple[int, int]]:
    """The plan in force and a draft of it that gives three cells of a community to other grids."""
    with demo_engine.begin() as conn:
        in_force = conn.execute(text("SELECT id FROM plan WHERE upper_inf(valid)")).scalar_one()
        draft = a_draft(conn, border_cells(conn, COMMUNITY))
    yield in_force, draft
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM plan WHERE id = :id"), {"id": draft})


def test_every_changed_grid_is_told_with_what_it_gains_and_loses(client: FlaskClient, plans: tuple[int, int]) -> None:
    told = client.get("/api/v1/plans/{}/comparison/{}".format(*plans)).json
    assert told["summary"]["moved"]["cells"] == 3
    assert told["after"]["state"]["code"] == "draft"
    assert sum(grid["gained"]["population"] for grid in told["grids"]) == told["summary"]["moved"]["population"]
    assert {grid["community"]["code"] for grid in told["grids"]} == {COMMUNITY}
    for grid in told["grids"]:
        assert sum(end["cells"] for end in grid["from"]) == grid["gained"]["cells"]
        assert grid["before"]["cells"] + grid["gained"]["cells"] - grid["lost"]["cells"] == grid["after"]["cells"]
    assert [area["code"] for area in told["communities"]] == [COMMUNITY]


def test_the_map_has_the_moved_ground_and_the_grids_before_and_after(client: FlaskClient, plans: tuple[int, int]) -> None:
    drawn = client.get("/api/v1/plans/{}/comparison/{}/map".format(*plans)).json
    told = client.get("/api/v1/plans/{}/comparison/{}".format(*plans)).json
    changed = {grid["key"] for grid in told["grids"]}
    for side in ("before", "after"):
        assert {each["properties"]["key"] for each in drawn[side]["features"] if each["properties"]["changed"]} == changed
    assert sum(each["properties"]["cells"] for each in drawn["ground"]["features"]) == 3
    west, south, east, north = drawn["bbox"]
    assert west < east and south < north


def test_a_plan_and_itself_are_the_same(client: FlaskClient, plans: tuple[int, int]) -> None:
    told = client.get(f"/api/v1/plans/{plans[0]}/comparison/{plans[0]}").json
    assert (told["summary"]["same"], told["grids"]) == (True, [])
    drawn = client.get(f"/api/v1/plans/{plans[0]}/comparison/{plans[0]}/map").json
    assert (drawn["bbox"], drawn["ground"]["features"]) == (None, [])


def test_of_a_draft_only_the_own_part_is_told(login: Login, plans: tuple[int, int]) -> None:
    path = "/api/v1/plans/{}/comparison/{}".format(*plans)
    for who, sees in (("dispatcher", False), ("viewer", True)):
        client = login(who)
        assert client.get("/api/v1/me").json["area"]["code"] != "441900003"  # the town that the draft changes
        told, drawn = client.get(path).json, client.get(f"{path}/map").json
        assert [bool(part) for part in (told["grids"], told["communities"], drawn["ground"]["features"])] == [sees] * 3
        assert told["summary"]["moved"]["cells"] == (3 if sees else 0)
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{path}/report.xlsx?language=en").data))
        assert (book["Changed grids"].max_row > 2) is sees


def test_a_plan_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/api/v1/plans/1/comparison/999999").status_code == 404
