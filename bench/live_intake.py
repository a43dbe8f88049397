"""Intake: reports over HTTP, one by one, with very many incidents in the table; and many at once. Against a quick program.

The client runs on the same machine as the servers and the database: its share of the processors is shown beside.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import psycopg2
from sqlalchemy import Engine

from bench import live_naive
from bench.big_city import PASSWORD, big_city, database_url, fill
from bench.postgis import postgis_dsn
from bench.processor import wall_s
from bench.report import TARGET, Comparison, figure, higher_is_better, lower_is_better, skipped
from bench.serving import CONNECTIONS, CannotServe, served
from bench.sessions import server_cpu_s
from gis import accounts, calendars, incidents, tokens
from gis.locating import Locator
from gis.records import Report

BENCH = "live_intake"
SEED = 20_260_102
LEAST_PER_S, MOST_P99_MS, PACE_PER_S, LEAST_ROWS_PER_S = 500.0, 50.0, 100, 3_000.0
WARM_UP_S = 8
NAIVE = "psycopg2 + ST_Covers in a view"
TIMEZONE = "Asia/Shanghai"
ROUTE = "/api/v1/incidents"
SCRIPT = """
math.randomseed(os.time())
request = function()
  local body = string.format('{"matter":"%04d","lon":%.6f,"lat":%.6f,"channel":"citizen","description":"路面破损"}',
    math.random(0, 82), 113.6 + math.random() * 0.3, 22.75 + math.random() * 0.25)
  return wrk.format("POST", "/api/v1/incidents",
    {["Content-Type"] = "application/json", ["Authorization"] = "Bearer TOKEN"}, body)
end
"""


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons."""
    return intake_cases(quick=quick)


def intake_cases(*, quick: bool) -> list[Comparison]:
    """Intake with two million incidents in the table, or ``quick`` with 150,000."""
    with big_city(seed=SEED) as engine:
        held = fill(engine, 150_000 if quick else 2_000_000)
        with engine.begin() as conn:
            accounts.open_account(
                conn, login="hotline", name="Hotline", password=PASSWORD, role="dispatcher", area_code="441900", within=None,
                demo=True, by="bench",
            )  # fmt: skip
            token = tokens.issue(conn, "hotline", label="bench", days=1, by="bench")
        with psycopg2.connect(_url()) as link, link.cursor() as cursor:
            cursor.execute(live_naive.TABLE)
        singly = _over_http(engine, token, held, seconds=4 if quick else 15)
        return [*singly, *_at_once(engine, held, rows=1_000 if quick else 5_000)]


def _url() -> str:
    return database_url(postgis_dsn() or "")


def _over_http(engine: Engine, token: str, held: int, *, seconds: int) -> list[Comparison]:
    if shutil.which("wrk") is None:
        skipped(BENCH, "reports over HTTP", "wrk is not installed (apt-get install wrk)")
        return []
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WANGGE_DATABASE_URL": _url(), "WANGGE_VAR_DIR": folder}
        with served("server.supervisor:web_worker", environment=environment, factory=True, probe="/readyz") as address:
            _flood(address, token, engine, seconds=WARM_UP_S)  # kernels, the index of the plan and Folium are loaded meanwhile
            ours = _flood(address, token, engine, seconds=seconds)
            median_ms, p99_ms = _paced(address, token, seconds=seconds)
        with served("bench.live_naive:app", environment=environment, factory=False, probe="/readyz") as address:
            theirs = _flood(address, token, engine, seconds=seconds)
    beside = f"with {held:,} in the table"
    return [
        higher_is_better(BENCH, f"reports/s, {beside}", TARGET, ours["per_s"], LEAST_PER_S, unit="reports/s", target=1.0),
        higher_is_better(BENCH, f"reports/s, {beside}", NAIVE, ours["per_s"], theirs["per_s"], unit="reports/s"),
        lower_is_better(BENCH, "server and database, each report", NAIVE, ours["cpu_ms"], theirs["cpu_ms"], unit="CPU ms"),
        figure(BENCH, "the client, each report", ours["client_ms"], unit="CPU ms"),
        lower_is_better(BENCH, f"p99 at {PACE_PER_S}/s, {beside}", TARGET, p99_ms, MOST_P99_MS, unit="ms", target=1.0),
        figure(BENCH, f"p50 at {PACE_PER_S}/s, {beside}", median_ms, unit="ms"),
    ]


