"""The other ways of placing points, each as a class with the work to time and the answers to compare."""

from __future__ import annotations

import io
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from bench.city import Floats
from bench.postgis import postgis_dsn
from bench.processor import Clock, cpu_s_of, own_cpu_s
from bench.report import skipped

Polygons = npt.NDArray[np.object_]
Int64s = npt.NDArray[np.int64]
WGS84 = "EPSG:4326"


class Peer(Protocol):
    """Everything before ``join`` (loading, indexing the points) is not timed."""

    name: str
    clock: Clock

    def join(self) -> object:
        """Place all points once."""


class GeoPandas:
    name, clock = "geopandas sjoin", staticmethod(own_cpu_s)

    def __init__(self, polygons: Polygons, lon: Floats, lat: Floats) -> None:
        import geopandas

        self.grids = geopandas.GeoDataFrame({"grid": np.arange(len(polygons))}, geometry=polygons, crs=WGS84)
        self.points = geopandas.GeoDataFrame(geometry=shapely.points(lon, lat), crs=WGS84)

    def join(self) -> object:
        return self.points.sjoin(self.grids, predicate="within")


class SedonaDB:
    name, clock = "SedonaDB", staticmethod(own_cpu_s)

    def __init__(self, polygons: Polygons, lon: Floats, lat: Floats) -> None:
        import geopandas
        import sedonadb

        self.session: Any = sedonadb.connect()
        grids = geopandas.GeoDataFrame({"grid": np.arange(len(polygons))}, geometry=polygons, crs=WGS84)
        points = geopandas.GeoDataFrame({"point": np.arange(len(lon))}, geometry=shapely.points(lon, lat), crs=WGS84)
        self.session.create_data_frame(grids).to_view("grids")
        self.session.create_data_frame(points).to_view("points")

    def join(self) -> object:
        sql = "SELECT count(*), sum(grid) FROM points p JOIN grids g ON ST_Covers(g.geometry, p.geometry)"
        return self.session.sql(sql).to_pandas()


class DuckDB:
    name, clock = "DuckDB spatial", staticmethod(own_cpu_s)

    def __init__(self, polygons: Polygons, lon: Floats, lat: Floats) -> None:
        import duckdb
        import pyarrow

        self.session = duckdb.connect()
        self.session.execute("LOAD spatial")
        grids = pyarrow.table({"grid": np.arange(len(polygons)), "wkb": shapely.to_wkb(polygons)})
        points = pyarrow.table({"lon": lon, "lat": lat})
        self.session.register("grids_in", grids)
        self.session.register("points_in", points)
        self.session.execute("CREATE TABLE grids AS SELECT grid, ST_GeomFromWKB(wkb) AS geom FROM grids_in")
        self.session.execute("CREATE TABLE points AS SELECT ST_Point(lon, lat) AS geom FROM points_in")

    def join(self) -> object:
        sql = "SELECT count(*), sum(grid) FROM points p JOIN grids g ON ST_Covers(g.geom, p.geom)"
        return self.session.execute(sql).fetchall()


class PostGIS:
    """Temporary tables in one session without parallel workers, so that its backend's processor time is all of it.

    Grids and points both have an index and the planner chooses: grid by grid over the points' index it is many times
    faster, because each grid is then prepared once.
    """

    name = "PostGIS ST_Covers join"

    def __init__(self, polygons: Polygons, lon: Floats, lat: Floats) -> None:
        import psycopg2

        dsn = postgis_dsn()
        if dsn is None:
            raise RuntimeError("WANGGE_DATABASE_URL names no database")
        self.cursor = psycopg2.connect(dsn).cursor()
        self.cursor.execute(
            "SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '256MB'; SELECT pg_backend_pid()"
        )
        (pid,) = self.cursor.fetchone() or (0,)
        self.clock: Clock = lambda: cpu_s_of(pid)
        self.clock()
        self._load("grids", polygons)
        self._load("points", np.asarray(shapely.points(lon, lat)))
        self.cursor.execute("CREATE INDEX ON grids USING gist (geom); CREATE INDEX ON points USING gist (geom)")
        self.cursor.execute("ANALYZE grids; ANALYZE points")

    def _load(self, table: str, shapes: Polygons) -> None:
        wkb = shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True)
        lines = "".join(f"{row}\t{shape}\n" for row, shape in enumerate(wkb))
        self.cursor.execute(f"CREATE TEMP TABLE {table} (id int, geom geometry)")
        self.cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(lines))

    def join(self) -> object:
        self.cursor.execute("SELECT count(*), sum(g.id) FROM points p JOIN grids g ON ST_Covers(g.geom, p.geom)")
        return self.cursor.fetchone()

    def pairs(self) -> tuple[Int64s, Int64s]:
        """Every (point, grid) of the join."""
        out = io.StringIO()
        self.cursor.copy_expert(
            "COPY (SELECT p.id, g.id FROM points p JOIN grids g ON ST_Covers(g.geom, p.geom)) TO STDOUT", out
        )
        found = np.array(out.getvalue().split(), np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]


def peers_for(polygons: Polygons, lon: Floats, lat: Floats) -> list[Peer]:
    """The peers that can run here; says why the others cannot."""
    able: list[Peer] = []
    for kind in (GeoPandas, SedonaDB, DuckDB, PostGIS):
        try:
            able.append(kind(polygons, lon, lat))
        except Exception as refusal:  # noqa: BLE001 - whatever keeps a peer from running, it is told and the others run
            skipped("locate", getattr(kind, "name", kind.__name__), f"{refusal}".strip().splitlines()[0])
    return able
