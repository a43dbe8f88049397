"""Lists of two million incidents: any page, any filter, any reach, against paging by number; and over HTTP against pygeoapi.

Times are processor time of the database's backend and of this process together, so that a busy machine does not count.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench import pygeoapi_service
from bench.big_city import big_city, fill
from bench.processor import cpu_s_of, own_cpu_s, spent_s, wall_s
from bench.report import TARGET, Comparison, figure, higher_is_better, lower_is_better, skipped
from bench.serving import CannotServe, requests_per_s, served
from gis import features, tokens
from gis.feature_records import FeatureQuery
from gis.records import Reach
from gis.rules import cursors

BENCH = "lists"
SEED = 20_260_102
MOST_MS = 50.0
LEAST_PER_S = 1_000.0
LEAST_RATIO_PYGEOAPI = 5.0
MOST_GROWTH = 2.0
CITY, TOWN = Reach("441900"), Reach("441900.441900001")
COMMUNITY = Reach("441900.441900001.441900001001")
REACHES = (CITY, TOWN, COMMUNITY)
DEEP = (1_000, 10_000)
ROWS = 100
SMALL_BOX, LARGE_BOX = (113.80, 22.85, 113.805, 22.855), (113.6, 22.7, 114.0, 23.0)


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons; ``quick`` holds 150,000 incidents instead of two million."""
    small, large = (20_000, 150_000) if quick else (200_000, 2_000_000)
    with big_city(seed=SEED) as engine:
        fill(engine, small)
        few = _pages(engine, seconds=0.05 if quick else 0.3)
        held = fill(engine, large)
        many = _pages(engine, seconds=0.1 if quick else 0.5)
        results = [
            lower_is_better(BENCH, f"{case}, of {held:,}", TARGET, ms, MOST_MS, unit="CPU ms", target=1.0)
            for case, ms in many.items()
        ]
        results += _growth(few, many, small, held)
        results += _depths(engine, held, seconds=0.2 if quick else 1.0)
        return results + _over_http(engine, held, seconds=2 if quick else 10)


