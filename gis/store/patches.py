"""The cells of some communities as a plan or draft has them, with what they have to do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from gis.plan_records import CUT, DraftGrid, Patch, PlanHead
from gis.records import Ints
from gis.store import bulk, shapes

HOURS = ("inspections_h", "incidents_h", "people_h", "walking_h")
COLUMNS: Mapping[str, type] = {
    "id": int, "community_id": int, "grid_key": int, "shape": str, "area_m2": float, "population": int, "households": int,
    "unit_type": str, "root_id": int, "fraction": float, **dict.fromkeys((*HOURS, "incidents"), float),
}


def head(conn: Connection, plan_id: int, *, lock: bool = False) -> PlanHead | None:
    """A plan as far as its cells need it, or None. One without a workload model is judged by the newest."""
    row = conn.execute(
        text(f"""
            SELECT p.id, CASE WHEN p.valid IS NULL THEN p.parent_id ELSE p.id END AS parent_id, p.state, p.version,
                   coalesce(p.workload_model_id, (SELECT id FROM workload_model ORDER BY version DESC LIMIT 1), 0) AS model_id,
                   (SELECT metric_srid FROM city) AS metric_srid, scope.ids
            FROM plan p
            CROSS JOIN LATERAL (
                SELECT array_agg(c.id ORDER BY c.id) AS ids FROM area c
                WHERE NOT EXISTS (SELECT 1 FROM area child WHERE child.parent_id = c.id)
                  AND c.path <@ ANY (
                      SELECT s.path FROM area s WHERE s.id = p.scope_area_id
                        AND NOT EXISTS (SELECT 1 FROM plan_scope WHERE plan_id = p.id)
                      UNION ALL SELECT s.path FROM plan_scope x JOIN area s ON s.id = x.area_id WHERE x.plan_id = p.id)
            ) AS scope
            WHERE p.id = :id {"FOR UPDATE OF p" if lock else ""}
        """),
        {"id": plan_id},
    ).one_or_none()
    if row is None:
        return None
    return PlanHead(row.id, row.parent_id, row.state, row.version, row.model_id, tuple(row.ids or ()), row.metric_srid)


def patch(conn: Connection, plan: PlanHead, *, communities: Sequence[int] | None = None) -> Patch:
    """The cells of these communities (ids of areas; by default all of the city) as the plan has them now."""
    wanted = None if communities is None else list(communities)
    given = {"plan": plan.id, "parent": plan.parent_id, "model": plan.model_id, "communities": wanted}
    columns = bulk.read_columns(
        conn,
        f"""
            WITH held AS (
                SELECT c.id, c.community_id, coalesce(d.grid_key, a.grid_id) AS grid_key, c.geom, c.area_m2, c.population,
                       c.households, c.unit_type, c.id AS root_id, CAST(1 AS float) AS fraction
                FROM cell_assignment a
                JOIN cell c ON c.id = a.cell_id
                LEFT JOIN draft_assignment d ON d.plan_id = :plan AND d.cell_id = c.id
                WHERE a.plan_id = :parent
                  AND (CAST(:communities AS bigint[]) IS NULL OR c.community_id = ANY (CAST(:communities AS bigint[])))
                UNION ALL
                SELECT c.id, c.community_id, d.grid_key, c.geom, c.area_m2, c.population, c.households, c.unit_type, c.root_id,
                       c.fraction
                FROM draft_cell c JOIN draft_assignment d ON d.plan_id = c.plan_id AND d.cell_id = c.id
                WHERE c.plan_id = :plan
                  AND (CAST(:communities AS bigint[]) IS NULL OR c.community_id = ANY (CAST(:communities AS bigint[])))
            )
            SELECT h.id, h.community_id, h.grid_key, encode(ST_AsBinary(h.geom), 'hex') AS shape, h.area_m2, h.population,
                   h.households, h.unit_type, h.root_id, h.fraction,
                   {", ".join(f"coalesce(l.{part}, 0) * h.fraction AS {part}" for part in (*HOURS, "incidents"))}
            FROM held h LEFT JOIN cell_load l ON l.model_id = :model AND l.cell_id = h.root_id
            WHERE h.grid_key <> {CUT} ORDER BY h.id
        """,
        given,
        kinds=COLUMNS,
    )
    return _patch(columns, grids=grids(conn, plan, communities=communities))


def parent_grids(conn: Connection, plan: PlanHead, roots: Ints) -> Ints:
    """The grid of the parent plan that each of these cells of the city lies in."""
    found = bulk.read_columns(
        conn, "SELECT cell_id, grid_id FROM cell_assignment WHERE plan_id = :parent ORDER BY cell_id", {"parent": plan.parent_id},
        kinds={"cell_id": int, "grid_id": int},
    )  # fmt: skip
    held: Ints = found["grid_id"][np.searchsorted(found["cell_id"], roots)]
    return held


def grids(conn: Connection, plan: PlanHead, *, communities: Sequence[int] | None = None) -> dict[int, DraftGrid]:
    """The grids of these communities by key, as the plan has them now; those that a draft did away with are not alive."""
    rows = conn.execute(
        text("""
            WITH parent AS (
                SELECT g.id, g.code, v.community_id, v.kind, v.unit_type, v.name_zh, v.name_en
                FROM plan p JOIN grid_version v ON v.plan_id = p.id JOIN grid g ON g.id = v.grid_id WHERE p.id = :parent
            )
            SELECT coalesce(d.grid_key, p.id) AS key, coalesce(p.code, '') AS code,
                   coalesce(d.community_id, p.community_id) AS community_id, coalesce(d.kind, p.kind) AS kind,
                   coalesce(d.unit_type, p.unit_type) AS unit_type,
                   CASE WHEN d.grid_key IS NULL THEN p.name_zh ELSE d.name_zh END AS name_zh,
                   CASE WHEN d.grid_key IS NULL THEN p.name_en ELSE d.name_en END AS name_en,
                   coalesce(d.locked, false) AS locked, coalesce(d.alive, true) AS alive
            FROM parent p FULL JOIN (SELECT * FROM draft_grid WHERE plan_id = :plan) d ON d.grid_key = p.id
            WHERE CAST(:communities AS bigint[]) IS NULL
               OR coalesce(d.community_id, p.community_id) = ANY (CAST(:communities AS bigint[]))
        """),
        {"plan": plan.id, "parent": plan.parent_id, "communities": None if communities is None else list(communities)},
    )
    return {row.key: DraftGrid(**row._mapping) for row in rows}


def _patch(columns: dict[str, Any], *, grids: dict[int, DraftGrid]) -> Patch:
    return Patch(
        cell=columns["id"],
        shape=shapes.from_hex(columns["shape"]),
        community=columns["community_id"],
        grid=columns["grid_key"],
        root=columns["root_id"],
        grids=grids,
        **{name: columns[name] for name in ("area_m2", "population", "households", "unit_type", "fraction", *HOURS, "incidents")},
    )
