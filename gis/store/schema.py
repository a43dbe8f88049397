"""The schema's version: brought up, taken down and compared with the tables that the code knows."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

if TYPE_CHECKING:  # a fifth of a second that a server at the newest revision need not spend
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# One migration at a time, whoever starts it: the number is arbitrary, only ours.
MIGRATION_LOCK = 41_900_349


def is_ours(_: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave aside what PostGIS, the job queue and the monthly partitions keep in the same database."""
    return not (kind == "table" and reflected and compare_to is None and _is_foreign(name or ""))


def _is_foreign(name: str) -> bool:
    return name == "spatial_ref_sys" or name.startswith(("procrastinate_", "incident_"))


def _config(conn: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = conn
    return config


def migrate(conn: Connection, *, to: str = "head") -> None:
    """Bring the schema to a revision ("head", "base" or a name); waits for a migration under way elsewhere."""
    from alembic import command

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
    if conn.execute(text("SELECT to_regclass('alembic_version')")).scalar_one() is None:
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def newest_revision() -> str:
    """The newest revision that this code brings: migrations are numbered, and their files begin with the number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
