"""Finding an area, grid or facility by name or code."""

from typing import Any

from sqlalchemy import Connection

from gis.store import search as store


def find(conn: Connection, words: str, *, limit: int = 20) -> list[dict[str, Any]]:
    """The best matches first; nothing for nothing."""
    words = words.replace("\0", "").strip()
    return store.find(conn, words, limit=limit) if words else []
