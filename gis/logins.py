"""Logging in: who a password or a session speaks for, how often may be tried, and changing one's own password."""

from typing import Final

from sqlalchemy import Connection

from gis.errors import BadPassword, NotFound
from gis.records import Account
from gis.rules.passwords import PasswordFault, fits, hashed, password_fault
from gis.store import accounts as store
from gis.store import attempts, journal

WRONG_AT_MOST: Final = 5  # passwords for one login from one address in a window
WINDOW_S: Final = 15 * 60


def count_attempt(conn: Connection, login: str, *, address: str) -> int:
    """Count an attempt before the password is looked at; returns the seconds to wait, 0 when it may be tried.

    Counted per login and address: a stranger elsewhere shuts nobody out, and people behind one address do not wait for each
    other. The caller commits before it checks the password, so that a hundred guesses at once count as a hundred.
    """
    return attempts.wait_s(conn, _spelt(login), address, at_most=WRONG_AT_MOST, window_s=WINDOW_S)


def _spelt(login: str) -> str:
    # Phones begin with a capital and end with a space.
    return login.strip().lower()


def log_in(conn: Connection, login: str, password: str, *, address: str) -> Account | None:
    """The account that this login and password open, or None."""
    found = None if "\0" in login else store.with_hash(conn, _spelt(login))
    if not fits(password, found[1] if found else None) or found is None:
        return None
    attempts.forget(conn, _spelt(login), address)
    store.note_login(conn, found[0].id)
    return found[0]


def by_session(conn: Connection, account_id: int, *, stamp: int) -> Account | None:
    """The account that a session speaks for, or None when the account was closed or has another stamp since."""
    account = store.by_id(conn, account_id)
    return account if account and account.stamp == stamp else None


def change_password(conn: Connection, account: Account, *, old: str, new: str, address: str) -> Account:
    """Change one's own password; every session ends, and the one that asked goes on with the account returned.

    Raises BadPassword, naming the field at fault.
    """
    found = store.with_hash(conn, account.login)
    if found is None or not fits(old, found[1]):
        raise _refused(PasswordFault.OLD, field="old")
    fault = PasswordFault.SAME if new == old else password_fault(new, login=account.login)
    if fault:
        raise _refused(fault, field="new")
    attempts.forget(conn, _spelt(account.login), address)
    store.set_password(conn, account.id, password_hash=hashed(new), must_change=False)
    journal.append(conn, "account.password_changed", subject=account.login, actor=account.login)
    renewed = store.by_id(conn, account.id)
    if renewed is None:
        raise NotFound(f"There is no active account with the login {account.login}.")
    return renewed


def _refused(fault: PasswordFault, *, field: str) -> BadPassword:
    return BadPassword(fault.value, field=field, fault=fault.name.lower())
