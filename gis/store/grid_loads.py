"""What the grids of a plan have to do, kept: all of a published plan, of a draft those whose cells are not its parent's.

Whoever asks first fills what is missing. Rows of a draft belong to the version that `plan_load` names; of another version they
are counted anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from gis.plan_records import GridLoads, Patch, PlanHead
from gis.records import Shapes
from gis.rules.compactness import polsby_popper
from gis.rules.coverage import united
from gis.rules.workload import NO_WORK, grid_loads
from gis.rules.zones import project
from gis.store import bulk, patches, shapes, workloads
from gis.store.tables.workload import LOADS_H

AMOUNTS = ("cells", "area_m2", "population", "households", "incidents", *LOADS_H)
COLUMNS = ("plan_id", "model_id", "grid_key", "community_id", *AMOUNTS, "compactness", "pieces", "geom")
"""Of a city that has no workload model yet."""

HELD = """
    held AS (
        SELECT l.*, true AS redrawn FROM grid_load l
        WHERE l.plan_id = :plan AND l.model_id = :model AND :plan <> :parent AND l.community_id = ANY ({homes})
        UNION ALL
        SELECT l.*, false AS redrawn FROM grid_load l
        WHERE l.plan_id = :parent AND l.model_id = :model AND l.community_id = ANY ({homes})
          AND l.grid_key NOT IN (SELECT o.grid_key FROM grid_load o
                                 WHERE o.plan_id = :plan AND :plan <> :parent AND o.model_id = :model)
          AND l.grid_key NOT IN (SELECT d.grid_key FROM draft_grid d WHERE d.plan_id = :plan AND NOT d.alive)
    )
"""
"""The grids of a plan in some communities with their loads: those of the parent, but for what the draft has redrawn or ended."""
OF_COMMUNITIES = HELD.format(homes=":communities")
OF_TOWNS = HELD.format(
    homes="ARRAY(SELECT id FROM area WHERE parent_id IN (SELECT parent_id FROM area WHERE id = ANY (:communities)))"
)
MOVED = """
    moved AS (
        SELECT c.community_id, count(DISTINCT c.root_id) FILTER (WHERE d.grid_key <> a.grid_id) AS cells_moved,
               sum(c.population) FILTER (WHERE d.grid_key <> a.grid_id) AS residents_moved,
               count(DISTINCT c.root_id) FILTER (WHERE c.is_cut) AS cells_cut
        FROM (SELECT id, id AS root_id, community_id, population, false AS is_cut FROM cell
              WHERE community_id = ANY (:communities)
              UNION ALL
              SELECT id, root_id, community_id, population, fraction < 1 - 1e-9 FROM draft_cell
              WHERE plan_id = :plan AND community_id = ANY (:communities)) c
        JOIN draft_assignment d ON d.plan_id = :plan AND d.cell_id = c.id AND d.grid_key <> 0
        JOIN cell_assignment a ON a.plan_id = :parent AND a.cell_id = c.root_id
        GROUP BY c.community_id
    )
