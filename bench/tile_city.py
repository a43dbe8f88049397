"""A made-up city with as many incidents as wanted, for our tiles and for tipg's alike."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, text

from bench.city import LATTICES, a_coverage
from gis import accounts, areas, catalogue, city, facilities, plans, tokens, upkeep
from gis.records import AreaRow, City, Division, FacilityRow, MatterRow, Name

GRIDS = 2_958
COMMUNITY_GRIDS = (3, 2)  # rows and columns of grids in a community
TOWN_GRIDS = (12, 10)
BY = "bench"
Polygons = npt.NDArray[np.object_]
DEPARTMENTS = ("chengguan", "xiaofang", "gongan", "shuiwu")
# Real reports crowd: the grid is drawn by the square of an even number, so that a tenth of the grids has a third of them.
CROWDING = 2.0
# Month by month into a table that becomes a partition when it is full: its indexes are built and its references checked at once.
MONTH = """
    CREATE TABLE {name} (LIKE incident INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS);
    INSERT INTO {name} (id, reported_at, number, matter_id, state, urgency, channel, geom, grid_id, community_id, placed, closed_at)
    SELECT n, at, 'B' || n, 1 + n %% {matters}, CASE WHEN n %% 9 = 0 THEN 'accepted' ELSE 'closed' END, 1 + n %% 3, 'patrol',
           ST_SetSRID(ST_MakePoint(home.lon + (random() - 0.5) * 0.011, home.lat + (random() - 0.5) * 0.008), 4326),
           home.grid_id, home.community_id, true, CASE WHEN n %% 9 <> 0 THEN at + interval '2 hours' END
    FROM (
        SELECT n, '{start}'::timestamptz + random() * ('{end}'::timestamptz - '{start}'::timestamptz) AS at,
               1 + floor({grids} * power(random(), {crowding}))::integer AS place
        FROM generate_series({first}, {last}) AS n OFFSET 0
    ) AS drawn JOIN home ON home.place = drawn.place;
    ALTER TABLE incident ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}');
"""
# What tipg serves: the same grids and incidents under the same properties, as tables with their own index, in degrees.
PEER = """
    CREATE SCHEMA peer;
    CREATE TABLE peer.grids AS
        SELECT v.id, g.code, c.code AS community, v.geom
        FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id;
    CREATE TABLE peer.incidents AS
        SELECT i.id, i.number, m.name_zh AS matter_zh, m.name_en AS matter_en, i.state, i.urgency, i.reported_at AS at, i.geom
        FROM incident i JOIN matter m ON m.id = i.matter_id;
    ALTER TABLE peer.grids ADD PRIMARY KEY (id);
    ALTER TABLE peer.incidents ADD PRIMARY KEY (id);
    CREATE INDEX ON peer.grids USING gist (geom);
    CREATE INDEX ON peer.incidents USING gist (geom);
    ANALYZE peer.grids; ANALYZE peer.incidents;
