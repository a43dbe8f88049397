"""Areas, grids and facilities by name or code."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


def find(conn: Connection, words: str, *, limit: int, at: datetime | None = None) -> list[dict[str, Any]]:
    """Best first: equal, then beginning with, then containing the words; larger units before smaller ones.

    Grids are those in force at a moment, now if None.
    """
    rows = conn.execute(
        text("""
            WITH asked AS (SELECT :words AS whole, :escaped || '%' AS beginning, '%' || :escaped || '%' AS part),
            candidate AS (
                SELECT 'area' AS type, a.level, a.code, a.name_zh, a.name_en, p.name_zh AS context_zh, p.name_en AS context_en,
                       a.geom AS shape, a.label_point AS point, nlevel(a.path) AS rank
                FROM area a LEFT JOIN area p ON p.id = a.parent_id, asked
                WHERE a.name_zh ILIKE asked.part OR a.name_en ILIKE asked.part OR a.code LIKE asked.beginning
                UNION ALL
                SELECT 'grid', NULL, g.code, g.code, g.code, c.name_zh, c.name_en, v.geom, v.label_point, 8
                FROM grid g JOIN grid_version v ON v.grid_id = g.id AND v.valid @> coalesce(CAST(:at AS timestamptz), now())
                JOIN area c ON c.id = v.community_id, asked
                WHERE g.code LIKE asked.beginning
                UNION ALL
                SELECT 'facility', f.level, f.id::text, f.name_zh, f.name_en, c.name_zh, c.name_en, NULL, f.geom, 9
                FROM facility f JOIN area c ON c.id = f.community_id, asked
                WHERE f.name_zh ILIKE asked.part OR f.name_en ILIKE asked.part
            )
            SELECT type, level, code, name_zh, name_en, context_zh, context_en,
                   ST_XMin(shape) AS w, ST_YMin(shape) AS s, ST_XMax(shape) AS e, ST_YMax(shape) AS n,
                   ST_X(point) AS lon, ST_Y(point) AS lat
            FROM candidate, asked
            ORDER BY CASE WHEN asked.whole IN (code, name_zh) OR lower(name_en) = lower(asked.whole) THEN 0
                          WHEN name_zh ILIKE asked.beginning OR name_en ILIKE asked.beginning OR code LIKE asked.beginning THEN 1
                          ELSE 2 END,
                     rank, code
            LIMIT :limit
        """),
        {
            "words": words, "limit": limit, "at": at,
            "escaped": words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"),
        },
    )
    return [dict(row._mapping) for row in rows]
