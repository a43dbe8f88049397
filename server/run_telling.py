"""How far a run in the worker is, written for those who wait, and whether they stopped it."""

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection, Engine

TOLD_EVERY_S = 0.3


class Advance(Protocol):
    """What the service of a run writes how far it is with; the answer is whether it should stop."""

    def __call__(self, conn: Connection, run_id: int, /, *, done: int) -> bool: ...


@dataclass
class Teller:
    """Writes progress by connections of its own, and hears whether to stop; called by several threads."""

    engine: Engine
    run_id: int
    advance: Advance
    stop: bool = False
    _said_at: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, done: int, total: int) -> None:
        """Say how far the run is, not more often than anybody looks."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            if done and time.monotonic() - self._said_at < TOLD_EVERY_S:
                return
            self._said_at = time.monotonic()
            with self.engine.begin() as conn:
                self.stop = self.advance(conn, self.run_id, done=done)
        finally:
            self._turn.release()
