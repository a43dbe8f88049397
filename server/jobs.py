"""Background work, in PostgreSQL's own queue (procrastinate): what the city needs done without anybody asking."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from flask import Flask
from procrastinate import App, Blueprint, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from sqlalchemy import Engine

from gis import audits, balancing, field, imports, incidents, photos, reporting, sitings, tiles
from gis.locating import Locator
from gis.rules.working_time import Hours
from gis.upkeep import open_database
from server.audit_runs import AuditRunner
from server.balance_runs import BalanceRunner
from server.case_watch import tend_all
from server.config import Settings
from server.hooks import DEPARTMENTS_AT_ONCE, HookCaller
from server.import_runs import Runner
from server.mailing import Mailer
from server.photos import PhotoFolder
from server.receiving import Receiver
from server.siting_runs import SitingRunner

log = logging.getLogger(__name__)

QUEUE_SCHEMA = "jobs"
IN_QUEUE_SCHEMA = {"options": f"-c search_path={QUEUE_SCHEMA},public"}
CONCURRENCY = 2
IMPORT_TASK = "run_import"
BALANCE_TASK = "run_balancing"
AUDIT_TASK = "run_audit"
SITING_TASK = "run_siting"
REPORT_TASK = "make_report"
RECEIVE_TASK = "receive_from"
_engines: dict[str, Engine] = {}
_runners: dict[str, Runner] = {}
_folders: dict[str, Path] = {}
_days: dict[str, int] = {}
_hours: dict[str, Hours] = {}
_receivers: dict[str, Receiver] = {}
_mailers: dict[str, Mailer] = {}


def _tasks() -> Blueprint:
    """Every task, with how often it repeats by itself. A blueprint can be added to one queue only: each gets its own."""
    tasks = Blueprint()

    @tasks.periodic(cron="*/5 * * * *")
    @tasks.task(name="renew_activity", queueing_lock="renew_activity")
    async def renew_activity(timestamp: int) -> None:
        await asyncio.to_thread(_renew_activity)

    @tasks.periodic(cron="* * * * *")
    @tasks.task(name="fold_counts", queueing_lock="fold_counts")
    async def fold_counts(timestamp: int) -> None:
        await asyncio.to_thread(_fold_counts)

    @tasks.periodic(cron="7 3 * * *")
    @tasks.task(name="prepare_months", queueing_lock="prepare_months")
    async def prepare_months(timestamp: int) -> None:
        await asyncio.to_thread(_prepare_months)

    @tasks.periodic(cron="* * * * *")
    @tasks.task(name="send_notices", queueing_lock="send_notices")  # no lock: it would outlive a killed worker
    async def send_notices(timestamp: int) -> None:
        await asyncio.to_thread(_mailers["work"].run)

    @tasks.periodic(cron="23 * * * *")
    @tasks.task(name="sweep_photos", queueing_lock="sweep_photos")
    async def sweep_photos(timestamp: int) -> None:
        await asyncio.to_thread(_sweep_photos)

    @tasks.periodic(cron="* * * * *")
    @tasks.task(name="tend_cases", queueing_lock="tend_cases")
    async def tend_cases(timestamp: int) -> None:
        await asyncio.to_thread(_tend_cases)

    @tasks.periodic(cron="17 * * * *")
    @tasks.task(name="tidy_field", queueing_lock="tidy_field")
    async def tidy_field(timestamp: int) -> None:
        await asyncio.to_thread(_tidy_field)

    @tasks.periodic(cron="* * * * *")
    @tasks.task(name="receive", queueing_lock="receive")
    async def receive(timestamp: int) -> None:
        await asyncio.to_thread(_receive)

    @tasks.task(name=RECEIVE_TASK)
    async def receive_from(code: str, pull: bool) -> None:
        await asyncio.to_thread(_receive_from, code, pull)

    @tasks.task(name=IMPORT_TASK, lock=IMPORT_TASK)
    async def run_import(job_id: int) -> None:
        await asyncio.to_thread(_runners["work"].run, job_id)

    @tasks.task(name=BALANCE_TASK, lock=BALANCE_TASK)
    async def run_balancing(balancing_id: int) -> None:
        await asyncio.to_thread(BalanceRunner(_engines["work"]).run, balancing_id)

    @tasks.task(name=AUDIT_TASK, lock=AUDIT_TASK)
    async def run_audit(audit_id: int) -> None:
        await asyncio.to_thread(AuditRunner(_engines["work"], _folders["networks"]).run, audit_id)

    @tasks.task(name=SITING_TASK, lock=SITING_TASK)
    async def run_siting(siting_id: int) -> None:
        await asyncio.to_thread(SitingRunner(_engines["work"], _folders["networks"]).run, siting_id)

    @tasks.task(name=REPORT_TASK)
    async def make_report(before: int, after: int, language: str, area_path: str, key: str) -> None:
        asked = {"before": before, "after": after, "language": language, "area_path": area_path, "key": key}
        await asyncio.to_thread(_make_report, asked)

    return tasks


def _make_report(asked: dict[str, Any]) -> None:
    """Print a comparison. What draws it takes a second to import: not before somebody asks."""
    from server.reports.making import Reports, make

    make(_engines["work"], Reports(_folders["exports"] / "reports"), **asked)


def _renew_activity() -> None:
    """Count the incidents of every grid anew."""
    with _engines["work"].begin() as conn:
        incidents.renew_activity(conn)


def _fold_counts() -> None:
    """Take what changed into the counts that tiles are drawn from."""
    with _engines["work"].begin() as conn:
        tiles.fold_counts(conn)


def _prepare_months() -> None:
    """Make the partitions of the months to come."""
    with _engines["work"].begin() as conn:
        made = incidents.prepare_months(conn, now=datetime.now(UTC))
    log.info("%d months of incidents prepared", made)


def _sweep_photos() -> None:
    """Delete the photos that no report took up, and the keys of what was done once long ago."""
    with _engines["work"].begin() as conn:
        swept = photos.sweep(conn, now=datetime.now(UTC))
        reporting.forget_keys(conn)
    for photo_id in swept:
        PhotoFolder(_folders["photos"]).remove(photo_id)


def _tend_cases() -> None:
    """Warn of cases whose time is short, say what is overdue, take up again what was suspended until now."""
    tend_all(_engines["work"], hours=_hours["work"])


def _tidy_field() -> None:
    """Thin the ways that officers went, and end the shifts that were forgotten."""
    with _engines["work"].begin() as conn:
        field.tidy(conn, keep_track_d=_days["track"])


def _receive() -> None:
    """Take departments' files in, and fetch from those that are due."""
    _receivers["work"].run(now=datetime.now(UTC))


