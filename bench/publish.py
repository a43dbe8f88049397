"""Publishing a draft: ours, which writes anew what changed, against publishing the whole division, and against PostGIS.

Everything runs in transactions that are rolled back, in a copy of the database that WANGGE_DATABASE_URL names; one that holds no
city gets the demo city first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain

import numpy as np
import psycopg2
import shapely
from sqlalchemy import Connection, Engine, text

from bench import big_city
from bench.big_city import database_url
from bench.postgis import postgis_dsn
from bench.processor import cpu_s_of, own_cpu_s
from bench.report import TARGET, Comparison, figure, lower_is_better, skipped
from gis import plans, publishing, upkeep
from gis.plan_records import Patch
from gis.records import Division, Name, Reach
from gis.rules.neighbours import borders
from gis.rules.zones import project
from gis.store import patches
from seed.demo import dongguan
from seed.growing import grow_city

BENCH = "publish"
DATABASE = "wangge_published_city"
SEED = 349
CITY_MOST_S = 5.0
MOVES_PER_COMMUNITY = 8
WHOLE = Reach("441900")


def run(*, quick: bool) -> list[Comparison]:
    """One community, one town, and every community of the city; ``quick`` runs each once."""
    if postgis_dsn() is None:
        skipped(BENCH, "PostGIS", "WANGGE_DATABASE_URL names no database")
        return []
    with _a_city() as engine:
        return _measured(engine, rounds=1 if quick else 5)


def _measured(engine: Engine, *, rounds: int) -> list[Comparison]:
    with engine.connect() as conn:
        head = patches.head(conn, plans.list_plans(conn)[0].id)
        assert head is not None
        patch = patches.patch(conn, head)
    homes = _communities(engine)
    found: list[Comparison] = []
    for case, communities in (("one community", homes[0][:1]), ("a town", homes[0]), ("the whole city", [*chain(*homes)])):
        moved = _moves(patch, communities, metric_srid=head.metric_srid)
        wall_s, cpu_s = _median(lambda: _ours(engine, head.id, moved), rounds)  # noqa: B023
        found += [
            lower_is_better(BENCH, f"{case}: {len(moved)} cells change hands", TARGET, wall_s, CITY_MOST_S, unit="s", target=1.0),
            figure(BENCH, f"{case}: processor, server and database", cpu_s, unit="s"),
        ]
    division = _division(patch, moved)
    theirs_s, theirs_cpu_s = _median(lambda: _whole(engine, division), rounds)
    found += [
        lower_is_better(BENCH, "the whole city", "publish_division", wall_s, theirs_s, unit="s", target=1.0),
        lower_is_better(BENCH, "the whole city: processor", "publish_division", cpu_s, theirs_cpu_s, unit="s", target=1.0),
    ]
    union_s, _ = _median(lambda: _postgis(engine, head.id), rounds)
    return [*found, lower_is_better(BENCH, "the ground of all grids alone", "PostGIS ST_Union", _union_s(patch), union_s, unit="s")]


@contextmanager
def _a_city() -> Iterator[Engine]:
    dsn = postgis_dsn()
    assert dsn is not None
    link = psycopg2.connect(dsn)
    link.autocommit = True
    cursor = link.cursor()
    cursor.execute("SELECT current_database()")
    (source,) = cursor.fetchone() or ("",)
    cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    cursor.execute(f'CREATE DATABASE {DATABASE} TEMPLATE "{source}"')
    engine = upkeep.open_database(database_url(dsn).replace(big_city.DATABASE, DATABASE))
    try:
        with engine.connect() as conn:
            upkeep.migrate(conn)
        with engine.begin() as conn:
            if conn.execute(text("SELECT count(*) FROM city")).scalar_one() == 0:
                grow_city(conn, dongguan(), incident_count=1_000, seed=SEED, now=datetime.now(UTC), tell=lambda *_: None)
        with engine.begin() as conn:
            upkeep.renew_statistics(conn)
        yield engine
    finally:
        engine.dispose()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")  # ends autovacuum itself; FORCE would need a right to
        link.close()


def _communities(engine: Engine) -> list[list[int]]:
    """The communities of every town, largest town first."""
    with engine.connect() as conn:
        rows = conn.execute(text("SELECT array_agg(id ORDER BY id) AS ids FROM area WHERE level = 'community' GROUP BY parent_id"))
        return sorted((row.ids for row in rows), key=len, reverse=True)


def _moves(patch: Patch, communities: list[int], *, metric_srid: int) -> dict[int, int]:
    """Some cells of each community that go to a neighbour of their grid: cell → key."""
    one, other, _ = borders(patch.shape, project(patch.shape, to=metric_srid))
    apart = (patch.grid[one] != patch.grid[other]) & (patch.community[one] == patch.community[other])
    wanted = np.flatnonzero(apart & np.isin(patch.community[one], communities))
    left = dict(zip(*(column.tolist() for column in np.unique(patch.grid, return_counts=True)), strict=True))
    moved: dict[int, int] = {}
    count: dict[int, int] = {}
    for i in np.random.default_rng(SEED).permutation(wanted).tolist():
        cell, grid, home = int(patch.cell[one[i]]), int(patch.grid[one[i]]), int(patch.community[one[i]])
        if count.get(home, 0) < MOVES_PER_COMMUNITY and left[grid] > 3 and cell not in moved:
            moved[cell] = int(patch.grid[other[i]])
            left[grid] -= 1
            count[home] = count.get(home, 0) + 1
    return moved


def _median(work: Callable[[], tuple[float, float]], rounds: int) -> tuple[float, float]:
    work()  # what is loaded at the first call is no part of publishing
    runs = np.array([work() for _ in range(rounds)])
    return float(np.median(runs[:, 0])), float(np.median(runs[:, 1]))


def _timed(conn: Connection, work: Callable[[], object]) -> tuple[float, float]:
    backend = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
    began, spent = time.perf_counter(), own_cpu_s() + cpu_s_of(backend)
    work()
    return time.perf_counter() - began, own_cpu_s() + cpu_s_of(backend) - spent


def _ours(engine: Engine, parent: int, moved: dict[int, int]) -> tuple[float, float]:
    now = datetime.now(UTC)
    with engine.connect() as conn:
        draft: int = conn.execute(
            text("""
                WITH put AS (
                    INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
                    SELECT :parent, id, '草案', 'Draft', 'draft', 'bench' FROM area WHERE parent_id IS NULL RETURNING id
                ), given AS (
                    INSERT INTO draft_assignment (plan_id, cell_id, grid_key)
                    SELECT put.id, x.cell, x.grid
                    FROM put, unnest(CAST(:cells AS bigint[]), CAST(:grids AS bigint[])) AS x (cell, grid)
                ) SELECT id FROM put
            """),
            {"parent": parent, "cells": list(moved), "grids": list(moved.values())},
        ).scalar_one()
        since = now + timedelta(hours=1)
        measured = _timed(
            conn,
            lambda: publishing.publish(
                conn, draft, since=since, decision="bench", seen_version=1, reach=WHOLE, by="bench", now=now
            ),
        )
        conn.rollback()
    return measured


def _division(patch: Patch, moved: dict[int, int]) -> Division:
    """The same plan as a division of the whole city."""
    grid = np.array([moved.get(cell, key) for cell, key in zip(patch.cell.tolist(), patch.grid.tolist(), strict=True)])
    keys, position = np.unique(grid, return_inverse=True)
    codes = np.array([patch.grids[key].code for key in keys.tolist()], dtype=object)
    return Division(
        grid_shape=np.array([shapely.coverage_union_all(patch.shape[position == i]) for i in range(len(keys))], dtype=object),
        grid_community=np.array([code[:12] for code in codes], dtype=object),
        grid_unit_type=np.array([patch.grids[key].unit_type for key in keys.tolist()], dtype=object),
        keeps_code=codes,
        cell_grid=position,
        cell_shape=patch.shape,
        cell_population=patch.population,
        cell_households=patch.households,
        cell_unit_type=patch.unit_type,
        synthetic=True,
    )


def _whole(engine: Engine, division: Division) -> tuple[float, float]:
    with engine.connect() as conn:
        since = datetime.now(UTC) + timedelta(hours=1)
        measured = _timed(
            conn,
            lambda: plans.publish_division(
                conn, division, name=Name("方案", "Plan"), since=since, decision="bench", by="bench"
            ),
        )
        conn.rollback()
    return measured


def _postgis(engine: Engine, plan_id: int) -> tuple[float, float]:
    grids = text("""
        SELECT sum(ST_NPoints(ground)) FROM (
            SELECT a.grid_id, ST_Union(c.geom) AS ground FROM cell_assignment a JOIN cell c ON c.id = a.cell_id
            WHERE a.plan_id = :plan GROUP BY a.grid_id
        ) AS joined
    """)
    with engine.connect() as conn:
        return _timed(conn, lambda: conn.execute(grids, {"plan": plan_id}).scalar_one())


def _union_s(patch: Patch) -> float:
    from gis.rules.publication import united

    _, position = np.unique(patch.grid, return_inverse=True)
    began = time.perf_counter()
    united(patch.shape, position, int(position.max()) + 1)
    return time.perf_counter() - began