"""
"""How many cells of some communities have another grid than in the parent, with how many residents, and how many are cut."""
HOURS = " + ".join(f"l.{part}" for part in LOADS_H)


def given(plan: PlanHead) -> dict[str, Any]:
    """The parameters that HELD takes."""
    return {"plan": plan.id, "parent": plan.parent_id, "model": plan.model_id}


def fill(conn: Connection, plan: PlanHead) -> None:
    """Count whatever is missing of a plan and of its parent."""
    if plan.id != plan.parent_id and _kept_version(conn, plan.parent_id, plan.model_id) is None:
        parent = patches.head(conn, plan.parent_id)
        assert parent is not None, "a draft has a parent"
        _fill_all(conn, parent, model_id=plan.model_id)
    if _kept_version(conn, plan.id, plan.model_id) != plan.version:
        _fill_all(conn, plan, model_id=plan.model_id)


def is_filled(conn: Connection, plan: PlanHead) -> bool:
    """Whether nothing is missing of a plan and of its parent."""
    parent_too = plan.id == plan.parent_id or _kept_version(conn, plan.parent_id, plan.model_id) is not None
    return parent_too and _kept_version(conn, plan.id, plan.model_id) == plan.version


def _kept_version(conn: Connection, plan_id: int, model_id: int) -> int | None:
    found: int | None = conn.execute(
        text("SELECT version FROM plan_load WHERE plan_id = :plan AND model_id = :model"), {"plan": plan_id, "model": model_id}
    ).scalar_one_or_none()
    return found


def _fill_all(conn: Connection, plan: PlanHead, *, model_id: int) -> None:
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('grid_load'), CAST(:plan AS int))"), {"plan": plan.id % 2**31})
    if _kept_version(conn, plan.id, model_id) == plan.version:
        return  # somebody else counted meanwhile
    judged = replace(plan, model_id=model_id)
    is_draft = plan.id != plan.parent_id
    for table in ("grid_load", "community_load", "plan_load"):
        conn.execute(
            text(f"DELETE FROM {table} WHERE plan_id = :plan AND (model_id = :model OR :draft)"),
            {"plan": plan.id, "model": model_id, "draft": is_draft},
        )
    redrawn = _redrawn(conn, plan) if is_draft else None
    if redrawn is None or redrawn:
        homes = sorted(set(redrawn.values())) if redrawn else list(plan.scope)
        patch = patches.patch(conn, judged, communities=homes if redrawn else None)
        _write(conn, judged, patch, keys=redrawn)
        _sum_up(conn, judged, homes)
    _note_first(conn, judged)


def note(conn: Connection, plan: PlanHead) -> None:
    """Say that the loads kept of a plan are those of its version."""
    conn.execute(
        text("UPDATE plan_load SET version = :version WHERE plan_id = :plan AND model_id = :model"),
        {"plan": plan.id, "model": plan.model_id, "version": plan.version},
    )


def _note_first(conn: Connection, plan: PlanHead) -> None:
    before = None if plan.id == plan.parent_id else _totals(conn, replace(plan, id=plan.parent_id))
    conn.execute(
        text("""
            INSERT INTO plan_load (plan_id, model_id, version, grids_before, variation_before)
            VALUES (:plan, :model, :version, :grids_before, :variation_before)
        """),
        {
            "plan": plan.id, "model": plan.model_id, "version": plan.version,
            "grids_before": before and before["grids"], "variation_before": before and before["variation_mean"],
        },
    )  # fmt: skip


def _redrawn(conn: Connection, plan: PlanHead) -> dict[int, int]:
    """The communities of the grids of a draft whose cells are not its parent's, by key."""
    rows = conn.execute(
        text("""
            SELECT DISTINCT d.grid_key AS key, c.community_id FROM draft_assignment d
            JOIN (SELECT id, community_id FROM cell
                  UNION ALL SELECT id, community_id FROM draft_cell WHERE plan_id = :plan) c ON c.id = d.cell_id
            WHERE d.plan_id = :plan AND d.grid_key <> 0
            UNION
            SELECT a.grid_id, c.community_id FROM draft_assignment d
            JOIN cell_assignment a ON a.plan_id = :parent AND a.cell_id = d.cell_id JOIN cell c ON c.id = d.cell_id
            WHERE d.plan_id = :plan
        """),
        {"plan": plan.id, "parent": plan.parent_id},
    )
    return {row.key: row.community_id for row in rows}


def renew(conn: Connection, plan: PlanHead, patch: Patch, *, keys: Collection[int]) -> None:
    """Count these grids of a draft anew from a patch that holds them whole; those that are as in the parent are dropped."""
    named = {"plan": plan.id, "keys": list(keys)}
    conn.execute(text("DELETE FROM grid_load WHERE plan_id = :plan AND grid_key = ANY (:keys)"), named)
    rows = conn.execute(
        text("""
            SELECT grid_key AS k FROM draft_assignment WHERE plan_id = :plan AND grid_key = ANY (:keys)
            UNION
            SELECT a.grid_id FROM cell_assignment a
            WHERE a.plan_id = :parent AND a.grid_id = ANY (:keys)
              AND EXISTS (SELECT 1 FROM draft_assignment d WHERE d.plan_id = :plan AND d.cell_id = a.cell_id)
        """),
        named | {"parent": plan.parent_id},
    )
    _write(conn, plan, patch, keys={row.k for row in rows})
    _sum_up(conn, plan, np.unique(patch.community).tolist())


