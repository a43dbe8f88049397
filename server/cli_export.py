"""`wangge export`: any list or layer as a file."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import click

from server.cli import bars, database, main, settings_of


@main.command()
@click.argument("layer")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--where", multiple=True, metavar="NAME=VALUE", help="A filter or parameter of the list, such as area=441900006.")
@click.pass_context
def export(context: click.Context, layer: str, file: Path, where: tuple[str, ...]) -> None:
    """Write a list or layer to FILE: .geojson, .csv, .gpkg or .xlsx."""
    from gis import areas, features
    from gis.layer_files.writing import FORMATS
    from gis.records import Reach
    from server.exporting import write_list

    wanted = file.suffix.lstrip(".").lower()
    if wanted not in FORMATS:
        raise click.BadParameter(f"ends in one of {', '.join(f'.{name}' for name in FORMATS)}", param_hint="FILE")
    given = defaultdict(list)
    for pair in where:
        name, sign, value = pair.partition("=")
        if not sign:
            raise click.BadParameter(f"NAME=VALUE, not {pair!r}", param_hint="--where")
        given[name].append(value)
    with database(settings_of(context)) as engine, engine.connect() as conn, bars() as progress:
        query = features.asked(layer, given)
        whole = Reach(areas.tree(conn)[0].code)
        task = progress.add_task(f"Writing {file.name}", total=None)
        now = datetime.now(UTC)
        count = features.count(conn, query, reach=whole, now=now)
        write_list(
            conn, query, file, wanted=wanted, reach=whole, now=now, tell=lambda done: progress.update(task, completed=done)
        )
    click.echo(f"{count:,} rows in {file}")
