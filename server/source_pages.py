"""The pages about departments' records: how every source is doing, and one source with its rejects, mapping and ways."""

from typing import Any

from flask import Blueprint, Flask, render_template

from gis import accounts, sources
from gis.records import Account
from gis.rules.datums import Datum
from gis.source_records import Source
from server.auth import current_account, reach
from server.database import reading

bp = Blueprint("source_pages", __name__)

PLANNERS = frozenset({"administrator", "planner"})


@bp.get("/sources")
def board() -> str:
    """Every source that one may see; the script asks the API for their figures."""
    reach()  # the API keeps to it
    with reading() as conn:
        departments = accounts.departments(conn)
    return render_template("sources.html", departments=departments, **_frame())


@bp.get("/sources/<code>")
def one(code: str) -> str:
    """One source. Another department's is not found."""
    with reading() as conn:
        source = sources.get(conn, code, reach=reach())
    return render_template("source.html", source=_shown(source), **_frame())


def _shown(source: Source) -> dict[str, Any]:
    return {"code": source.code, "name": source.name.as_dict(), "department": source.department_name.as_dict()}


def _frame() -> dict[str, Any]:
    account: Account | None = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    may_change = account.role in PLANNERS and account.reach.is_whole_city
    return {"may_change": may_change, "datums": [datum.value for datum in Datum]}


def init_app(app: Flask) -> None:
    """Serve the pages about departments' records."""
    app.register_blueprint(bp)
