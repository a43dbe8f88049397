"""What `wangge run` does before, around and after the supervised processes."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import Engine

from gis import accounts, city, upkeep
from gis.errors import NoCity
from seed.people import DEMO_PASSWORD
from server.cli import database, grow, migrated
from server.cluster import Cluster, ClusterError
from server.config import Settings
from server.supervisor import claim_ports, only_one, supervise

DEMO_INCIDENTS = 200_000
DEMO_SEED = 349


def run_all(settings: Settings) -> None:
    """Start everything and keep it running until Ctrl-C."""
    for signum in (signal.SIGTERM, signal.SIGHUP):  # until the supervisor takes over: unwind, so that the cluster is stopped
        signal.signal(signum, signal.default_int_handler)
    _check_basemap(settings)
    with only_one(settings.var_dir):
        claim_ports(settings)
        _run(settings)
    click.echo("Stopped.")


def _check_basemap(settings: Settings) -> None:
    """Stop at the start, not at the first page, when the basemap that is wished for cannot be had."""
    if settings.basemap in ("", "none"):
        return
    from layers.basemap import BadBasemap, Basemap  # brings Folium, which takes a second

    try:
        Basemap.from_setting(settings.basemap, key=settings.tianditu_key, attribution=settings.basemap_attribution)
    except BadBasemap as error:
        raise SystemExit(f"WANGGE_BASEMAP: {error}") from None


def _run(settings: Settings) -> None:
    with _with_cluster(settings) as (running, tend_database):
        with database(running) as engine:
            _prepare(engine)
            lines = _welcome(engine, running)
        supervise(running, announce=lambda: click.echo("\n".join(lines)), tend_database=tend_database)


@contextmanager
def _with_cluster(settings: Settings) -> Iterator[tuple[Settings, Callable[[], None]]]:
    if settings.database_url is not None:
        yield settings, lambda: None
        return
    cluster = Cluster(settings.var_dir / "postgres")
    try:
        yield settings.model_copy(update={"database_url": cluster.start()}), cluster.tend
    except ClusterError as error:
        raise SystemExit(str(error)) from None
    finally:
        cluster.stop()


def _prepare(engine: Engine) -> None:
    with engine.connect() as conn:
        current = upkeep.schema_is_current(conn)
    if not current:
        migrated(engine)
    with engine.connect() as conn:
        try:
            city.get(conn)
            empty = False
        except NoCity:
            empty = True
    if empty:
        from seed.demo import dongguan

        click.echo("The database is empty: seeding the demo city (synthetic below the city's outline).", err=True)
        grow(engine, dongguan(), incidents=DEMO_INCIDENTS, seed=DEMO_SEED)


def _welcome(engine: Engine, settings: Settings) -> list[str]:
    with engine.connect() as conn:
        held = city.describe(conn, now=datetime.now(UTC))
        logins = accounts.demo_logins(conn)
    counts = held["counts"]
    lines = [
        "",
        f"  Wangge  http://{settings.address}",
        f"  {held['name']['zh']} {held['name']['en']}: {counts['towns']} towns, {counts['communities']} communities, "
        f"{counts['grids']:,} grids, {counts['cells']:,} cells, {counts['staff']:,} staff, ~{counts['incidents']:,} incidents",
    ]
    if logins and not settings.is_private:
        lines += ["", "  WARNING: demo accounts with a published password are open to the network."]
    if logins:
        lines += ["", f"  Demo log-ins (password {DEMO_PASSWORD}):", *(f"    {row['login']:<12} {row['name']}" for row in logins)]
    return [*lines, "", "  Ctrl-C stops everything.", ""]
