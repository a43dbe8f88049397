"""Audits of coverage: asked for, run, looked at, repeated, compared, published."""

import secrets
from typing import Any, Literal

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, ConfigDict, Field

from gis import audits
from gis.coverage_records import Audit, AuditRow
from gis.rules.audit_comparing import AuditsCompared, UnitChange
from server.api.coverage import networks_folder
from server.api.coverage_answers import facilities_told, gaps_told, rounded, row_told
from server.api.reach_question import QuestionBody
from server.api.texts import OneLine, Text
from server.audit_runs import AT_ONCE, run_at_once
from server.auth import actor
from server.database import reading, writing
from server.jobs import defer_audit
from server.run_ending import leave_to_the_worker

bp = APIBlueprint("audits", __name__, abp_tags=[Tag(name="audits", description="Audits of coverage")])

KEY_BYTES = 16
Level = Literal["district", "town", "community", "grid"]


class AuditBody(BaseModel):
    """What to audit."""

    model_config = ConfigDict(extra="forbid")

    name: OneLine = Field(min_length=1, max_length=200)
    question: QuestionBody = Field(default_factory=QuestionBody)


class AuditPath(BaseModel):
    """Which audit."""

    id: int = Field(ge=1, lt=2**63)


class PairPath(AuditPath):
    """Which two audits: `id` is the one before, `other` the one after."""

    other: int = Field(ge=1, lt=2**63)


class LevelQuery(BaseModel):
    """Which units."""

    level: Level | None = None


class RowsQuery(LevelQuery):
    """Which units, and whether covered."""

    covered: bool | None = None


class RepeatBody(BaseModel):
    """What to call the audit that repeats another."""

    model_config = ConfigDict(extra="forbid")

    name: OneLine | None = Field(default=None, min_length=1, max_length=200, description="The other's name where none is given")


class StatementBody(BaseModel):
    """What an audit proves, in the words of whoever answers for it."""

    model_config = ConfigDict(extra="forbid")

    statement: Text = Field(min_length=1, max_length=2_000)


@bp.post("/audits")
def ask(body: AuditBody) -> tuple[dict[str, Any], int]:
    """Ask for an audit; of few facilities it is there with the answer, of many it is run in the background."""
    with writing() as conn:
        audit = audits.ask(conn, name=body.name, question=body.question.question(), by=actor())
        answered = _begun(conn, audit)
    if audit.total > AT_ONCE:
        leave_to_the_worker(audit, defer_audit, fail=audits.fail)
    return answered, 201


@bp.post("/audits/<int:id>/repeat")
def repeat(path: AuditPath, body: RepeatBody) -> tuple[dict[str, Any], int]:
    """Ask the same question of the city as it is today; the new audit knows which one it repeats."""
    with writing() as conn:
        audit = audits.repeat(conn, path.id, name=body.name, by=actor())
        answered = _begun(conn, audit)
    if audit.total > AT_ONCE:
        leave_to_the_worker(audit, defer_audit, fail=audits.fail)
    return answered, 201


def _begun(conn: Any, audit: Audit) -> dict[str, Any]:
    if audit.total <= AT_ONCE:
        run_at_once(conn, audit, folder=networks_folder())
    return audit_told(audits.get(conn, audit.id))


@bp.get("/audits")
def listed() -> dict[str, Any]:
    """The newest audits, newest first."""
    with reading() as conn:
        return {"audits": [audit_told(audit) for audit in audits.find(conn)]}


@bp.get("/audits/<int:id>")
def describe(path: AuditPath) -> dict[str, Any]:
    """One audit: how far it is, what it was asked of, and at its end what it found."""
    with reading() as conn:
        return audit_told(audits.get(conn, path.id))


@bp.get("/audits/<int:id>/rows")
def rows(path: AuditPath, query: RowsQuery) -> dict[str, Any]:
    """What was found by unit, of a level, of those covered or not."""
    with reading() as conn:
        found = audits.rows(conn, path.id, level=query.level, covered=query.covered)
    return {"rows": [row_told(row) for row in found]}


