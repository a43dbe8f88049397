"""A throw-away PostGIS cluster for the whole run; never the user's data."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine

from gis import upkeep
from seed.demo import dongguan
from seed.growing import grow_city
from server.cluster import Cluster
from tests.builders import create_database

# The same examples in every run, so that a red run can be run again; `--hypothesis-profile=wide` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("wide", max_examples=1_000, deadline=None)
settings.load_profile("steady")

DEMO_INCIDENTS = 20_000
DEMO_SEED = 349


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    # Open to the user postgres, as which the cluster runs when the suite runs as root.
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def cluster(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder / "postgres", throwaway=True)
    made.start()
    yield made
    made.destroy()


@pytest.fixture(scope="session")
def empty_url(cluster: Cluster) -> str:
    """A database with the schema and no city."""
    engine = upkeep.open_database(cluster.url)
    with engine.connect() as conn:
        upkeep.migrate(conn)
    engine.dispose()
    # A template must have no sessions: the tests use a copy, and copies are made of the original.
    return create_database(cluster, "empty", template="wangge")


@pytest.fixture(scope="session")
def demo_url(cluster: Cluster, empty_url: str) -> str:
    """The whole demo city, with fewer incidents."""
    url = create_database(cluster, "demo", template="wangge")
    engine = upkeep.open_database(url)
    with engine.begin() as conn:
        grow_city(
            conn, dongguan(), incident_count=DEMO_INCIDENTS, seed=DEMO_SEED, now=datetime.now(UTC), tell=lambda *_: None
        )
    with engine.begin() as conn:
        upkeep.renew_statistics(conn)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def empty_engine(empty_url: str) -> Iterator[Engine]:
    engine = upkeep.open_database(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def demo_engine(demo_url: str) -> Iterator[Engine]:
    engine = upkeep.open_database(demo_url)
    yield engine
    engine.dispose()


@pytest.fixture
def conn(empty_engine: Engine) -> Iterator[Connection]:
    """A transaction on the empty database that is rolled back after the test."""
    with empty_engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def demo(demo_engine: Engine) -> Iterator[Connection]:
    """A transaction on the demo city that is rolled back after the test."""
    with demo_engine.connect() as connection:
        yield connection
        connection.rollback()
