"""The dispatcher's page: cases and officers on a map that moves by itself, the queue beside it."""

from typing import Any, Final

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import get_locale
from sqlalchemy import Connection

from gis import areas, city
from gis.records import Account
from gis.rules.case_steps import LATE, REPORTED, STEPS, WARNED
from server.auth import current_account
from server.auth.rights import RIGHTS
from server.database import now, reading
from server.pages import basemap_of

bp = Blueprint("live", __name__)

KINDS: Final = (*(f"case.{step.action}" for step in (REPORTED, *STEPS, WARNED, LATE)), "case.left")


@bp.get("/live")
def live() -> str:
    """The map of what is open, beside the queue of it; the script asks the API and follows the stream."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        held = city.describe(conn, now=now())
        me = _me(conn, account)
    from layers.live import live_map

    parts = live_map(
        bbox=held["bbox"], tiles_url="/tiles", kinds=KINDS, me=me, language=str(get_locale()),
        basemap=basemap_of(current_app.config["SETTINGS"]),
    )  # fmt: skip
    return render_template("live.html", map=parts, may_report=account.role in RIGHTS["incidents.report"].roles)


def _me(conn: Connection, account: Account) -> dict[str, Any]:
    part = areas.describe(conn, account.area_code)
    return {
        "command": account.area_code if account.role == "dispatcher" else None,
        "department": account.department if account.role == "department" else None,
        "area": {"code": part["code"], "level": part["level"], "name": {"zh": part["name_zh"], "en": part["name_en"]}},
        "bbox": [part["w"], part["s"], part["e"], part["n"]],
    }


def init_app(app: Flask) -> None:
    """Serve the dispatcher's page."""
    app.register_blueprint(bp)
