"""Vector tiles of incidents: single points where they are few, counts where they are dense; none is left out or counted twice.

Up to zoom 14 the counts stand ready in `incident_count`, with what changed since in `incident_delta`. A period ends at the moment
up to which the counts were folded, for points as for counts, so that all tiles of a moment add up to the same incidents.
"""

from datetime import datetime

from sqlalchemy import Connection, text

from gis.records import Reach
from gis.store.drawing import DrawingConnection, one
from gis.store.reach import drawn_filter

EXTENT = 4096
DENSE = 300  # incidents in a tile beyond which counts are drawn
CROWDED = 5_000  # incidents in a near tile beyond which the counts that stand ready are drawn, in fewer squares
SQUARES = 16  # counting squares along one side of a tile
COUNTED_ZOOMS = (8, 14)
SQUARED_ZOOM = 18  # whose tiles are the squares of the nearest counted zoom
PERIODS_D = (7, 30, 365)

Draws = Connection | DrawingConnection


def fold_counts(conn: Connection) -> datetime:
    """Take the changes since the last time into the counts, and move the end of the periods to now; returns that moment."""
    until: datetime = conn.execute(text("SELECT fold_incident_counts()")).scalar_one()
    return until


def draw(conn: Draws, *, z: int, x: int, y: int, days: int, reach: Reach) -> bytes:
    """Incidents of a tile inside a reach, reported in a period of `PERIODS_D`."""
    if z <= COUNTED_ZOOMS[1]:
        tile, total = _counts(conn, z=z, x=x, y=y, days=days, reach=reach)
        return tile if total == 0 or total > DENSE else _points(conn, z=z, x=x, y=y, days=days, reach=reach)
    if z <= SQUARED_ZOOM and _is_crowded(conn, z=z, x=x, y=y, days=days, reach=reach):
        return _counts(conn, z=z, x=x, y=y, days=days, reach=reach)[0]
    return _points(conn, z=z, x=x, y=y, days=days, reach=reach)


def _counts(conn: Draws, *, z: int, x: int, y: int, days: int, reach: Reach) -> tuple[bytes, int]:
    """The tile drawn from the counts, and how many incidents it holds. `west`, `north` and `span` are in squares of the level."""
    of_count, values = drawn_filter(reach, alias="c", counted=True)
    of_delta, _ = drawn_filter(reach, alias="d", counted=True)
    level = min(max(z, COUNTED_ZOOMS[0]), COUNTED_ZOOMS[1])
    finer = level + 4 - z  # zooms between the tile and the squares
    squares = min(SQUARES, 1 << finer)
    n, opened = f"n_{days}", f"open_{days}"
    tile, total = one(
        conn,
        f"""
            WITH squared AS (
                SELECT (c.x << 4) + (c.square & 15) - :west AS col, (c.y << 4) + (c.square >> 4) - :north AS row,
                       c.{n} AS n, c.{opened} AS open
                FROM incident_count c
                WHERE c.z = :level AND c.x BETWEEN :west >> 4 AND (:west + :span - 1) >> 4
                  AND c.y BETWEEN :north >> 4 AND (:north + :span - 1) >> 4 AND c.{n} > 0 AND {of_count}
                UNION ALL
                SELECT (d.x >> (14 - :level)) - :west, (d.y >> (14 - :level)) - :north, d.n, d.open
                FROM incident_delta d
                WHERE {_in_period("d")} AND {of_delta}
            ), drawn AS (
                SELECT sum(n)::integer AS n, sum(open)::integer AS open, :squares AS squares,
                       ST_MakePoint((col / :wide + 0.5) * {EXTENT} / :squares, (row / :wide + 0.5) * {EXTENT} / :squares) AS geom
                FROM squared WHERE col BETWEEN 0 AND :span - 1 AND row BETWEEN 0 AND :span - 1
                GROUP BY col / :wide, row / :wide HAVING sum(n) > 0 ORDER BY row / :wide, col / :wide
            )
            SELECT coalesce(ST_AsMVT(drawn, 'incident_count', {EXTENT}, 'geom'), '') AS tile, coalesce(sum(n), 0) AS total
            FROM drawn
        """,
        values | {
            "days": days, "level": level, "west": x << finer, "north": y << finer, "span": 1 << finer, "squares": squares,
            "wide": (1 << finer) // squares,
        },
    )
    return bytes(tile) if total else b"", total


