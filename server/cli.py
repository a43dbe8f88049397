"""The command line `wangge`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from gis import upkeep
from gis.errors import WanggeError
from gis.rules.datums import Datum
from server.cli_accounts import account
from server.cluster import Cluster, ClusterError
from server.config import Settings
from server.doctor import examine

err = Console(stderr=True, highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Wangge (网格): the grid management server."""
    try:
        context.obj = Settings()
    except ValidationError as error:
        for fault in error.errors():
            err.print(f"WANGGE_{str(fault['loc'][0]).upper()}: {fault['msg']}", style="red")
        raise SystemExit(2) from None


main.add_command(account)


def settings_of(context: click.Context) -> Settings:
    """The settings that this command runs under."""
    return context.find_object(Settings)  # type: ignore[return-value]


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The city's database, with the private cluster started for as long as it is needed if it is not running."""
    cluster = None
    url = settings.database_url
    if url is None:
        cluster = Cluster(settings.var_dir / "postgres")
        started_here = not (cluster.data.exists() and cluster.is_running())
        try:
            url = cluster.start()
        except ClusterError as error:
            raise SystemExit(str(error)) from None
    engine = upkeep.open_database(url)
    try:
        faults = upkeep.database_faults(engine)
        if faults:
            raise SystemExit("The database cannot hold the city:\n- " + "\n- ".join(faults))
        yield engine
    except OperationalError as error:
        raise SystemExit(f"The database does not answer: {str(error.orig).strip()}") from None
    except WanggeError as error:
        findings = "".join(f"\n- {finding}" for finding in error.facts.get("findings", [])[:20])
        raise SystemExit(f"{error.detail}{findings}") from None
    finally:
        engine.dispose()
        if cluster is not None and started_here:
            cluster.stop()


def migrated(engine: Engine, *, to: str = "head") -> None:
    """Bring the schema up to date."""
    with engine.connect() as conn:
        upkeep.migrate(conn, to=to)


@main.command()
@click.pass_context
def run(context: click.Context) -> None:
    """Start everything: database, worker, web server; seed the demo city if the database is empty."""
    from server.start import run_all

    run_all(settings_of(context))


@main.command()
@click.pass_context
def serve(context: click.Context) -> None:
    """Start the web server and the event stream, without a worker, on the database that WANGGE_DATABASE_URL names."""
    from server.supervisor import claim_ports, supervise

    settings = _with_database(context)
    claim_ports(settings)
    supervise(settings, announce=lambda: None, tend_database=lambda: None, with_worker=False)


@main.command()
@click.pass_context
def worker(context: click.Context) -> None:
    """Work off the queue, on the database that WANGGE_DATABASE_URL names."""
    from server.jobs import work

    work(_with_database(context))


def _with_database(context: click.Context) -> Settings:
    settings = settings_of(context)
    if settings.database_url is None:
        cluster = Cluster(settings.var_dir / "postgres")
        if not (cluster.data.exists() and cluster.is_running()):
            raise SystemExit("The private database is not running; `wangge run` starts everything together.")
        settings = settings.model_copy(update={"database_url": cluster.url})
    return settings


@main.command()
@click.option("--to", default="head", show_default=True, help="Revision to go to: head, base, or a revision's name.")
@click.pass_context
def migrate(context: click.Context, to: str) -> None:
    """Bring the schema up (or down) to a revision."""
    with database(settings_of(context)) as engine:
        migrated(engine, to=to)
        click.echo(f"The schema is at {to}.")


@main.group()
def seed() -> None:
    """Fill an empty database with a city to try things on."""


@seed.command("demo")
@click.option("--incidents", default=200_000, show_default=True, type=click.IntRange(0), help="Incidents of the past year.")
@click.option("--seed", "number", default=349, show_default=True, help="Same number, same city.")
@click.option("--replace", is_flag=True, help="Empty the database first.")
@click.pass_context
def seed_demo(context: click.Context, incidents: int, number: int, replace: bool) -> None:
    """Dongguan: 35 towns, 593 communities, 2,958 grids, 9,756 staff. Synthetic below the facts."""
    from seed.demo import dongguan

    with database(settings_of(context)) as engine:
        grow(engine, dongguan(), incidents=incidents, seed=number, replace=replace)


@seed.command("catalogue")
@click.pass_context
def seed_catalogue(context: click.Context) -> None:
    """Dongguan's 83 matters, its departments and kinds of wishes; a city with a catalogue gets pictures and wishes only."""
    from gis import catalogue
    from seed import facts

    with database(settings_of(context)) as engine, engine.begin() as conn:
        on = datetime.now(UTC).date()
        given = [*facts.matters(), *facts.wishes()]
        if catalogue.matters(conn, on=on):
            filled, added = catalogue.complete(conn, given, on=on, by="command line")
            click.echo(f"The city has a catalogue already; {filled} matters have a picture now, {added} kinds of wishes came in.")
            return
        catalogue.admit(conn, departments=facts.departments(), matters=given, on=on, by="command line")
    click.echo(f"{len(facts.matters())} matters are admitted, and {len(facts.wishes())} kinds of wishes.")


