"""Who asks for a stream: the session of a page or the token of a program, as the main server knows them."""

from dataclasses import dataclass

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy import Engine
from werkzeug.http import parse_cookie

from gis import logins, tokens
from gis.records import Account
from server.config import Settings
from server.secret import kept_secret

COOKIE = "session"


@dataclass(frozen=True)
class Pass:
    """What somebody shows: an account with the stamp of its session, or a token."""

    account_id: int = 0
    stamp: int = 0
    token: str = ""


class Door:
    """Reads what is shown, and tells whose it is."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """With the key that the main server signs its sessions with."""
        app = Flask(__name__)
        app.secret_key = settings.secret_key or kept_secret(settings.var_dir)
        self._engine = engine
        self._lifetime_s = int(app.permanent_session_lifetime.total_seconds())
        self._signed = SecureCookieSessionInterface().get_signing_serializer(app)

    def shown(self, *, cookie: str, authorization: str) -> Pass | None:
        """The pass among these headers; a token goes before a session."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return Pass(token=token.strip()) if token.strip() else None
        kept = self._kept(cookie).partition(":")
        return Pass(int(kept[0]), int(kept[2])) if kept[0].isdigit() and kept[2].isdigit() else None

    def _kept(self, cookie: str) -> str:
        signed = parse_cookie(cookie).get(COOKIE)
        if not signed or self._signed is None:
            return ""
        try:
            return str(self._signed.loads(signed, max_age=self._lifetime_s).get("_user_id", ""))
        except BadSignature:
            return ""

    def account(self, shown: Pass) -> Account | None:
        """The account behind a pass as it is now, or None."""
        with self._engine.connect() as conn:
            if not shown.token:
                return logins.by_session(conn, shown.account_id, stamp=shown.stamp)
            found = tokens.account_behind(conn, shown.token)
        if found is not None and not found[1]:
            with self._engine.begin() as conn:
                tokens.note_use(conn, shown.token)
        return found[0] if found else None
