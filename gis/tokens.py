"""Tokens: what programs send instead of a password. Shown once, kept only as a hash."""

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import Account
from gis.store import accounts, journal
from gis.store import tokens as store

TOKEN_BYTES = 24
LABEL_LIMIT = 80


def issue(conn: Connection, login: str, *, label: str, days: int | None, by: str) -> str:
    """A new token that speaks for an account; shown once. Raises NotFound."""
    found = accounts.with_hash(conn, login)
    if found is None:
        raise NotFound(f"There is no active account with the login {login}.")
    token = "wgt_" + secrets.token_urlsafe(TOKEN_BYTES)
    store.save(conn, account_id=found[0].id, token_hash=_digest(token), label=label, days=days)
    journal.append(conn, "token.issued", subject=login, actor=by, label=label, days=days)
    return token


def account_behind(conn: Connection, token: str) -> tuple[Account, bool] | None:
    """The account that a token speaks for, and whether its use was noted lately; None if it is unknown or over."""
    return store.account_behind(conn, _digest(token))


def note_use(conn: Connection, token: str) -> None:
    """Remember that a token was used; at most once a minute."""
    store.note_use(conn, _digest(token))


def list_tokens(conn: Connection, account_id: int) -> list[dict[str, Any]]:
    """The tokens of an account, newest first."""
    return store.of_account(conn, account_id)


def revoke(conn: Connection, account_id: int, token_id: int, *, login: str, by: str) -> None:
    """End a token of an account at once. Raises NotFound."""
    label = store.revoke(conn, account_id, token_id)
    if label is None:
        raise NotFound(f"{login} has no token with the id {token_id}.")
    journal.append(conn, "token.revoked", subject=login, actor=by, label=label)


def _digest(token: str) -> str:
    # The token is 24 random bytes: a plain hash suffices, there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
