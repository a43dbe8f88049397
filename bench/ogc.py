"""OGC API - Features over two million incidents: ours, with log-in and joined names, against tipg and pygeoapi, which have neither.

Requests per second to two workers each; the servers take turns, kind by kind of request.
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
from bench.serving import CannotServe, requests_per_s, served
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
        try:
            per_s = _measured(servers, token, seconds=1 if quick else 5, rounds=1 if quick else 3)
        except CannotServe as refusal:
            skipped(BENCH, "everything", str(refusal))
            return []
    return _judged(per_s, held)


@contextmanager
def _ours(engine: Engine) -> Iterator[dict[str, str]]:
    with engine.connect() as conn:
        number = conn.execute(text("SELECT number FROM incident WHERE id = (SELECT max(id) / 2 FROM incident)")).scalar_one()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WANGGE_DATABASE_URL": url_of(engine), "WANGGE_VAR_DIR": folder}
        with served("server.app:create_app", environment=environment, factory=True, probe="/readyz") as address:
            yield questions(f"{address}/ogc", f"{address}/ogc/collections/incidents", item=number, form="json")


def _measured(servers: dict[str, dict[str, str]], token: str, *, seconds: int, rounds: int) -> dict[str, dict[str, float]]:
    """Requests per second by kind of request and server: the median of some rounds."""
    found: dict[str, dict[str, float]] = {}
    for kind in servers["ours"]:
        speeds: dict[str, list[float]] = {name: [] for name in servers}
        for name, addresses in servers.items():  # connections, and the database's memory of the pages
            requests_per_s(addresses[kind], token=token if name == "ours" else "", seconds=1)
        for _ in range(rounds):
            for name, addresses in servers.items():
                speeds[name].append(requests_per_s(addresses[kind], token=token if name == "ours" else "", seconds=seconds))
        found[kind] = {name: statistics.median(measured) for name, measured in speeds.items()}
    return found


def _judged(per_s: dict[str, dict[str, float]], held: int) -> list[Comparison]:
    results = []
    for kind, speeds in per_s.items():
        case, ours = f"{kind}, of {held:,} incidents", speeds["ours"]
        if kind == "ten items":
            results.append(higher_is_better(BENCH, case, TARGET, ours, LEAST_PER_S, unit="requests/s", target=1.0))
        for name, (_, least) in PEERS.items():
            if name in speeds:
                peer = ogc_peers.version(name)
                results.append(higher_is_better(BENCH, case, peer, ours, speeds[name], unit="requests/s", target=least))
    return results