def _receive_from(code: str, pull: bool) -> None:
    """Take the files of one source, or fetch from it, because somebody asked."""
    _receivers["work"].run_one(code, pull=pull, now=datetime.now(UTC))


def queue(url: str) -> App:
    """The queue of a database, with every task known."""
    app = App(connector=PsycopgConnector(conninfo=url, kwargs=IN_QUEUE_SCHEMA))
    app.add_tasks_from(_tasks(), namespace="wangge")
    return app


def defer_import(app: Flask, job_id: int) -> None:
    """Leave the run of an import to the worker."""
    _defer(app, IMPORT_TASK, lock=IMPORT_TASK, job_id=job_id)


def defer_balancing(app: Flask, balancing_id: int) -> None:
    """Leave a run of the machine that balances to the worker."""
    _defer(app, BALANCE_TASK, lock=BALANCE_TASK, balancing_id=balancing_id)


def defer_audit(app: Flask, audit_id: int) -> None:
    """Leave an audit of coverage to the worker."""
    _defer(app, AUDIT_TASK, lock=AUDIT_TASK, audit_id=audit_id)


def defer_siting(app: Flask, siting_id: int) -> None:
    """Leave a search for sites to the worker."""
    _defer(app, SITING_TASK, lock=SITING_TASK, siting_id=siting_id)


