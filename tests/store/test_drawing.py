"""Connections that only draw."""

from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy import Engine

from gis.store.drawing import DrawingPool, one


@pytest.fixture
def pool(demo_engine: Engine) -> Iterator[DrawingPool]:
    made = DrawingPool(demo_engine)
    yield made
    made.close()


def test_both_kinds_of_connection_answer_alike(pool: DrawingPool, demo_engine: Engine) -> None:
    sql, values = "SELECT :n + 1, upper(:word), to_char(to_timestamp(0), 'MI:SS'), :n", {"n": 41, "word": "a"}
    with pool.lent() as drawing, demo_engine.connect() as conn:
        assert one(drawing, sql, values) == one(conn, sql, values) == (42, "A", "00:00", 41)


def test_a_statement_is_prepared_once_per_connection(pool: DrawingPool) -> None:
    for n in range(3):
        with pool.lent() as conn:
            assert conn.one("SELECT :n + 0", {"n": n}) == (n,)
    with pool.lent() as conn:
        assert conn.one("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'drawn_%'", {}) == (2,)


def test_a_drawing_connection_writes_nothing(pool: DrawingPool) -> None:
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction), pool.lent() as conn:
        conn.one("DELETE FROM incident_delta RETURNING 1", {})


def test_after_an_error_every_connection_is_a_new_one(pool: DrawingPool) -> None:
    backend = "SELECT pg_backend_pid()"
    with pool.lent() as one_of_two, pool.lent() as other:
        before = {one_of_two.one(backend, {}), other.one(backend, {})}
    with pytest.raises(psycopg2.Error), pool.lent() as conn:
        conn.one("SELECT 1 / 0", {})
    with pool.lent() as one_of_two, pool.lent() as other:
        assert before.isdisjoint({one_of_two.one(backend, {}), other.one(backend, {})})
