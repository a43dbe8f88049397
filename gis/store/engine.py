"""Connections: one pool per process, each transaction opened and closed by the caller."""

import math
import time
from typing import Any

import psycopg2
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError

LEAST_POSTGRES = 140_000
LEAST_POSTGIS = (3, 2)
TRUSTED_FOR_S = 1.0
EXTENSIONS = ("postgis", "ltree", "btree_gist")


def open_engine(url: str, *, pool_size: int = 8) -> Engine:
    """A pool that tests each connection before it is lent, unless it came back within the last second.

    A killed database must not answer 500 for ever: at most what was lent in that second fails, and takes the others with it.
    """
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1),
        pool_size=pool_size, max_overflow=8, pool_recycle=1800,
        connect_args={"connect_timeout": 5, "application_name": "wangge", "options": "-c jit=off -c timezone=UTC"},
    )
    event.listen(engine, "checkin", _note)
    event.listen(engine, "checkout", _test)
    return engine


def _note(_: Any, record: Any) -> None:
    record.info["came_back"] = time.monotonic()


def _test(connection: Any, record: Any, _: Any) -> None:
    if time.monotonic() - record.info.get("came_back", math.inf) < TRUSTED_FOR_S:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except psycopg2.Error as gone:
        raise InvalidatePoolError from gone


def faults(engine: Engine) -> list[str]:
    """What keeps a database from holding the city: version, extensions, rights. Empty when nothing does."""
    with engine.connect() as conn:
        found = []
        version = int(conn.execute(text("SHOW server_version_num")).scalar_one())
        if version < LEAST_POSTGRES:
            found.append(f"PostgreSQL is {version // 10_000}; {LEAST_POSTGRES // 10_000} or later is needed.")
        found += _extension_faults(conn)
        if not conn.execute(text("SELECT has_schema_privilege(current_user, current_schema(), 'CREATE')")).scalar_one():
            found.append("The role may not create tables: GRANT CREATE ON SCHEMA public TO it, or make it the owner.")
        if not conn.execute(text("SELECT has_database_privilege(current_user, current_database(), 'CREATE')")).scalar_one():
            found.append("The role may not create schemas: GRANT CREATE ON DATABASE to it, or make it the owner.")
        return found


def _extension_faults(conn: Any) -> list[str]:
    found = []
    rows = conn.execute(
        text("SELECT name, installed_version, default_version FROM pg_available_extensions WHERE name = ANY(:names)"),
        {"names": list(EXTENSIONS)},
    ).all()
    there = {row.name: row for row in rows}
    superuser = conn.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one()
    for name in EXTENSIONS:
        row = there.get(name)
        if row is None:
            found.append(f"The extension {name} is not installed on the database server: install its package there.")
        elif row.installed_version is None and name == "postgis" and not superuser:
            found.append("PostGIS is not switched on and the role may not do it: CREATE EXTENSION postgis as superuser.")
    postgis = there.get("postgis")
    if postgis is not None:
        version = tuple(int(part) for part in (postgis.installed_version or postgis.default_version).split(".")[:2])
        if version < LEAST_POSTGIS:
            found.append(f"PostGIS is {version[0]}.{version[1]}; {LEAST_POSTGIS[0]}.{LEAST_POSTGIS[1]} or later is needed.")
    return found
