"""Accounts: who may log in, with which role, over which part of the city."""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import Account, Reach

FIELDS = (
    "a.id, a.login, a.name, a.role, a.demo, a.department, a.stamp, a.must_change, a.staff_id, "
    "u.code AS area_code, u.path::text AS area_path"
)
SHOWN = f"""
    {FIELDS}, a.active, a.opened_at, a.last_login_at, u.name_zh AS area_zh, u.name_en AS area_en, u.level AS area_level,
    d.name_zh AS department_zh, d.name_en AS department_en, o.number AS staff, o.name_zh AS staff_zh, o.name_en AS staff_en
    FROM account a JOIN area u ON u.id = a.area_id LEFT JOIN department d ON d.code = a.department
    LEFT JOIN staff o ON o.id = a.staff_id
"""


def account_of(row: Any) -> Account | None:
    """The account of a row that holds FIELDS, or None for no row."""
    return row and Account(
        row.id, row.login, row.name, row.role, row.area_code, row.area_path, row.demo, row.department, row.stamp, row.must_change,
        row.staff_id,
    )  # fmt: skip


def one_change_at_a_time(conn: Connection) -> None:
    """Wait until nobody else changes accounts: two administrators who close each other must not both succeed."""
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('account'))"))


def save(
    conn: Connection, *, login: str, name: str, password_hash: str, role: str, area_code: str, department: str | None,
    staff: str | None, must_change: bool, demo: bool,
) -> bool:
    """Write an account; a login that exists is left as it is. Returns whether one was written."""
    written = conn.execute(
        text("""
            INSERT INTO account (login, name, password_hash, role, area_id, department, staff_id, must_change, demo)
            VALUES (:login, :name, :hash, :role, (SELECT id FROM area WHERE code = :area), :department,
                    (SELECT id FROM staff WHERE number = :staff), :must_change, :demo)
            ON CONFLICT (login) DO NOTHING
        """),
        {
            "login": login, "name": name, "hash": password_hash, "role": role, "area": area_code, "department": department,
            "staff": staff, "must_change": must_change, "demo": demo,
        },
    )
    return written.rowcount == 1


def by_id(conn: Connection, account_id: int) -> Account | None:
    """An active account by its id, or None."""
    return account_of(
        conn.execute(
            text(f"SELECT {FIELDS} FROM account a JOIN area u ON u.id = a.area_id WHERE a.id = :id AND a.active"),
            {"id": account_id},
        ).one_or_none()
    )


def with_hash(conn: Connection, login: str) -> tuple[Account, str] | None:
    """An active account and its password hash by login, or None."""
    row = conn.execute(
        text(
            f"SELECT {FIELDS}, a.password_hash FROM account a JOIN area u ON u.id = a.area_id WHERE a.login = :login AND a.active"
        ),
        {"login": login},
    ).one_or_none()
    account = account_of(row)
    return (account, row.password_hash) if account and row else None


def describe(conn: Connection, login: str) -> dict[str, Any] | None:
    """An account by its login, closed ones too, or None."""
    row = conn.execute(text(f"SELECT {SHOWN} WHERE a.login = :login"), {"login": login}).one_or_none()
    return dict(row._mapping) if row else None


def find(
    conn: Connection, *, within: Reach | None, words: str, role: str | None, area_code: str | None, active: bool | None,
    limit: int, offset: int,
) -> tuple[list[dict[str, Any]], int]:
    """Accounts inside a reach that the filters leave, by login, and how many there are in all."""
    conditions = {
        "u.path <@ CAST(:within AS ltree)": within and within.area_path,
        "a.role = :role": role,
        "u.path <@ (SELECT path FROM area WHERE code = :area)": area_code,
        "a.active = :active": active,
        "(a.login ILIKE :part OR a.name ILIKE :part)": _part(words),
    }
    names = ("within", "role", "area", "active", "part")
    values = dict(zip(names, conditions.values(), strict=True)) | {"limit": limit, "offset": offset}
    chosen = " AND ".join(condition for condition, value in conditions.items() if value is not None) or "true"
    rows = conn.execute(text(f"SELECT {SHOWN} WHERE {chosen} ORDER BY a.login LIMIT :limit OFFSET :offset"), values)
    total = conn.execute(text(f"SELECT count(*) FROM account a JOIN area u ON u.id = a.area_id WHERE {chosen}"), values)
    return [dict(row._mapping) for row in rows], total.scalar_one()