def defer_report(app: Flask, **asked: Any) -> None:
    """Leave a report that takes a while to the worker."""
    with suppress(AlreadyEnqueued):  # the worker is busy, and whoever asks asks again and again
        _defer(app, REPORT_TASK, lock=None, queueing_lock=f"{REPORT_TASK} {asked['key']}", **asked)


def defer_receiving(app: Flask, code: str, *, pull: bool) -> None:
    """Leave the files of a source, or fetching from it, to the worker."""
    with suppress(AlreadyEnqueued):
        _defer(app, RECEIVE_TASK, lock=None, queueing_lock=f"{RECEIVE_TASK} {code} {pull}", code=code, pull=pull)


def _defer(app: Flask, task: str, *, lock: str | None, queueing_lock: str | None = None, **arguments: Any) -> None:
    waiting: App | None = app.extensions.get("wangge-queue")
    if waiting is None:
        settings: Settings = app.config["SETTINGS"]
        url = str(settings.database_url)
        waiting = App(connector=SyncPsycopgConnector(conninfo=url, kwargs=IN_QUEUE_SCHEMA, min_size=0, max_size=2))
        waiting.open()
        app.extensions["wangge-queue"] = waiting
    waiting.configure_task(f"wangge:{task}", lock=lock, queueing_lock=queueing_lock, allow_unknown=True).defer(**arguments)


async def free_queue(app: App, engine: Engine) -> int:
    """End the tasks whose worker died: their lock would keep every later one of the kind waiting; returns how many."""
    freed = 0
    for task_name, argument, is_held in (
        (IMPORT_TASK, "job_id", imports.is_held),
        (BALANCE_TASK, "balancing_id", balancing.is_held),
        (AUDIT_TASK, "audit_id", audits.is_held),
        (SITING_TASK, "siting_id", sitings.is_held),
    ):
        for task in await app.job_manager.list_jobs_async(task=f"wangge:{task_name}", status=Status.DOING.value):
            with engine.begin() as conn:
                held = is_held(conn, task.task_kwargs[argument])
            if not held and task.id is not None:
                await app.job_manager.finish_job_by_id_async(task.id, status=Status.FAILED, delete_job=True)
                freed += 1
    return freed


def equip(settings: Settings, engine: Engine) -> None:
    """Give the tasks of this process what they work with."""
    _engines["work"] = engine
    _folders["exports"], _folders["photos"] = settings.exports_dir, settings.photos_dir
    _folders["networks"] = settings.networks_dir
    _mailers["work"] = Mailer(engine, settings, now=lambda: datetime.now(UTC))
    _days["track"], _hours["work"] = settings.track_days, settings.hours
    _runners["work"] = Runner(engine, Locator(settings.var_dir / "index"), settings.imports_dir)
    _receivers["work"] = Receiver(engine, Locator(settings.var_dir / "index"), settings.inbox_dir, hours=settings.hours)


def work(settings: Settings) -> None:
    """Work until stopped: first what may be overdue since the last run, then what the queue says."""
    url = str(settings.database_url)
    equip(settings, open_database(url, pool_size=2 * CONCURRENCY))
    with _engines["work"].begin() as conn:
        imports.give_up_orphans(conn)
        balancing.give_up_orphans(conn)
        audits.give_up_orphans(conn)
        sitings.give_up_orphans(conn)
    _prepare_months()
    _fold_counts()
    _renew_activity()
    app = queue(url)

    async def forever() -> None:
        async with app.open_async():
            await free_queue(app, _engines["work"])
            await app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=True)

    caller, stop = HookCaller(open_database(url, pool_size=DEPARTMENTS_AT_ONCE + 1)), Event()
    # A daemon: a department that does not answer keeps no worker from ending. Its call is made again by the next.
    Thread(target=caller.run, args=(stop,), name="calls to departments", daemon=True).start()
    asyncio.run(forever())
    stop.set()
