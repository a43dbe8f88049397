"""The page of coverage: who reaches what, what if, and where next."""

from babel.dates import get_day_names
from flask import Blueprint, Flask, current_app, render_template
from flask_babel import get_locale

from gis import areas, city
from server.auth import current_account
from server.auth.rights import RIGHTS, Over
from server.database import now, reading
from server.pages import basemap_of

bp = Blueprint("coverage_pages", __name__)

WRITTEN = {
    "keep": "audits.ask", "publish": "audits.publish", "scenarios": "scenarios.save", "sites": "sitings.ask",
    "standards": "services.set_standard",
}  # fmt: skip


@bp.get("/coverage")
def coverage() -> str:
    """The question at the left, the map, and beside it what it comes to."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        held = city.describe(conn, now=now())
        towns = areas.choices(conn, account.reach)
    from layers.coverage import coverage_map

    parts = coverage_map(
        bbox=held["bbox"], tiles_url="/tiles", rights={name: _may(endpoint) for name, endpoint in WRITTEN.items()},
        basemap=basemap_of(current_app.config["SETTINGS"]), language=str(get_locale()),
    )  # fmt: skip
    return render_template("coverage.html", map=parts, towns=towns, weekdays=weekdays())


def weekdays() -> list[tuple[int, str]]:
    """The days of the week in the reader's language, Monday 1."""
    names = get_day_names(locale=get_locale())
    return [(number, names[number - 1]) for number in range(1, 8)]


def _may(endpoint: str) -> bool:
    """Whether the reader may do what an endpoint does; what is over the whole city, only who has it."""
    account, right = current_account(), RIGHTS.get(endpoint)
    assert account is not None
    if right is None or account.role not in right.roles:
        return False
    return right.over is not Over.CITY or account.reach.is_whole_city


def init_app(app: Flask) -> None:
    """Serve the page."""
    app.register_blueprint(bp)
