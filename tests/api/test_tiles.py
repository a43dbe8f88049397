"""Vector tiles: nothing lost, nothing counted twice, borders shared."""

import gzip
import math
import secrets
import time
from collections.abc import Callable

import mapbox_vector_tile
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text
from werkzeug.test import Client, TestResponse

from gis import accounts, tokens
from gis.tiles import FROM_ZOOM, PERIODS_D
from server.auth.rights import RIGHTS
from server.tiles.gate import ADMITTED_FOR_S, RESTS_FOR_S
from tests.api.conftest import Login

SOON_S = 1.0
CENTRE = (113.75, 23.04)


def _tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int(x), int(y)


def _city_tiles(client: FlaskClient, z: int) -> list[tuple[int, int]]:
    west, south, east, north = client.get("/api/v1/city").json["bbox"]
    (x0, y0), (x1, y1) = _tile_of(west, north, z), _tile_of(east, south, z)
    # One more all round: a report may be made just outside the city.
    return [(x, y) for x in range(x0 - 1, x1 + 2) for y in range(y0 - 1, y1 + 2)]


def _within(seconds: float, answer: Callable[[], TestResponse], wanted: Callable[[TestResponse], bool]) -> bool:
    """Ask again and again until the wanted answer comes; False when it has not come in time."""
    until = time.monotonic() + seconds
    while not (found := wanted(answer())) and time.monotonic() < until:
        pass
    return found


def _by_the_gate(answer: TestResponse) -> bool:
    return "X-Request-Id" not in answer.headers  # requests that come to the application are numbered


def _read(client: FlaskClient, path: str) -> dict:
    answer = client.get(path)
    assert answer.status_code in (200, 204), answer.text
    return mapbox_vector_tile.decode(answer.data) if answer.data else {}


@pytest.mark.parametrize("z", [8, 10, 12])
def test_every_incident_is_in_exactly_one_tile_as_a_point_or_in_a_count(client: FlaskClient, demo: Connection, z: int) -> None:
    drawn, tiles = 0, list(_city_tiles(client, z))
    for x, y in tiles:
        tile = _read(client, f"/tiles/incidents/{z}/{x}/{y}.mvt?days=365")
        drawn += len(tile.get("incident", {"features": []})["features"])
        drawn += sum(feature["properties"]["n"] for feature in tile.get("incident_count", {"features": []})["features"])
    since = "(SELECT as_of FROM incident_counted) - interval '365 days'"
    there = demo.execute(
        text(f"""
            SELECT count(*) FROM incident i JOIN unnest(CAST(:xs AS int[]), CAST(:ys AS int[])) AS t (x, y)
            ON tile_column(i.geom_3857, :z) = t.x AND tile_row(i.geom_3857, :z) = t.y
            WHERE i.reported_at > {since}
        """),
        {"z": z, "xs": [x for x, _ in tiles], "ys": [y for _, y in tiles]},
    ).scalar_one()
    assert drawn == there > 0


def test_every_grid_in_force_is_drawn_and_no_other(client: FlaskClient, demo: Connection) -> None:
    codes = {
        feature["properties"]["code"]
        for x, y in _city_tiles(client, 10)
        for feature in _read(client, f"/tiles/grids/10/{x}/{y}.mvt").get("grid", {"features": []})["features"]
    }
    in_force = demo.execute(
        text("SELECT g.code FROM grid g JOIN grid_version v ON v.grid_id = g.id AND v.valid @> now()")
    ).scalars()
    assert codes == set(in_force)


def test_towns_and_communities_share_a_tile(client: FlaskClient) -> None:
    x, y = _tile_of(113.75, 23.04, 12)
    tile = _read(client, f"/tiles/areas/12/{x}/{y}.mvt")
    assert {"town", "community"} == set(tile)
    assert {"code", "zh", "en"} == set(tile["community"]["features"][0]["properties"])


def test_grids_of_a_tile_overlap_nowhere(client: FlaskClient) -> None:
    x, y = _tile_of(113.80, 22.98, 13)
    shapes = [
        shapely.geometry.shape(feature["geometry"]) for feature in _read(client, f"/tiles/grids/13/{x}/{y}.mvt")["grid"]["features"]
    ]
    overlap = shapely.area(shapely.union_all(shapes)) / sum(shapely.area(shapes))
    assert overlap == pytest.approx(1, abs=0.002)  # rounding to the tile's 4096 steps


