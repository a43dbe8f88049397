"""Vector tiles, made by PostGIS from shapes prepared in web mercator."""

from typing import Any

from sqlalchemy import Connection, text

from gis.records import Reach
from gis.store.reach import incident_filter

EXTENT = 4096
BUFFER = 64
LATTICE = 32  # counting squares along one side of a tile
DENSE = 300  # incidents in a tile beyond which counts are drawn instead of points
POINTS_ZOOM = 16  # from here on always points


def areas(conn: Connection, *, z: int, x: int, y: int, band: int) -> bytes:
    """Towns and communities of a tile, as the layers `town` and `community`."""
    tile: memoryview = conn.execute(
        text("""
            WITH bounds AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
            drawn AS (
                SELECT s.layer, a.code, a.name_zh AS zh, a.name_en AS en,
                       ST_AsMVTGeom(s.geom, bounds.box, :extent, :buffer) AS geom
                FROM bounds, map_shape s JOIN area a ON a.id = s.ref_id
                WHERE s.layer IN ('town', 'community') AND s.band = :band
                  AND s.geom && ST_Expand(bounds.box, (ST_XMax(bounds.box) - ST_XMin(bounds.box)) * :margin)
            )
            , town AS (SELECT code, zh, en, geom FROM drawn WHERE layer = 'town'),
            community AS (SELECT code, zh, en, geom FROM drawn WHERE layer = 'community')
            SELECT coalesce((SELECT ST_AsMVT(town, 'town', :extent, 'geom') FROM town), '')
                || coalesce((SELECT ST_AsMVT(community, 'community', :extent, 'geom') FROM community), '')
        """),
        _place(z, x, y) | {"band": band},
    ).scalar_one()
    return bytes(tile)


def grids(conn: Connection, *, z: int, x: int, y: int, band: int) -> bytes:
    """Grids in force of a tile, as the layer `grid`."""
    tile: memoryview = conn.execute(
        text("""
            WITH bounds AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
            drawn AS (
                SELECT g.code, c.code AS community, ST_AsMVTGeom(s.geom, bounds.box, :extent, :buffer) AS geom
                FROM bounds, map_shape s
                JOIN grid_version v ON v.id = s.ref_id AND v.valid @> now()
                JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
                WHERE s.layer = 'grid' AND s.band = :band
                  AND s.geom && ST_Expand(bounds.box, (ST_XMax(bounds.box) - ST_XMin(bounds.box)) * :margin)
            )
            SELECT coalesce((SELECT ST_AsMVT(drawn, 'grid', :extent, 'geom') FROM drawn), '')
        """),
        _place(z, x, y) | {"band": band},
    ).scalar_one()
    return bytes(tile)


def facilities(conn: Connection, *, z: int, x: int, y: int) -> bytes:
    """Facilities of a tile, as the layer `facility`."""
    tile: memoryview = conn.execute(
        text("""
            WITH bounds AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326) AS degrees),
            drawn AS (
                SELECT f.id, f.kind, f.name_zh AS zh, f.name_en AS en,
                       ST_AsMVTGeom(ST_Transform(f.geom, 3857), bounds.box, :extent, :buffer) AS geom
                FROM bounds, facility f
                WHERE f.geom && ST_Expand(bounds.degrees, (ST_XMax(bounds.degrees) - ST_XMin(bounds.degrees)) * :margin)
            )
            SELECT coalesce((SELECT ST_AsMVT(drawn, 'facility', :extent, 'geom') FROM drawn), '')
        """),
        _place(z, x, y),
    ).scalar_one()
    return bytes(tile)


def incidents(conn: Connection, *, z: int, x: int, y: int, days: int, reach: Reach) -> bytes:
    """Incidents of a tile inside a reach: single points where they are few, else counts on a lattice; none is left out."""
    inside, values = incident_filter(conn, reach)
    place = _place(z, x, y) | {"days": days} | values
    if z >= POINTS_ZOOM or _incident_count(conn, place, inside, limit=DENSE + 1) <= DENSE:
        return _incident_points(conn, place, inside)
    return _incident_lattice(conn, place, inside)


def _place(z: int, x: int, y: int) -> dict[str, Any]:
    return {"z": z, "x": x, "y": y, "extent": EXTENT, "buffer": BUFFER, "margin": BUFFER / EXTENT}


def _incident_count(conn: Connection, place: dict[str, Any], inside: str, *, limit: int) -> int:
    count: int = conn.execute(
        text(f"""
            SELECT count(*) FROM (
                SELECT 1 FROM incident i
                WHERE geom_3857 && ST_TileEnvelope(:z, :x, :y) AND reported_at > now() - make_interval(days => :days)
                  AND {inside}
                LIMIT :limit) AS found
        """),
        place | {"limit": limit},
    ).scalar_one()
    return count


def _incident_points(conn: Connection, place: dict[str, Any], inside: str) -> bytes:
    tile: memoryview = conn.execute(
        text(f"""
            WITH bounds AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
            drawn AS (
                SELECT i.number, m.name_zh AS matter_zh, m.name_en AS matter_en, i.state, i.urgency,
                       to_char(i.reported_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at,
                       ST_AsMVTGeom(i.geom_3857, bounds.box, :extent, 0) AS geom
                FROM bounds, incident i JOIN matter m ON m.id = i.matter_id
                WHERE i.geom_3857 && bounds.box AND i.reported_at > now() - make_interval(days => :days)
                  AND {inside}
                  -- half-open and exact (&& compares rounded boxes): an incident near an edge is drawn in one tile
                  AND ST_X(i.geom_3857) >= ST_XMin(bounds.box) AND ST_X(i.geom_3857) < ST_XMax(bounds.box)
                  AND ST_Y(i.geom_3857) >= ST_YMin(bounds.box) AND ST_Y(i.geom_3857) < ST_YMax(bounds.box)
            )
            SELECT coalesce((SELECT ST_AsMVT(drawn, 'incident', :extent, 'geom') FROM drawn WHERE geom IS NOT NULL), '')
        """),
        place,
    ).scalar_one()
    return bytes(tile)


def _incident_lattice(conn: Connection, place: dict[str, Any], inside: str) -> bytes:
    tile: memoryview = conn.execute(
        text(f"""
            WITH bounds AS (
                SELECT box, ST_XMin(box) AS west, ST_YMin(box) AS south, (ST_XMax(box) - ST_XMin(box)) / :lattice AS side
                FROM (SELECT ST_TileEnvelope(:z, :x, :y) AS box) AS tile
            ), counted AS (
                SELECT floor((ST_X(i.geom_3857) - west) / side) AS col, floor((ST_Y(i.geom_3857) - south) / side) AS row,
                       count(*)::integer AS n, count(*) FILTER (WHERE i.closed_at IS NULL)::integer AS open
                FROM bounds, incident i
                WHERE i.geom_3857 && box AND i.reported_at > now() - make_interval(days => :days)
                  AND {inside}
                GROUP BY 1, 2
            ), drawn AS (
                SELECT n, open, ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(west + (col + 0.5) * side, south + (row + 0.5) * side), 3857),
                                       box, :extent, 0) AS geom
                FROM counted, bounds
                WHERE col >= 0 AND row >= 0 AND col < :lattice AND row < :lattice -- half-open, as for points
            )
            SELECT coalesce((SELECT ST_AsMVT(drawn, 'incident_count', :extent, 'geom') FROM drawn), '')
        """),
        place | {"lattice": LATTICE},
    ).scalar_one()
    return bytes(tile)
