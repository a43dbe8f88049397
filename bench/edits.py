"""Edits of a draft of the whole demo city: how long until the click is answered, and a thousand of them against the laws.

Timed is the answer of the application to one request after the other: log-in, judging, writing, and the figures of every touched
grid. The peers do less: they are handed the cells, and give back the new shapes and sums of the grids alone.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text

from bench import planners
from bench.postgis import postgis_dsn
from bench.processor import cpu_s_of
from bench.report import TARGET, Comparison, figure, lower_is_better, skipped
from bench.tile_city import is_empty
from gis import upkeep
from gis.plan_records import Patch
from gis.store import patches
from seed.demo import dongguan
from seed.growing import grow_city
from seed.people import DEMO_PASSWORD
from server.app import create_app
from server.config import Settings

BENCH = "edits"
SEED = 349
INCIDENTS = 20_000
MOST_CLICK_MS = 150.0
MOST_POLL_MS = 5.0
TOWN = "441900003"
CITY = "441900"
PERCENTILE = 95
TURNS = 10


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons; ``quick`` tries 100 edits instead of enough for a thousand that are done."""
    url = postgis_dsn()
    if url is None or not (is_empty(url) or _holds_the_demo(url)):
        skipped(BENCH, "everything", "it needs an empty database or the demo city: make bench NAME=edits")
        return []
    engine = upkeep.open_database(url)
    try:
        _grow_if_empty(engine)
        with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
            return _measured(engine, url, Path(folder), wanted=60 if quick else 1_000)
    finally:
        engine.dispose()


def _holds_the_demo(url: str) -> bool:
    engine = upkeep.open_database(url)
    try:
        with engine.connect() as conn:
            return bool(conn.execute(text("SELECT synthetic FROM city")).scalar_one_or_none())
    finally:
        engine.dispose()


def _grow_if_empty(engine: Engine) -> None:
    with engine.connect() as conn:
        upkeep.migrate(conn)
        if conn.execute(text("SELECT count(*) FROM city")).scalar_one():
            return
    with engine.begin() as conn:
        grow_city(conn, dongguan(), incident_count=INCIDENTS, seed=SEED, now=datetime.now(UTC), tell=lambda *_: None)
    with engine.begin() as conn:
        upkeep.renew_statistics(conn)