def test_facilities_appear_when_near(client: FlaskClient) -> None:
    x, y = _tile_of(113.75, 23.04, 14)
    assert _read(client, f"/tiles/facilities/14/{x}/{y}.mvt")["facility"]["features"]
    x, y = _tile_of(113.75, 23.04, 10)
    assert client.get(f"/tiles/facilities/10/{x}/{y}.mvt").status_code == 204


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/moon/10/835/444.mvt", 404),
        ("/tiles/grids/3/9/0.mvt", 404),
        ("/tiles/grids/40/0/0.mvt", 404),
        ("/tiles/incidents/10/835/444.mvt?days=12", 422),
        ("/tiles/grids/10/1/1.mvt", 204),
        ("/tiles/incidents/10/1/1.mvt", 204),
        ("/tiles/cells/8/208/111.mvt", 204),
        ("/tiles/grids/10/835/444.mvt?plan=9999", 404),
        ("/tiles/grids/10/835/444.mvt?plan=mine", 422),
    ],
)
def test_a_tile_that_cannot_be_is_said_so(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_cells_show_their_residents(client: FlaskClient, demo: Connection) -> None:
    assert FROM_ZOOM["cells"] == 9
    x, y = _tile_of(*CENTRE, 13)
    cells = _read(client, f"/tiles/cells/13/{x}/{y}.mvt")["cell"]["features"]
    assert {"id", "unit_type", "population", "households"} == set(cells[0]["properties"])
    known = demo.execute(text("SELECT population FROM cell WHERE id = :id"), {"id": cells[0]["properties"]["id"]}).scalar_one()
    assert cells[0]["properties"]["population"] == known
    shapes = [shapely.geometry.shape(cell["geometry"]) for cell in cells]
    assert shapely.area(shapely.union_all(shapes)) / sum(shapely.area(shapes)) == pytest.approx(1, abs=0.005)


def test_a_past_plan_is_drawn_as_it_was(client: FlaskClient, demo: Connection) -> None:
    past = demo.execute(text("SELECT id FROM plan WHERE state = 'superseded'")).scalar_one()
    codes = {
        feature["properties"]["code"]
        for x, y in _city_tiles(client, 10)
        for feature in _read(client, f"/tiles/grids/10/{x}/{y}.mvt?plan={past}").get("grid", {"features": []})["features"]
    }
    of_plan = text("SELECT g.code FROM grid g JOIN grid_version v ON v.grid_id = g.id WHERE v.plan_id = :plan")
    assert codes == set(demo.execute(of_plan, {"plan": past}).scalars())


def test_a_browser_that_has_a_tile_is_told_so_until_it_changes(client: FlaskClient) -> None:
    x, y = _tile_of(*CENTRE, 12)
    for path in (f"/tiles/grids/12/{x}/{y}.mvt", f"/tiles/incidents/12/{x}/{y}.mvt"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "private, no-cache"
        again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
        assert (again.status_code, again.data) == (304, b"")


def test_tiles_are_sent_packed_to_whoever_can_unpack_them(client: FlaskClient) -> None:
    x, y = _tile_of(*CENTRE, 12)
    path = f"/tiles/grids/12/{x}/{y}.mvt"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    packs = {"gzip, br": True, "*": True, "gzip;q=0.5": True, "gzip;q=0, *": False, "br": False, "": False}
    for coding, packed in packs.items():
        for _ in range(2):
            answer = client.get(path, headers={"Accept-Encoding": coding})
            assert (answer.headers.get("Content-Encoding") == "gzip") == packed, coding
            assert (gzip.decompress(answer.data) if packed else answer.data) == plain.data
            assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("layer", ["areas", "grids", "cells", "facilities", "incidents"])
@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "gzip", "If-None-Match": "*"}])
def test_the_short_way_gives_the_answer_of_the_application(
    app: Flask, client: FlaskClient, layer: str, headers: dict[str, str]
) -> None:
    x, y = _tile_of(*CENTRE, 14)
    path = f"/tiles/{layer}/14/{x}/{y}.mvt"
    application = Client(app.extensions["wangge-tile-gate"]._application)
    application._cookies = client._cookies
    client.get(path)
    short, long = client.get(path, headers=headers), application.get(path, headers=headers, environ_base=client.environ_base)
    assert _by_the_gate(short) and not _by_the_gate(long)
    assert (short.status_code, short.data) == (long.status_code, long.data)
    its_own = {(name, long.headers.get(name)) for name in ("X-Request-Id", "Date")}
    assert set(short.headers) == set(long.headers) - its_own


