"""`wangge import`: a city's own layers from the command line."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import orjson
from rich.console import Console
from rich.table import Table

from gis.records import Name
from gis.rules.datums import Datum
from server.cli import bars, database, main, migrated, settings_of

ACTOR = "command line"
SHOWN = 40
COLOURS = {"error": "red", "left_out": "yellow", "repaired": "cyan", "notice": "dim"}
ZONE = ZoneInfo("Asia/Shanghai")
out = Console(highlight=False, soft_wrap=True)

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


@main.group("import")
def importing() -> None:
    """Bring a city's own layers in: areas, cells, grids, population, facilities, incidents, places, network.

    Any vector format (GeoJSON, GeoPackage, Shapefile also zipped, KML, FlatGeobuf) and tables (CSV, XLSX). Everything is
    written or nothing. Exit status 1 says that findings block.
    """


def _options(*more: Decorator) -> Decorator:
    """The options of every kind, and those of this one."""
    common = (
        click.argument("file", type=click.Path(exists=True, path_type=Path)),
        click.option("--dry-run", is_flag=True, help="Report everything, write nothing."),
        click.option("--layer", help="Layer of a file that holds several."),
        click.option("--encoding", help="Encoding of texts, such as gb18030; found out if absent."),
        click.option("--crs", help="Coordinate system, such as EPSG:4547, where the file does not say or says it wrongly."),
        click.option(
            "--datum",
            type=click.Choice([datum.value for datum in Datum]),
            default="wgs84",
            show_default=True,
            help="gcj02 for what comes from AMap or Tencent, bd09 from Baidu.",
        ),
        click.option("--field", "fields", multiple=True, metavar="WANTED=COLUMN", help="Take a column for something; repeatable."),
        click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the findings to .json or .geojson."),
        click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
    )

    def decorate(command: Command) -> Command:
        for option in reversed((*common, *more)):
            command = option(command)
        return click.pass_context(command)

    return decorate


_gap = click.option(
    "--gap-max", "gap_max_m2", type=click.FloatRange(0), help="Fill gaps up to so many m²; a quarter of the median unit."
)
_fit = click.option(
    "--fit-max", "fit_max_fraction", type=click.FloatRange(0, 1), default=0.05, show_default=True,
    help="How much of its ground a whole may change to fit its parts.",
)  # fmt: skip
_leave_out = click.option("--leave-out", is_flag=True, help="Bring in the sound rows, leave out the faulty ones.")


@importing.command()
@_options(
    click.option("--level", type=click.Choice(["district", "town", "community"]), required=True, help="Level of the areas."),
    click.option("--city", "city_code", help="Six-digit code of the city, to found it with the first level."),
    click.option("--city-name", metavar="ZH[/EN]", help="Its name."),
    click.option("--epsg", type=int, help="Zone that it is measured in; by its longitude if absent (CGCS2000, 3 degrees)."),
    _gap,
    _fit,
)
def areas(context: click.Context, city_code: str | None, city_name: str | None, epsg: int | None, **given: Any) -> None:
    """Areas of one level, coarse before fine. The first founds the city."""
    from seed.importing import NewCity

    if (city_code is None) != (city_name is None):
        raise click.UsageError("--city and --city-name go together.")
    if city_code and city_name:
        if not (city_code.isdecimal() and len(city_code) == 6):
            raise click.BadParameter("six digits, such as 441900", param_hint="--city")
        given["city"] = NewCity(city_code, _name(city_name), epsg)
    _run(context, "areas", **given)


@importing.command()
@_options(_gap, _fit)
def cells(context: click.Context, **given: Any) -> None:
    """Cells: the blocks that are never cut. Before the grids, or not at all."""
    _run(context, "cells", **given)


@importing.command()
@_options(
    click.option(
        "--since", type=click.DateTime(["%Y-%m-%d"]), help="Day from which the plan is in force; today, or tomorrow for a next one."
    ),
    click.option("--name", "plan_name", metavar="ZH[/EN]", help="Name of the plan."),
    click.option("--decision", default="", help="The decision that it rests on."),
    _gap,
    _fit,
)
def grids(context: click.Context, since: datetime | None, plan_name: str | None, **given: Any) -> None:
    """A whole division of the city, published as a plan."""
    given["since"] = since and since.replace(tzinfo=ZONE)
    given["plan_name"] = plan_name and _name(plan_name)
    _run(context, "grids", **given)


@importing.command()
@_options(_leave_out)
def population(context: click.Context, **given: Any) -> None:
    """Residents by area code, by polygon or by point, shared out over the cells."""
    _run(context, "population", **given)


@importing.command()
@_options(
    _leave_out,
    click.option("--new-kinds", is_flag=True, help="Make kinds of the words that the catalogue does not know."),
)
def facilities(context: click.Context, **given: Any) -> None:
    """Service points with their kind."""
    _run(context, "facilities", **given)


@importing.command()
@_options(_leave_out)
def incidents(context: click.Context, **given: Any) -> None:
    """Incidents of the past, each placed by the plan of its day."""
    _run(context, "incidents", **given)


@importing.command()
@_options(
    _leave_out,
    click.option("--new-kinds", is_flag=True, help="Make kinds of the words that are not known yet."),
)
def places(context: click.Context, **given: Any) -> None:
    """Places that are inspected, by kind and number; they stand for all places of these kinds."""
    _run(context, "places", **given)


@importing.command()
@_options(
    click.option("--name", "plan_name", metavar="NAME", help="What to call the network; the file's name if absent."),
    click.option("--beside", is_flag=True, help="Leave the network that is in force in force."),
)
def network(context: click.Context, plan_name: str | None, **given: Any) -> None:
    """Streets to measure walks on: OpenStreetMap's .osm.pbf, or a layer of roads. What was there stays as an older version."""
    given["plan_name"] = plan_name and Name(plan_name, plan_name)
    _run(context, "network", **given)


