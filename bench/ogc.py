"""OGC API - Features over two million incidents: ours, with log-in and joined names, against tipg and pygeoapi, which have neither.

Requests per second of processor time, of the server with its two workers and of the database's backends together: a busy machine
does not count. The servers take turns, kind by kind of request. What is promised on the wall is measured on the wall.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Engine, text

from bench import ogc_peers
from bench.big_city import big_city, fill
from bench.ogc_peers import questions, url_of
from bench.report import TARGET, Comparison, higher_is_better, skipped
from bench.serving import CONNECTIONS, CannotServe, requests_per_s, served
from bench.sessions import requests_per_cpu_s
from gis import tokens

BENCH = "ogc"
SEED = 20_260_103
LEAST_PER_S = 1_000.0
LEAST_RATIO_PYGEOAPI = 5.0
PEERS = {"tipg": (ogc_peers.tipg, None), "pygeoapi": (ogc_peers.pygeoapi, LEAST_RATIO_PYGEOAPI)}


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons; ``quick`` holds 300,000 incidents and measures one second each."""
    with big_city(seed=SEED) as engine, ExitStack() as running:
        held = fill(engine, 300_000 if quick else 2_000_000)
        with engine.begin() as conn:
            token = tokens.issue(conn, "city", label=BENCH, days=1, by=BENCH)
            conn.exec_driver_sql(ogc_peers.PLAIN)
        servers = {"ours": running.enter_context(_ours(engine))}
        for name, (serve, _) in PEERS.items():
            try:
                servers[name] = running.enter_context(serve(engine))
            except CannotServe as refusal:
                skipped(BENCH, name, str(refusal))
        per_cpu_s = _measured(servers, engine, token, seconds=0.5 if quick else 4, rounds=1 if quick else 3)
        ten_per_s = _on_the_wall(servers["ours"]["ten items"], token, seconds=2 if quick else 10)
    return _judged(per_cpu_s, ten_per_s, held)


def _on_the_wall(address: str, token: str, *, seconds: int) -> float | None:
    try:
        requests_per_s(address, token=token, seconds=1)
        return requests_per_s(address, token=token, seconds=seconds)
    except CannotServe as refusal:
        skipped(BENCH, "requests per second on the wall", str(refusal))
        return None


@contextmanager
def _ours(engine: Engine) -> Iterator[dict[str, str]]:
    with engine.connect() as conn:
        number = conn.execute(text("SELECT number FROM incident WHERE id = (SELECT max(id) / 2 FROM incident)")).scalar_one()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WANGGE_DATABASE_URL": url_of(engine), "WANGGE_VAR_DIR": folder}
        with served("server.app:create_app", environment=environment, factory=True, probe="/readyz") as address:
            yield questions(f"{address}/ogc", f"{address}/ogc/collections/incidents", item=number, form="json")


def _measured(
    servers: dict[str, dict[str, str]], engine: Engine, token: str, *, seconds: float, rounds: int
) -> dict[str, dict[str, float]]:
    """Requests per second of processor time, by kind of request and server: the medians of some rounds after one to warm up."""
    found: dict[str, dict[str, float]] = {}
    for kind in servers["ours"]:
        speeds: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(1 + rounds):
            for name, addresses in servers.items():
                known_by = token if name == "ours" else ""
                speeds[name].append(requests_per_cpu_s(addresses[kind], engine=engine, token=known_by, seconds=seconds))
        found[kind] = {name: statistics.median(measured[1:]) for name, measured in speeds.items()}
    return found


def _judged(per_cpu_s: dict[str, dict[str, float]], ten_per_s: float | None, held: int) -> list[Comparison]:
    results = []
    for kind, speeds in per_cpu_s.items():
        case = f"{kind}, of {held:,} incidents"
        for name, (_, least) in PEERS.items():
            if name in speeds:
                peer = ogc_peers.version(name)
                results.append(
                    higher_is_better(BENCH, case, peer, speeds["ours"], speeds[name], unit="requests/CPU s", target=least)
                )
    if ten_per_s is not None:
        case = f"ten items, of {held:,} incidents, over {CONNECTIONS} connections"
        results.append(higher_is_better(BENCH, case, TARGET, ten_per_s, LEAST_PER_S, unit="requests/s", target=1.0))
    return results