def test_the_short_way_is_open_to_nobody_else(app: Flask, client: FlaskClient, visitor: FlaskClient) -> None:
    x, y = _tile_of(*CENTRE, 12)
    path = f"/tiles/grids/12/{x}/{y}.mvt"
    client.get(path)
    assert _by_the_gate(client.get(path))
    assert visitor.get(path).status_code == 401
    assert visitor.get(path, headers={"Authorization": "Bearer wgt_none"}).status_code == 401
    assert client.post(path).status_code == 405
    client.post("/logout")
    assert client.get(path).status_code == 401


def test_the_short_way_closes_with_the_account_and_with_the_right(
    app: Flask, client: FlaskClient, demo_engine: Engine, visitor: FlaskClient
) -> None:
    x, y = _tile_of(*CENTRE, 12)
    path, login = f"/tiles/grids/12/{x}/{y}.mvt", f"guest-{secrets.token_hex(4)}"
    with demo_engine.begin() as conn:
        accounts.open_account(conn, login=login, name="Guest", role="viewer", area_code="441900", within=None, by="test", demo=True)
        token = {"Authorization": "Bearer " + tokens.issue(conn, login, label="t", days=1, by="test")}
    assert visitor.get(path, headers=token).status_code == 200
    assert _by_the_gate(visitor.get(path, headers=token))
    with demo_engine.begin() as conn:
        accounts.close(conn, login, within=None, by="test")
    assert _within(ADMITTED_FOR_S + 0.2, lambda: visitor.get(path, headers=token), lambda answer: answer.status_code == 401)
    client.get(path)
    allowed = RIGHTS.pop("tiles.draw")
    try:
        assert _within(ADMITTED_FOR_S + 0.2, lambda: client.get(path), lambda answer: answer.status_code == 403)
    finally:
        RIGHTS["tiles.draw"] = allowed


def test_a_changed_facility_is_in_its_tile_within_a_second(client: FlaskClient, demo_engine: Engine) -> None:
    with demo_engine.begin() as conn:
        row = conn.execute(text("SELECT id, name_zh, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility LIMIT 1")).one()
    x, y = _tile_of(row.lon, row.lat, 16)
    path = f"/tiles/facilities/16/{x}/{y}.mvt"
    rename = text("UPDATE facility SET name_zh = :name WHERE id = :id")
    client.get(path)
    assert _by_the_gate(client.get(path))
    try:
        with demo_engine.begin() as conn:
            conn.execute(rename, {"id": row.id, "name": "改名驿站"})
        assert _within(SOON_S, lambda: client.get(path), lambda answer: "改名驿站".encode() in answer.data)
    finally:
        with demo_engine.begin() as conn:
            conn.execute(rename, {"id": row.id, "name": row.name_zh})
    assert _within(SOON_S, lambda: client.get(path), lambda answer: "改名驿站".encode() not in answer.data)


def test_a_changed_incident_is_in_its_tile_within_a_second(client: FlaskClient, demo_engine: Engine) -> None:
    with demo_engine.begin() as conn:
        row = conn.execute(
            text("""
                SELECT id, state, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM incident
                WHERE state = 'closed' ORDER BY reported_at DESC LIMIT 1
            """)
        ).one()
    x, y = _tile_of(row.lon, row.lat, 18)
    path = f"/tiles/incidents/18/{x}/{y}.mvt?days={max(PERIODS_D)}"
    change = text("UPDATE incident SET state = :state WHERE id = :id")
    assert b"suspended" not in client.get(path).data
    try:
        with demo_engine.begin() as conn:
            conn.execute(change, {"id": row.id, "state": "suspended"})
        assert _within(SOON_S, lambda: client.get(path), lambda answer: b"suspended" in answer.data)
    finally:
        with demo_engine.begin() as conn:
            conn.execute(change, {"id": row.id, "state": row.state})


def test_two_reaches_never_share_a_tile_of_incidents(login: Login, demo: Connection) -> None:
    planner, officer = login("planner"), login("officer")
    community = demo.execute(text("SELECT area_id FROM account WHERE login = 'officer'")).scalar_one()
    place = text("SELECT tile_column(geom_3857, 10), tile_row(geom_3857, 10) FROM incident WHERE community_id = :id LIMIT 1")
    x, y = demo.execute(place, {"id": community}).one()
    path = f"/tiles/incidents/10/{x}/{y}.mvt?days=365"
    seen = [client.get(path).data for client in (planner, officer, planner, officer)]
    assert seen[0] == seen[2] != seen[1] == seen[3]


