"""The pages of citizens: report, follow, look around. Open without log-in."""

from typing import Any

from flask import Blueprint, Flask, abort, current_app, render_template, request

from gis import city
from server.api.city import facts
from server.config import Settings
from server.database import now, reading

bp = Blueprint("reporting", __name__)


@bp.get("/report")
def report() -> str:
    """Report something, or with `?wish` ask for something."""
    is_wish = "wish" in request.args
    page = {"kind": "wish" if is_wish else "matter", "mail": _settings().smtp_url is not None}
    return render_template("report.html", map=_map("report_page.js", page=page), is_wish=is_wish, mail=page["mail"])


@bp.get("/report/<number>")
def follow(number: str) -> str:
    """What became of a report."""
    if not number.isascii() or len(number) > 20:
        abort(404)
    return render_template("follow.html", number=number, key=request.args.get("key", ""), stop=request.args.get("stop"))


@bp.get("/around")
def around() -> str:
    """What is known around here, on a map."""
    return render_template("around.html", map=_map("around_page.js", page={}))


def _map(module: str, *, page: dict[str, Any]) -> Any:
    from layers.reporting import reporting_map
    from server.pages import _language, basemap_of

    with reading() as conn:
        held = facts(city.describe(conn, now=now()))
    return reporting_map(bbox=held["bbox"], module=module, page=page, basemap=basemap_of(_settings()), language=_language())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def init_app(app: Flask) -> None:
    """Serve these pages."""
    app.register_blueprint(bp)