"""


@dataclass(frozen=True)
class BenchCity:
    """Where the city is, and a token that opens it."""

    url: str
    token: str
    bbox: tuple[float, float, float, float]


def is_empty(url: str) -> bool:
    """Whether a database holds no city: the benchmark founds one, and leaves every other database alone."""
    engine = upkeep.open_database(url)
    try:
        with engine.connect() as conn:
            return not conn.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one()
    finally:
        engine.dispose()


def grow(url: str, *, incident_count: int) -> BenchCity:
    """Found the city in an empty database."""
    engine = upkeep.open_database(url)
    try:
        with engine.connect() as conn:
            upkeep.migrate(conn)
        shapes = a_coverage(GRIDS, seed=20_260_101)
        with engine.begin() as conn:
            homes = _found(conn, shapes)
            division = _division(shapes, homes)
            since = datetime(2024, 1, 1, tzinfo=UTC)
            plans.publish_division(conn, division, name=Name("方案", "Plan"), since=since, decision=BY, by=BY)
            _serve(conn, shapes, homes)
            _record(conn, incident_count)
            password = secrets.token_hex(16)
            accounts.open_account(
                conn, login=BY, name=BY, password=password, role="dispatcher", area_code="441900", within=None, by=BY, demo=True
            )
            token = tokens.issue(conn, BY, label=BY, days=1, by=BY)
        with engine.begin() as conn:
            upkeep.renew_statistics(conn)
            conn.exec_driver_sql(PEER)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")
    finally:
        engine.dispose()
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return BenchCity(url, token, (west, south, east, north))


def _found(conn: Connection, shapes: Polygons) -> list[str]:
    """Found city, towns and communities as blocks of grids; returns the community of each grid."""
    row, column = np.divmod(np.arange(GRIDS), LATTICES[GRIDS][1])
    town = row // TOWN_GRIDS[0] * 10 + column // TOWN_GRIDS[1]
    block = (row % TOWN_GRIDS[0]) // COMMUNITY_GRIDS[0] * 10 + (column % TOWN_GRIDS[1]) // COMMUNITY_GRIDS[1]
    towns = np.array([f"441900{number + 1:03d}" for number in town])
    communities = np.array([f"{code}{number + 1:03d}" for code, number in zip(towns, block, strict=True)])
    city.found(conn, City("441900", Name("城", "City"), 4547, synthetic=True), by=BY)
    levels = [("city", np.full(GRIDS, "441900"), None), ("town", towns, 6), ("community", communities, 9)]
    areas.found(
        conn,
        [
            AreaRow(code, None if parent is None else code[:parent], level, Name(code, code),
                    shapely.coverage_union_all(shapes[codes == code]), synthetic=True)
            for level, codes, parent in levels
            for code in np.unique(codes).tolist()
        ],
        by=BY,
    )
    return communities.tolist()


def _division(shapes: Polygons, homes: list[str]) -> Division:
    ones = np.ones(GRIDS, dtype=np.int64)
    kinds = np.full(GRIDS, "estate", dtype=object)
    return Division(
        grid_shape=shapes, grid_community=np.array(homes, dtype=object), grid_unit_type=kinds,
        keeps_code=np.full(GRIDS, "", dtype=object), cell_grid=np.arange(GRIDS), cell_shape=shapes,
        cell_population=ones, cell_households=ones, cell_unit_type=kinds, synthetic=True,
    )


def _serve(conn: Connection, shapes: Polygons, homes: list[str]) -> None:
    """One facility and four departments with three matters each."""
    matters = [
        MatterRow(f"{d:02d}{m:02d}", Name("类", "Kind"), Name(f"事项{d}{m}", f"Matter {d}{m}"), department, 8, 40, 30, 1)
        for d, department in enumerate(DEPARTMENTS)
        for m in range(3)
    ]
    catalogue.admit(
        conn, departments={code: Name(code, code) for code in DEPARTMENTS}, matters=matters, on=date(2024, 1, 1), by=BY
    )
    place = shapely.point_on_surface(shapes[GRIDS // 2])
    row = FacilityRow(
        "station", homes[GRIDS // 2], Name("站", "Station"), "community", place.x, place.y, None, None, None, synthetic=True
    )
    facilities.open_many(conn, [row], kinds={"station": Name("站", "Station")}, by=BY)


def _record(conn: Connection, count: int) -> None:
    """A year of incidents, a twelfth in each of the last twelve whole months."""
    conn.exec_driver_sql("""
        CREATE TEMP TABLE home ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY md5(id::text)) AS place, grid_id, community_id,
               ST_X(label_point) AS lon, ST_Y(label_point) AS lat
        FROM grid_version
    """)
    begins = conn.exec_driver_sql(
        "SELECT to_char(date_trunc('month', now()) - make_interval(months => ago), 'YYYY-MM-01') "
        "FROM generate_series(12, 0, -1) AS ago"
    ).scalars().all()
    for number, (start, end) in enumerate(pairwise(begins)):
        conn.exec_driver_sql(MONTH.format(
            name=f"incident_{start[:7].replace('-', '_')}", start=start, end=end, first=number * count // 12 + 1,
            last=(number + 1) * count // 12, grids=GRIDS, crowding=CROWDING, matters=len(DEPARTMENTS) * 3,
        ))
    conn.exec_driver_sql("SELECT recount_incidents()")