def _write(conn: Connection, plan: PlanHead, patch: Patch, *, keys: Collection[int] | None) -> None:
    rows = np.arange(len(patch)) if keys is None else np.flatnonzero(np.isin(patch.grid, list(keys)))
    if not len(rows):
        return
    loads, ground = figures(conn, plan, patch)
    wanted = np.flatnonzero(np.isin(loads.key, np.unique(patch.grid[rows])))
    drawn = shapes.as_ewkb(shapes.as_multi(ground[wanted])) if plan.id != plan.parent_id else [None] * len(wanted)
    ground_m = project(ground[wanted], to=plan.metric_srid)
    amounts = [getattr(loads, name)[wanted].tolist() for name in ("key", "community", *AMOUNTS)]
    compactness, pieces = polsby_popper(ground_m).tolist(), shapely.get_num_geometries(ground[wanted]).tolist()
    written = zip(*amounts, compactness, pieces, drawn, strict=True)
    bulk.copy_rows(conn, "grid_load", COLUMNS, ((plan.id, plan.model_id, *row) for row in written))


def figures(conn: Connection, plan: PlanHead, patch: Patch) -> tuple[GridLoads, Shapes]:
    """The grids of a patch with their loads and shapes, ordered by key."""
    model = workloads.model(conn, plan.model_id)
    centres = shapely.get_coordinates(project(shapely.centroid(patch.shape), to=plan.metric_srid))
    loads = grid_loads(patch, centres, weights=NO_WORK if model is None else model.weights)
    return loads, united(patch.shape, np.searchsorted(loads.key, patch.grid), len(loads.key))


def of_plan(
    conn: Connection, plan: PlanHead, *, communities: Sequence[int], keys: Sequence[int] | None = None, shapes: bool = True
) -> list[dict[str, Any]]:
    """The figures of the grids of these communities, or of some of them by key, by community and key.

    `shape` is GeoJSON text with eight decimals. Deviations are signed fractions of the mean of the community and of the town.
    """
    rows = conn.execute(
        text(f"""
            WITH {OF_TOWNS}, counted AS (
                SELECT l.*, {HOURS} AS hours, c.code AS community, c.parent_id AS town_id,
                       avg({HOURS}) OVER (PARTITION BY l.community_id) AS mean,
                       avg({HOURS}) OVER (PARTITION BY c.parent_id) AS mean_town
                FROM held l JOIN area c ON c.id = l.community_id
            )
            SELECT l.grid_key AS key, coalesce(g.code, '') AS code, l.community, {", ".join(f"l.{name}" for name in AMOUNTS)},
                   l.compactness, l.pieces, l.hours,
                   CASE WHEN mean > 0 THEN hours / mean - 1 ELSE 0 END AS deviation,
                   CASE WHEN mean_town > 0 THEN hours / mean_town - 1 ELSE 0 END AS deviation_town,
                   coalesce(d.kind, v.kind) AS kind, coalesce(d.unit_type, v.unit_type) AS unit_type,
                   CASE WHEN d.grid_key IS NULL THEN v.name_zh ELSE d.name_zh END AS name_zh,
                   CASE WHEN d.grid_key IS NULL THEN v.name_en ELSE d.name_en END AS name_en,
                   coalesce(d.locked, false) AS locked,
                   l.redrawn OR (d.grid_key IS NOT NULL AND (d.kind, d.unit_type, coalesce(d.name_zh, ''), coalesce(d.name_en, ''))
                       IS DISTINCT FROM (v.kind, v.unit_type, coalesce(v.name_zh, ''), coalesce(v.name_en, ''))) AS changed,
                   (SELECT count(*) FROM posting p WHERE p.grid_id = l.grid_key AND p.valid @> now()) AS staff
                   {", ST_AsGeoJSON(coalesce(l.geom, v.geom), 8) AS shape" if shapes else ""}
            FROM counted l
            LEFT JOIN grid g ON g.id = l.grid_key
            LEFT JOIN grid_version v ON v.plan_id = :parent AND v.grid_id = l.grid_key
            LEFT JOIN draft_grid d ON d.plan_id = :plan AND d.grid_key = l.grid_key
            WHERE CASE WHEN :named THEN l.grid_key = ANY (:keys) ELSE l.community_id = ANY (:communities) END
            ORDER BY l.community, l.grid_key < 0, abs(l.grid_key)
        """),
        given(plan) | {"communities": list(communities), "keys": list(keys or ()), "named": keys is not None},
    )
    return [dict(row._mapping) for row in rows]