@pytest.fixture
def undrawn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tile is drawn anew."""
    monkeypatch.setattr(app.extensions["wangge-tiles"], "find", lambda _: None)


def _by_the_application(app: Flask, client: FlaskClient, path: str) -> TestResponse:
    application = Client(app.extensions["wangge-tile-gate"]._application)
    application._cookies = client._cookies
    return application.get(path, environ_base=client.environ_base)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("z", [8, 11, 14, 16, 18])
@pytest.mark.parametrize("layer", ["areas", "grids", "cells", "facilities", "incidents"])
def test_the_gate_draws_what_the_application_would_draw(app: Flask, login: Login, layer: str, z: int) -> None:
    x, y = _tile_of(*CENTRE, z)
    path = f"/tiles/{layer}/{z}/{x}/{y}.mvt" + ("?days=365" if layer == "incidents" else "")
    for client in map(login, ("planner", "officer", "department")):
        long = _by_the_application(app, client, path)
        short = client.get(path)
        assert _by_the_gate(short) and not _by_the_gate(long)
        assert (short.status_code, short.data) == (long.status_code, long.data)


@pytest.mark.usefixtures("undrawn")
def test_the_gate_draws_for_an_account_the_incidents_of_its_part_and_no_others(login: Login, demo: Connection) -> None:
    officer = login("officer")
    community = demo.execute(text("SELECT area_id FROM account WHERE login = 'officer'")).scalar_one()
    numbers = set()
    officer.get("/tiles/incidents/10/1/1.mvt")
    tile = "SELECT DISTINCT tile_column(geom_3857, 18), tile_row(geom_3857, 18)"
    for x, y in demo.execute(text(f"{tile} FROM incident WHERE community_id = :id LIMIT 30"), {"id": community}).all():
        answer = officer.get(f"/tiles/incidents/18/{x}/{y}.mvt?days=365")
        drawn = mapbox_vector_tile.decode(answer.data).get("incident", {"features": []})["features"] if answer.data else []
        numbers |= {feature["properties"]["number"] for feature in drawn}
    homes = text("SELECT DISTINCT community_id FROM incident WHERE number = ANY(:numbers)")
    assert demo.execute(homes, {"numbers": list(numbers)}).scalars().all() == [community]


@pytest.mark.usefixtures("undrawn")
def test_the_gate_stops_drawing_for_a_closed_account(demo_engine: Engine, visitor: FlaskClient) -> None:
    x, y = _tile_of(*CENTRE, 12)
    path, login = f"/tiles/grids/12/{x}/{y}.mvt", f"guest-{secrets.token_hex(4)}"
    with demo_engine.begin() as conn:
        accounts.open_account(conn, login=login, name="Guest", role="viewer", area_code="441900", within=None, by="test", demo=True)
        token = {"Authorization": "Bearer " + tokens.issue(conn, login, label="t", days=1, by="test")}
    visitor.get(path, headers=token)
    assert _by_the_gate(visitor.get(path, headers=token))
    with demo_engine.begin() as conn:
        accounts.close(conn, login, within=None, by="test")
    assert _within(ADMITTED_FOR_S, lambda: visitor.get(path, headers=token), lambda answer: answer.status_code == 401)


@pytest.mark.usefixtures("undrawn")
def test_the_application_draws_while_the_gate_cannot_and_the_gate_again_afterwards(
    client: FlaskClient, demo_engine: Engine
) -> None:
    x, y = _tile_of(*CENTRE, 12)
    path = f"/tiles/grids/12/{x}/{y}.mvt"
    before = client.get(path)
    assert _by_the_gate(client.get(path))
    with demo_engine.begin() as conn:
        drawing = "query LIKE 'EXECUTE drawn_%' AND datname = current_database()"
        assert conn.execute(text(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {drawing}")).scalar_one()
    broken = client.get(path)
    assert not _by_the_gate(broken)
    assert (broken.status_code, broken.data) == (200, before.data)
    assert _within(RESTS_FOR_S + 0.5, lambda: client.get(path), _by_the_gate)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("path", ["grids/40/0/0.mvt", "grids/3/9/0.mvt", "moon/3/0/0.mvt", "incidents/10/1/1.mvt?days=12"])
def test_the_gate_leaves_refusals_to_the_application(client: FlaskClient, path: str) -> None:
    client.get("/tiles/grids/10/1/1.mvt")
    refused = client.get(f"/tiles/{path}")
    assert refused.status_code in (404, 422) and not _by_the_gate(refused)
