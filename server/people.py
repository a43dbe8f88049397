"""The pages about people: their own account, and everybody's for the administrator."""

from typing import Any

from flask import Blueprint, Flask, render_template
from flask_babel import gettext

from gis import accounts
from server.api.accounts import answered
from server.auth import current_account
from server.database import reading
from server.roles import role_hints, role_names

bp = Blueprint("people", __name__)


@bp.get("/accounts", endpoint="accounts")
def accounts_page() -> str:
    """Everybody who may log in; the script asks the API, which keeps to the administrator's part of the city."""
    with reading() as conn:
        departments = accounts.departments(conn)
    return render_template("accounts.html", roles=role_names(), hints=role_hints(), departments=departments, me=_own())


@bp.get("/me")
def me() -> str:
    """One's own account: facts, password, tokens. With a temporary password, the form to change it and nothing else."""
    own = _own()
    return render_template("me.html", me=own, hint=role_hints()[own["role"]["code"]], levels=_levels())


def _own() -> dict[str, Any]:
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        return answered(accounts.get(conn, account.login, within=None))


def _levels() -> dict[str, str]:
    return {
        "city": gettext("City"), "district": gettext("District"), "town": gettext("Town"), "community": gettext("Community"),
    }


def init_app(app: Flask) -> None:
    """Serve the pages about people."""
    app.register_blueprint(bp)
