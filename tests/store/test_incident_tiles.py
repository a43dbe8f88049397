"""Incidents in tiles: whatever happens, all tiles of a zoom hold each incident of the period exactly once."""

import mapbox_vector_tile
import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis.records import Reach
from gis.store import incident_tiles
from gis.store.reach import incident_filter
from tests.builders import COMMUNITY, WHOLE_CITY, found_city, publish

TOWN = Reach("441900.441900003")
FIREMEN = Reach("441900", department="xiaofang")
TOWN_FIREMEN = Reach("441900.441900003", department="xiaofang")
SPAN_DEG = 0.03
CORNER = (113.75244140625, 23.0494140625)  # its longitude is a side of tiles from zoom 14 on
STATES = ("accepted", "handling", "returned")


@pytest.fixture
def city(conn: Connection) -> Connection:
    """A city whose counts were last folded three weeks ago, and a second department."""
    found_city(conn, "AB\nCD")
    publish(conn, "AB\nCD")
    conn.execute(text("INSERT INTO department (code, name_zh, name_en) VALUES ('shuiwu', '水务', 'Water')"))
    conn.execute(
        text("""
            INSERT INTO matter (code, category_zh, category_en, name_zh, name_en, department, time_limit_h, standard_min, urgency,
                                admitted_on)
            SELECT '0102', '水', 'Water', '积水', 'Flood', 'shuiwu', 8, 40, 2, admitted_on FROM matter
        """)
    )
    conn.execute(text("UPDATE incident_counted SET as_of = now() - interval '21 days'"))
    return conn


def _report(conn: Connection, random: np.random.Generator, count: int) -> None:
    """Reports around a corner of tiles, some just on it, many at the edges of the periods, some outside every grid."""
    for _ in range(count):
        lon, lat = np.array(CORNER) + (random.uniform(-SPAN_DEG, SPAN_DEG, 2) if random.random() < 0.8 else 0)
        edge = random.choice([0, 7, 30, 365])
        conn.execute(
            text("""
                INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom, community_id, placed, state)
                VALUES (:number, now() - make_interval(secs => :ago), (SELECT id FROM matter WHERE code = :matter), 1, 'patrol',
                        ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), (SELECT id FROM area WHERE code = :community), true, :state)
            """),
            {
                "number": f"T{random.integers(1 << 40)}", "ago": float(max(0.0, edge * 86400 + random.normal(0, 86400 * 15))),
                "matter": str(random.choice(["0101", "0102"])), "lon": float(lon), "lat": float(lat),
                "community": COMMUNITY if random.random() < 0.7 else "nowhere", "state": str(random.choice(STATES)),
            },
        )


CHANGES = {
    "closed": "UPDATE incident SET state = 'closed', closed_at = reported_at WHERE closed_at IS NULL AND random() < 0.3",
    "reopened": "UPDATE incident SET state = 'returned', closed_at = NULL WHERE closed_at IS NOT NULL AND random() < 0.3",
    "moved": "UPDATE incident SET geom = ST_Translate(geom, 0.004, -0.003) WHERE random() < 0.2",
    "dated anew, some in another month":
        "UPDATE incident SET reported_at = reported_at - interval '9 days', closed_at = NULL,"
        " state = 'returned' WHERE random() < 0.2",
    "placed anew": "UPDATE incident SET community_id = NULL WHERE random() < 0.1",
    "judged anew": "UPDATE incident SET matter_id = (SELECT min(id) FROM matter) WHERE random() < 0.2",
    "described": "UPDATE incident SET description = 'seen'",
    "deleted": "DELETE FROM incident WHERE random() < 0.1",
    "handed to another department": "UPDATE matter SET department = 'xiaofang' WHERE code = '0102'",
    "folded": "SELECT fold_incident_counts()",
    "month made": "SELECT prepare_incident_month((now() - interval '10 days')::date)",
}


def _drawn(conn: Connection, *, z: int, days: int, reach: Reach) -> tuple[int, int]:
    """Incidents and open incidents in all tiles of a zoom that hold any."""
    places = text("SELECT DISTINCT tile_column(geom_3857, :z) AS x, tile_row(geom_3857, :z) AS y FROM incident")
    n = opened = 0
    for x, y in conn.execute(places, {"z": z}).all():
        data = incident_tiles.draw(conn, z=z, x=x, y=y, days=days, reach=reach)
        tile = mapbox_vector_tile.decode(data) if data else {}
        counts = [feature["properties"] for feature in tile.get("incident_count", {"features": []})["features"]]
        points = [feature["properties"] for feature in tile.get("incident", {"features": []})["features"]]
        n += sum(each["n"] for each in counts) + len(points)
        opened += sum(each["open"] for each in counts) + sum(each["state"] != "closed" for each in points)
    return n, opened


