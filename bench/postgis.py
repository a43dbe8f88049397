"""The database that benchmarks are measured against."""

from __future__ import annotations

import os


def postgis_dsn() -> str | None:
    """Where PostGIS is, as libpq wants it; None when nobody said."""
    url = os.environ.get("WANGGE_DATABASE_URL")
    return url.replace("+psycopg2", "", 1) if url else None
