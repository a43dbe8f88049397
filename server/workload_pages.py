"""The pages about hours and posts: the workload model, tried out on the map, and the staffing of a plan."""

from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import get_locale, gettext

from gis import areas, city, staffing, workloads
from gis.rules.apportionment import METHODS
from gis.rules.weights import INTERVAL_D, LIMITS, STANDARD_MIN
from server.auth import current_account
from server.database import now, reading
from server.pages import basemap_of

bp = Blueprint("workload_pages", __name__)


@bp.get("/plans/workload")
def workload() -> str:
    """The weights of the model beside a map of what they come to."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        held = city.describe(conn, now=now())
        today = now().astimezone(ZoneInfo(city.get(conn).timezone)).date()
        kinds, matters = workloads.place_kinds(conn), workloads.matters(conn, on=today)
        towns = areas.choices(conn, account.reach)
    from layers.workload import workload_map

    settings = current_app.config["SETTINGS"]
    parts = workload_map(
        bbox=held["bbox"], tiles_url="/tiles", basemap=basemap_of(settings), language=str(get_locale()),
        may_save=account.reach.is_whole_city,
    )  # fmt: skip
    return render_template(
        "workload.html", map=parts, kinds=kinds, categories=_by_category(matters), towns=towns, limits=LIMITS,
        minutes=STANDARD_MIN, days=INTERVAL_D, may_save=account.reach.is_whole_city,
    )  # fmt: skip


@bp.get("/plans/<int:id>/staffing")
def staffing_of_plan(id: int) -> str:
    """Posts before and after on the grids of a plan, and who would move; the script asks the API."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        plan = staffing.plan_name(conn, id, reach=account.reach)
        towns = areas.choices(conn, account.reach)
    methods = {"sainte-lague": gettext("Sainte-Laguë (Webster)"), "huntington-hill": "Huntington-Hill", "hamilton": "Hamilton"}
    return render_template("staffing.html", plan=plan, id=id, towns=towns, methods=[(code, methods[code]) for code in METHODS])


def _by_category(matters: list[dict[str, Any]]) -> list[tuple[dict[str, str], list[dict[str, Any]]]]:
    """The matters under their categories, in the order of the catalogue."""
    grouped = groupby(matters, key=lambda row: (row["category_zh"], row["category_en"]))
    return [({"zh": zh, "en": en}, list(rows)) for (zh, en), rows in grouped]


def init_app(app: Flask) -> None:
    """Serve the pages about hours and posts."""
    app.register_blueprint(bp)
