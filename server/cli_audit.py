"""`wangge audit`: audits of coverage from the command line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from server.cli import bars, database, main, settings_of

ACTOR = "command line"
LISTED = 20
FILES = (".pdf", ".xlsx", ".gpkg")


@main.group()
def audit() -> None:
    """Audit who reaches what: run, list, compare, write reports."""


@audit.command()
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, help="A kind of facility; several times for any of several; all if absent.")
@click.option("--service", "services", multiple=True, help="A service that they must offer; several times for all of several.")
@click.option("--method", type=click.Choice(["walk", "radius"]), default="walk", show_default=True)
@click.option("--minutes", type=float, help="How long the way may take; 15 if neither this nor --metres is given.")
@click.option("--metres", type=float, help="How far it may be; counts before --minutes.")
@click.option("--group", type=click.Choice(["adult", "elderly", "child"]), default="adult", show_default=True, help="Who walks.")
@click.option("--k", type=int, default=1, show_default=True, help="Facilities that must be within reach.")
@click.option("--rule", type=click.Choice(["centre", "everyone", "share"]), default="centre", show_default=True)
@click.option("--share", type=float, default=0.9, show_default=True, help="Of residents, for the rule share.")
@click.option("--scope", help="Code of an area whose residents count; the city if absent.")
@click.option("--by-ground", is_flag=True, help="Cut cells at circles (radius only).")
@click.pass_context
def run(context: click.Context, name: str, **asked: Any) -> None:
    """Audit and keep it under NAME; tells its number and its verdict."""
    from gis import audits
    from gis.coverage_records import ReachQuestion
    from gis.rules.audit_words import verdict

    minutes = asked.pop("minutes")
    question = ReachQuestion(
        **asked, minutes=None if asked["metres"] is not None else 15.0 if minutes is None else minutes
    )
    settings = settings_of(context)
    with database(settings) as engine, engine.begin() as conn, bars() as progress:
        waiting = audits.ask(conn, name=name, question=question, by=ACTOR)
        task = progress.add_task("Facilities", total=waiting.total)
        found = audits.search(
            conn, waiting, folder=settings.networks_dir, now=datetime.now(UTC),
            progress=lambda done, total: progress.update(task, completed=done),
        )  # fmt: skip
        audits.finish(conn, waiting, found)
        done = audits.get(conn, waiting.id)
    click.echo(f"{done.id}: {verdict(done).en}")
    for finding in (done.outcome or {})["findings"]:
        click.echo(f"  {finding['says']['en']}")


@audit.command("list")
@click.pass_context
def listed(context: click.Context) -> None:
    """The newest audits with their state."""
    from gis import audits
    from gis.rules.audit_words import verdict

    with database(settings_of(context)) as engine, engine.connect() as conn:
        for each in audits.find(conn)[:LISTED]:
            click.echo(f"{each.id}  {each.at:%Y-%m-%d}  {each.name}: {verdict(each).en if each.outcome else each.state}")


@audit.command()
@click.argument("number", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.pass_context
def report(context: click.Context, number: int, file: Path, language: str) -> None:
    """Write the audit NUMBER to FILE: .pdf, .xlsx or .gpkg."""
    from gis import audits
    from server.reports.audit_writing import write

    if file.suffix.lower() not in FILES:
        raise click.BadParameter(f"ends in one of {', '.join(FILES)}", param_hint="FILE")
    with database(settings_of(context)) as engine, engine.connect() as conn:
        file.unlink(missing_ok=True)
        write(file, conn, audits.get(conn, number), language=language, made_at=datetime.now(UTC))
    click.echo(f"audit {number} in {file}")


@audit.command()
@click.argument("before", type=int)
@click.argument("after", type=int)
@click.pass_context
def compare(context: click.Context, before: int, after: int) -> None:
    """What became of the communities between the audit BEFORE and the audit AFTER, and which inputs differ."""
    from gis import audits

    with database(settings_of(context)) as engine, engine.connect() as conn:
        found = audits.compare(conn, before, after)
    for _, says, old, new in found.differs:
        click.echo(f"{says.en}: {old} → {new}")
    for verdict in ("gained", "lost", "new", "ended"):
        units = found.of("community", verdict)
        click.echo(f"{verdict}: {len(units)}")
        for unit in units:
            click.echo(f"  {unit.code} {unit.name.zh} {unit.name.en}")
