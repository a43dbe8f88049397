"""Tokens for the API, by their hash."""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import Account
from gis.store.accounts import FIELDS, account_of
from gis.store.prepared import Prepared

NOTED_EVERY = "interval '1 minute'"
BEHIND = Prepared(
    "account_behind",
    f"""
    SELECT {FIELDS}, coalesce(t.last_used_at > now() - {NOTED_EVERY}, false) AS noted
    FROM token t JOIN account a ON a.id = t.account_id JOIN area u ON u.id = a.area_id
    WHERE t.hash = :hash AND a.active AND (t.expires_at IS NULL OR t.expires_at > now())
    """,
    hash="text",
)


def save(conn: Connection, *, account_id: int, token_hash: str, label: str, days: int | None) -> int:
    """Write a token by its hash, the token itself is never stored; returns its id."""
    token_id: int = conn.execute(
        text("""
            INSERT INTO token (hash, account_id, label, expires_at)
            VALUES (:hash, :account, :label, now() + make_interval(days => :days)) RETURNING id
        """),
        {"hash": token_hash, "account": account_id, "label": label, "days": days},
    ).scalar_one()
    return token_id


def account_behind(conn: Connection, token_hash: str) -> tuple[Account, bool] | None:
    """The account that a token speaks for, and whether its use was noted lately; None if it is unknown or over."""
    row = BEHIND.row(conn, {"hash": token_hash})
    account = account_of(row)
    return (account, row.noted) if account and row else None


def note_use(conn: Connection, token_hash: str) -> None:
    """Remember when a token was used last, unless that was noted lately."""
    conn.execute(
        text(f"""
            UPDATE token SET last_used_at = now()
            WHERE hash = :hash AND (last_used_at IS NULL OR last_used_at <= now() - {NOTED_EVERY})
        """),
        {"hash": token_hash},
    )


def of_account(conn: Connection, account_id: int) -> list[dict[str, Any]]:
    """The tokens of an account, newest first, those that are over too."""
    rows = conn.execute(
        text("""
            SELECT id, label, created_at, expires_at, last_used_at, coalesce(expires_at <= now(), false) AS over
            FROM token WHERE account_id = :account ORDER BY id DESC
        """),
        {"account": account_id},
    )
    return [dict(row._mapping) for row in rows]


def revoke(conn: Connection, account_id: int, token_id: int) -> str | None:
    """Remove a token of an account; returns its label, or None if it has no such token."""
    label: str | None = conn.execute(
        text("DELETE FROM token WHERE id = :id AND account_id = :account RETURNING label"), {"id": token_id, "account": account_id}
    ).scalar_one_or_none()
    return label


def revoke_all(conn: Connection, account_id: int) -> int:
    """Remove every token of an account; returns how many there were."""
    return conn.execute(text("DELETE FROM token WHERE account_id = :account"), {"account": account_id}).rowcount
