"""The pages of comparing plans and of asking residents; the latter are open without log-in."""

from typing import Any

from flask import Blueprint, Flask, current_app, render_template, request

from gis import consultations
from gis.rules.consultation import STAGES
from gis.rules.words import CONSULTATION_STAGES
from server.api.city import facts
from server.api.consultations import city_today
from server.auth import current_account
from server.auth.rights import RIGHTS
from server.database import now, reading

bp = Blueprint("consulting", __name__)


@bp.get("/plans/compare")
def compare() -> str:
    """Two plans on two maps, and a table of what they do differently."""
    chosen = {side: request.args.get(side, type=int) for side in ("a", "b")}
    return render_template("compare.html", map=_map("compare_page.js", tiles_url="/tiles", page=chosen))


@bp.get("/consultations")
def listed() -> str:
    """What is put to residents; planners put more to them."""
    return render_template("consultations.html", may_lead=_may_lead())


@bp.get("/consultations/<int:id>")
def one(id: int) -> str:
    """One consultation: what would change where I live, what others say, and my own voice."""
    with reading() as conn:
        held = consultations.get(conn, id, public_on=None if current_account() else city_today())
    page = {"id": id, "mayLead": _may_lead(), "stages": list(STAGES)}
    stages = [(code, dict(zip(("zh", "en"), CONSULTATION_STAGES[code], strict=True))) for code in STAGES]
    return render_template(
        "consultation.html", map=_map("consultation_page.js", tiles_url=None, page=page), consultation=held, stages=stages,
        may_lead=_may_lead(),
    )  # fmt: skip


def _may_lead() -> bool:
    account = current_account()
    return account is not None and account.role in RIGHTS["consultations.enter_stage"].roles


def _map(module: str, *, tiles_url: str | None, page: dict[str, Any]) -> Any:
    from gis import city
    from layers.comparison import comparison_map
    from server.pages import _language, basemap_of

    with reading() as conn:
        held = facts(city.describe(conn, now=now()))
    settings = current_app.config["SETTINGS"]
    return comparison_map(
        bbox=held["bbox"], module=module, tiles_url=tiles_url, page=page, basemap=basemap_of(settings), language=_language()
    )


def init_app(app: Flask) -> None:
    """Serve these pages."""
    app.register_blueprint(bp)
