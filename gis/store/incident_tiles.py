"""Vector tiles of incidents: single points where they are few, counts where they are dense; none is left out or counted twice.

Up to zoom 14 the counts stand ready in `incident_count`, with what changed since in `incident_delta`. A period ends at the moment
up to which the counts were folded, for points as for counts, so that all tiles of a moment add up to the same incidents.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Reach
from gis.store.reach import count_filter, incident_filter

EXTENT = 4096
DENSE = 300  # incidents in a tile beyond which counts are drawn
SQUARES = 16  # counting squares along one side of a tile
COUNTED_ZOOMS = (8, 14)
PERIODS_D = (7, 30, 365)


def fold_counts(conn: Connection) -> datetime:
    """Take the changes since the last time into the counts, and move the end of the periods to now; returns that moment."""
    until: datetime = conn.execute(text("SELECT fold_incident_counts()")).scalar_one()
    return until


def draw(conn: Connection, *, z: int, x: int, y: int, days: int, reach: Reach) -> bytes:
    """Incidents of a tile inside a reach, reported in a period of `PERIODS_D`."""
    place = {"z": z, "x": x, "y": y, "days": days}
    if z <= COUNTED_ZOOMS[1]:
        tile, total = _counts(conn, place, reach)
        if total == 0 or total > DENSE:
            return tile
    return _points(conn, place, reach)


def _counts(conn: Connection, place: dict[str, Any], reach: Reach) -> tuple[bytes, int]:
    """The tile drawn from the counts, and how many incidents it holds."""
    of_count, values = count_filter(conn, reach, alias="c")
    of_delta, _ = count_filter(conn, reach, alias="d")
    level = max(place["z"], COUNTED_ZOOMS[0])
    n, opened = f"n_{place['days']}", f"open_{place['days']}"
    row = conn.execute(
        text(f"""
            WITH counted AS (
                SELECT (((c.x - (:x << :shift)) << 4) + (c.square & 15)) >> :shift AS col,
                       (((c.y - (:y << :shift)) << 4) + (c.square >> 4)) >> :shift AS row, c.{n} AS n, c.{opened} AS open
                FROM incident_count c
                WHERE c.z = :level AND c.x BETWEEN :x << :shift AND ((:x + 1) << :shift) - 1
                  AND c.y BETWEEN :y << :shift AND ((:y + 1) << :shift) - 1 AND c.{n} > 0 AND {of_count}
                UNION ALL
                SELECT (d.x - (:x << (18 - :z))) >> (14 - :z), (d.y - (:y << (18 - :z))) >> (14 - :z), d.n, d.open
                FROM incident_delta d
                WHERE d.x >> (18 - :z) = :x AND d.y >> (18 - :z) = :y AND {_in_period("d")} AND {of_delta}
            ), drawn AS (
                SELECT sum(n)::integer AS n, sum(open)::integer AS open, {SQUARES} AS squares,
                       ST_MakePoint((col + 0.5) * {EXTENT // SQUARES}, (row + 0.5) * {EXTENT // SQUARES}) AS geom
                FROM counted GROUP BY col, row HAVING sum(n) > 0 ORDER BY row, col
            )
            SELECT coalesce(ST_AsMVT(drawn, 'incident_count', {EXTENT}, 'geom'), '') AS tile, coalesce(sum(n), 0) AS total
            FROM drawn
        """),
        place | values | {"level": level, "shift": level - place["z"]},
    ).one()
    return bytes(row.tile) if row.total else b"", row.total


def _points(conn: Connection, place: dict[str, Any], reach: Reach) -> bytes:
    """Single incidents; where they are dense, those that share a counting square as a count."""
    inside, values = incident_filter(conn, reach)
    tile: memoryview = conn.execute(
        text(f"""
            WITH found AS (
                SELECT i.number, i.matter_id, i.state, i.urgency, i.reported_at, i.closed_at,
                       floor(((ST_X(i.geom_3857) / 40075016.685578488 + 0.5) * power(2.0, :z) - :x) * {EXTENT})::integer AS px,
                       floor(((0.5 - ST_Y(i.geom_3857) / 40075016.685578488) * power(2.0, :z) - :y) * {EXTENT})::integer AS py
                FROM incident i
                WHERE i.geom_3857 && ST_TileEnvelope(:z, :x, :y)
                  -- exact and half-open (&& compares rounded boxes): an incident on an edge is drawn in one tile, as it is counted
                  AND tile_column(i.geom_3857, :z) = :x AND tile_row(i.geom_3857, :z) = :y AND {_in_period("i")} AND {inside}
            ), squared AS (
                SELECT *, count(*) OVER () > {DENSE} AND count(*) OVER (PARTITION BY px / {EXTENT // SQUARES},
                       py / {EXTENT // SQUARES}) > 1 AS together
                FROM found
            ), single AS (
                SELECT s.number, m.name_zh AS matter_zh, m.name_en AS matter_en, s.state, s.urgency,
                       to_char(s.reported_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, ST_MakePoint(s.px, s.py) AS geom
                FROM squared s JOIN matter m ON m.id = s.matter_id WHERE NOT together ORDER BY s.number
            ), several AS (
                SELECT count(*)::integer AS n, count(*) FILTER (WHERE closed_at IS NULL)::integer AS open, {SQUARES} AS squares,
                       ST_MakePoint(round(avg(px)), round(avg(py))) AS geom
                FROM squared WHERE together
                GROUP BY px / {EXTENT // SQUARES}, py / {EXTENT // SQUARES} ORDER BY min(py), min(px)
            )
            SELECT coalesce((SELECT ST_AsMVT(single, 'incident', {EXTENT}, 'geom') FROM single), '')
                || coalesce((SELECT ST_AsMVT(several, 'incident_count', {EXTENT}, 'geom') FROM several), '')
        """),
        place | values,
    ).scalar_one()
    return bytes(tile)


def _in_period(alias: str) -> str:
    return f"{alias}.reported_at > (SELECT as_of FROM incident_counted) - make_interval(days => :days)"
