"""The page of the catalogue: what is admitted, proposals, decisions, and the versions of every matter."""

from flask import Blueprint, Flask, render_template

from gis import accounts
from server.auth import current_account
from server.database import reading

bp = Blueprint("matter_pages", __name__)

PLANNERS = frozenset({"administrator", "planner"})
PROPOSERS = PLANNERS | {"department"}


@bp.get("/matters")
def matters() -> str:
    """The catalogue; the script asks the API."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        departments = accounts.departments(conn)
    own = account.department if account.role == "department" else None
    return render_template(
        "matters.html",
        departments=departments,
        may_propose=account.role in PROPOSERS,
        may_decide=account.role in PLANNERS and account.reach.is_whole_city,
        own=own,
    )


def init_app(app: Flask) -> None:
    """Serve the page of the catalogue."""
    app.register_blueprint(bp)
