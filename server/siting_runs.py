"""Searches for sites in the worker: with the greedy answer at once, progress and a stop button."""

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from gis import sitings
from gis.coverage_records import Siting
from gis.errors import WanggeError
from gis.rules.walking import SearchStopped

log = logging.getLogger(__name__)

TOLD_EVERY_S = 0.3


@dataclass(frozen=True)
class SitingRunner:
    """Runs what waits, one after the other, in the worker. `folder` is where networks are kept as arrays."""

    engine: Engine
    folder: Path

    def run(self, siting_id: int) -> None:
        """Search, and note how it ended. Never raises for a wish that cannot be."""
        with self.engine.connect() as holder:
            siting = sitings.hold_run(holder, siting_id)
            if siting is None:
                return
            try:
                self._search(siting)
            except SearchStopped:
                with self.engine.begin() as conn:
                    sitings.end_stopped(conn, siting)
            except WanggeError as refusal:
                self._fail(siting, refusal.detail)
            except Exception:
                log.exception("siting %d failed", siting_id)
                self._fail(siting, "Something went wrong on our side; it is in the worker's log. Nothing was written.")
                raise

    def _search(self, siting: Siting) -> None:
        teller = Teller(self.engine, siting.id)
        teller.tell(0, siting.total)
        with self.engine.connect() as conn:
            outcome, stopped = sitings.search(
                conn, siting, folder=self.folder, glimpsed=teller.note, progress=teller.tell, stop=lambda: teller.stop
            )
        with self.engine.begin() as conn:
            sitings.finish(conn, siting, outcome, stopped=stopped)

    def _fail(self, siting: Siting, problem: str) -> None:
        with self.engine.begin() as conn:
            sitings.fail(conn, siting, problem)


@dataclass
class Teller:
    """Writes progress by connections of its own, and hears whether to stop; called by several threads."""

    engine: Engine
    siting_id: int
    stop: bool = False
    _said_at: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def note(self, outcome: dict[str, Any]) -> None:
        """Write the answer of the first moment."""
        with self.engine.begin() as conn:
            sitings.note(conn, self.siting_id, outcome)

    def tell(self, done: int, total: int) -> None:
        """Say how far the search is, not more often than anybody looks."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if done and time.monotonic() - self._said_at < TOLD_EVERY_S:
                return
            self._said_at = time.monotonic()
            with self.engine.begin() as conn:
                self.stop = sitings.advance(conn, self.siting_id, done=done)
        finally:
            self._turn.release()
