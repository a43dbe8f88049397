"""The planner's pages: every plan of the city, and the studio that one of them is redrawn in."""

from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import get_locale

from gis import areas, city, draft_access
from gis.records import Account
from server.api.city import facts
from server.auth import current_account, reach
from server.database import now, reading
from server.pages import basemap_of

bp = Blueprint("planning", __name__)

PLANNERS = frozenset({"administrator", "planner"})


@bp.get("/plans")
def plans() -> str:
    """Every plan: the one in force, drafts, what is in consultation, what was; the script asks the API."""
    account = _account()
    with reading() as conn:
        part = areas.describe(conn, account.area_code)
    own = {"code": part["code"], "level": part["level"], "name": {"zh": part["name_zh"], "en": part["name_en"]}}
    return render_template("plans.html", own=own, **_rights(account))


@bp.get("/plans/<int:id>")
def studio(id: int) -> str:
    """One plan on the map: a draft to be redrawn, any other to be looked at. A plan that is not there is not found."""
    from layers.studio import studio_map

    account = _account()
    with reading() as conn:
        draft_access.version_seen(conn, id, reach=reach())
        held = facts(city.describe(conn, now=now()))
    parts = studio_map(
        plan_id=id,
        bbox=held["bbox"],
        tiles_url="/tiles",
        basemap=basemap_of(current_app.config["SETTINGS"]),
        language=str(get_locale()),
    )
    return render_template("studio.html", map=parts, plan_id=id, **_visitor(account))


def _visitor(account: Account) -> dict[str, Any]:
    return {"me": account.login, **_rights(account)}


def _rights(account: Account) -> dict[str, bool]:
    """What of the table of rights the pages show buttons for."""
    is_planner = account.role in PLANNERS
    return {"may_edit": is_planner, "may_restore": is_planner and account.reach.is_whole_city}


def _account() -> Account:
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    return account


def init_app(app: Flask) -> None:
    """Serve the planner's pages."""
    app.register_blueprint(bp)
