"""Pages of officers: the page of a place, and sheets of QR codes."""

from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, url_for
from flask_babel import gettext
from markupsafe import Markup

from gis import patrols
from server.api.patrols import drawn_qr
from server.auth import current_account, reach
from server.database import reading

bp = Blueprint("officers", __name__)


@bp.get("/p/<code>")
def place(code: str) -> Response | str:
    """What the QR code of a place leads to: for an officer the place on the own patrol, for others what is known of it."""
    account = current_account()
    if account is not None and account.role == "officer":
        return redirect(url_for("officer_page.today", place=code))  # type: ignore[return-value]
    with reading() as conn:
        found, inspections = patrols.place(conn, code, reach=reach())
    return render_template("place.html", place=found, inspections=inspections, outcomes=outcomes())


@bp.get("/officer/codes/<grid>")
def codes(grid: str) -> str:
    """The QR codes of a grid's places, to be printed and put up."""
    with reading() as conn:
        found = patrols.of_grid(conn, grid, reach=reach())
    sheet: list[dict[str, Any]] = [{"place": each, "qr": Markup(drawn_qr(each.code))} for each in found]
    return render_template("place_codes.html", grid=grid, sheet=sheet)


def outcomes() -> dict[str, str]:
    """The words for what an officer may find."""
    return {
        "fine": gettext("In order"),
        "finding": gettext("Finding"),
        "closed": gettext("Nobody there"),
        "refused": gettext("Not let in"),
    }


def init_app(app: Flask) -> None:
    """Serve the officer's pages."""
    app.register_blueprint(bp)
