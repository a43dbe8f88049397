"""Runs of audits: at once where few facilities are asked for, in the worker for many, with progress and a stop button."""

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from gis import audits
from gis.coverage_records import Audit
from gis.errors import WanggeError
from gis.rules.walking import SearchStopped

log = logging.getLogger(__name__)

TOLD_EVERY_S = 0.3
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
            try:
                self._search(audit)
            except SearchStopped:
                with self.engine.begin() as conn:
                    audits.end_stopped(conn, audit)
            except WanggeError as refusal:
                self._fail(audit, refusal.detail)
            except Exception:
                log.exception("audit %d failed", audit_id)
                self._fail(audit, "Something went wrong on our side; it is in the worker's log. Nothing was written.")
                raise

    def _search(self, audit: Audit) -> None:
        teller = Teller(self.engine, audit.id)
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


@dataclass
class Teller:
    """Writes progress by connections of its own, and hears whether to stop; called by several threads."""

    engine: Engine
    audit_id: int
    stop: bool = False
    _said_at: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, done: int, total: int) -> None:
        """Say how far the audit is, not more often than anybody looks."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if done and time.monotonic() - self._said_at < TOLD_EVERY_S:
                return
            self._said_at = time.monotonic()
            with self.engine.begin() as conn:
                self.stop = audits.advance(conn, self.audit_id, done=done)
        finally:
            self._turn.release()
