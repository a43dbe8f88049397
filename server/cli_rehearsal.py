"""`wangge rehearse`: a made-up working day, played through the services."""

import click

from server.cli import bars, database, main, settings_of

SOME = click.FloatRange(0, min_open=True)


@main.command()
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(0.1, 10_000), help="How much faster than life.")
@click.option("--minutes", default=480.0, show_default=True, type=SOME, help="Minutes of the day to play.")
@click.option("--reports-per-hour", default=120.0, show_default=True, type=SOME, help="In hours of the day played.")
@click.option("--seed", "number", default=349, show_default=True, help="Same number, same day.")
@click.pass_context
def rehearse(context: click.Context, speed: float, minutes: float, reports_per_hour: float, number: int) -> None:
    """Play a working day in a synthetic city: people report, dispatchers send, officers walk and report back."""
    from gis.locating import Locator
    from seed.rehearsal import NotMadeUp, Rehearsal

    settings = settings_of(context)
    with database(settings) as engine, bars() as progress:
        task = progress.add_task("Minutes of the day", total=round(minutes))
        try:
            day = Rehearsal(
                engine, Locator(settings.var_dir / "index"), reports_per_hour=reports_per_hour, speed=speed, seed=number,
                hours=settings.hours,
            )
        except NotMadeUp as fault:
            raise SystemExit(str(fault)) from None
        played = day.play(minutes, tell=lambda at_min: progress.update(task, completed=int(at_min)))
    click.echo(
        f"{played.reports:,} reports, {played.steps:,} steps, {played.moves:,} moves; "
        f"{played.left_to_others:,} cases left to others."
    )
