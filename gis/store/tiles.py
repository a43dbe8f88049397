"""Vector tiles of what stands still between plans, made by PostGIS from shapes prepared in web mercator.

Every tile comes with the version of its layer, read in the same statement and so in the same snapshot: what is kept under a
version is what that version holds.
"""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import DrawnLayers, DrawnTile

EXTENT = 4096
MARGIN = 1 / 64  # of a tile's side, drawn beyond its border so that lines meet

VERSION = "(SELECT to_hex(bit_xor(mark)) FROM layer_change WHERE layer = '{layer}') AS version"


def layers_now(conn: Connection) -> DrawnLayers:
    """The version of every layer, and the plan in force."""
    row = conn.execute(
        text("""
            SELECT (SELECT id FROM plan WHERE valid @> now()) AS plan_id,
                   (SELECT json_object_agg(layer, version)
                    FROM (SELECT layer, to_hex(bit_xor(mark)) AS version FROM layer_change GROUP BY layer) AS marked) AS versions
        """)
    ).one()
    return DrawnLayers(row.plan_id, row.versions or {})


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


def areas(conn: Connection, *, z: int, x: int, y: int, band: int) -> DrawnTile:
    """Districts, towns and communities of a tile, as the layers `district`, `town` and `community`."""
    levels = ("district", "town", "community")
    parts = ", ".join(
        f"{level} AS (SELECT code, zh, en, geom FROM drawn WHERE layer = '{level}' AND NOT ST_IsEmpty(geom))" for level in levels
    )
    joined = " || ".join(f"coalesce((SELECT ST_AsMVT({level}, '{level}', {EXTENT}, 'geom') FROM {level}), '')" for level in levels)
    return _draw(
        conn,
        f"""
            WITH drawn AS (
                SELECT s.layer, a.code, a.name_zh AS zh, a.name_en AS en, {_drawn("s.geom")} AS geom
                FROM map_shape s JOIN area a ON a.id = s.ref_id
                WHERE s.layer IN ('district', 'town', 'community') AND s.band = CAST(:band AS smallint) AND {_near("s.geom")}
                ORDER BY a.id
            ), {parts}
            SELECT {joined} AS tile, {VERSION.format(layer="areas")}
        """,
        {"z": z, "x": x, "y": y, "band": band},
    )


def grids(conn: Connection, *, z: int, x: int, y: int, band: int, plan_id: int) -> DrawnTile:
    """Grids of a plan in a tile, as the layer `grid`."""
    return _draw(
        conn,
        f"""
            WITH drawn AS (
                SELECT g.code, c.code AS community, {_drawn("s.geom")} AS geom
                FROM map_shape s
                JOIN grid_version v ON v.id = s.ref_id AND v.plan_id = :plan
                JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
                WHERE s.layer = 'grid' AND s.band = CAST(:band AS smallint) AND {_near("s.geom")}
                ORDER BY v.id
            )
            SELECT {_tile("grid")} AS tile, {VERSION.format(layer="grids")}
        """,
        {"z": z, "x": x, "y": y, "band": band, "plan": plan_id},
    )


def cells(conn: Connection, *, z: int, x: int, y: int) -> DrawnTile:
    """Basic units of a tile with their residents, as the layer `cell`."""
    return _draw(
        conn,
        f"""
            WITH drawn AS (
                SELECT c.id, c.unit_type, c.population, c.households, {_drawn("c.geom_3857")} AS geom
                FROM cell c WHERE {_near("c.geom_3857")} ORDER BY c.id
            )
            SELECT {_tile("cell")} AS tile, {VERSION.format(layer="cells")}
        """,
        {"z": z, "x": x, "y": y},
    )


def facilities(conn: Connection, *, z: int, x: int, y: int) -> DrawnTile:
    """Facilities of a tile, as the layer `facility`."""
    return _draw(
        conn,
        f"""
            WITH drawn AS (
                SELECT f.id, f.kind, f.name_zh AS zh, f.name_en AS en, {_clipped("ST_Transform(f.geom, 3857)")} AS geom
                FROM facility f
                WHERE f.geom && ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => {MARGIN}), 4326) ORDER BY f.id
            )
            SELECT {_tile("facility")} AS tile, {VERSION.format(layer="facilities")}
        """,
        {"z": z, "x": x, "y": y},
    )


def _drawn(shape: str) -> str:
    """A shape in the tile's steps. One that lies wholly inside is only rounded, which takes a third of the time of clipping."""
    square = "ST_TileEnvelope(:z, :x, :y)"
    scale = f"({EXTENT} * power(2.0, :z) / 40075016.685578488)"
    rounded = f"ST_SnapToGrid(ST_TransScale({shape}, -ST_XMin({square}), -ST_YMax({square}), {scale}, -{scale}), 1)"
    # Outer rings have a positive area in the tile's own axes, where y points south: clockwise as seen, as the specification wants.
    return f"CASE WHEN {shape} @ {square} THEN ST_ForcePolygonCCW({rounded}) ELSE {_clipped(shape)} END"


def _clipped(shape: str) -> str:
    return f"ST_AsMVTGeom({shape}, ST_TileEnvelope(:z, :x, :y), {EXTENT}, {int(EXTENT * MARGIN)})"


def _near(shape: str) -> str:
    return f"{shape} && ST_TileEnvelope(:z, :x, :y, margin => {MARGIN})"


def _tile(layer: str) -> str:
    return f"coalesce((SELECT ST_AsMVT(drawn, '{layer}', {EXTENT}, 'geom') FROM drawn WHERE NOT ST_IsEmpty(geom)), '')"


def _draw(conn: Connection, query: str, values: dict[str, Any]) -> DrawnTile:
    row = conn.execute(text(query), values).one()
    return DrawnTile(bytes(row.tile), row.version or "")
