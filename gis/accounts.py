"""Accounts: who may log in, with which role, for which part of the city."""

import hashlib
import secrets
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import Account
from gis.store import accounts as store
from gis.store import journal

ROLES = ("administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer")
TOKEN_BYTES = 24
_hasher = PasswordHasher()


def open_account(
    conn: Connection, *, login: str, name: str, password: str, role: str, area_code: str, by: str,
    department: str | None = None, demo: bool = False,
) -> None:
    """Open an account for somebody, with a role over an area and all under it; an existing login is left as it is."""
    made = store.save(
        conn,
        login=login,
        name=name,
        password_hash=_hasher.hash(password),
        role=role,
        area_code=area_code,
        department=department,
        demo=demo,
    )
    if made:
        journal.append(conn, "account.opened", subject=login, actor=by, role=role)


def log_in(conn: Connection, login: str, password: str) -> Account | None:
    """The account that this login and password open, or None."""
    found = None if "\0" in login else store.with_hash(conn, login)
    try:
        _hasher.verify(found[1] if found else _nobody(), password)
    except VerificationError:
        return None
    return found[0] if found else None


@cache
def _nobody() -> str:
    """Checked when a login is unknown, so that the answer takes as long as for a known one."""
    return _hasher.hash("nobody")


def get(conn: Connection, account_id: int) -> Account | None:
    """An active account by its id, or None."""
    return store.by_id(conn, account_id)


def issue_token(conn: Connection, login: str, *, label: str, days: int | None, by: str) -> str:
    """A new token that speaks for an account; shown once, stored only as a hash. Raises NotFound."""
    found = store.with_hash(conn, login)
    if found is None:
        raise NotFound(f"There is no active account with the login {login}.")
    token = "wgt_" + secrets.token_urlsafe(TOKEN_BYTES)
    store.save_token(conn, account_id=found[0].id, token_hash=_digest(token), label=label, days=days)
    journal.append(conn, "token.issued", subject=login, actor=by, label=label)
    return token


def by_token(conn: Connection, token: str) -> Account | None:
    """The account that a token speaks for, or None."""
    return store.by_token(conn, _digest(token))


def demo_logins(conn: Connection) -> list[dict[str, Any]]:
    """The log-ins of a seeded demo; empty in a city's own installation."""
    return list(store.demo_logins(conn))


def _digest(token: str) -> str:
    # The token is 24 random bytes: a plain hash suffices, there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
