"""The background worker: what is due is done, from PostgreSQL's own queue."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from server import jobs
from server.config import Settings


@pytest.fixture
def began(demo_url: str, folder: Path) -> datetime:
    """When every task was asked for once; they are worked off, with whatever other tests left in the queue."""
    moment = datetime.now(UTC)
    engine = jobs.open_database(demo_url)
    jobs.equip(Settings(database_url=demo_url, var_dir=folder / "var"), engine)
    app = jobs.queue(demo_url)

    async def work_off() -> None:
        async with app.open_async():
            for name in ("wangge:renew_activity", "wangge:fold_counts", "wangge:prepare_months"):
                await app.configure_task(name).defer_async(timestamp=0)
            await app.run_worker_async(wait=False, install_signal_handlers=False)

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(work_off())).result()
    engine.dispose()
    return moment


def test_the_worker_counts_the_incidents_and_makes_the_months_ahead(demo: Connection, began: datetime) -> None:
    until = time.monotonic() + 120  # another worker of the same city may have taken the task, and be at it
    while demo.execute(text("SELECT max(as_of) FROM grid_activity")).scalar_one() < began:
        assert time.monotonic() < until
    months = (
        demo.execute(text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'incident'::regclass"))
        .scalars()
        .all()
    )
    today = date.today()
    following = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    assert f"incident_{following:%Y_%m}" in months
    failed = demo.execute(text("SELECT count(*) FROM jobs.procrastinate_jobs WHERE status = 'failed'")).scalar_one()
    assert failed == 0


def test_an_import_whose_worker_died_does_not_keep_the_others_waiting(empty_url: str) -> None:
    engine = jobs.open_database(empty_url)

    async def die_and_begin_anew() -> tuple[int, int]:
        app = jobs.queue(empty_url)
        async with app.open_async():
            await app.configure_task("wangge:run_import", lock="run_import").defer_async(job_id=0)
            worker = await app.job_manager.register_worker()
            fetched = await app.job_manager.fetch_job(queues=None, worker_id=worker)
            assert fetched is not None
            assert fetched.task_kwargs == {"job_id": 0}
            return await jobs.free_queue(app, engine), await jobs.free_queue(app, engine)

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(die_and_begin_anew())).result() == (1, 0)
    engine.dispose()


def test_the_tasks_repeat_by_themselves(demo_url: str) -> None:
    periodic = {task.task.name: task.cron for task in jobs.queue(demo_url).periodic_registry.periodic_tasks.values()}
    assert periodic == {
        "wangge:renew_activity": "*/5 * * * *", "wangge:fold_counts": "* * * * *", "wangge:prepare_months": "7 3 * * *",
        "wangge:tidy_field": "17 * * * *",
        "wangge:receive": "* * * * *", "wangge:sweep_photos": "23 * * * *",
        "wangge:send_notices": "* * * * *", "wangge:tend_cases": "* * * * *",
    }
