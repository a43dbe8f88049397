"""Runs of imports in the worker: a check or an application, with its progress, its end, and the files beside it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Engine

from gis import imports
from gis.errors import ImportCancelled, NotFound
from gis.locating import Locator
from gis.records import ImportJob, Name
from gis.rules.datums import Datum
from server.run_ending import noting_failure

TOLD_EVERY_S = 0.3
REPORT, FINDINGS, UNITS = "report.json", "findings.geojson", "units.geojson"


@dataclass(frozen=True)
class Runner:
    """Runs imports of one installation: the database, the placing indexes, and the folder that uploads lie in."""

    engine: Engine
    locator: Locator
    folder: Path

    def folder_of(self, job_id: int) -> Path:
        """Where the file of an import and its report lie."""
        return self.folder / str(job_id)

    def source_of(self, job_id: int) -> Path:
        """The uploaded file. Raises NotFound when it is gone."""
        found = next(self.folder_of(job_id).glob("source.*"), None)
        if found is None:
            raise NotFound("The uploaded file is gone; nothing was written. Upload it again.")
        return found

    def run(self, job_id: int) -> None:
        """Check or apply an import, as its state says, and note how it ended. Never raises for what the file is to blame."""
        with self.engine.connect() as holder:
            if not imports.hold_run(holder, job_id):
                return
            with self.engine.begin() as conn:
                job = imports.find(conn, job_id)
            work = {"checking": self._check, "applying": self._apply}.get(job.state) if job else None
            if job is None or work is None:
                return  # cancelled or abandoned before its turn came
            with noting_failure(f"import {job_id}", fail=lambda problem: self._end(job_id, "failed", problem=problem)):
                try:
                    work(job)
                except ImportCancelled:
                    self._end(job_id, imports.after_cancel(job.state))

    def _end(self, job_id: int, state: str, *, outcome: dict[str, Any] | None = None, problem: str | None = None) -> None:
        with self.engine.begin() as conn:
            imports.end(conn, job_id, state, outcome=outcome, problem=problem)

    def _check(self, job: ImportJob) -> None:
        from seed.importing import check
        from seed.importing.report import findings_drawn, told, units_drawn

        with self.engine.connect() as conn:
            checked = check(
                conn,
                request_of(job, self.source_of(job.id)),
                now=datetime.now(UTC),
                atlas_at=self._atlas,
                tell=self._teller(job.id),
            )
            conn.rollback()
        folder = self.folder_of(job.id)
        report = told(checked)
        for name, content in ((REPORT, report), (FINDINGS, findings_drawn(checked)), (UNITS, units_drawn(checked))):
            (folder / name).write_bytes(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY))
        kept = ("fields", "counts", "errors", "left_out", "repaired", "notices", "summary")
        self._end(job.id, "checked", outcome={name: report[name] for name in kept})

    def _apply(self, job: ImportJob) -> None:
        from seed.importing import carry_out, refuse_errors

        with self.engine.begin() as conn:
            checked, written = carry_out(
                conn, request_of(job, self.source_of(job.id)), now=datetime.now(UTC), atlas_at=self._atlas,
                tell=self._teller(job.id), by=job.opened_by, filename=job.filename,
            )  # fmt: skip
            refuse_errors(checked)
            # In the transaction that wrote: a run that dies afterwards must not be told to begin anew.
            imports.end(conn, job.id, "applied", outcome={**(job.outcome or {}), "written": written})
        self.source_of(job.id).unlink()

    def _atlas(self, conn: Any, moment: datetime) -> Any:
        return self.locator.atlas_if_any(conn, moment)

    def _teller(self, job_id: int) -> Callable[[str, int, int], None]:
        """Writes progress by a connection of its own, so that others see it while the run's transaction is open."""
        said: dict[str, Any] = {"step": None, "at": 0.0}

        def tell(step: str, done: int, total: int) -> None:
            if step == said["step"] and time.monotonic() - said["at"] < TOLD_EVERY_S:
                return
            said.update(step=step, at=time.monotonic())
            with self.engine.begin() as conn:
                imports.advance(conn, job_id, step, done, total)

        return tell


def request_of(job: ImportJob, path: Path) -> Any:
    """The request that a job's settings describe."""
    from seed.importing import NewCity, Options, Request, Source

    source, options = dict(job.source), dict(job.options)
    name = options.pop("plan_name", None)
    since = options.pop("since", None)
    city_code, city_name = options.pop("city_code", None), options.pop("city_name", None)
    return Request(
        job.kind,
        Source(path=path, filename=job.filename, datum=Datum(source.pop("datum", None) or "wgs84"), **source),
        Options(
            **options,
            city=NewCity(city_code, Name(city_name or city_code, city_name or city_code)) if city_code else None,
            plan_name=Name(name, name) if name else None,
            since=datetime.fromisoformat(since).replace(tzinfo=ZoneInfo("Asia/Shanghai")) if since else None,
        ),
    )
