"""Imports: a file is uploaded, checked, and applied or abandoned; one writes at a time."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.errors import ImportCancelled, ImportNotReady, NotFound
from gis.records import ImportJob
from gis.store import imports as store
from gis.store import journal

# From which states a step may begin.
BEFORE = {
    "checking": ("uploaded", "checked", "failed", "cancelled"),
    "applying": ("checked",),
    "abandoned": ("uploaded", "checked", "applied", "failed", "cancelled"),
}
RUNNING = ("checking", "applying")
WAIT_S = 0.5

Tell = Callable[[str, int, int], None]


def open_job(conn: Connection, *, kind: str, filename: str, size: int, by: str) -> ImportJob:
    """Note a file that came in."""
    return store.save(conn, kind=kind, filename=filename, size=size, by=by)


def get(conn: Connection, job_id: int) -> ImportJob:
    """One import. Raises NotFound."""
    job = store.by_id(conn, job_id)
    if job is None or job.state == "abandoned":
        raise NotFound(f"There is no import {job_id}.")
    return job


def find(conn: Connection, job_id: int) -> ImportJob | None:
    """One import in whatever state, abandoned too; None if there never was one."""
    return store.by_id(conn, job_id)


def latest(conn: Connection, *, limit: int = 50) -> list[ImportJob]:
    """The newest imports first."""
    return store.latest(conn, limit=limit)


def begin(conn: Connection, job_id: int, state: str, **given: Any) -> ImportJob:
    """Begin the next step of an import; `given` may set `source` and `options`. Raises NotFound, ImportNotReady."""
    job = store.by_id(conn, job_id, lock=True)
    if job is None or job.state == "abandoned":
        raise NotFound(f"There is no import {job_id}.")
    if job.state not in BEFORE[state]:
        raise ImportNotReady(f"The import is {job.state}; this can begin when it is {' or '.join(BEFORE[state])}.", state=job.state)
    if state == "applying" and (job.outcome or {}).get("errors"):
        raise ImportNotReady(
            f"{job.outcome['errors']} findings must be mended in the file first; nothing was written.",  # type: ignore[index]
            state=job.state,
        )
    store.change(conn, job_id, state=state, step=None, done=0, total=0, cancel_asked=False, problem=None, **given)
    return get(conn, job_id) if state != "abandoned" else job


def advance(conn: Connection, job_id: int, step: str, done: int, total: int) -> None:
    """Say how far a run is. Raises ImportCancelled when somebody asked for it."""
    if store.advance(conn, job_id, step=step, done=done, total=total):
        raise ImportCancelled("The import was cancelled; nothing was written.")


def end(conn: Connection, job_id: int, state: str, *, outcome: dict[str, Any] | None = None, problem: str | None = None) -> None:
    """Say how a run ended."""
    told = {"outcome": outcome} if outcome is not None else {}
    store.change(conn, job_id, state=state, problem=problem, step=None, **told)


def ask_cancel(conn: Connection, job_id: int) -> ImportJob:
    """Ask a run to stop at its next step; one that no worker has begun stops at once. Raises NotFound."""
    job = get(conn, job_id)
    if job.state in RUNNING:
        store.change(conn, job_id, cancel_asked=True)
        if store.try_run_lock(conn, job_id):
            end(conn, job_id, after_cancel(job.state))
    return get(conn, job_id)


def after_cancel(state: str) -> str:
    """What an import is when its run was cancelled: what was checked before an application still is."""
    return "cancelled" if state == "checking" else "checked"


def hold_run(conn: Connection, job_id: int) -> bool:
    """Be the one who runs this import, until the transaction ends."""
    return store.try_run_lock(conn, job_id)


def is_held(conn: Connection, job_id: int) -> bool:
    """Whether some process runs this import at the moment; one that died holds nothing."""
    return not store.try_run_lock(conn, job_id)


def hold_writing(conn: Connection, tell: Tell) -> None:
    """Wait until no other import writes, and keep others waiting until this transaction ends."""
    while not store.try_write_lock(conn):
        tell("Waiting for another import", 0, 0)
        time.sleep(WAIT_S)


def give_up_orphans(conn: Connection) -> int:
    """Fail every import whose run died with its process; returns how many."""
    begun = [job for job in store.in_states(conn, RUNNING) if job.step is not None]
    orphans = [job for job in begun if store.try_run_lock(conn, job.id)]
    for job in orphans:
        end(conn, job.id, "failed", problem="The server stopped during the run; nothing was written. Start it again.")
    return len(orphans)


def note_applied(conn: Connection, *, kind: str, filename: str, digest: str, by: str, **counts: Any) -> None:
    """Put an applied import into the journal, in the transaction that wrote it."""
    journal.append(conn, "import.applied", subject=filename, actor=by, brought=kind, digest=digest, **counts)


def applied_before(conn: Connection, digest: str) -> datetime | None:
    """When a file with this digest was brought in; None if it never was."""
    return store.applied_at(conn, digest)
