"""The worker that calls departments: looks through the journal, and calls whoever is due, each department by itself."""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import orjson
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from gis import hooks
from gis.source_records import HookCall
from server.fetching import FetchFailed, fetch

log = logging.getLogger(__name__)

PAUSE_S = 1.0
TIDY_EVERY_S = 3600.0
PAUSE_AFTER_FAULT_S = 5.0
TIMEOUT_S = 10.0
ANSWER_LIMIT_BYTES = 1 << 16
CALLS_AT_ONCE = 200
DEPARTMENTS_AT_ONCE = 8


class HookCaller:
    """Calls departments until it is stopped. A slow one keeps no other waiting."""

    def __init__(self, engine: Engine) -> None:
        """`engine` has room for as many connections as departments are called at once."""
        self.engine = engine
        self.pool = ThreadPoolExecutor(DEPARTMENTS_AT_ONCE, thread_name_prefix="hooks")
        self.busy: dict[int, Future[int]] = {}
        self.tidied_s: float | None = None

    def run(self, stop: Event) -> None:
        """Look and call until `stop` is set; a database that is away is asked again."""
        while not stop.is_set():
            try:
                more = self.round()
            except SQLAlchemyError as error:
                log.warning("calls to departments wait for the database: %s", error)
                stop.wait(PAUSE_AFTER_FAULT_S)
                continue
            if not more:
                stop.wait(PAUSE_S)
        self.pool.shutdown(wait=False, cancel_futures=True)

    def round(self) -> bool:
        """Look through the journal and set out for every department that is due; returns whether there is more to look at."""
        with self.engine.begin() as conn:
            _, more = hooks.collect(conn)
        self._tidy()
        with self.engine.begin() as conn:
            due = hooks.sources_due(conn)
        for source_id in [each for each, call in self.busy.items() if call.done()]:
            self._note_end(self.busy.pop(source_id))
        for source_id in due:
            if source_id not in self.busy:
                self.busy[source_id] = self.pool.submit(self.call, source_id)
        return more

    def _tidy(self) -> None:
        """Once an hour, drop what was heard long ago."""
        if self.tidied_s is None or time.monotonic() - self.tidied_s > TIDY_EVERY_S:
            with self.engine.begin() as conn:
                hooks.forget(conn)
            self.tidied_s = time.monotonic()

    def call(self, source_id: int) -> int:
        """Make the calls of a department one after the other, until none is due or one is not heard; returns how many were."""
        heard = 0
        for _ in range(CALLS_AT_ONCE):
            with self.engine.begin() as conn:
                call = hooks.take_next(conn, source_id)
            if call is None or not self._make(call):
                break
            heard += 1
        return heard

    def _make(self, call: HookCall) -> bool:
        status, fault = send(call, at=datetime.now(UTC))
        with self.engine.begin() as conn:
            return hooks.note(conn, call, status=status, fault=fault, now=datetime.now(UTC))

    @staticmethod
    def _note_end(call: Future[int]) -> None:
        fault = call.exception()
        if fault is not None:
            log.error("a call to a department broke off: %s", fault, exc_info=fault)


def send(call: HookCall, *, at: datetime) -> tuple[int | None, str | None]:
    """Make one call, signed; returns the status, or why there was none."""
    body = orjson.dumps(call.body)
    headers: dict[str, Any] = {
        "Content-Type": "application/json",
        "X-Wangge-Event": call.body["event"],
        "X-Wangge-Kind": call.body["kind"],
        "X-Wangge-Try": str(call.tries),
        "X-Wangge-Signature": hooks.signature(call.secret, body, at=at),
    }
    try:
        answered = fetch(call.url, method="POST", body=body, headers=headers, timeout_s=TIMEOUT_S, limit_bytes=ANSWER_LIMIT_BYTES)
    except FetchFailed as error:
        return None, str(error)
    return answered.status, None
