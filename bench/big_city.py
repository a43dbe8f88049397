"""A city with very many incidents, in a database of its own: for lists, tiles and whatever else must not slow down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import numpy as np
import psycopg2
import shapely
from sqlalchemy import Connection, Engine, text

from bench.city import LATTICES, a_coverage
from bench.postgis import postgis_dsn
from gis import accounts, areas, catalogue, city, plans, upkeep
from gis.records import AreaRow, City, Division, MatterRow, Name

GRIDS = 2_958
TOWN_ROWS, TOWN_COLUMNS, COMMUNITIES_OF_A_TOWN = 5, 7, 17
MONTHS = 24
DATABASE = "wangge_big_city"
PASSWORD = "measured-only"
DEPARTMENTS = tuple(f"department{i}" for i in range(10))


@contextmanager
def big_city(*, seed: int) -> Iterator[Engine]:
    """A throw-away copy of the empty database that WANGGE_DATABASE_URL names, with a city and no incident yet."""
    dsn = postgis_dsn()
    if dsn is None:
        raise RuntimeError("WANGGE_DATABASE_URL names no database")
    link = psycopg2.connect(dsn)
    link.autocommit = True
    cursor = link.cursor()
    cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    cursor.execute("SELECT current_database()")
    (source,) = cursor.fetchone() or ("",)
    cursor.execute(f'CREATE DATABASE {DATABASE} TEMPLATE "{source}"')  # with PostGIS, which not every role may switch on
    url = database_url(dsn)
    engine = upkeep.open_database(url)
    try:
        with engine.connect() as conn:
            upkeep.migrate(conn)
        with engine.begin() as conn:
            _found(conn, seed=seed)
        yield engine
    finally:
        engine.dispose()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        link.close()


def database_url(dsn: str) -> str:
    """The address of the big city on the server of another database."""
    base, question, options = dsn.partition("?")
    return f"{base.rpartition('/')[0]}/{DATABASE}{question}{options}"


def _found(conn: Connection, *, seed: int) -> None:
    """One city of 35 towns, 595 communities and 2,958 grids, its catalogue, and an account that has the whole city."""
    grids = a_coverage(GRIDS, seed=seed)
    city.found(conn, City("441900", Name("大城", "Big city"), 4547, synthetic=True), by="bench")
    home = _communities()
    rows = [AreaRow("441900", None, "city", Name("大城", "Big city"), shapely.coverage_union_all(grids), synthetic=True)]
    for code in sorted({code[:9] for code in home}):
        under = shapely.coverage_union_all(grids[[community.startswith(code) for community in home]])
        rows.append(AreaRow(code, "441900", "town", Name(f"镇{code[6:]}", f"Town {code[6:]}"), under, synthetic=True))
    for code in sorted(set(home)):
        ground = shapely.coverage_union_all(grids[home == code])
        rows.append(AreaRow(code, code[:9], "community", Name(f"村{code[6:]}", f"Village {code[6:]}"), ground, synthetic=True))
    areas.found(conn, rows, by="bench")
    _admit(conn)
    since = datetime.now(UTC) - timedelta(days=31 * (MONTHS + 1))
    plans.publish_division(conn, _division(grids, home), name=Name("方案", "Plan"), since=since, decision="bench", by="bench")
    accounts.open_account(
        conn, login="city", name="City", password=PASSWORD, role="planner", area_code="441900", within=None, demo=True, by="bench"
    )


def _communities() -> np.ndarray:
    """The community of every grid, row by row from the south-west."""
    rows, columns = LATTICES[GRIDS]
    row, column = (part.ravel() for part in np.mgrid[0:rows, 0:columns])
    town = row * TOWN_ROWS // rows * TOWN_COLUMNS + column * TOWN_COLUMNS // columns
    codes = np.empty(GRIDS, dtype=object)
    for number in range(TOWN_ROWS * TOWN_COLUMNS):
        members = np.flatnonzero(town == number)
        within = np.arange(len(members)) * COMMUNITIES_OF_A_TOWN // len(members)
        codes[members] = [f"441900{number + 1:03}{community + 1:03}" for community in within]
    return codes


def _division(grids: np.ndarray, home: np.ndarray) -> Division:
    ones = np.ones(GRIDS, dtype=np.int64)
    kind = np.full(GRIDS, "estate", dtype=object)
    return Division(
        grid_shape=grids, grid_community=home, grid_unit_type=kind, keeps_code=np.full(GRIDS, "", dtype=object),
        cell_grid=np.arange(GRIDS), cell_shape=grids, cell_population=ones * 1000, cell_households=ones * 400,
        cell_unit_type=kind, synthetic=True,
    )  # fmt: skip


def _admit(conn: Connection) -> None:
    departments = {code: Name(f"部门{code[10:]}", f"Department {code[10:]}") for code in DEPARTMENTS}
    matters = [
        MatterRow(f"{i:04}", Name("类别", "Category"), Name(f"事项{i}", f"Matter {i}"), DEPARTMENTS[i % 10], 8, 30, None, i % 3 + 1)
        for i in range(83)
    ]
    catalogue.admit(conn, departments=departments, matters=matters, on=date(2020, 1, 1), by="bench")


def fill(engine: Engine, count: int) -> int:
    """Hold that many incidents, a like number in every grid, spread over 24 months; returns how many there are.

    Matters are as uneven as life: the commonest is a ninth of all, the rarest 1 of 170. They are closed within ten
    days, sooner or later; 3 of 100 never are.
    """
    with engine.begin() as conn:
        conn.execute(text("TRUNCATE incident"))
        conn.execute(text("ALTER TABLE incident DISABLE TRIGGER USER"))  # every row comes placed, and no tile is asked for
        month = "prepare_incident_month(CAST(now() - make_interval(months => m) AS date))"
        conn.execute(text(f"SELECT {month} FROM generate_series(0, :months) m"), {"months": MONTHS + 1})
        indexes = conn.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'incident' AND indexname <> 'incident_pkey'")
        ).all()
        for name, _ in indexes:
            conn.exec_driver_sql(f"DROP INDEX {name}")
        conn.execute(text(FILL), {"each": round(count / GRIDS), "days": 30 * MONTHS})
        conn.execute(text("ALTER TABLE incident ENABLE TRIGGER USER"))
        for _, definition in indexes:
            conn.exec_driver_sql(definition.replace(" ON ONLY ", " ON "))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE incident")
        held: int = conn.execute(text("SELECT count(*) FROM incident")).scalar_one()
        return held


FILL = """
    INSERT INTO incident (number, reported_at, matter_id, state, urgency, channel, geom, grid_id, community_id, placed,
                          command_id, due_at, warn_at, description, closed_at, synthetic)
    SELECT 'B-' || row_number() OVER (), reported_at, m.id, state, m.urgency, channel, geom, grid_id, community_id, true,
           community_id, reported_at + interval '1 day', reported_at + interval '20 hours', 'made to be measured',
           CASE WHEN state IN ('closed', 'rejected') THEN least(reported_at + interval '2 days', now()) END, true
    FROM (
        SELECT v.grid_id, v.community_id, (ST_DumpPoints(ST_GeneratePoints(v.geom, :each, CAST(v.id AS integer)))).geom,
               now() - random() * make_interval(days => :days) AS reported_at, random() AS fate, random() AS stage,
               CAST(floor(83 * power(random(), 2)) AS integer) AS n,
               (ARRAY['patrol', 'citizen', 'hotline', 'department'])[1 + CAST(floor(random() * 4) AS integer)] AS channel
        FROM grid_version v WHERE v.valid @> now()
    ) AS made
    CROSS JOIN LATERAL (
        SELECT CASE WHEN fate < 0.97 AND reported_at < now() - stage * interval '10 days' THEN 'closed'
                    WHEN fate < 0.98 THEN 'rejected'
                    ELSE (ARRAY['collected', 'accepted', 'dispatched', 'handling', 'feedback', 'verified', 'returned', 'suspended'])
                         [1 + CAST(floor(stage * 8) AS integer)] END AS state
    ) AS s
    JOIN (SELECT id, urgency, row_number() OVER (ORDER BY id) - 1 AS n FROM matter) AS m USING (n)
"""