def _part(words: str) -> str | None:
    escaped = words.replace("\0", "").strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if escaped else None


def change(
    conn: Connection, account_id: int, *, name: str, role: str, area_code: str, department: str | None, staff: str | None,
    ends_sessions: bool,
) -> None:
    """Write an account's name and rights."""
    conn.execute(
        text("""
            UPDATE account SET name = :name, role = :role, area_id = (SELECT id FROM area WHERE code = :area),
                               department = :department, staff_id = (SELECT id FROM staff WHERE number = :staff),
                               stamp = stamp + CAST(:ends AS int)
            WHERE id = :id
        """),
        {"id": account_id, "name": name, "role": role, "area": area_code, "department": department, "staff": staff,
         "ends": ends_sessions},
    )


def set_active(conn: Connection, account_id: int, *, active: bool) -> None:
    """Close an account, or open it again; either way its sessions end."""
    conn.execute(
        text("UPDATE account SET active = :active, stamp = stamp + 1 WHERE id = :id"), {"id": account_id, "active": active}
    )


def set_password(conn: Connection, account_id: int, *, password_hash: str, must_change: bool) -> None:
    """Write a new password, which ends every session; a demo log-in is none any more."""
    conn.execute(
        text("""
            UPDATE account SET password_hash = :hash, must_change = :must_change, stamp = stamp + 1, demo = false WHERE id = :id
        """),
        {"id": account_id, "hash": password_hash, "must_change": must_change},
    )


def note_login(conn: Connection, account_id: int) -> None:
    """Remember when somebody logged in last."""
    conn.execute(text("UPDATE account SET last_login_at = now() WHERE id = :id"), {"id": account_id})


def other_chief_exists(conn: Connection, account_id: int) -> bool:
    """Whether anybody but this account is an active administrator of the whole city."""
    other: bool = conn.execute(
        text("""
            SELECT EXISTS (
                SELECT FROM account a JOIN area u ON u.id = a.area_id
                WHERE a.role = 'administrator' AND a.active AND u.parent_id IS NULL AND a.id <> :id
            )
        """),
        {"id": account_id},
    ).scalar_one()
    return other


def area_path(conn: Connection, code: str) -> str | None:
    """The path of an area by its code, or None."""
    path: str | None = conn.execute(text("SELECT path::text FROM area WHERE code = :code"), {"code": code}).scalar_one_or_none()
    return path


def login_of_staff(conn: Connection, number: str) -> str | None:
    """The open account that a member of staff logs in with, or None."""
    login: str | None = conn.execute(
        text("SELECT a.login FROM account a JOIN staff s ON s.id = a.staff_id WHERE s.number = :number AND a.active"),
        {"number": number},
    ).scalar_one_or_none()
    return login


def root_code(conn: Connection) -> str | None:
    """The code of the whole city's area, or None while there are no areas."""
    code: str | None = conn.execute(text("SELECT code FROM area WHERE parent_id IS NULL LIMIT 1")).scalar_one_or_none()
    return code


def departments(conn: Connection) -> list[dict[str, str]]:
    """The departments that an account may belong to."""
    rows = conn.execute(text("SELECT code, name_zh, name_en FROM department ORDER BY code"))
    return [dict(row._mapping) for row in rows]


def demo_logins(conn: Connection) -> list[dict[str, str]]:
    """The log-ins of a seeded demo."""
    rows = conn.execute(text("SELECT login, name, role FROM account WHERE demo AND active ORDER BY id"))
    return [dict(row._mapping) for row in rows]