@seed.command("city")
@click.argument("code")
@click.option("--incidents", default=100_000, show_default=True, type=click.IntRange(0), help="Incidents of the past year.")
@click.option("--seed", "number", default=349, show_default=True, help="Same number, same city.")
@click.option("--replace", is_flag=True, help="Empty the database first.")
@click.pass_context
def seed_city(context: click.Context, code: str, incidents: int, number: int, replace: bool) -> None:
    """Any Chinese city by its six-digit division code, such as 440400. Needs the packages of `make city-data`."""
    from seed.cities import any_city, installed
    from seed.divisions import NoFacts

    settings = settings_of(context)
    try:
        facts = any_city(code, installed(settings.city_data_dir))
    except NoFacts as error:
        raise SystemExit(str(error)) from None
    with database(settings) as engine:
        grow(engine, facts, incidents=incidents, seed=number, replace=replace)


def grow(engine: Engine, facts: object, *, incidents: int, seed: int, replace: bool = False) -> None:
    """Migrate, and seed a city in one transaction, with a bar for each step."""
    from seed.growing import CityFacts, grow_city

    assert isinstance(facts, CityFacts)
    if replace:
        migrated(engine, to="base")
    migrated(engine)
    with bars() as progress:
        tasks: dict[str, int] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            progress.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        with engine.begin() as conn:
            grow_city(conn, facts, incident_count=incidents, seed=seed, now=datetime.now(UTC), tell=tell)
    with engine.begin() as conn:
        upkeep.renew_statistics(conn)


def bars() -> Progress:
    """Progress bars on the error stream, so that answers on the standard output stay clean."""
    return Progress(TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err)


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where the answer goes; SOURCE-placed if absent."
)
@click.option("--lon", help="Column of longitudes; guessed if absent.")
@click.option("--lat", help="Column of latitudes; guessed if absent.")
@click.option("--datum", type=click.Choice([datum.value for datum in Datum]), default="wgs84", show_default=True)
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Place by the plan in force then; now if absent."
)
@click.pass_context
def locate(
    context: click.Context, source: Path, output: Path | None, lon: str | None, lat: str | None, datum: str, at: datetime | None
) -> None:
    """Place every point of a CSV, NDJSON or GeoParquet file in its grid.

    Exit status 3 says that some rows have coordinates that name no place; they are kept and say why.
    """
    from gis import city, point_files
    from gis.locating import Locator

    settings = settings_of(context)
    target = output or source.with_stem(source.stem + "-placed")
    with database(settings) as engine, bars() as progress:
        with engine.connect() as conn:
            moment = at.replace(tzinfo=ZoneInfo(city.get(conn).timezone)) if at else datetime.now(UTC)
            atlas = Locator(settings.var_dir / "index").atlas(conn, moment)
        task = progress.add_task(f"Placing {source.name}", total=None)
        summary = point_files.place_file(
            source,
            target,
            file_format=point_files.format_of(source),
            atlas=atlas,
            datum=Datum(datum),
            lon=lon,
            lat=lat,
            progress=lambda rows: progress.update(task, completed=rows),
        )
    click.echo(json.dumps({"output": str(target), **summary.as_dict()}, ensure_ascii=False, indent=2))
    sys.exit(3 if summary.faulty else 0)


@main.command()
@click.argument("login")
@click.option("--label", default="command line", show_default=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1), help="Days until it ends; never if absent.")
@click.pass_context
def token(context: click.Context, login: str, label: str, days: int | None) -> None:
    """Issue an API token that speaks for an account; it is shown once."""
    from gis import tokens

    with database(settings_of(context)) as engine, engine.begin() as conn:
        click.echo(tokens.issue(conn, login, label=label, days=days, by="command line"))


@main.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Tell what is wrong with this installation."""
    findings = list(examine(settings_of(context)))
    for finding in findings:
        mark = "[red]✗[/]" if finding.advice else "[green]✓[/]"
        err.print(f"{mark} {finding.what}: {finding.found}" + (f"\n    → {finding.advice}" if finding.advice else ""))
    sys.exit(1 if any(finding.advice for finding in findings) else 0)


@main.command()
@click.pass_context
def psql(context: click.Context) -> None:
    """Open psql on the database."""
    url = str(_with_database(context).database_url)
    os.execvp("psql", ["psql", url])


@main.command()
@click.argument("command", nargs=-1, required=True)
def cluster(command: tuple[str, ...]) -> None:
    """Run a command on a throw-away PostGIS cluster that WANGGE_DATABASE_URL names to it."""
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        Path(folder).chmod(0o755)
        private = Cluster(Path(folder) / "postgres", throwaway=True)
        try:
            url = private.start()
            status = subprocess.run(command, env=os.environ | {"WANGGE_DATABASE_URL": url}, check=False).returncode
        except ClusterError as error:
            raise SystemExit(str(error)) from None
        finally:
            private.destroy()
    sys.exit(status)


# Groups of commands in files of their own; they are built on what stands above.
from server import cli_audit, cli_export, cli_import, cli_rehearsal  # noqa: E402

__all__ = ["cli_audit", "cli_export", "cli_import", "cli_rehearsal", "main"]
