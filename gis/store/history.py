"""The plans of the city through time: what each changed, and what became of a place."""

from typing import Any

from sqlalchemy import Connection, text

from gis.store.plans import SHOWN_STATE


def timeline(conn: Connection) -> list[dict[str, Any]]:
    """Every plan that is, was or will be in force, oldest first, with the codes of the grids that it drew anew."""
    rows = conn.execute(
        text(f"""
            SELECT p.id, p.parent_id AS parent, p.restores_id AS restores, p.name_zh, p.name_en, {SHOWN_STATE} AS state,
                   p.decision, p.author,
                   p.published_by, lower(p.valid) AS since, upper(p.valid) AS until, change.*
            FROM plan p
            CROSS JOIN LATERAL (
                SELECT count(v.grid_id) AS grids,
                       count(*) FILTER (WHERE p.parent_id IS NOT NULL AND o.grid_id IS NULL) AS grids_new,
                       count(*) FILTER (WHERE v.grid_id IS NULL) AS grids_ended,
                       coalesce(array_agg(g.code ORDER BY g.code) FILTER (
                           WHERE v.grid_id IS NOT NULL AND p.parent_id IS NOT NULL AND (
                               o.grid_id IS NULL
                               OR (ST_AsBinary(v.geom) <> ST_AsBinary(o.geom) AND NOT ST_Equals(v.geom, o.geom)))
                       ), '{{}}') AS changed
                FROM (SELECT * FROM grid_version WHERE plan_id = p.id) v
                FULL JOIN (SELECT * FROM grid_version WHERE plan_id = p.parent_id) o ON o.grid_id = v.grid_id
                LEFT JOIN grid g ON g.id = v.grid_id
            ) AS change
            WHERE p.valid IS NOT NULL ORDER BY lower(p.valid)
        """)
    )
    return [dict(row._mapping) for row in rows]


def grids_at(conn: Connection, *, lon: float, lat: float) -> list[dict[str, Any]]:
    """The grid that a place (WGS 84) had under each plan, oldest first, with the plan; no row where it had none."""
    rows = conn.execute(
        text("""
            SELECT p.id AS plan, p.name_zh AS plan_zh, p.name_en AS plan_en, p.decision, p.author, p.published_by,
                   p.restores_id AS restores, lower(p.valid) AS since, upper(p.valid) AS until, g.id AS grid_id, g.code, v.kind,
                   v.unit_type, v.name_zh, v.name_en, v.area_m2, v.population, v.households, v.cells, c.code AS community_code,
                   c.name_zh AS community_zh, c.name_en AS community_en, ST_AsGeoJSON(v.geom, 6) AS geometry
            FROM plan p
            JOIN grid_version v ON v.plan_id = p.id
                 AND v.grid_id = grid_at(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), lower(p.valid))
            JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
            WHERE p.valid IS NOT NULL ORDER BY lower(p.valid)
        """),
        {"lon": lon, "lat": lat},
    )
    return [dict(row._mapping) for row in rows]


def origins(conn: Connection, plan_id: int, grid_id: int) -> list[dict[str, Any]]:
    """The grids that gave ground to a grid when a plan came into force, with the share of each that they gave."""
    rows = conn.execute(
        text("""
            SELECT g.code, l.area_fraction, l.resident_fraction, l.workload_fraction
            FROM lineage l JOIN grid g ON g.id = l.from_grid_id
            WHERE l.plan_id = :plan AND l.to_grid_id = :grid ORDER BY l.area_fraction DESC, g.code
        """),
        {"plan": plan_id, "grid": grid_id},
    )
    return [dict(row._mapping) for row in rows]


def edits_at(conn: Connection, plan_id: int, *, lon: float, lat: float) -> list[dict[str, Any]]:
    """The edits of a plan's draft that moved or cut the cell at a place (WGS 84), in their order."""
    rows = conn.execute(
        text("""
            WITH here AS (
                SELECT id FROM cell WHERE ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
            )
            SELECT e.seq, e.kind, e.author, e.at FROM plan_edit e
            WHERE e.plan_id = :plan AND e.state = 'done' AND (
                EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(e.delta -> 'cells', '[]')) AS moved
                        WHERE CAST(moved ->> 0 AS bigint) IN (SELECT id FROM here))
                OR EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(e.delta -> 'cuts', '[]')) AS cut
                           WHERE CAST(cut ->> 'cell' AS bigint) IN (SELECT id FROM here)))
            ORDER BY e.seq
        """),
        {"plan": plan_id, "lon": lon, "lat": lat},
    )
    return [dict(row._mapping) for row in rows]
