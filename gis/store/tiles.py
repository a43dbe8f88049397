"""Vector tiles of what stands still between plans, made by PostGIS from shapes prepared in web mercator.

Every tile comes with the version of its layer, read in the same statement and so in the same snapshot: what is kept under a
version is what that version holds.
"""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import DrawnLayers, DrawnTile
from gis.store.drawing import DrawingConnection, one

EXTENT = 4096
MARGIN = 1 / 64  # of a tile's side, drawn beyond its border so that lines meet
# A shape that ends within half a side of the tile is drawn whole, beyond the border too: whoever shows a tile cuts it there
# anyway, and cutting here takes several times as long as rounding. More than this some map libraries do not take.
WHOLE_MARGIN = 1 / 2

Draws = Connection | DrawingConnection

# Measures of a tile, computed once for all its shapes.
PLACE = f"""
    place AS MATERIALIZED (
        SELECT ST_TileEnvelope(:z, :x, :y) AS square, ST_TileEnvelope(:z, :x, :y, margin => {MARGIN}) AS near,
               ST_TileEnvelope(:z, :x, :y, margin => {WHOLE_MARGIN}) AS wide,
               {EXTENT} * power(CAST(2 AS float), :z) / 40075016.685578488 AS scale
    )
"""

VERSION = "(SELECT to_hex(bit_xor(mark)) FROM layer_change WHERE layer = '{layer}') AS version"


def layers_now(conn: Draws) -> DrawnLayers:
    """The version of every layer, and the plan in force."""
    plan_id, versions = one(
        conn,
        """
            SELECT (SELECT id FROM plan WHERE valid @> now()) AS plan_id,
                   (SELECT json_object_agg(layer, version)
                    FROM (SELECT layer, to_hex(bit_xor(mark)) AS version FROM layer_change GROUP BY layer) AS marked) AS versions
        """,
        {},
    )
    return DrawnLayers(plan_id, versions or {})


def fold_marks(conn: Connection) -> None:
    """Put the marks of every layer together into one; versions stay what they are."""
    conn.execute(
        text("""
            WITH gone AS (DELETE FROM layer_change RETURNING layer, mark)
            INSERT INTO layer_change SELECT layer, bit_xor(mark) FROM gone GROUP BY layer
        """)
    )


def is_published(conn: Connection, plan_id: int) -> bool:
    """Whether a plan is, was or will be in force."""
    found = conn.execute(text("SELECT 1 FROM plan WHERE id = :id AND valid IS NOT NULL"), {"id": plan_id})
    return found.one_or_none() is not None


def areas(conn: Draws, *, z: int, x: int, y: int, band: int) -> DrawnTile:
    """Districts, towns and communities of a tile, as the layers `district`, `town` and `community`."""
    levels = ("district", "town", "community")
    parts = ", ".join(
        f"{level} AS (SELECT code, zh, en, geom FROM drawn WHERE layer = '{level}' AND NOT ST_IsEmpty(geom))" for level in levels
    )
    joined = " || ".join(f"coalesce((SELECT ST_AsMVT({level}, '{level}', {EXTENT}, 'geom') FROM {level}), '')" for level in levels)
    return _draw(
        conn,
        f"""
            WITH {PLACE}, drawn AS MATERIALIZED (
                SELECT found.layer, a.code, a.name_zh AS zh, a.name_en AS en, {_drawn("found.geom")} AS geom
                FROM place p CROSS JOIN LATERAL (
                    SELECT s.layer, s.ref_id, s.geom FROM map_shape s
                    WHERE s.layer <> 'grid' AND s.band = CAST(:band AS smallint) AND s.geom && p.near
                ) AS found JOIN area a ON a.id = found.ref_id
                ORDER BY a.id
            ), {parts}
            SELECT {joined} AS tile, {VERSION.format(layer="areas")}
        """,
        {"z": z, "x": x, "y": y, "band": band},
    )


