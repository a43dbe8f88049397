"""Background work, in PostgreSQL's own queue (procrastinate): what the city needs done without anybody asking."""

import asyncio
import logging
from datetime import UTC, datetime

from procrastinate import App, Blueprint, PsycopgConnector
from sqlalchemy import Engine

from gis import incidents
from gis.upkeep import open_database

log = logging.getLogger(__name__)

QUEUE_SCHEMA = "jobs"
CONCURRENCY = 2
_engines: dict[str, Engine] = {}


def _tasks() -> Blueprint:
    """Every task, with how often it repeats by itself. A blueprint can be added to one queue only: each gets its own."""
    tasks = Blueprint()

    @tasks.periodic(cron="*/5 * * * *")
    @tasks.task(name="renew_activity", queueing_lock="renew_activity")
    async def renew_activity(timestamp: int) -> None:
        await asyncio.to_thread(_renew_activity)

    @tasks.periodic(cron="7 3 * * *")
    @tasks.task(name="prepare_months", queueing_lock="prepare_months")
    async def prepare_months(timestamp: int) -> None:
        await asyncio.to_thread(_prepare_months)

    return tasks


def _renew_activity() -> None:
    """Count the incidents of every grid anew."""
    with _engines["work"].begin() as conn:
        incidents.renew_activity(conn)


def _prepare_months() -> None:
    """Make the partitions of the months to come."""
    with _engines["work"].begin() as conn:
        made = incidents.prepare_months(conn, now=datetime.now(UTC))
    log.info("%d months of incidents prepared", made)


def queue(url: str) -> App:
    """The queue of a database, with every task known."""
    app = App(connector=PsycopgConnector(conninfo=url, kwargs={"options": f"-c search_path={QUEUE_SCHEMA},public"}))
    app.add_tasks_from(_tasks(), namespace="wangge")
    return app


def work(url: str) -> None:
    """Work until stopped: first what may be overdue since the last run, then what the queue says."""
    _engines["work"] = open_database(url, pool_size=CONCURRENCY)
    _prepare_months()
    _renew_activity()
    app = queue(url)

    async def forever() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=True)

    asyncio.run(forever())