def _is_crowded(conn: Draws, *, z: int, x: int, y: int, days: int, reach: Reach) -> bool:
    """Whether more incidents lie in a tile than should be looked at one by one; stops looking when there are so many."""
    inside, values = drawn_filter(reach, alias="i", counted=False)
    (crowded,) = one(
        conn,
        f"""
            SELECT count(*) > {CROWDED} FROM (
                SELECT 1 FROM incident i
                WHERE i.geom_3857 && (SELECT ST_TileEnvelope(:z, :x, :y)) AND {_in_period("i")} AND {inside} LIMIT {CROWDED} + 1
            ) AS found
        """,
        values | {"z": z, "x": x, "y": y, "days": days},
    )
    return bool(crowded)


def _points(conn: Draws, *, z: int, x: int, y: int, days: int, reach: Reach) -> bytes:
    """Single incidents; where they are dense, those that share a counting square as a count."""
    inside, values = drawn_filter(reach, alias="i", counted=False)
    (tile,) = one(
        conn,
        f"""
            WITH place AS MATERIALIZED (
                SELECT ST_TileEnvelope(:z, :x, :y) AS square, power(CAST(2 AS float), :z) AS tiles
            ), found AS MATERIALIZED (
                SELECT i.number, i.matter_id, i.state, i.urgency, i.reported_at, i.closed_at,
                       floor(((ST_X(i.geom_3857) / 40075016.685578488 + 0.5) * p.tiles - :x) * {EXTENT})::integer AS px,
                       floor(((0.5 - ST_Y(i.geom_3857) / 40075016.685578488) * p.tiles - :y) * {EXTENT})::integer AS py
                FROM place p JOIN incident i ON i.geom_3857 && p.square
                WHERE {_in_period("i")} AND {inside}
            ), inside AS MATERIALIZED (
                -- exact and half-open (&& compares rounded boxes): an incident on an edge is drawn in one tile, as it is counted
                SELECT *, py / {EXTENT // SQUARES} * {SQUARES} + px / {EXTENT // SQUARES} AS square FROM found
                WHERE px BETWEEN 0 AND {EXTENT - 1} AND py BETWEEN 0 AND {EXTENT - 1}
            ), amount AS MATERIALIZED (
                SELECT count(*) > {DENSE} AS dense FROM inside
            ), squared AS MATERIALIZED (
                SELECT square, count(*) AS n, count(*) FILTER (WHERE closed_at IS NULL) AS open, sum(px) AS px, sum(py) AS py
                FROM inside WHERE (SELECT dense FROM amount) GROUP BY square
            ), single AS (
                SELECT i.number, m.name_zh AS matter_zh, m.name_en AS matter_en, i.state, i.urgency,
                       to_char(i.reported_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, ST_MakePoint(i.px, i.py) AS geom
                FROM inside i JOIN matter m ON m.id = i.matter_id
                WHERE NOT (SELECT dense FROM amount) OR i.square IN (SELECT square FROM squared WHERE n = 1)
                ORDER BY i.number
            ), several AS (
                SELECT n::integer AS n, open::integer AS open, {SQUARES} AS squares,
                       ST_MakePoint(round(px::numeric / n), round(py::numeric / n)) AS geom
                FROM squared WHERE n > 1 ORDER BY square
            )
            SELECT coalesce((SELECT ST_AsMVT(single, 'incident', {EXTENT}, 'geom') FROM single), '')
                || coalesce((SELECT ST_AsMVT(several, 'incident_count', {EXTENT}, 'geom') FROM several), '')
        """,
        values | {"z": z, "x": x, "y": y, "days": days},
    )
    return bytes(tile)


def _in_period(alias: str) -> str:
    return f"{alias}.reported_at > (SELECT as_of FROM incident_counted) - make_interval(days => :days)"
