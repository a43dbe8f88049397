"""Accounts: opened, changed, closed and opened again, each change within the administrator's own part of the city."""

import re
from typing import Any, Final

from sqlalchemy import Connection

from gis.errors import AlreadyThere, BadAccount, BadPassword, BeyondOwnPart, LastAdministrator, NoCity, NotFound, OwnAccount
from gis.records import Reach
from gis.rules.actors import RESERVED
from gis.rules.passwords import hashed, password_fault, temporary_password
from gis.store import accounts as store
from gis.store import journal, tokens
from gis.store.reach import holds_area
from gis.store.staff import by_number

ROLES = ("administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LOGIN_RULE: Final = "A login has 2 to 40 small letters, digits, dots, dashes or underscores and begins with a letter or digit."
NAME_LIMIT: Final = 80
PAGE: Final = 50
RIGHTS = ("role", "area_code", "department", "staff")


def open_account(
    conn: Connection, *, login: str, name: str, role: str, area_code: str, within: Reach | None, by: str,
    password: str | None = None, department: str | None = None, staff: str | None = None, demo: bool = False,
) -> str:
    """Open an account with a role over an area and all under it; returns its first password.

    `staff` is the number of the member of staff who logs in with it, for an officer in the field. The password is generated unless
    given, and must be changed at the first log-in, except for the log-ins of a demo. `within` is the part of the city that the
    administrator has; None is the command line, which has all of it. Raises BadAccount, BadPassword, BeyondOwnPart, AlreadyThere,
    NoCity.
    """
    if not LOGIN.fullmatch(login):
        raise BadAccount(LOGIN_RULE, field="login")
    if login in RESERVED:
        raise BadAccount(f"{login!r} stands for those who have no account; choose another login.", field="login")
    store.one_change_at_a_time(conn)
    rights = _rights(conn, role=role, area_code=area_code, department=department, staff=staff, within=within)
    _judge_staff(conn, rights["staff"], login=login)
    first = _first_password(password, login=login, unchecked=demo)
    made = store.save(
        conn, login=login, name=_name(name), password_hash=hashed(first), **rights, must_change=not demo, demo=demo
    )
    if not made:
        raise AlreadyThere(f"There is an account with the login {login} already; logins are never given twice.", field="login")
    journal.append(conn, "account.opened", subject=login, actor=by, **rights)
    return first


def _name(name: str) -> str:
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= NAME_LIMIT or not shown.isprintable():
        raise BadAccount(f"A name has 1 to {NAME_LIMIT} printable characters.", field="name")
    return shown


def _first_password(password: str | None, *, login: str, unchecked: bool = False) -> str:
    if password is None:
        return temporary_password()
    fault = None if unchecked else password_fault(password, login=login)
    if fault:
        raise BadPassword(fault.value, field="password", fault=fault.name.lower())
    return password


def _rights(
    conn: Connection, *, role: str, area_code: str, department: str | None, staff: str | None, within: Reach | None,
) -> dict[str, Any]:
    """Role, area, department and member of staff as an account keeps them, if they fit together.

    The area lies within the giver's own part.
    """
    if role not in ROLES:
        raise BadAccount(f"There is no role {role}; the roles are {', '.join(ROLES)}.", field="role")
    path = store.area_path(conn, area_code)
    if path is None:
        raise BadAccount(f"There is no area with the code {area_code}.", field="area")
    if within is not None and not holds_area(within, path):
        raise BeyondOwnPart("You give rights over your own part of the city and what lies in it, no more.", field="area")
    return {
        "role": role, "area_code": area_code, "department": _department(conn, role, department), "staff": _staff(conn, role, staff),
    }


def _staff(conn: Connection, role: str, number: str | None) -> str | None:
    if role != "officer" or not number:
        return None
    if by_number(conn, number) is None:
        raise BadAccount(f"There is no member of staff with the number {number}.", field="staff")
    return number


def _judge_staff(conn: Connection, number: str | None, *, login: str) -> None:
    """A member of staff has one account that is open."""
    other = number and store.login_of_staff(conn, number)
    if other and other != login:
        raise BadAccount(f"The member of staff {number} logs in as {other} already.", field="staff")


def _department(conn: Connection, role: str, department: str | None) -> str | None:
    if role != "department":
        return None
    if department not in {row["code"] for row in store.departments(conn)}:
        raise BadAccount("An account with the role department needs a department of the catalogue.", field="department")
    return department


def whole_city(conn: Connection) -> str:
    """The code of the area that is the whole city. Raises NoCity while there is none: rights are rights over an area."""
    code = store.root_code(conn)
    if code is None:
        raise NoCity("There is no city yet, and an account has rights over an area of one. Load a city first.")
    return code


def get(conn: Connection, login: str, *, within: Reach | None) -> dict[str, Any]:
    """An account, closed ones too. Raises NotFound, also for an account elsewhere in the city."""
    found = store.describe(conn, login)
    if found is None or (within is not None and not holds_area(within, found["area_path"])):
        raise NotFound(f"There is no account with the login {login}" + ("." if within is None else " in your part of the city."))
    return found


def list_accounts(
    conn: Connection, *, within: Reach | None, words: str = "", role: str | None = None, area_code: str | None = None,
    active: bool | None = None, limit: int = PAGE, offset: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    """Accounts by login, as many as asked for, and how many there are in all."""
    return store.find(
        conn, within=within, words=words, role=role, area_code=area_code, active=active, limit=limit, offset=offset
    )


def departments(conn: Connection) -> list[dict[str, str]]:
    """The departments that an account may belong to."""
    return store.departments(conn)


def change(conn: Connection, login: str, *, wanted: dict[str, Any], within: Reach | None, by: str) -> dict[str, Any]:
    """Change name, role, area, department or member of staff; `wanted` holds only what changes.

    New rights end the account's sessions.

    Raises NotFound, BadAccount, BeyondOwnPart, OwnAccount, LastAdministrator.
    """
    held = _held(conn, login, within=within)
    rights = _rights(conn, **{name: wanted.get(name, held[name]) for name in RIGHTS}, within=within)
    if held["active"]:
        _judge_staff(conn, rights["staff"], login=login)
    name = _name(wanted.get("name", held["name"]))
    changes = {key: [held[key], value] for key, value in (rights | {"name": name}).items() if held[key] != value}
    new_rights = changes.keys() & set(RIGHTS)
    if new_rights:
        _judge_loss(conn, held, by=by, keeps_city=rights["role"] == held["role"] and rights["area_code"] == held["area_code"])
    if changes:
        store.change(conn, held["id"], name=name, **rights, ends_sessions=bool(new_rights))
        journal.append(conn, "account.changed", subject=login, actor=by, changes=changes)
    return get(conn, login, within=within)


def _held(conn: Connection, login: str, *, within: Reach | None) -> dict[str, Any]:
    store.one_change_at_a_time(conn)
    return get(conn, login, within=within)


def _judge_loss(conn: Connection, held: dict[str, Any], *, by: str, keeps_city: bool = False) -> None:
    """Before an account loses rights: not by its own hand, and not the last that has the whole city."""
    if held["login"] == by:
        raise OwnAccount("Nobody changes the rights of her own account or closes it; another administrator does.")
    is_chief = held["role"] == "administrator" and held["active"] and "." not in held["area_path"]
    if is_chief and not keeps_city and not store.other_chief_exists(conn, held["id"]):
        raise LastAdministrator(f"{held['login']} is the last administrator of the whole city; make another one first.")


def close(conn: Connection, login: str, *, within: Reach | None, by: str) -> dict[str, Any]:
    """Close an account: its sessions end, its tokens are revoked, its name stays in the journal.

    Raises NotFound, OwnAccount, LastAdministrator.
    """
    held = _held(conn, login, within=within)
    _judge_loss(conn, held, by=by)
    if held["active"]:
        store.set_active(conn, held["id"], active=False)
        revoked = tokens.revoke_all(conn, held["id"])
        journal.append(conn, "account.closed", subject=login, actor=by, tokens_revoked=revoked)
    return get(conn, login, within=within)


def reopen(conn: Connection, login: str, *, within: Reach | None, by: str) -> dict[str, Any]:
    """Open a closed account again, with the rights and the password it had. Raises NotFound, BadAccount."""
    held = _held(conn, login, within=within)
    if not held["active"]:
        _judge_staff(conn, held["staff"], login=login)
        store.set_active(conn, held["id"], active=True)
        journal.append(conn, "account.reopened", subject=login, actor=by)
    return get(conn, login, within=within)


def reset_password(conn: Connection, login: str, *, within: Reach | None, by: str, password: str | None = None) -> str:
    """Give an account a temporary password, generated unless given; returns it. Its sessions end, its tokens are revoked.

    Raises NotFound, BadPassword, OwnAccount: one's own password is changed with the old one.
    """
    held = _held(conn, login, within=within)
    if login == by:
        raise OwnAccount("Change your own password on your own page; it asks for the old one.")
    first = _first_password(password, login=login)
    store.set_password(conn, held["id"], password_hash=hashed(first), must_change=True)
    # Who had the old password may have issued a token with it.
    revoked = tokens.revoke_all(conn, held["id"])
    journal.append(conn, "account.password_reset", subject=login, actor=by, tokens_revoked=revoked)
    return first


def demo_logins(conn: Connection) -> list[dict[str, Any]]:
    """The log-ins of a seeded demo; empty in a city's own installation."""
    return list(store.demo_logins(conn))
