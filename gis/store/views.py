"""Views that people saved of a page: filters under a name, each account's own."""

from typing import Any

import orjson
from sqlalchemy import Connection, text


def of_page(conn: Connection, account_id: int, *, page: str) -> list[dict[str, Any]]:
    """The views that an account saved of a page, by name."""
    rows = conn.execute(
        text("SELECT id, name, settings, at FROM saved_view WHERE account_id = :account AND page = :page ORDER BY name"),
        {"account": account_id, "page": page},
    )
    return [dict(row._mapping) for row in rows]


def count(conn: Connection, account_id: int, *, page: str, but: str) -> int:
    """How many views of a page an account has, one name aside."""
    found: int = conn.execute(
        text("SELECT count(*) FROM saved_view WHERE account_id = :account AND page = :page AND name <> :but"),
        {"account": account_id, "page": page, "but": but},
    ).scalar_one()
    return found


def save(conn: Connection, account_id: int, *, page: str, name: str, settings: dict[str, Any]) -> int:
    """Write a view; one of the same name is replaced. Returns its id."""
    saved: int = conn.execute(
        text("""
            INSERT INTO saved_view (account_id, page, name, settings) VALUES (:account, :page, :name, :settings)
            ON CONFLICT (account_id, page, name) DO UPDATE SET settings = EXCLUDED.settings, at = now() RETURNING id
        """),
        {"account": account_id, "page": page, "name": name, "settings": orjson.dumps(settings).decode()},
    ).scalar_one()
    return saved


def remove(conn: Connection, account_id: int, view_id: int) -> bool:
    """Drop a view of an account; false if it has none of this id."""
    dropped = conn.execute(
        text("DELETE FROM saved_view WHERE id = :id AND account_id = :account"), {"id": view_id, "account": account_id}
    )
    return dropped.rowcount > 0