def grids(conn: Draws, *, z: int, x: int, y: int, band: int, plan_id: int) -> DrawnTile:
    """Grids of a plan in a tile, as the layer `grid`."""
    return _draw(
        conn,
        f"""
            WITH {PLACE}, drawn AS MATERIALIZED (
                SELECT found.code, found.community, {_drawn("found.geom")} AS geom
                FROM place p CROSS JOIN LATERAL (
                    SELECT s.code, s.community, s.geom FROM map_shape s
                    WHERE s.layer = 'grid' AND s.plan_id = CAST(:plan AS bigint) AND s.band = CAST(:band AS smallint)
                      AND s.geom && p.near
                    ORDER BY s.ref_id
                ) AS found
            )
            SELECT {_tile("grid")} AS tile, {VERSION.format(layer="grids")}
        """,
        {"z": z, "x": x, "y": y, "band": band, "plan": plan_id},
    )


def cells(conn: Draws, *, z: int, x: int, y: int, plan_id: int | None) -> DrawnTile:
    """Basic units of a tile with their residents, as the layer `cell`: those that a plan is made of, or the present ones."""
    return _draw(
        conn,
        f"""
            WITH {PLACE}, drawn AS MATERIALIZED (
                SELECT found.id, found.unit_type, found.population, found.households, {_drawn("found.geom_3857")} AS geom
                FROM place p CROSS JOIN LATERAL (
                    SELECT c.id, c.unit_type, c.population, c.households, c.geom_3857 FROM cell c
                    WHERE c.geom_3857 && p.near
                      AND c.valid @> coalesce((SELECT lower(valid) FROM plan WHERE id = :plan), now()) ORDER BY c.id
                ) AS found
            )
            SELECT {_tile("cell")} AS tile, {VERSION.format(layer="cells")}
        """,
        {"z": z, "x": x, "y": y, "plan": plan_id or 0},
    )


def facilities(conn: Draws, *, z: int, x: int, y: int) -> DrawnTile:
    """Facilities of a tile, as the layer `facility`."""
    return _draw(
        conn,
        f"""
            WITH {PLACE}, drawn AS MATERIALIZED (
                SELECT found.id, found.kind, found.zh, found.en, {_clipped("ST_Transform(found.geom, 3857)")} AS geom
                FROM (SELECT *, ST_Transform(near, 4326) AS near_deg FROM place) AS p CROSS JOIN LATERAL (
                    SELECT f.id, f.kind, f.name_zh AS zh, f.name_en AS en, f.geom FROM facility f
                    WHERE f.geom && p.near_deg ORDER BY f.id
                ) AS found
            )
            SELECT {_tile("facility")} AS tile, {VERSION.format(layer="facilities")}
        """,
        {"z": z, "x": x, "y": y},
    )


def _drawn(shape: str) -> str:
    """A shape in the steps of the tile `p`: rounded when it lies near, cut when it reaches far."""
    rounded = f"ST_SnapToGrid(ST_TransScale({shape}, -ST_XMin(p.square), -ST_YMax(p.square), p.scale, -p.scale), 1)"
    # Outer rings have a positive area in the tile's own axes, where y points south: clockwise as seen, as the specification wants.
    return f"CASE WHEN {shape} @ p.wide THEN ST_ForcePolygonCCW({rounded}) ELSE {_clipped(shape)} END"


def _clipped(shape: str) -> str:
    return f"ST_AsMVTGeom({shape}, p.square, {EXTENT}, {int(EXTENT * MARGIN)})"


def _tile(layer: str) -> str:
    return f"coalesce((SELECT ST_AsMVT(drawn, '{layer}', {EXTENT}, 'geom') FROM drawn WHERE NOT ST_IsEmpty(geom)), '')"


def _draw(conn: Draws, query: str, values: dict[str, Any]) -> DrawnTile:
    tile, version = one(conn, query, values)
    return DrawnTile(bytes(tile), version or "")