def _name(given: str) -> Name:
    zh, _, en = given.partition("/")
    if not en:
        from seed.names import both, pinyin

        return both(zh, pinyin, city=True)
    return Name(zh, en)


def _fields(given: tuple[str, ...]) -> dict[str, str | None] | None:
    """What is wanted → column, from WANTED=COLUMN."""
    pairs = [pair.partition("=") for pair in given]
    wrong = [pair for pair in pairs if not pair[1]]
    if wrong:
        raise click.BadParameter(f"WANTED=COLUMN, not {wrong[0][0]!r}", param_hint="--field")
    return {wanted: column or None for wanted, _, column in pairs} if pairs else None


def _run(
    context: click.Context, kind: str, *, file: Path, dry_run: bool, layer: str | None, encoding: str | None, crs: str | None,
    datum: str, fields: tuple[str, ...], report: Path | None, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    from gis.locating import Locator
    from seed.importing import Options, Request, Source, carry_out, check

    settings = settings_of(context)
    source = Source(file, layer, encoding, crs, Datum(datum), _fields(fields))
    locator = Locator(settings.var_dir / "index")
    with database(settings) as engine:
        migrated(engine)
        with bars() as progress, engine.connect() as conn:
            task = progress.add_task("Looking", total=None)

            def tell(step: str, done: int, total: int) -> None:
                progress.update(task, description=step, completed=done, total=total or None)

            asked = Request(kind, source, Options(**options))
            now = datetime.now(UTC)
            if dry_run:
                checked = check(conn, asked, now=now, atlas_at=locator.atlas_if_any, tell=tell)
                written = None
            else:
                checked, written = carry_out(conn, asked, now=now, atlas_at=locator.atlas_if_any, tell=tell, by=ACTOR)
                conn.commit()
        if written is not None:
            from gis import upkeep

            with engine.begin() as conn:
                upkeep.renew_statistics(conn)
    _show(checked, written, dry_run=dry_run, report=report, as_json=as_json)
    sys.exit(1 if checked.errors else 0)


def _show(checked: Any, written: dict[str, int] | None, *, dry_run: bool, report: Path | None, as_json: bool) -> None:
    from seed.importing.report import file_told, findings_drawn, told

    whole = told(checked) | {"file": file_told(checked.info), "written": written}
    if report is not None:
        content = findings_drawn(checked) if report.suffix == ".geojson" else whole
        report.write_bytes(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2))
    if as_json:
        click.echo(orjson.dumps(whole, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2).decode())
        return
    _show_file(whole)
    _show_findings(whole)
    _show_changes(whole)
    amounts = ", ".join(f"{count:,} {what}" for what, count in (written or whole["counts"]).items())
    if written is not None:
        out.print(f"\n[green]Written:[/] {amounts}.")
    elif whole["errors"]:
        out.print(f"\n[red]{whole['errors']} findings block; nothing was written.[/]")
    elif dry_run:
        out.print(f"\nA dry run: nothing was written. The real run would write {amounts}.")


def _show_file(whole: dict[str, Any]) -> None:
    file = whole["file"]
    facts = {name: value for name, value in file.items() if isinstance(value, str | int | float) and value != ""}
    out.print("  ".join(f"[dim]{name}[/] {value}" for name, value in facts.items()))
    taken = "  ".join(f"[dim]{wanted}[/] {column or '–'}" for wanted, column in whole["fields"].items())
    out.print(f"Columns: {taken}")


def _show_findings(whole: dict[str, Any]) -> None:
    if not whole["findings"]:
        out.print("Nothing is wrong with it.")
        return
    table = Table("finding", "severity", "count", "amount", box=None, header_style="dim")
    for row in whole["summary"]:
        amount = "" if row["amount"] is None else f"{row['amount']:,.0f} {row['unit']}"
        colour = COLOURS[row["severity"]]
        table.add_row(row["name"]["en"], f"[{colour}]{row['severity']}[/]", f"{row['count']:,}", amount)
    out.print(table)
    for finding in whole["findings"][:SHOWN]:
        place = "" if finding["lon"] is None else f" [dim]({finding['lon']:.5f}, {finding['lat']:.5f})[/]"
        out.print(f"[{COLOURS[finding['severity']]}]●[/] ", end="")
        out.print(finding["message"], markup=False, end="")
        out.print(place)
    left = sum(row["count"] for row in whole["summary"]) - SHOWN
    if left > 0:
        out.print(f"[dim]… and {left:,} more; --report FILE writes them all.[/]")


def _show_changes(whole: dict[str, Any]) -> None:
    if not whole["changes"]:
        return
    table = Table(
        "unit", "before m²", "after m²", "gained m²", "lost m²", "change", box=None, header_style="dim", title="Changed ground"
    )
    for change in whole["changes"][:SHOWN]:
        amounts = [f"{change[name]:,.0f}" for name in ("before_m2", "after_m2", "gained_m2", "lost_m2")]
        table.add_row(change["name"], *amounts, f"{change['fraction']:+.3%}")
    out.print(table)
