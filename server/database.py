"""One pool per worker process; a request opens a transaction, closes it, and only then answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from flask import Flask, current_app
from sqlalchemy import Connection, Engine

from gis import calendars
from gis.locating import Locator
from gis.rules.working_time import Hours, WorkCalendar

STATEMENT_TIMEOUT_MS = 30_000


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for reading only, with a limit on how long a question may take."""
    with _engine().connect() as conn:
        conn.exec_driver_sql(f"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
        yield conn


@contextmanager
def asking() -> Iterator[Connection]:
    """A connection for one short question, without a transaction around it: one journey to the database instead of four."""
    with _engine().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        yield conn


@contextmanager
def writing() -> Iterator[Connection]:
    """A transaction that is committed when the block ends, before the answer is written."""
    with _engine().begin() as conn:
        yield conn


def locator() -> Locator:
    """This process's keeper of placing indexes."""
    return cast(Locator, current_app.extensions["wangge-locator"])


def hours() -> Hours:
    """The hours of a working day, as the settings have them."""
    return cast(Hours, current_app.config["SETTINGS"].hours)


def calendar(conn: Connection, timezone: str) -> WorkCalendar:
    """The city's working calendar, with the hours of the settings."""
    return calendars.work_calendar(conn, timezone, hours=hours())


def now() -> datetime:
    """The moment of this request; tests set the clock in the app's configuration."""
    clock = current_app.config.get("CLOCK")
    return cast(datetime, clock()) if clock else datetime.now(UTC)


def _engine() -> Engine:
    return cast(Engine, current_app.extensions["wangge-engine"])


def init_app(app: Flask, *, engine: Engine, locator: Locator) -> None:
    """Give the app its pool and its placing indexes."""
    app.extensions["wangge-engine"] = engine
    app.extensions["wangge-locator"] = locator
