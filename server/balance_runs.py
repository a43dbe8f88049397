"""Runs of the machine that balances: at once for a few communities, in the worker for many, with progress and a stop button."""

import os
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from gis import balancing
from gis.balance_records import Balancing
from gis.errors import WanggeError
from server.run_ending import noting_failure
from server.run_telling import Teller

THREADS = max(1, min(4, os.cpu_count() or 1))
AT_ONCE = 40
"""Communities that are searched while the planner waits: a large town, half a second."""


def run_at_once(conn: Connection, run: Balancing) -> None:
    """Search inside the transaction that asked."""
    try:
        with conn.begin_nested():
            balancing.finish(conn, run, balancing.search(conn, run, threads=THREADS))
    except WanggeError as refusal:
        balancing.fail(conn, run, refusal.detail)


@dataclass(frozen=True)
class BalanceRunner:
    """Runs what waits, one after the other, in the worker."""

    engine: Engine

    def run(self, balancing_id: int) -> None:
        """Search, and note how it ended. Never raises for a wish that cannot be."""
        with self.engine.connect() as holder:
            run = balancing.hold_run(holder, balancing_id)
            if run is None:
                return
            with noting_failure(f"balancing {balancing_id}", fail=lambda problem: self._fail(run, problem)):
                self._search(run)

    def _search(self, run: Balancing) -> None:
        teller = Teller(self.engine, run.id, balancing.advance)
        teller.tell(0, run.total)
        with self.engine.connect() as conn:
            found = balancing.search(conn, run, threads=THREADS, progress=teller.tell, stop=lambda: teller.stop)
        with self.engine.begin() as conn:
            balancing.finish(conn, run, found)

    def _fail(self, run: Balancing, problem: str) -> None:
        with self.engine.begin() as conn:
            balancing.fail(conn, run, problem)