def _there(conn: Connection, *, days: int, reach: Reach) -> tuple[int, int]:
    inside, values = incident_filter(conn, reach)
    row = conn.execute(
        text(f"""
            SELECT count(*) AS n, count(*) FILTER (WHERE closed_at IS NULL) AS open FROM incident i
            WHERE reported_at > (SELECT as_of FROM incident_counted) - make_interval(days => :days) AND {inside}
        """),
        {"days": days} | values,
    ).one()
    return row.n, row.open


def _assert_all_there(conn: Connection, random: np.random.Generator, *, after: str) -> None:
    for reach in (WHOLE_CITY, TOWN, FIREMEN, TOWN_FIREMEN):
        for z, days in ((int(random.choice((3, 8, 9, 12))), 365), (14, 7), (int(random.choice((13, 15, 17))), 30)):
            assert _drawn(conn, z=z, days=days, reach=reach) == _there(conn, days=days, reach=reach), (after, reach, z, days)


@pytest.mark.parametrize("seed", range(3))
def test_tiles_add_up_to_the_incidents_whatever_happens(city: Connection, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(incident_tiles, "DENSE", 6)
    monkeypatch.setattr(incident_tiles, "CROWDED", 9)
    random = np.random.default_rng(seed)
    city.execute(text("SELECT setseed(:seed)"), {"seed": seed / 10})
    _report(city, random, 60)
    _assert_all_there(city, random, after="reported")
    for change in random.permutation(list(CHANGES)).tolist():
        city.exec_driver_sql(CHANGES[change])
        _report(city, random, 5)
        _assert_all_there(city, random, after=change)
    city.exec_driver_sql("TRUNCATE incident")
    _assert_all_there(city, random, after="emptied")


def test_folding_leaves_no_change_behind_and_no_count_of_nothing(city: Connection) -> None:
    _report(city, np.random.default_rng(1), 20)
    city.exec_driver_sql("DELETE FROM incident")
    incident_tiles.fold_counts(city)
    left = city.execute(text("SELECT (SELECT count(*) FROM incident_delta), (SELECT count(*) FROM incident_count)")).one()
    assert left == (0, 0)


def test_a_change_that_counts_do_not_show_leaves_no_trace(city: Connection) -> None:
    _report(city, np.random.default_rng(2), 20)
    incident_tiles.fold_counts(city)
    city.exec_driver_sql("UPDATE incident SET state = 'verified', urgency = 3")
    assert city.execute(text("SELECT count(*) FROM incident_delta")).scalar_one() == 0


def test_incidents_at_one_spot_are_a_count_at_every_zoom(city: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incident_tiles, "DENSE", 6)
    city.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom, placed)
            SELECT 'S' || n, now(), (SELECT min(id) FROM matter), 1, 'patrol', 'SRID=4326;POINT(113.7533 23.0411)', true
            FROM generate_series(1, 7) AS n
        """)
    )
    place = text("SELECT tile_column(geom_3857, :z) AS x, tile_row(geom_3857, :z) AS y FROM incident LIMIT 1")
    for z in (8, 14, 16, 22):
        x, y = city.execute(place, {"z": z}).one()
        tile = mapbox_vector_tile.decode(incident_tiles.draw(city, z=z, x=x, y=y, days=7, reach=WHOLE_CITY))
        assert [feature["properties"]["n"] for feature in tile["incident_count"]["features"]] == [7]


def test_a_crowded_near_tile_is_drawn_from_the_counts_that_stand_ready(city: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incident_tiles, "CROWDED", 6)
    _report(city, np.random.default_rng(3), 200)
    tile_of = "SELECT tile_column(geom_3857, :z), tile_row(geom_3857, :z) FROM incident"
    fullest = text(f"{tile_of} GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1")
    for z, squares in ((15, 8), (16, 4), (17, 2), (18, 1)):
        x, y = city.execute(fullest, {"z": z}).one()
        tile = mapbox_vector_tile.decode(incident_tiles.draw(city, z=z, x=x, y=y, days=365, reach=WHOLE_CITY))
        assert set(tile) == {"incident_count"}
        assert {feature["properties"]["squares"] for feature in tile["incident_count"]["features"]} == {squares}
