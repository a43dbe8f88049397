"""What a comparison of two plans reads: whose cells lie in which grid of each, and the posts on their grids."""

from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from gis.plan_records import CUT, PlanHead
from gis.records import Ints, Shapes
from gis.rules.comparison import LOADS, Pieces
from gis.rules.overlay import Parts
from gis.store import shapes
from gis.store.plans import SHOWN_STATE

_HELD = """
    SELECT a.cell_id, coalesce(d.grid_key, a.grid_id) AS grid_key
    FROM cell_assignment a LEFT JOIN draft_assignment d ON d.plan_id = :{side} AND d.cell_id = a.cell_id
    WHERE a.plan_id = :{side}_parent
"""
_LOADS = ", ".join(f"coalesce(l.{part}, 0) AS {part}" for part in LOADS)


def whole_pieces(conn: Connection, before: PlanHead, after: PlanHead, *, model_id: int) -> Pieces:
    """The cells that are whole in both plans, each with its grid in either; without their shapes."""
    rows = conn.execute(
        text(f"""
            WITH before AS ({_HELD.format(side="before")}), after AS ({_HELD.format(side="after")})
            SELECT c.id, c.community_id, b.grid_key AS before, a.grid_key AS after, c.area_m2, c.population, c.households,
                   ST_X(middle.geom) AS lon, ST_Y(middle.geom) AS lat, {_LOADS}
            FROM before b JOIN after a USING (cell_id) JOIN cell c ON c.id = cell_id
            LEFT JOIN cell_load l ON l.model_id = :model AND l.cell_id = c.id
            CROSS JOIN LATERAL (SELECT ST_Centroid(c.geom) AS geom) AS middle
            WHERE b.grid_key <> {CUT} AND a.grid_key <> {CUT} ORDER BY c.id
        """),
        _sides(before, after) | {"model": model_id},
    ).all()
    ids, community, old, new, area_m2, people, homes, lon, lat, *loads = _columns(rows, 9 + len(LOADS))
    return Pieces(
        cell=_whole(ids), community=_whole(community), before=_whole(old), after=_whole(new), area_m2=area_m2,
        population=_whole(people), households=_whole(homes), loads=np.column_stack(loads), lon=lon, lat=lat,
        shape=np.full(len(rows), None, dtype=object),
    )  # fmt: skip


def odd_parts(conn: Connection, plan: PlanHead, other: PlanHead, *, model_id: int) -> Parts:
    """The cells of a plan that the other plan does not have whole, and the parts that this plan cut."""
    rows = conn.execute(
        text(f"""
            WITH RECURSIVE before AS ({_HELD.format(side="before")}), after AS ({_HELD.format(side="after")}),
            odd AS (
                SELECT c.id, c.id AS root_id, b.grid_key, c.geom, c.area_m2, c.population, c.households, c.community_id,
                       1.0 AS fraction
                FROM before b JOIN cell c ON c.id = b.cell_id
                WHERE b.grid_key <> {CUT}
                  AND NOT EXISTS (SELECT 1 FROM after a WHERE a.cell_id = b.cell_id AND a.grid_key <> {CUT})
                UNION ALL
                SELECT c.root_id, c.root_id, d.grid_key, c.geom, c.area_m2, c.population, c.households, c.community_id, c.fraction
                FROM draft_cell c JOIN draft_assignment d ON d.plan_id = c.plan_id AND d.cell_id = c.id
                WHERE c.plan_id = :before AND d.grid_key <> {CUT}
            ), above AS (
                SELECT DISTINCT root_id, root_id AS top FROM odd
                UNION ALL
                SELECT r.root_id, c.parent_id FROM above r JOIN cell c ON c.id = r.top WHERE c.parent_id IS NOT NULL
            )
            SELECT r.top, o.community_id, o.grid_key, o.area_m2, o.population, o.households, l.cell_id IS NOT NULL AS weighed,
                   {", ".join(f"coalesce(l.{part}, 0) * o.fraction AS {part}" for part in LOADS)}, ST_AsBinary(o.geom) AS shape
            FROM odd o
            JOIN above r ON r.root_id = o.root_id
                AND NOT EXISTS (SELECT 1 FROM cell c WHERE c.id = r.top AND c.parent_id IS NOT NULL)
            LEFT JOIN cell_load l ON l.model_id = :model AND l.cell_id = o.id
            ORDER BY r.top, o.grid_key, shape
        """),
        _sides(plan, other) | {"model": model_id},
    ).all()
    root, community, grid, area_m2, people, homes, weighed, *loads = _columns(rows, 7 + len(LOADS))
    return Parts(
        root=_whole(root), community=_whole(community), grid=_whole(grid), shape=shapes.from_wkb(row.shape for row in rows),
        area_m2=area_m2, population=_whole(people), households=_whole(homes), loads=np.column_stack(loads),
        weighed=weighed.astype(np.bool_),
    )  # fmt: skip