def totals(conn: Connection, plan: PlanHead) -> dict[str, Any]:
    """The grids of a plan's scope taken together: number, hours, mean variation within communities, greatest deviation.

    Also how many cells have another grid than in the plan it starts from, with how many residents, and how many are cut;
    `grids_before` and `variation_mean_before` are those of the plan it starts from.
    """
    now = _totals(conn, plan)
    before = conn.execute(
        text("SELECT grids_before, variation_before FROM plan_load WHERE plan_id = :plan AND model_id = :model"),
        {"plan": plan.id, "model": plan.model_id},
    ).one()
    return now | {
        "grids_before": now["grids"] if before.grids_before is None else before.grids_before,
        "variation_mean_before": now["variation_mean"] if before.variation_before is None else before.variation_before,
    }


def _totals(conn: Connection, plan: PlanHead) -> dict[str, Any]:
    row = conn.execute(
        text("""
            SELECT CAST(coalesce(sum(grids), 0) AS bigint) AS grids, coalesce(sum(hours), 0) AS hours,
                   coalesce(avg(variation), 0) AS variation_mean, coalesce(max(deviation_max), 0) AS deviation_max,
                   CAST(coalesce(sum(cells_moved), 0) AS bigint) AS cells_moved,
                   CAST(coalesce(sum(residents_moved), 0) AS bigint) AS residents_moved,
                   CAST(coalesce(sum(cells_cut), 0) AS bigint) AS cells_cut
            FROM community_load h
            WHERE h.model_id = :model AND h.community_id = ANY (:scope)
              AND (h.plan_id = :plan OR h.plan_id = :parent AND h.community_id NOT IN (
                  SELECT o.community_id FROM community_load o WHERE o.plan_id = :plan AND o.model_id = :model))
        """),
        given(plan) | {"scope": list(plan.scope)},
    ).one()
    return dict(row._mapping)


def _sum_up(conn: Connection, plan: PlanHead, communities: Sequence[int]) -> None:
    """Take the grids of communities together, anew."""
    named = given(plan) | {"communities": list(communities)}
    conn.execute(
        text("DELETE FROM community_load WHERE plan_id = :plan AND model_id = :model AND community_id = ANY (:communities)"), named
    )
    conn.execute(
        text(f"""
            INSERT INTO community_load (plan_id, model_id, community_id, grids, hours, variation, deviation_max, cells_moved,
                                        residents_moved, cells_cut)
            WITH {OF_COMMUNITIES}, {MOVED}, counted AS (
                SELECT l.community_id, count(*) AS grids, sum({HOURS}) AS hours, nullif(avg({HOURS}), 0) AS mean,
                       stddev_pop({HOURS}) AS spread, max({HOURS}) AS most, min({HOURS}) AS least
                FROM held l GROUP BY l.community_id
            )
            SELECT :plan, :model, c.community_id, c.grids, c.hours, coalesce(c.spread / c.mean, 0),
                   coalesce(greatest(c.most / c.mean - 1, 1 - c.least / c.mean), 0),
                   coalesce(m.cells_moved, 0), coalesce(m.residents_moved, 0), coalesce(m.cells_cut, 0)
            FROM counted c LEFT JOIN moved m ON m.community_id = c.community_id
        """),
        named,
    )


def forget(conn: Connection, model_id: int) -> None:
    """Leave what grids have to do by a model to be counted again by whoever asks first: its hours were counted anew."""
    for table in ("grid_load", "community_load", "plan_load"):
        conn.execute(text(f"DELETE FROM {table} WHERE model_id = :model"), {"model": model_id})