def _flood(address: str, token: str, engine: Engine, *, seconds: int) -> dict[str, float]:
    """What one wrk with 16 connections gets acknowledged a second, and what each report costs. Raises CannotServe."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT.replace("TOKEN", token))
        script.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", script.name, address]
        before, spent = server_cpu_s(address, engine), resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        told = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60).stdout
        took_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if "Non-2xx" in told:
        raise CannotServe(f"{address} answered with errors: {told}")
    count = int(next(line.split()[0] for line in told.splitlines() if "requests in" in line))
    client_s = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    return {
        "per_s": count / took_s,
        "cpu_ms": (server_cpu_s(address, engine) - before) / max(count, 1) * 1e3,
        "client_ms": client_s / max(count, 1) * 1e3,
    }


def _paced(address: str, token: str, *, seconds: int) -> tuple[float, float]:
    """Median and p99 in ms of 100 reports a second, each sent at its time whether the one before was answered or not."""
    rng = np.random.default_rng(SEED)
    begins = time.monotonic() + 0.2
    links: list[HTTPConnection] = []
    parts = urlsplit(address)

    def send(n: int) -> float:
        due = begins + n / PACE_PER_S
        time.sleep(max(0.0, due - time.monotonic()))
        link = links.pop() if links else HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        link.request("POST", ROUTE, json.dumps(bodies[n]), {"Content-Type": "application/json", "Authorization": f"Bearer {token}"})
        answer = link.getresponse()
        answer.read()
        if answer.status != 201:
            raise CannotServe(f"{address} answered {answer.status}")
        took_ms = (time.monotonic() - due) * 1e3
        links.append(link)
        return took_ms

    bodies = [_body(rng) for _ in range(PACE_PER_S * seconds)]
    with ThreadPoolExecutor(32) as clients:
        took = np.array(list(clients.map(send, range(len(bodies)))))
    for link in links:
        link.close()
    settled = took[PACE_PER_S // 2 :]  # the first half second opens the connections
    return float(np.median(settled)), float(np.percentile(settled, 99))


def _body(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "matter": f"{rng.integers(0, 83):04}", "lon": round(float(rng.uniform(113.6, 113.9)), 6),
        "lat": round(float(rng.uniform(22.75, 23.0)), 6), "channel": "citizen", "description": "路面破损",
    }  # fmt: skip


def _at_once(engine: Engine, held: int, *, rows: int) -> list[Comparison]:
    """Rows a second of many reports in one transaction, and of the same one by one."""
    rng = np.random.default_rng(SEED)
    bodies = [_body(rng) for _ in range(rows)]
    reports = [Report(sent["matter"], sent["lon"], sent["lat"], sent["channel"], sent["description"]) for sent in bodies]
    with tempfile.TemporaryDirectory() as folder:
        locator = Locator(Path(folder))
        with engine.begin() as conn:
            atlas, calendar = locator.atlas(conn, datetime.now(UTC)), calendars.work_calendar(conn, TIMEZONE)

        def ours() -> None:
            with engine.begin() as conn:
                incidents.report_many(
                    conn, reports, atlas=atlas, calendar=calendar, timezone=TIMEZONE, now=datetime.now(UTC), by="bench"
                )

        ours()
        ours_s = wall_s(ours)
    few = bodies[: rows // 5]

    def theirs() -> None:
        with psycopg2.connect(_url()) as link, link.cursor() as cursor:
            for sent in few:
                live_naive.report(cursor, sent)

    theirs_per_s = len(few) / wall_s(theirs)
    case = f"{rows:,} reports at once, with {held:,} in the table"
    return [
        higher_is_better(BENCH, case, TARGET, rows / ours_s, LEAST_ROWS_PER_S, unit="rows/s", target=1.0),
        higher_is_better(BENCH, case, f"{NAIVE}, one transaction", rows / ours_s, theirs_per_s, unit="rows/s"),
    ]
