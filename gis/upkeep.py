"""The schema and health of the database, for the command line and the server's start."""

from sqlalchemy import Connection, Engine

from gis.store import city, incident_tiles, incidents, schema
from gis.store import engine as engines


def open_database(url: str, *, pool_size: int = 8) -> Engine:
    """A pool of connections to the database."""
    return engines.open_engine(url, pool_size=pool_size)


def database_faults(engine: Engine) -> list[str]:
    """What keeps the database from holding the city, one sentence each."""
    return engines.faults(engine)


def migrate(conn: Connection, *, to: str = "head") -> None:
    """Bring the schema to a revision."""
    schema.migrate(conn, to=to)


def schema_is_current(conn: Connection) -> bool:
    """True when the database is at the newest revision that this code brings."""
    return schema.revision(conn) == schema.newest_revision()


def renew_statistics(conn: Connection) -> None:
    """After a bulk load: the statistics that queries are planned by, the incidents of every tile and of every grid."""
    incident_tiles.fold_counts(conn)
    city.gather_statistics(conn)
    incidents.renew_activity(conn)