def _sides(before: PlanHead, after: PlanHead) -> dict[str, int]:
    return {
        "before": before.id, "before_parent": before.parent_id, "after": after.id, "after_parent": after.parent_id,
    }  # fmt: skip


def _columns(rows: Any, count: int) -> list[Any]:
    by_column = list(zip(*rows, strict=True))[:count] if rows else [()] * count
    return [np.array(column, dtype=np.float64) for column in by_column]


def _whole(column: Any) -> Ints:
    return np.asarray(column, dtype=np.int64)


def cell_shapes(conn: Connection, ids: Ints) -> Shapes:
    """The shapes of cells, in the order of their ids as given."""
    rows = conn.execute(text("SELECT id, ST_AsBinary(geom) AS shape FROM cell WHERE id = ANY(:ids)"), {"ids": ids.tolist()}).all()
    found = dict(zip((row.id for row in rows), shapes.from_wkb(row.shape for row in rows), strict=True))
    return np.array([found[i] for i in ids.tolist()], dtype=object)


def area_shapes(conn: Connection, codes: list[str]) -> Shapes:
    """The outlines of areas, by code."""
    rows = conn.execute(
        text("SELECT ST_AsBinary(geom) AS shape FROM area WHERE code = ANY(:codes) ORDER BY code"), {"codes": codes}
    )
    return shapes.from_wkb(row.shape for row in rows)


def posts(conn: Connection, plan_id: int) -> dict[int, int]:
    """How many officers are posted on each grid of a published plan: today, or on its last day."""
    rows = conn.execute(
        text("""
            SELECT p.grid_id, count(*) AS n
            FROM plan l
            JOIN posting p
                ON p.valid @> least(coalesce(upper(l.valid) - interval '1 second', now()), greatest(now(), lower(l.valid)))
            WHERE l.id = :id AND p.grid_id IS NOT NULL GROUP BY p.grid_id
        """),
        {"id": plan_id},
    )
    return {row.grid_id: row.n for row in rows}


def as_of(conn: Connection, *, model_id: int | None) -> tuple[str, ...]:
    """Which hours and postings a comparison is made from: when a model's hours were counted, and the last change of postings."""
    row = conn.execute(
        text("""
            SELECT (SELECT counted_at FROM workload_model WHERE id = :model) AS counted_at, count(*) AS postings, max(id) AS newest,
                   max(lower(valid)) FILTER (WHERE lower(valid) <= now()) AS began,
                   max(upper(valid)) FILTER (WHERE upper(valid) <= now()) AS ended
            FROM posting
        """),
        {"model": model_id},
    ).one()
    return tuple(str(value) for value in row)


def plan_facts(conn: Connection, plan_id: int) -> dict[str, Any] | None:
    """One plan as a comparison names it, whatever its state, or None."""
    row = conn.execute(
        text(f"""
            SELECT id, name_zh, name_en, {SHOWN_STATE} AS state, version, decision, author, changed_at, parent_id AS parent,
                   lower(valid) AS since, upper(valid) AS until
            FROM plan p WHERE id = :id
        """),
        {"id": plan_id},
    ).one_or_none()
    return dict(row._mapping) if row else None
