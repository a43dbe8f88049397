"""Vector tiles: nothing lost, nothing counted twice, borders shared."""

import math

import mapbox_vector_tile
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import Connection, text


def _tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    x = (lon + 180) / 360 * 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int(x), int(y)


def _city_tiles(client: FlaskClient, z: int) -> list[tuple[int, int]]:
    west, south, east, north = client.get("/api/v1/city").json["bbox"]
    (x0, y0), (x1, y1) = _tile_of(west, north, z), _tile_of(east, south, z)
    # One more all round: a report may be made just outside the city.
    return [(x, y) for x in range(x0 - 1, x1 + 2) for y in range(y0 - 1, y1 + 2)]


def _read(client: FlaskClient, path: str) -> dict:
    answer = client.get(path)
    assert answer.status_code in (200, 204), answer.text
    return mapbox_vector_tile.decode(answer.data) if answer.data else {}


@pytest.mark.parametrize("z", [8, 10, 12])
def test_every_incident_is_in_exactly_one_tile_as_a_point_or_in_a_count(client: FlaskClient, demo: Connection, z: int) -> None:
    drawn = 0
    for x, y in _city_tiles(client, z):
        tile = _read(client, f"/tiles/incidents/{z}/{x}/{y}.mvt?days=365")
        drawn += len(tile.get("incident", {"features": []})["features"])
        drawn += sum(feature["properties"]["n"] for feature in tile.get("incident_count", {"features": []})["features"])
    there = demo.execute(text("SELECT count(*) FROM incident WHERE reported_at > now() - interval '365 days'")).scalar_one()
    assert drawn == there


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
    ],
)
def test_a_tile_that_cannot_be_is_said_so(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status
