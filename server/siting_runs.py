"""Searches for sites in the worker: with the greedy answer at once, progress and a stop button."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from gis import sitings
from gis.coverage_records import Siting
from gis.rules.walking import SearchStopped
from server.run_ending import noting_failure
from server.run_telling import Teller


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
            with noting_failure(f"siting {siting_id}", fail=lambda problem: self._fail(siting, problem)):
                try:
                    self._search(siting)
                except SearchStopped:
                    with self.engine.begin() as conn:
                        sitings.end_stopped(conn, siting)

    def _search(self, siting: Siting) -> None:
        teller = Teller(self.engine, siting.id, sitings.advance)
        teller.tell(0, siting.total)
        with self.engine.connect() as conn:
            outcome, stopped = sitings.search(
                conn, siting, folder=self.folder, glimpsed=lambda found: self._note(siting, found), progress=teller.tell,
                stop=lambda: teller.stop,
            )  # fmt: skip
        with self.engine.begin() as conn:
            sitings.finish(conn, siting, outcome, stopped=stopped)

    def _note(self, siting: Siting, outcome: dict[str, Any]) -> None:
        """Write the answer of the first moment."""
        with self.engine.begin() as conn:
            sitings.note(conn, siting.id, outcome)

    def _fail(self, siting: Siting, problem: str) -> None:
        with self.engine.begin() as conn:
            sitings.fail(conn, siting, problem)
