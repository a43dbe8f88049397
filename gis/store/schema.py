"""The schema's version: brought up, taken down and compared with the tables that the code knows."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

MIGRATIONS = Path(__file__).parent / "migrations"
# One migration at a time, whoever starts it: the number is arbitrary, only ours.
MIGRATION_LOCK = 41_900_349


def is_ours(_: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave aside what PostGIS, the job queue and the monthly partitions keep in the same database."""
    return not (kind == "table" and reflected and compare_to is None and _is_foreign(name or ""))


def _is_foreign(name: str) -> bool:
    return name == "spatial_ref_sys" or name.startswith(("procrastinate_", "incident_"))


def _config(conn: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    return config


def migrate(conn: Connection, *, to: str = "head") -> None:
    """Bring the schema to a revision ("head", "base" or a name); waits for a migration under way elsewhere."""
    # A lock of the session, not of a transaction: Alembic opens and closes transactions of its own.
    conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    conn.commit()
    try:
        if to == "base":
            command.downgrade(_config(conn), to)
        else:
            command.upgrade(_config(conn), to)
        conn.commit()
    finally:
        conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        conn.commit()


def revision(conn: Connection) -> str | None:
    """The revision the database is at; None before the first migration."""
    return MigrationContext.configure(conn).get_current_revision()


def newest_revision() -> str | None:
    """The newest revision that this code brings."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()
