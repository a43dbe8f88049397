"""Who somebody is, and whether she may."""

from typing import Any

import flask_login
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError

from gis import logins as sessions
from gis import tokens
from gis.records import Account, Reach
from server import problems
from server.auth import credentials
from server.auth.rights import PUBLIC, RIGHTS, WITH_TEMPORARY_PASSWORD, Over, Right
from server.database import asking, reading, writing

# What anybody may do, and does as nobody: a page elsewhere gains nothing by doing it in a visitor's name.
SESSIONLESS = frozenset(
    {
        "public.report", "public.join", "public.rate", "public.unsubscribe", "photos.send_public", "open311.file",
        "open311.comment",
    }
)  # fmt: skip


class _HeaderFirst(CSRFProtect):  # type: ignore[misc]
    """Takes the page's token from the header where there is one: looking for a form would read an uploaded file's body."""

    def _get_csrf_token(self) -> str | None:
        return request.headers.get("X-CSRFToken") or super()._get_csrf_token()


csrf = _HeaderFirst()
logins = flask_login.LoginManager()


class Visitor(flask_login.UserMixin):
    """An account as Flask-Login knows it."""

    def __init__(self, account: Account, *, by_token: bool = False) -> None:
        """`account` is what the services know of the visitor; `by_token` says that a program speaks for it."""
        self.account = account
        self.by_token = by_token

    def get_id(self) -> str:
        """What the signed session keeps: the account and its stamp, which changes when sessions must end."""
        return f"{self.account.id}:{self.account.stamp}"


@logins.user_loader
def _by_session(kept: str) -> Visitor | None:
    account_id, _, stamp = kept.partition(":")
    if not stamp:
        return None  # of a version before sessions had a stamp
    with reading() as conn:
        account = sessions.by_session(conn, int(account_id), stamp=int(stamp))
    return Visitor(account) if account else None


@logins.request_loader
def _by_token(_: Any) -> Visitor | None:
    sent = credentials.sent()
    if sent is None:
        return None
    with asking() as conn:
        found = tokens.account_behind(conn, sent.token)
    if found is None or not sent.belongs_to(found[0]):
        return None
    account, noted = found
    if not noted:
        with writing() as conn:
            tokens.note_use(conn, sent.token)
    return Visitor(account, by_token=True)


def current_account() -> Account | None:
    """The account behind this request, or None."""
    visitor = flask_login.current_user
    return visitor.account if visitor.is_authenticated else None


def speaks_by_token() -> bool:
    """Whether a program speaks for the account, by a token, and not a person who knows the password."""
    return bool(getattr(flask_login.current_user, "by_token", False))


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
    if problems.is_for_people():
        return redirect(url_for("pages.login", next=request.full_path.rstrip("?")))  # type: ignore[return-value]
    refused = problems.answer(401, "Log in, or send a token: Authorization: Bearer …")
    for challenge in credentials.challenges():
        refused.headers.add("WWW-Authenticate", challenge)
    return refused


def _judge(account: Account, right: Right) -> Response | None:
    if account.must_change and not speaks_by_token() and request.endpoint not in WITH_TEMPORARY_PASSWORD:
        return _ask_for_new_password()
    if account.role not in right.roles:
        return problems.answer(403, f"The role {account.role} may not do this.")
    if right.over is Over.CITY and not account.reach.is_whole_city:
        return problems.answer(403, f"This needs an account that has the whole city; yours has {account.area_code}.")
    return None


def _ask_for_new_password() -> Response:
    if problems.is_for_people():
        return redirect(url_for("people.me"))  # type: ignore[return-value]
    return problems.answer(403, "Change your temporary password first.", kind="urn:wangge:PasswordMustChange")


def _guard_forms() -> None:
    """A session's changes need the form's token; a bearer token carries its own proof, because no browser sends it unasked."""
    if request.endpoint in SESSIONLESS:
        return
    if current_app.config["WTF_CSRF_ENABLED"] and request.endpoint in RIGHTS and not credentials.is_bearer():
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