@bp.get("/audits/<int:id>/gaps")
def gaps(path: AuditPath) -> dict[str, Any]:
    """The ground that is not covered as GeoJSON, with the residents of each gap."""
    with reading() as conn:
        return gaps_told(audits.gaps(conn, path.id))


@bp.get("/audits/<int:id>/facilities")
def facilities(path: AuditPath) -> dict[str, Any]:
    """The facilities that were counted as GeoJSON, with whom they serve and which standards they fail."""
    with reading() as conn:
        return facilities_told(audits.facilities_counted(conn, path.id))


@bp.get("/audits/<int:id>/cells")
def cells(path: AuditPath) -> dict[str, Any]:
    """What was found by cell, as columns: metres to the nearest (null beyond the limit), facilities within it."""
    with reading() as conn:
        found = audits.cells(conn, path.id)
    return {"id": found.cell_id, "metres": found.metres, "within": found.within, "accessibility": found.accessibility}


@bp.get("/audits/<int:id>/compare/<int:other>")
def compare(path: PairPath, query: LevelQuery) -> dict[str, Any]:
    """What differs between two audits: the sums, what they were asked of, and the units gained and lost."""
    with reading() as conn:
        found = audits.compare(conn, path.id, path.other)
    return _compared(found, level=query.level)


@bp.post("/audits/<int:id>/stop")
def stop(path: AuditPath) -> dict[str, Any]:
    """Stop an audit; nothing of it is kept but that it was asked for."""
    with writing() as conn:
        return audit_told(audits.ask_stop(conn, path.id, by=actor()))


@bp.post("/audits/<int:id>/publish")
def publish(path: AuditPath, body: StatementBody) -> dict[str, Any]:
    """Publish an audit with a statement: whoever has its address reads it without a log-in."""
    with writing() as conn:
        key = secrets.token_urlsafe(KEY_BYTES)
        return audit_told(audits.publish(conn, path.id, statement=body.statement, key=key, by=actor()))


@bp.post("/audits/<int:id>/withdraw")
def withdraw(path: AuditPath) -> dict[str, Any]:
    """Take a published audit back: its address opens nothing any more."""
    with writing() as conn:
        return audit_told(audits.withdraw(conn, path.id, by=actor()))


def audit_told(audit: Audit) -> dict[str, Any]:
    """An audit as JSON has it."""
    names = (
        "id", "name", "question", "state", "done", "total", "stop_asked", "problem", "inputs", "author", "at", "ended_at",
        "statement", "published_by", "published_at",
    )  # fmt: skip
    return {name: getattr(audit, name) for name in names} | {
        "area": {"code": audit.area_code, "name": audit.area_name.as_dict()},
        "totals": audit.outcome,
        "repeats": audit.repeats_id,
        "key": audit.key,
        "page": audit.key and f"/audits/{audit.key}",
    }


def _compared(found: AuditsCompared, *, level: str | None) -> dict[str, Any]:
    levels = ("community", "town", "grid") if level is None else (level,)
    return {
        "before": audit_told(found.before),
        "after": audit_told(found.after),
        "totals": {name: {"before": before, "after": after} for name, (before, after) in found.totals.items()},
        "differs": [
            {"what": what, "says": says.as_dict(), "before": before, "after": after} for what, says, before, after in found.differs
        ],
        "units": [_unit(unit) for unit in found.units if unit.level in levels],
    }


def _unit(unit: UnitChange) -> dict[str, Any]:
    return {
        "level": unit.level, "code": unit.code, "name": unit.name.as_dict(), "verdict": unit.verdict,
        "before": _amounts(unit.before), "after": _amounts(unit.after),
    }  # fmt: skip


def _amounts(row: AuditRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "covered": row.covered, "residents": row.residents, "covered_residents": round(row.covered_residents, 1),
        "mean_m": rounded(row.mean_m, 1),
    }  # fmt: skip