def _growth(few: dict[str, float], many: dict[str, float], small: int, held: int) -> list[Comparison]:
    """What becomes slower with the table: every case, and the middle of them."""
    growth = {case: many[case] / few[case] for case in many if few.get(case)}
    worst = max(growth, key=lambda case: growth[case])
    middle = sorted(growth.values())[len(growth) // 2]
    case = f"times as long with {held / small:,.0f} times the incidents"
    return [
        lower_is_better(BENCH, f"{case}, median of all cases", TARGET, middle, MOST_GROWTH, unit="times", target=1.0),
        figure(BENCH, f"{case}, most: {worst}", growth[worst], unit="times"),
    ]


def _cases() -> dict[str, dict[str, Any]]:
    now = datetime.now(UTC)
    ago = lambda days: [now - timedelta(days=days)]  # noqa: E731
    one: dict[str, dict[str, Any]] = {
        "newest": {},
        "state, rare": {"filters": {"state": ["handling"]}},
        "state, three": {"filters": {"state": ["handling", "accepted", "dispatched"]}},
        "state, common": {"filters": {"state": ["closed"]}},
        "open": {"filters": {"open": [True]}},
        "matter, common": {"filters": {"matter": ["0000"]}},
        "matter, rare": {"filters": {"matter": ["0082"]}},
        "department": {"filters": {"department": ["department3"]}},
        "urgency": {"filters": {"urgency": [1]}},
        "channel": {"filters": {"channel": ["hotline"]}},
        "area, town": {"area": "441900001"},
        "area, community": {"area": "441900001001"},
        "grid": {"filters": {"grid": ["44190000100101"]}},
        "box, 500 m": {"bbox": SMALL_BOX},
        "box, third of the city": {"bbox": LARGE_BOX},
        "a week, long ago": {"filters": {"reported_from": ago(400), "reported_until": ago(393)}},
        "all before a year ago": {"filters": {"reported_until": ago(365)}},
    }
    together = {
        "community + matter": {"area": "441900001001", "filters": {"matter": ["0000"]}},
        "town + matter + state": {"area": "441900001", "filters": {"matter": ["0082"], "state": ["suspended"]}},
        "department + open": {"filters": {"department": ["department3"], "open": [True]}},
        "department + three states": {"filters": {"department": ["department3"], "state": ["handling", "accepted", "dispatched"]}},
        "town + department + open": {"area": "441900001", "filters": {"department": ["department3"], "open": [True]}},
        "box + matter + state": {"bbox": LARGE_BOX, "filters": {"matter": ["0082"], "state": ["closed"]}},
        "nothing there": {"area": "441900001001", "filters": {"matter": ["0082"], "state": ["suspended"], "channel": ["hotline"]}},
    }
    return one | together


def _pages(engine: Engine, *, seconds: float) -> dict[str, float]:
    """CPU milliseconds of the first page of 100 for every filter: of the reaches, the one that takes longest."""
    found: dict[str, float] = {}
    now = datetime.now(UTC)
    with _measured(engine) as (conn, cpu_ms):
        for case, asked in _cases().items():
            for reach in REACHES:
                query = FeatureQuery("incidents", limit=ROWS, **asked)
                spent = cpu_ms(lambda: features.page(conn, query, reach=reach, now=now), seconds)  # noqa: B023
                found[case] = max(found.get(case, 0.0), spent)
    return found


def _depths(engine: Engine, held: int, *, seconds: float) -> list[Comparison]:
    """Pages deep in the list, by key and by number, on the same rows. The other way does not even join names."""
    results = []
    with _measured(engine) as (conn, cpu_ms):
        for page in dict.fromkeys(min(page, held // ROWS - 2) for page in DEEP):
            query = FeatureQuery("incidents", limit=ROWS, after=_cursor(conn, page * ROWS))
            ours = cpu_ms(lambda: features.page(conn, query, reach=CITY, now=datetime.now(UTC)), seconds)  # noqa: B023
            theirs = cpu_ms(lambda: conn.execute(BY_NUMBER, {"skipped": page * ROWS, "rows": ROWS}).all(), seconds)  # noqa: B023
            case = f"page {page:,} of the newest"
            results.append(lower_is_better(BENCH, case, "OFFSET", ours, theirs, unit="CPU ms", target=1.0))
    return results


BY_NUMBER = text("""
    SELECT number, state, urgency, channel, reported_at, closed_at, description, ST_AsGeoJSON(geom, 7) FROM incident
    ORDER BY reported_at DESC, id DESC OFFSET :skipped LIMIT :rows
""")


def _cursor(conn: Connection, row: int) -> str:
    """The cursor after a row of the unfiltered list."""
    query = FeatureQuery("incidents")
    last = conn.execute(
        text("SELECT reported_at, id FROM incident ORDER BY reported_at DESC, id DESC OFFSET :skipped LIMIT 1"),
        {"skipped": row - 1},
    ).one()
    question = cursors.question_mark(query.layer, query.bbox, query.within, query.area, query.as_of, query.filters)
    return cursors.written(question, datetime.now(UTC), 0, True, *last)


@contextmanager
def _measured(engine: Engine) -> Iterator[tuple[Connection, Callable[[Callable[[], object], float], float]]]:
    """A connection without parallel workers, and a stopwatch for work on it: CPU milliseconds of its backend and of ours."""
    with engine.connect() as conn:
        conn.execute(text("SET max_parallel_workers_per_gather = 0"))
        backend: int = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()

        def cpu_ms(work: Callable[[], object], seconds: float) -> float:
            work()
            runs = max(3, round(seconds / max(wall_s(work), 1e-6)))
            spent = spent_s(lambda: [work() for _ in range(runs)], clock=lambda: cpu_s_of(backend) + own_cpu_s())
            return spent / runs * 1e3

        yield conn, cpu_ms


def _over_http(engine: Engine, held: int, *, seconds: int) -> list[Comparison]:
    """Ten rows of the whole list, per second, from two workers on this machine."""
    case = f"ten rows of {held:,} over HTTP"
    results: list[Comparison] = []
    try:
        ours = _ours_per_s(engine, seconds=seconds)
    except CannotServe as refusal:
        skipped(BENCH, case, str(refusal))
        return results
    results.append(higher_is_better(BENCH, case, TARGET, ours, LEAST_PER_S, unit="requests/s", target=1.0))
    try:
        theirs = _pygeoapi_per_s(engine, seconds=seconds)
    except (CannotServe, importlib.metadata.PackageNotFoundError) as refusal:
        skipped(BENCH, "pygeoapi", str(refusal))
        return results
    peer = f"pygeoapi {importlib.metadata.version('pygeoapi')}"
    return [*results, higher_is_better(BENCH, case, peer, ours, theirs, unit="requests/s", target=LEAST_RATIO_PYGEOAPI)]


def _ours_per_s(engine: Engine, *, seconds: int) -> float:
    with engine.begin() as conn:
        token = tokens.issue(conn, "city", label="bench", days=1, by="bench")
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WANGGE_DATABASE_URL": _url(engine), "WANGGE_VAR_DIR": folder}
        with served("server.supervisor:web_worker", environment=environment, factory=True, probe="/readyz") as address:
            requests_per_s(f"{address}/api/v1/incidents?limit=10", token=token, seconds=1)
            return requests_per_s(f"{address}/api/v1/incidents?limit=10", token=token, seconds=seconds)


def _pygeoapi_per_s(engine: Engine, *, seconds: int) -> float:
    importlib.metadata.version("pygeoapi")
    with engine.begin() as conn:  # it writes one geometry per feature and fails on a second one
        conn.exec_driver_sql(
            "CREATE VIEW incident_plain AS SELECT id, number, matter_id, state, urgency, channel, reported_at, closed_at, grid_id, "
            "community_id, description, synthetic, geom FROM incident"
        )
    with tempfile.TemporaryDirectory() as folder:
        config, description = Path(folder) / "config.yml", Path(folder) / "openapi.yml"
        config.write_text(pygeoapi_service.config(_url(engine), name="incidents", table="incident_plain"))
        environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(description)}
        description.write_text("openapi: 3.0.2\ninfo: {title: bench, version: '1'}\npaths: {}\n")
        with served("pygeoapi.flask_app:APP", environment=environment, factory=False, probe="/conformance") as address:
            url = f"{address}/collections/incidents/items?limit=10&f=json"
            requests_per_s(url, seconds=1)
            return requests_per_s(url, seconds=seconds)


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg2://", "postgresql://")
