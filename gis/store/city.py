"""The city this database holds."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from gis.errors import NoCity
from gis.records import City, Name
from gis.store.prepared import Prepared

ANALYSED = (
    "area", "grid", "grid_version", "cell", "cell_assignment", "facility", "staff", "posting", "incident", "incident_count",
    "map_shape", "lineage",
)


def save(conn: Connection, city: City) -> None:
    """Write the one row of the city."""
    conn.execute(
        text("""
            INSERT INTO city (code, name_zh, name_en, metric_srid, timezone, code_scheme, synthetic)
            VALUES (:code, :zh, :en, :srid, :timezone, :scheme, :synthetic)
        """),
        {
            "code": city.code, "zh": city.name.zh, "en": city.name.en, "srid": city.metric_srid,
            "timezone": city.timezone, "scheme": city.code_scheme, "synthetic": city.synthetic,
        },
    )


HELD = Prepared(
    "city_held", "SELECT code, name_zh, name_en, metric_srid, synthetic, timezone, code_scheme, founded_at FROM city"
)


def get(conn: Connection) -> City | None:
    """The city, or None before any was founded."""
    row = HELD.row(conn)
    if row is None:
        return None
    return City(
        code=row.code, name=Name(row.name_zh, row.name_en), metric_srid=row.metric_srid, synthetic=row.synthetic,
        timezone=row.timezone, code_scheme=row.code_scheme, founded_at=row.founded_at,
    )


def moment_of(conn: Connection, asked: date | datetime) -> datetime:
    """A moment as it is, a day as its first moment in the city. Raises NoCity."""
    if isinstance(asked, datetime):
        return asked
    held = get(conn)
    if held is None:
        raise NoCity("The database holds no city yet.")
    return datetime.combine(asked, time(), tzinfo=ZoneInfo(held.timezone))


def counts(conn: Connection, *, at: datetime | None = None) -> dict[str, int]:
    """How much of everything the city has, grids and cells at a moment, now if None.

    Incidents are counted by the planner's estimate, which is within a few per cent.
    """
    row = conn.execute(
        text("""
            SELECT (SELECT count(*) FROM area WHERE level = 'town') AS towns,
                   (SELECT count(*) FROM area WHERE level = 'district') AS districts,
                   (SELECT count(*) FROM area WHERE level = 'community') AS communities,
                   (SELECT count(*) FROM grid_version WHERE valid @> coalesce(CAST(:at AS timestamptz), now())) AS grids,
                   (SELECT count(*) FROM cell WHERE valid @> coalesce(CAST(:at AS timestamptz), now())) AS cells,
                   (SELECT count(*) FROM staff) AS staff,
                   (SELECT count(*) FROM facility) AS facilities,
                   (SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
                    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = 'incident'::regclass) AS incidents,
                   (SELECT count(*) FROM department) AS departments,
                   (SELECT count(DISTINCT code) FROM matter WHERE retired_on IS NULL AND kind = 'matter') AS matters
        """),
        {"at": at},
    ).one()
    return {name: int(value) for name, value in row._mapping.items()}


def extent(conn: Connection) -> tuple[float, float, float, float]:
    """West, south, east, north of the city."""
    row: Any = conn.execute(
        text("""
            SELECT ST_XMin(e) AS w, ST_YMin(e) AS s, ST_XMax(e) AS e, ST_YMax(e) AS n
            FROM (SELECT ST_Extent(geom) AS e FROM area WHERE parent_id IS NULL) AS whole
        """)
    ).one()
    return row.w, row.s, row.e, row.n


def gather_statistics(conn: Connection) -> None:
    """Renew the planner's statistics after a bulk load."""
    for table in ANALYSED:
        conn.exec_driver_sql(f"ANALYZE {table}")