def _measured(engine: Engine, url: str, folder: Path, *, wanted: int) -> list[Comparison]:
    app = create_app(Settings(database_url=url, var_dir=folder))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"login": "planner", "password": DEMO_PASSWORD})
    town = _Studio(engine, client, TOWN)
    town.edit_until(wanted // 10)
    city = _Studio(engine, client, CITY)
    city.edit_until(wanted)
    results = [*_by_kind(city), *_growth(town, city), _poll(city), *_laws(city), *_peers(engine, city)]
    app.extensions["wangge-engine"].dispose()
    return results


class _Studio:
    """A planner with a draft open, whose requests are timed."""

    def __init__(self, engine: Engine, client: FlaskClient, scope: str) -> None:
        self.engine, self.client = engine, client
        self.random = np.random.default_rng(SEED)
        body = {"name": {"zh": "测量", "en": "Measured"}, "scope": [scope]}
        self.draft = client.post("/api/v1/plans", json=body).json["id"]
        self.version, self.refused = 1, 0
        self.times_ms: dict[str, list[float]] = defaultdict(list)
        with engine.connect() as conn:
            self.scope = planners.head_of(conn, self.draft).scope
            self.before = planners.ground_of(planners.patch_of(conn, self.draft))

    @property
    def done(self) -> int:
        """Edits that were done."""
        return sum(map(len, self.times_ms.values()))

    def edit_until(self, wanted: int) -> None:
        """Try random edits until so many were done, each held against the laws in its community."""
        while self.done < wanted:
            patch = self.patch(community := int(self.random.choice(self.scope)))
            request = planners.random_edit(patch, self.random)
            begun = time.perf_counter()
            answer = self.client.post(f"/api/v1/plans/{self.draft}/edits", json=request | {"seen_version": self.version})
            spent_ms = 1e3 * (time.perf_counter() - begun)
            if answer.status_code != 200:
                self.refused += 1
                continue
            self.version = answer.json["version"]
            self.times_ms[request["kind"] + (", cells cut" if request.get("snap") is False else "")].append(spent_ms)
            planners.assert_lawful(self.patch(community), planners.ground_of(patch))

    def patch(self, community: int) -> Patch:
        """The cells of a community as the draft has them."""
        with self.engine.connect() as conn:
            return patches.patch(conn, planners.head_of(conn, self.draft), communities=[community])

    def timed_ms(self, method: str, rest: str, **kwargs: Any) -> float:
        """How long one request takes."""
        begun = time.perf_counter()
        answer = self.client.open(f"/api/v1/plans/{self.draft}{rest}", method=method, **kwargs)
        assert answer.status_code == 200, answer.data[:500]
        return 1e3 * (time.perf_counter() - begun)


def _by_kind(city: _Studio) -> list[Comparison]:
    results = []
    for kind, times in sorted(city.times_ms.items()):
        results.append(figure(BENCH, f"{kind}: median of {len(times)}", statistics.median(times), unit="ms"))
        late = float(np.percentile(times, PERCENTILE))
        results.append(lower_is_better(BENCH, f"{kind}: 95 of 100 within", TARGET, late, MOST_CLICK_MS, unit="ms", target=1.0))
    return results


def _growth(town: _Studio, city: _Studio) -> list[Comparison]:
    """The same kinds of edits in a draft of one town and of the whole city."""
    small, large = (statistics.median([ms for times in one.times_ms.values() for ms in times]) for one in (town, city))
    case = f"any edit: median in a draft of {len(city.scope)} communities, against {len(town.scope)}"
    return [lower_is_better(BENCH, case, "one town", large, small, unit="ms")]


def _poll(city: _Studio) -> Comparison:
    """What every open studio asks all the time: is there anything new?"""
    times = [city.timed_ms("GET", f"/edits?after={city.version}") for _ in range(100)]
    case = "nothing new since a version: median"
    return lower_is_better(BENCH, case, TARGET, statistics.median(times), MOST_POLL_MS, unit="ms", target=1.0)


def _laws(city: _Studio) -> list[Comparison]:
    """The whole city after all edits, and after all of them were undone."""
    with city.engine.connect() as conn:
        after = planners.patch_of(conn, city.draft)
        planners.assert_lawful(after, city.before)
        now = planners.ground_of(after)
    done, undone = city.done, []
    for _ in range(done):
        undone.append(city.timed_ms("POST", "/undo", json={"seen_version": city.version}))
        city.version += 1
    with city.engine.connect() as conn:
        left = conn.execute(text("SELECT count(*) FROM draft_assignment WHERE plan_id = :id"), {"id": city.draft}).scalar_one()
    return [
        figure(BENCH, f"edits done, {city.refused} others refused", done, unit="edits"),
        figure(BENCH, f"ground that {done} edits lost or won", abs(now.area_m2 - city.before.area_m2), unit="m²"),
        figure(BENCH, f"residents that {done} edits lost or won", abs(now.population - city.before.population), unit="people"),
        figure(BENCH, f"cells that differ once {done} edits are undone", left, unit="cells"),
        figure(BENCH, "undo: median", statistics.median(undone), unit="ms"),
    ]


def _peers(engine: Engine, city: _Studio) -> list[Comparison]:
    """One cell that changes hands: ours to the end of the answer, theirs to the new shapes and sums of grids."""
    with engine.connect() as conn:
        patch = patches.patch(conn, planners.head_of(conn, city.draft))
        cell, to = planners.a_move(planners.patch_of_community(conn, city.draft, city.scope[0]))
    ours = []
    begun_s = _spent_s(engine)
    for _ in range(TURNS):
        body = {"kind": "transfer", "cells": [cell], "to": to, "seen_version": city.version}
        ours.append(city.timed_ms("POST", "/edits", json=body))
        city.timed_ms("POST", "/undo", json={"seen_version": city.version + 1})
        city.version += 2
    spent_ms = 1e3 * (_spent_s(engine) - begun_s) / (2 * TURNS)
    case = f"one cell of {len(patch):,} changes hands, figures renewed"
    theirs: dict[str, Callable[[], Any]] = {"geopandas dissolve of the layer": _dissolve(patch, cell, to)}
    with engine.connect() as conn:
        theirs["PostGIS ST_Union of both grids"] = _union(conn, patch, cell, to)
        busy = figure(BENCH, "processor time of an edit or its undo, database included", spent_ms, unit="ms")
        return [busy] + [
            lower_is_better(BENCH, case, name, statistics.median(ours), _median_ms(peer), unit="ms")
            for name, peer in theirs.items()
        ]


def _spent_s(engine: Engine) -> float:
    """Processor seconds that this process and the database's sessions have spent: a busy machine makes clocks slow, not these."""
    with engine.connect() as conn:
        pids = conn.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars().all()
    return time.process_time() + sum(cpu_s_of(pid) for pid in pids)


def _median_ms(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(times)


def _dissolve(patch: Patch, cell: int, to: int) -> Callable[[], Any]:
    import geopandas

    columns = {"cell": patch.cell, "grid": patch.grid, "population": patch.population, "hours": patch.hours}
    layer = geopandas.GeoDataFrame(columns, geometry=patch.shape, crs=4326)

    def work() -> Any:
        layer.loc[layer["cell"] == cell, "grid"] = to
        return layer.dissolve("grid", aggfunc={"population": "sum", "hours": "sum"}, method="coverage")

    return work


def _union(conn: Connection, patch: Patch, cell: int, to: int) -> Callable[[], Any]:
    source = int(patch.grid[patch.cell == cell][0])
    asked = text("""
        SELECT CASE WHEN a.cell_id = :cell THEN :to ELSE a.grid_id END AS grid, ST_Union(c.geom), sum(c.population), sum(c.area_m2)
        FROM cell_assignment a JOIN cell c ON c.id = a.cell_id
        WHERE a.plan_id = (SELECT id FROM plan WHERE valid @> now()) AND a.grid_id IN (:source, :to) GROUP BY 1
    """)
    return lambda: conn.execute(asked, {"cell": cell, "to": to, "source": source}).all()
