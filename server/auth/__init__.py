"""Who somebody is, and whether she may."""

from typing import Any

import flask_login
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from gis import accounts
from gis.records import Account, Reach
from server import problems
from server.auth.rights import PUBLIC, RIGHTS, Over, Right
from server.database import reading

csrf = CSRFProtect()
logins = flask_login.LoginManager()


class Visitor(flask_login.UserMixin):
    """An account as Flask-Login knows it."""

    def __init__(self, account: Account) -> None:
        """`account` is what the services know of the visitor."""
        self.account = account

    def get_id(self) -> str:
        """The id kept in the signed session."""
        return str(self.account.id)


@logins.user_loader
def _by_session(account_id: str) -> Visitor | None:
    with reading() as conn:
        account = accounts.get(conn, int(account_id))
    return Visitor(account) if account else None


@logins.request_loader
def _by_token(_: Any) -> Visitor | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    with reading() as conn:
        account = accounts.by_token(conn, token.strip())
    return Visitor(account) if account else None


def current_account() -> Account | None:
    """The account behind this request, or None."""
    visitor = flask_login.current_user
    return visitor.account if visitor.is_authenticated else None


def actor() -> str:
    """How the journal names whoever is behind this request."""
    account = current_account()
    return account.login if account else "public"


def reach() -> Reach:
    """The part of the city that the answer to this request must keep to; every route marked `Over.OWN` asks for it."""
    account = current_account()
    assert account is not None, "only routes that ask for a log-in keep to a reach"
    g.reach_asked = True
    return account.reach


def _admit() -> Response | None:
    """Let the request through, or say why not: the table of rights decides, and an unlisted endpoint is closed."""
    if request.endpoint is None:
        return None  # no such page: the 404 follows
    right = RIGHTS.get(request.endpoint, Right(frozenset()))
    if right is PUBLIC:
        return None
    account = current_account()
    return _ask_who() if account is None else _judge(account, right)


def _ask_who() -> Response:
    if not request.path.startswith(("/api/", "/tiles/", "/ogc")):
        return redirect(url_for("pages.login", next=request.full_path.rstrip("?")))  # type: ignore[return-value]
    refused = problems.answer(401, "Log in, or send a token: Authorization: Bearer …")
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


def _judge(account: Account, right: Right) -> Response | None:
    if account.role not in right.roles:
        return problems.answer(403, f"The role {account.role} may not do this.")
    if right.over is Over.CITY and not account.reach.is_whole_city:
        return problems.answer(403, f"This needs an account that has the whole city; yours has {account.area_code}.")
    return None


def _guard_forms() -> None:
    """A session's changes need the form's token; a bearer token carries its own proof."""
    if current_app.config["WTF_CSRF_ENABLED"] and request.endpoint in RIGHTS and "Authorization" not in request.headers:
        csrf.protect()


def init_app(app: Flask) -> None:
    """Know visitors by session or token, and hold every route against the table of rights."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    # Without its context processor: the page that says that the database is away must not ask it who is there.
    logins.init_app(app, add_context_processor=False)
    app.before_request(_admit)
    app.before_request(_guard_forms)
    app.register_error_handler(CSRFError, lambda error: problems.answer(400, f"{error.description} Reload the page and try again."))
