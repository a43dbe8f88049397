"""The schema: what the database itself refuses, and that the code knows it as it is."""

from datetime import UTC, date, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, IntegrityError, InternalError

from gis import upkeep
from gis.store.schema import MIGRATIONS, is_ours, newest_revision
from gis.store.tables import metadata
from server.cluster import Cluster
from tests.builders import create_database, found_city, publish


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_the_tables_in_the_code_are_the_tables_in_the_database(conn: Connection) -> None:
    context = MigrationContext.configure(conn, opts={"include_object": is_ours, "compare_type": True})
    assert compare_metadata(context, metadata) == []


def test_migrations_go_down_and_up_again(cluster: Cluster, empty_url: str) -> None:
    engine = upkeep.open_database(create_database(cluster, "updown", template="wangge"))
    with engine.connect() as conn:
        upkeep.migrate(conn, to="base")
        left = conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'jobs')")).scalars().all()
        assert set(left) == {"spatial_ref_sys", "alembic_version"}
        conn.commit()
        upkeep.migrate(conn)
        assert upkeep.schema_is_current(conn)
    engine.dispose()


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()


def test_two_plans_are_never_in_force_at_once(conn: Connection) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    with pytest.raises(IntegrityError, match="plan_one_in_force_excl"):
        conn.execute(
            text("""
                INSERT INTO plan (scope_area_id, name_zh, name_en, state, valid)
                SELECT id, '二', 'two', 'published', '[2026-06-01,)' FROM area WHERE parent_id IS NULL
            """)
        )


def test_a_grid_has_one_life_at_a_time(conn: Connection) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    with pytest.raises(IntegrityError, match="grid_version_one_life_excl"):
        conn.execute(
            text("""
                INSERT INTO grid_version (grid_id, plan_id, community_id, unit_type, geom, label_point, area_m2, population,
                                          households, cells, valid, synthetic)
                SELECT grid_id, plan_id, community_id, unit_type, geom, label_point, area_m2, population, households, cells,
                       '[2027-01-01,)', synthetic FROM grid_version LIMIT 1
            """)
        )


def test_a_code_is_never_given_to_other_ground(conn: Connection) -> None:
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    with pytest.raises(IntegrityError, match="grid_code_key"):
        conn.execute(text("INSERT INTO grid (code) VALUES (:code)"), {"code": codes[0]})


def test_broken_geometry_is_refused(conn: Connection) -> None:
    found_city(conn, "AB")
    with pytest.raises(IntegrityError, match="area_geom_valid_check"):
        conn.execute(
            text("UPDATE area SET geom = 'SRID=4326;MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))'")
        )


def test_geometry_of_another_coordinate_system_is_refused(conn: Connection) -> None:
    found_city(conn, "AB")
    with pytest.raises((InternalError, DataError), match="SRID"):
        conn.execute(text("UPDATE area SET label_point = 'SRID=4547;POINT(38500000 2500000)'"))


@pytest.mark.parametrize("change", ["UPDATE journal SET kind = 'x'", "DELETE FROM journal", "TRUNCATE journal"])
def test_the_journal_is_append_only(conn: Connection, change: str) -> None:
    found_city(conn, "AB")
    with pytest.raises(InternalError, match="append-only"):
        conn.execute(text(change))


def test_a_report_of_an_unprepared_month_is_kept_and_moves_when_its_month_is_made(conn: Connection) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    conn.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
            SELECT '310203-AAAAAA', '2031-02-03 10:00+00', id, 1, 'patrol', 'SRID=4326;POINT(113.755 23.045)' FROM matter
        """)
    )
    home = text("SELECT tableoid::regclass::text FROM incident WHERE number = '310203-AAAAAA'")
    assert conn.execute(home).scalar_one() == "incident_rest"
    assert conn.execute(text("SELECT prepare_incident_month(:month)"), {"month": date(2031, 2, 1)}).scalar_one() is True
    assert conn.execute(home).scalar_one() == "incident_2031_02"
    assert conn.execute(text("SELECT prepare_incident_month(:month)"), {"month": date(2031, 2, 1)}).scalar_one() is False


def test_a_journal_row_rings_only_after_its_transaction_commits(cluster: Cluster, empty_url: str) -> None:
    engine = upkeep.open_database(create_database(cluster, "bell", template="wangge"))
    insert = text("INSERT INTO journal (kind, subject, actor) VALUES ('a.b', 's', 't')")
    with engine.connect() as listener, engine.connect() as writer:
        raw = listener.connection.driver_connection
        raw.autocommit = True
        raw.cursor().execute("LISTEN journal")
        writer.execute(insert)
        writer.rollback()
        raw.poll()
        assert raw.notifies == []
        writer.execute(insert)
        writer.commit()
        raw.cursor().execute("SELECT 1")
        assert [note.channel for note in raw.notifies] == ["journal"]
        raw.autocommit = False
    engine.dispose()


def test_moments_are_kept_in_utc(conn: Connection) -> None:
    found_city(conn, "AB")
    plan, _ = publish(conn, "AB", since=datetime(2026, 5, 1, tzinfo=UTC))
    assert conn.execute(text("SELECT lower(valid) FROM plan WHERE id = :id"), {"id": plan.id}).scalar_one() == plan.since


@pytest.mark.parametrize("column", ["plan_id", "cell_id", "grid_id"])
def test_an_assignment_names_a_plan_a_cell_and_a_grid_that_there_are(conn: Connection, column: str) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    with pytest.raises(IntegrityError, match="names a plan, grid or cell that there is not"):
        conn.execute(text(f"UPDATE cell_assignment SET {column} = 999999999 WHERE cell_id = (SELECT min(id) FROM cell)"))


@pytest.mark.parametrize("table", ["plan", "cell", "grid"])
def test_what_a_plan_assigns_is_not_deleted(conn: Connection, table: str) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    conn.execute(text("DELETE FROM map_shape"))
    conn.execute(text("DELETE FROM grid_version"))
    with pytest.raises(IntegrityError, match=f"a {table} that is gone still stands in cell_assignment"):
        conn.execute(text(f"DELETE FROM {table}"))
