"""Finding an area, grid or facility by name or code."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.store import search as store


def find(conn: Connection, words: str, *, limit: int = 20, at: datetime | None = None) -> list[dict[str, Any]]:
    """The best matches first; nothing for nothing. Grids are those in force at a moment, now if None."""
    words = words.replace("\0", "").strip()
    return store.find(conn, words, limit=limit, at=at) if words else []
