"""Audits of coverage: asked for, measured and counted, kept with all they were asked of, compared, published."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from gis.coverage_counting import Counted, count
from gis.coverage_findings import cells_of, facilities_of, gaps_of, inputs_of
from gis.coverage_measuring import facilities, measure
from gis.coverage_records import Audit, AuditCells, AuditFacility, AuditGap, AuditRow, ReachQuestion
from gis.errors import AuditNotReady, BadQuestion, NoNetwork, NotFound
from gis.rules.audit_comparing import AuditsCompared, compared
from gis.rules.facility_standards import those_that_fail
from gis.rules.reach_questions import question_of
from gis.store import audit_findings, journal, networks
from gis.store import audits as store

LISTED_AT_MOST = 200
LEAST_NAME, MOST_NAME, MOST_STATEMENT = 1, 200, 2_000
LOST = "The run was interrupted. Ask again: the same question of the same city has the same answer."
Progress = Callable[[int, int], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Found:
    """What an audit found, ready to be written."""

    counted: Counted
    inputs: dict[str, Any]
    gaps: list[AuditGap]
    facilities: list[AuditFacility]


def ask(conn: Connection, *, name: str, question: ReachQuestion, by: str, repeats_id: int | None = None) -> Audit:
    """Note an audit that waits for its turn. Raises BadQuestion, NoNetwork, NothingToReach for one that cannot be."""
    if not LEAST_NAME <= len(name.strip()) <= MOST_NAME:
        says = f"Give the audit a name of at most {MOST_NAME} characters."
        raise BadQuestion(f"name: {says}", errors=[{"field": "name", "message": says}])
    asked = facilities(conn, question)
    if question.method == "walk" and networks.in_force(conn) is None:
        raise NoNetwork("No walking network is in force: bring one in, or ask by radius.")
    audit = store.save(conn, name=name.strip(), question=question, total=len(asked), by=by, repeats_id=repeats_id)
    if audit is None:
        says = f"There is no area {question.scope}."
        raise BadQuestion(f"scope: {says}", errors=[{"field": "scope", "message": says}])
    journal.append(conn, "audit.asked", subject=str(audit.id), actor=by, name=audit.name)
    return audit


def repeat(conn: Connection, audit_id: int, *, name: str | None, by: str) -> Audit:
    """Ask the same question of the city as it is today. Raises NotFound, and what `ask` raises."""
    before = get(conn, audit_id)
    return ask(conn, name=name or before.name, question=question_of(before.question), by=by, repeats_id=before.id)


def find(conn: Connection) -> list[Audit]:
    """The newest audits, newest first."""
    return store.find(conn, limit=LISTED_AT_MOST)


def get(conn: Connection, audit_id: int) -> Audit:
    """One audit. Raises NotFound."""
    audit = store.by_id(conn, audit_id)
    if audit is None:
        raise NotFound(f"There is no audit {audit_id}.")
    return audit


def published(conn: Connection, key: str) -> Audit:
    """The audit that a public key opens. Raises NotFound."""
    audit = store.by_key(conn, key)
    if audit is None:
        raise NotFound("No audit is published here, or it was withdrawn.")
    return audit


def rows(conn: Connection, audit_id: int, *, level: str | None = None, covered: bool | None = None) -> list[AuditRow]:
    """What an audit found by unit, of a level, of those covered or not; nothing before its end. Raises NotFound."""
    get(conn, audit_id)
    return audit_findings.rows(conn, audit_id, level=level, covered=covered)


def gaps(conn: Connection, audit_id: int) -> list[AuditGap]:
    """The ground that is not covered, one gap after the other. Raises NotFound."""
    get(conn, audit_id)
    return audit_findings.gaps(conn, audit_id)


def facilities_counted(conn: Connection, audit_id: int) -> list[AuditFacility]:
    """The facilities that an audit counted, as they were then. Raises NotFound."""
    get(conn, audit_id)
    return audit_findings.facilities(conn, audit_id)


def cells(conn: Connection, audit_id: int) -> AuditCells:
    """What an audit found by cell. Raises NotFound, AuditNotReady before its end."""
    audit = get(conn, audit_id)
    found = audit_findings.cells(conn, audit_id)
    if found is None:
        raise AuditNotReady(f"Audit {audit.id} has no cells: it is {audit.state}.")
    return found


def cell_shapes(conn: Connection, audit_id: int) -> dict[int, Any]:
    """The polygons of the cells that an audit counted, EPSG:4326, by id."""
    return audit_findings.cell_shapes(conn, audit_id)


def outlines(conn: Connection, audit: Audit, *, level: str) -> dict[str, Any]:
    """The ground of the units of a level, EPSG:4326, by code; of grids as the plan of then has them."""
    plan_id = require_done(audit).inputs["plan"]["id"]  # type: ignore[index]
    return audit_findings.outlines(conn, audit.id, level=level, plan_id=plan_id)


def auditor(conn: Connection, audit: Audit) -> str:
    """The name of whoever answers for an audit: who published it, else who asked for it."""
    return store.display_name(conn, audit.published_by or audit.author)


def compare(conn: Connection, before_id: int, after_id: int) -> AuditsCompared:
    """What differs between two audits, by unit, and in what they were asked of. Raises NotFound, AuditNotReady."""
    before, after = (_done(conn, audit_id) for audit_id in (before_id, after_id))
    return compared(
        before, after, rows_before=audit_findings.rows(conn, before.id), rows_after=audit_findings.rows(conn, after.id)
    )


def publish(conn: Connection, audit_id: int, *, statement: str, key: str, by: str) -> Audit:
    """Publish an audit with a statement under a key that nobody can guess. Raises NotFound, BadQuestion, AuditNotReady."""
    if not 1 <= len(statement.strip()) <= MOST_STATEMENT:
        says = f"State what the audit proves, in at most {MOST_STATEMENT:,} characters."
        raise BadQuestion(f"statement: {says}", errors=[{"field": "statement", "message": says}])
    audit = _done(conn, audit_id)
    if not store.publish(conn, audit_id, key=key, statement=statement.strip(), by=by):
        raise AuditNotReady(f"Audit {audit.id} is published already; withdraw it first.")
    journal.append(conn, "audit.published", subject=str(audit_id), actor=by, statement=statement.strip())
    return get(conn, audit_id)


def withdraw(conn: Connection, audit_id: int, *, by: str) -> Audit:
    """Take a published audit back: its address opens nothing any more. Raises NotFound, AuditNotReady."""
    get(conn, audit_id)
    if not store.withdraw(conn, audit_id):
        raise AuditNotReady(f"Audit {audit_id} is not published.")
    journal.append(conn, "audit.withdrawn", subject=str(audit_id), actor=by)
    return get(conn, audit_id)


def ask_stop(conn: Connection, audit_id: int, *, by: str) -> Audit:
    """Ask an audit to stop; one that nobody has begun stops at once. Raises NotFound."""
    audit = get(conn, audit_id)
    if audit.state in ("waiting", "running"):
        store.RUNS.ask_stop(conn, audit_id)
        journal.append(conn, "audit.stop_asked", subject=str(audit_id), actor=by)
    return get(conn, audit_id)


def search(
    conn: Connection, audit: Audit, *, folder: Path, now: datetime, progress: Progress | None = None, stop: Stop | None = None
) -> Found:
    """Measure and count what an audit asks; nothing is written.

    Raises BadQuestion, NoNetwork, NothingToReach when it cannot be answered any more, and SearchStopped when `stop` says so.
    """
    counted = count(measure(conn, question_of(audit.question), folder=folder, progress=progress, stop=stop))
    return Found(counted, inputs_of(conn, counted, now=now), gaps_of(counted), facilities_of(conn, counted))


def finish(conn: Connection, audit: Audit, found: Found) -> None:
    """Write what an audit found, and that it is done."""
    audit_findings.save_rows(conn, audit.id, found.counted.rows)
    audit_findings.save_cells(conn, audit.id, cells_of(found.counted))
    audit_findings.save_gaps(conn, audit.id, found.gaps)
    audit_findings.save_facilities(conn, audit.id, found.facilities)
    store.note_inputs(conn, audit.id, found.inputs)
    store.RUNS.end(conn, audit.id, "done", outcome=outcome_of(found))


def outcome_of(found: Found) -> dict[str, Any]:
    """The sums of an audit, what its facilities fail, and what is odd about it."""
    return found.counted.totals | {
        "fails": those_that_fail([tuple(each.fails) for each in found.facilities]),
        "findings": [each.as_dict() for each in found.counted.findings],
    }


def end_stopped(conn: Connection, audit: Audit) -> None:
    """Write that an audit was stopped: half an audit proves nothing, so that nothing of it is kept."""
    store.RUNS.end(conn, audit.id, "stopped")


def fail(conn: Connection, audit: Audit, problem: str) -> None:
    """Write that an audit ended without an answer, and why."""
    store.RUNS.end(conn, audit.id, "failed", problem=problem)


def hold_run(conn: Connection, audit_id: int) -> Audit | None:
    """Be the one who runs it until the transaction ends; None if somebody else does, or it has ended."""
    return store.by_id(conn, audit_id) if store.RUNS.hold(conn, audit_id) else None


def is_held(conn: Connection, audit_id: int) -> bool:
    """Whether some process runs it at the moment; one that died holds nothing."""
    return store.RUNS.is_held(conn, audit_id)


def advance(conn: Connection, audit_id: int, *, done: int) -> bool:
    """Say how far an audit is; returns whether it should stop."""
    return store.RUNS.advance(conn, audit_id, done=done)


def give_up_orphans(conn: Connection) -> None:
    """Audits whose process died fail."""
    store.RUNS.give_up_orphans(conn, problem=LOST)


def require_done(audit: Audit) -> Audit:
    """The audit, if it is done. Raises AuditNotReady."""
    if audit.state != "done":
        raise AuditNotReady(f"Audit {audit.id} is {audit.state}: only one that is done says anything.")
    return audit


def _done(conn: Connection, audit_id: int) -> Audit:
    return require_done(get(conn, audit_id))
