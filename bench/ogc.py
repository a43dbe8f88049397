"""OGC API - Features over two million incidents: ours, with log-in and joined names, against tipg and pygeoapi, which have neither.

Requests per second of processor time, of the server with its two workers and of the database's backends together: a busy machine
does not count. The servers take turns, kind by kind of request. Requests per second on the wall are shown beside.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from sqlalchemy import Engine, text

from bench import ogc_peers
from bench.big_city import big_city, fill
from bench.ogc_peers import questions, url_of
from bench.report import TARGET, Comparison, figure, higher_is_better, skipped
from bench.serving import CannotServe, requests_per_s, served
from bench.sessions import server_cpu_s
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
            measured = _measured(servers, engine, token, seconds=1 if quick else 5, rounds=1 if quick else 3)
        except CannotServe as refusal:
            skipped(BENCH, "everything", str(refusal))
            return []
    return _judged(measured, held)


class Speed(NamedTuple):
    """Requests per second of processor time, and on the wall."""

    per_cpu_s: float
    per_s: float


@contextmanager
def _ours(engine: Engine) -> Iterator[dict[str, str]]:
    with engine.connect() as conn:
        number = conn.execute(text("SELECT number FROM incident WHERE id = (SELECT max(id) / 2 FROM incident)")).scalar_one()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"WANGGE_DATABASE_URL": url_of(engine), "WANGGE_VAR_DIR": folder}
        with served("server.app:create_app", environment=environment, factory=True, probe="/readyz") as address:
            yield questions(f"{address}/ogc", f"{address}/ogc/collections/incidents", item=number, form="json")


def _measured(
    servers: dict[str, dict[str, str]], engine: Engine, token: str, *, seconds: int, rounds: int
) -> dict[str, dict[str, Speed]]:
    """Speeds by kind of request and server: the medians of some rounds."""
    found: dict[str, dict[str, Speed]] = {}
    for kind in servers["ours"]:
        asked = {name: (addresses[kind], token if name == "ours" else "") for name, addresses in servers.items()}
        for address, known_by in asked.values():  # connections, and the database's memory of the pages
            requests_per_s(address, token=known_by, seconds=1)
        runs = [{name: _run(*asked[name], engine, seconds=seconds) for name in asked} for _ in range(rounds)]
        found[kind] = {
            name: Speed(*(statistics.median(run[name][i] for run in runs) for i in range(2))) for name in asked
        }
    return found


def _run(address: str, token: str, engine: Engine, *, seconds: int) -> Speed:
    before = server_cpu_s(address, engine)
    per_s = requests_per_s(address, token=token, seconds=seconds)
    spent_s = server_cpu_s(address, engine) - before
    return Speed(per_s * seconds / max(spent_s, 1e-3), per_s)


def _judged(measured: dict[str, dict[str, Speed]], held: int) -> list[Comparison]:
    results = []
    for kind, speeds in measured.items():
        case, ours = f"{kind}, of {held:,} incidents", speeds["ours"]
        if kind == "ten items":
            results.append(
                higher_is_better(BENCH, case, TARGET, ours.per_s, LEAST_PER_S, unit="requests/s", target=1.0)
            )
        results.append(figure(BENCH, case, ours.per_s, unit="requests/s"))
        for name, (_, least) in PEERS.items():
            if name in speeds:
                theirs, peer = speeds[name], ogc_peers.version(name)
                results.append(
                    higher_is_better(BENCH, case, peer, ours.per_cpu_s, theirs.per_cpu_s, unit="requests/CPU s", target=least)
                )
    return results
