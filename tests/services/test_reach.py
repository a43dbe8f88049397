"""Everyone sees their own part: incidents by the communities of the account's area, and a department's own matters."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, text

from gis import incidents, plans
from gis.errors import NotFound
from gis.records import Reach
from gis.store.reach import holds_area, incident_filter


def _visible(conn: Connection, reach: Reach) -> int:
    inside, values = incident_filter(conn, reach)
    return conn.execute(text(f"SELECT count(*) FROM incident i WHERE {inside}"), values).scalar_one()


def test_the_parts_of_the_towns_add_up_to_all_incidents_inside_the_city(demo: Connection) -> None:
    paths = demo.execute(text("SELECT path::text FROM area WHERE level = 'town'")).scalars().all()
    inside = demo.execute(text("SELECT count(*) FROM incident WHERE grid_id IS NOT NULL")).scalar_one()
    assert sum(_visible(demo, Reach(path)) for path in paths) == inside


def test_whoever_has_the_whole_city_sees_incidents_outside_every_grid_too(demo: Connection) -> None:
    assert _visible(demo, Reach("441900")) == demo.execute(text("SELECT count(*) FROM incident")).scalar_one()


def test_a_department_sees_its_own_matters_only(demo: Connection) -> None:
    departments = demo.execute(text("SELECT code FROM department")).scalars().all()
    parts = [_visible(demo, Reach("441900", code)) for code in departments]
    assert sum(parts) == _visible(demo, Reach("441900"))
    assert _visible(demo, Reach("441900", "")) == 0


def test_an_incident_of_another_part_is_not_found(demo: Connection) -> None:
    number, path = demo.execute(
        text("SELECT i.number, a.path::text FROM incident i JOIN area a ON a.id = i.community_id LIMIT 1")
    ).one()
    elsewhere = demo.execute(
        text("SELECT path::text FROM area WHERE level = 'community' AND path::text <> :path LIMIT 1"), {"path": path}
    )
    assert incidents.get(demo, number, reach=Reach(path))["number"] == number
    with pytest.raises(NotFound):
        incidents.get(demo, number, reach=Reach(elsewhere.scalar_one()))


def test_officers_and_incidents_of_a_grid_elsewhere_are_held_back(demo: Connection) -> None:
    here, there = demo.execute(text("SELECT path::text FROM area WHERE level = 'town' ORDER BY code LIMIT 2")).scalars().all()
    code = demo.execute(
        text("""
            SELECT g.code FROM grid g JOIN grid_version v ON v.grid_id = g.id AND v.valid @> now()
            JOIN area a ON a.id = v.community_id WHERE a.path <@ CAST(:path AS ltree) ORDER BY g.code LIMIT 1
        """),
        {"path": here},
    ).scalar_one()
    own, other = (plans.describe_grid(demo, code, reach=Reach(path)) for path in (here, there))
    assert own["within_reach"]
    assert len(own["officers"]) == own["staff"] > 0
    assert not other["within_reach"]
    assert other["officers"] == other["recent_incidents"] == []
    assert other["staff"] == own["staff"]


def test_an_area_holds_itself_and_what_is_under_it() -> None:
    town = Reach("441900.441900003")
    assert holds_area(town, "441900.441900003")
    assert holds_area(town, "441900.441900003.441900003001")
    assert not holds_area(town, "441900")
    assert not holds_area(town, "441900.4419000031")


def test_the_database_knows_the_community_of_a_report_of_another_writer(demo: Connection) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    row = demo.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
            SELECT 'T-1', :at, m.id, 1, 'patrol', v.label_point FROM matter m, grid_version v
            WHERE v.valid @> CAST(:at AS timestamptz) LIMIT 1
            RETURNING grid_id, community_id
        """),
        {"at": at},
    ).one()
    home = demo.execute(
        text("SELECT community_id FROM grid_version WHERE grid_id = :grid AND valid @> CAST(:at AS timestamptz)"),
        {"grid": row.grid_id, "at": at},
    ).scalar_one()
    assert row.community_id == home
