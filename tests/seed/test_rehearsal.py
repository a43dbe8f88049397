"""The rehearsal: a made-up day goes the way that real ones go, and leaves real cities alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gis import field
from gis.locating import Locator
from gis.records import Account
from gis.upkeep import open_database
from seed.rehearsal import NotMadeUp, Rehearsal
from server.cluster import Cluster
from tests.builders import create_database, found_city, publish

OFFICERS = """
    INSERT INTO staff (number, name_zh, name_en, duty, synthetic)
    SELECT 'R-' || n, '网格员', 'Officer', 'patrol', true FROM generate_series(1, 3) AS n RETURNING id, number
"""

POSTING = """
    INSERT INTO posting (staff_id, grid_id, role, valid) VALUES (:staff, :grid, 'manager', tstzrange('2026-01-01', NULL))
"""


@pytest.fixture
def engine(cluster: Cluster, empty_url: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = open_database(create_database(cluster, f"rehearsal_{abs(hash(request.node.name)) % 10**8}", template="wangge"))
    with made.begin() as conn:
        found_city(conn, "AB")
        publish(conn, "AB")
    yield made
    made.dispose()


def on_shift(engine: Engine) -> None:
    """Three officers of the first grid begin their shifts."""
    with engine.begin() as conn:
        grid = conn.execute(text("SELECT min(id) FROM grid")).scalar_one()
        for row in conn.execute(text(OFFICERS)).all():
            conn.execute(text(POSTING), {"staff": row.id, "grid": grid})
            account = Account(0, row.number, row.number, "officer", "441900", "441900", staff_id=row.id)
            field.switch_shift(conn, account, on=True, now=datetime.now(UTC) - timedelta(minutes=5))


def rehearsal(engine: Engine, folder: Path) -> Rehearsal:
    return Rehearsal(engine, Locator(folder / "rehearsal"), reports_per_hour=30, speed=1e9, seed=5, pause=lambda _: None)


def test_a_day_is_played_through_the_services(engine: Engine, folder: Path) -> None:
    on_shift(engine)
    minutes: list[float] = []
    played = rehearsal(engine, folder).play(120, tell=minutes.append)
    assert minutes == sorted(minutes)
    assert played.reports > 30
    assert played.steps > 3 * played.reports
    with engine.connect() as conn:
        states = dict(conn.execute(text("SELECT state, count(*) FROM incident GROUP BY state")).all())
        told = conn.execute(text("SELECT count(*) FROM journal WHERE kind LIKE 'case.%' AND actor = 'rehearsal'")).scalar_one()
        moved = conn.execute(text("SELECT count(*) FROM position")).scalar_one()
    assert states["closed"] > 5
    assert sum(states.values()) == played.reports
    assert told >= played.reports + played.steps
    assert (moved, played.left_to_others) == (3, 0)


def test_a_real_city_is_left_alone(engine: Engine, folder: Path) -> None:
    on_shift(engine)
    with engine.begin() as conn:
        conn.execute(text("UPDATE city SET synthetic = false"))
    with pytest.raises(NotMadeUp, match="synthetic"):
        rehearsal(engine, folder)


def test_somebody_must_be_on_shift(engine: Engine, folder: Path) -> None:
    with pytest.raises(NotMadeUp, match="on shift"):
        rehearsal(engine, folder)
