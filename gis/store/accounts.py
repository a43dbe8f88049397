"""Accounts and tokens."""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import Account

FIELDS = "a.id, a.login, a.name, a.role, a.demo, a.department, u.code AS area_code, u.path::text AS area_path"


def _account(row: Any) -> Account | None:
    return row and Account(row.id, row.login, row.name, row.role, row.area_code, row.area_path, row.demo, row.department)


def save(
    conn: Connection, *, login: str, name: str, password_hash: str, role: str, area_code: str, department: str | None, demo: bool
) -> bool:
    """Write an account; a login that exists is left as it is. Returns whether one was written."""
    written = conn.execute(
        text("""
            INSERT INTO account (login, name, password_hash, role, area_id, department, demo)
            VALUES (:login, :name, :hash, :role, (SELECT id FROM area WHERE code = :area), :department, :demo)
            ON CONFLICT (login) DO NOTHING
        """),
        {
            "login": login, "name": name, "hash": password_hash, "role": role, "area": area_code, "department": department,
            "demo": demo,
        },
    )
    return written.rowcount == 1


def by_id(conn: Connection, account_id: int) -> Account | None:
    """An active account by its id, or None."""
    return _account(
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
    account = _account(row)
    return (account, row.password_hash) if account and row else None


def by_token(conn: Connection, token_hash: str) -> Account | None:
    """The account that a token speaks for, or None if the token is unknown or over."""
    return _account(
        conn.execute(
            text(f"""
                SELECT {FIELDS} FROM token t JOIN account a ON a.id = t.account_id JOIN area u ON u.id = a.area_id
                WHERE t.hash = :hash AND a.active AND (t.expires_at IS NULL OR t.expires_at > now())
            """),
            {"hash": token_hash},
        ).one_or_none()
    )


def save_token(conn: Connection, *, account_id: int, token_hash: str, label: str, days: int | None) -> None:
    """Write a token by its hash; the token itself is never stored."""
    conn.execute(
        text("""
            INSERT INTO token (hash, account_id, label, expires_at)
            VALUES (:hash, :account, :label, now() + make_interval(days => :days))
        """),
        {"hash": token_hash, "account": account_id, "label": label, "days": days},
    )


def demo_logins(conn: Connection) -> list[dict[str, str]]:
    """The log-ins of a seeded demo."""
    rows = conn.execute(text("SELECT login, name, role FROM account WHERE demo AND active ORDER BY id"))
    return [dict(row._mapping) for row in rows]
