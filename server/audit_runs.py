"""Runs of audits: at once where few facilities are asked for, in the worker for many, with progress and a stop button."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from gis import audits
from gis.coverage_records import Audit
from gis.errors import WanggeError
from gis.rules.walking import SearchStopped
from server.run_ending import noting_failure
from server.run_telling import Teller

AT_ONCE = 2_000
"""Facilities that are searched while the auditor waits: a second on foot in a city of ten million."""


def run_at_once(conn: Connection, audit: Audit, *, folder: Path) -> None:
    """Audit inside the transaction that asked."""
    try:
        with conn.begin_nested():
            audits.finish(conn, audit, audits.search(conn, audit, folder=folder, now=datetime.now(UTC)))
    except WanggeError as refusal:
        audits.fail(conn, audit, refusal.detail)


@dataclass(frozen=True)
class AuditRunner:
    """Runs what waits, one after the other, in the worker. `folder` is where networks are kept as arrays."""

    engine: Engine
    folder: Path

    def run(self, audit_id: int) -> None:
        """Audit, and note how it ended. Never raises for a question that cannot be answered."""
        with self.engine.connect() as holder:
            audit = audits.hold_run(holder, audit_id)
            if audit is None:
                return
            with noting_failure(f"audit {audit_id}", fail=lambda problem: self._fail(audit, problem)):
                try:
                    self._search(audit)
                except SearchStopped:
                    with self.engine.begin() as conn:
                        audits.end_stopped(conn, audit)

    def _search(self, audit: Audit) -> None:
        teller = Teller(self.engine, audit.id, audits.advance)
        teller.tell(0, audit.total)
        with self.engine.connect() as conn:
            now = datetime.now(UTC)
            found = audits.search(conn, audit, folder=self.folder, now=now, progress=teller.tell, stop=lambda: teller.stop)
        with self.engine.begin() as conn:
            if audits.advance(conn, audit.id, done=audit.total):
                raise SearchStopped
            audits.finish(conn, audit, found)

    def _fail(self, audit: Audit, problem: str) -> None:
        with self.engine.begin() as conn:
            audits.fail(conn, audit, problem)
