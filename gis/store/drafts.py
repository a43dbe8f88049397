"""Drafts: opened, copied, described; what they may change and how far they differ from the plan they start from."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from gis.draft_records import NewDraft
from gis.plan_records import PlanHead
from gis.store import shapes
from gis.store.plans import SHOWN_STATE

STORED = ("plan_scope", "draft_grid", "draft_cell", "draft_assignment")
"""What a draft differs by from its parent; a copy takes it along."""


def save(conn: Connection, draft: NewDraft, *, parent_id: int, by: str) -> int:
    """Write a draft without edits, judged by the newest workload model; returns its id."""
    plan_id: int = conn.execute(
        text("""
            INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author, workload_model_id)
            VALUES (:parent, (SELECT id FROM area WHERE parent_id IS NULL), :zh, :en, 'draft', :by,
                    (SELECT id FROM workload_model ORDER BY version DESC LIMIT 1)) RETURNING id
        """),
        {"parent": parent_id, "zh": draft.name.zh, "en": draft.name.en, "by": by},
    ).scalar_one()
    conn.execute(
        text("INSERT INTO plan_scope (plan_id, area_id) SELECT :plan, id FROM area WHERE code = ANY (:codes)"),
        {"plan": plan_id, "codes": list(draft.scope)},
    )
    return plan_id


def hold_still(conn: Connection, plan_id: int) -> None:
    """Let nobody edit a plan until the transaction ends; others may look at it, and hold it still too."""
    conn.execute(text("SELECT 1 FROM plan WHERE id = :id FOR SHARE"), {"id": plan_id})


def copy(conn: Connection, plan_id: int, *, source: int) -> None:
    """Take along what another draft has: its scope, its model, its grids and cells, its edits and steps."""
    conn.execute(text("DELETE FROM plan_scope WHERE plan_id = :plan"), {"plan": plan_id})
    for table in (*STORED, "plan_edit", "draft_step", "plan_load", "grid_load", "community_load"):
        columns = conn.execute(
            text("""
                SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 AND NOT attisdropped AND attname <> 'plan_id'
            """),
            {"name": table},
        ).scalar_one()
        conn.execute(
            text(f"INSERT INTO {table} (plan_id, {columns}) SELECT :plan, {columns} FROM {table} WHERE plan_id = :source"),
            {"plan": plan_id, "source": source},
        )
    conn.execute(
        text("""
            UPDATE plan SET version = s.version, workload_model_id = s.workload_model_id
            FROM plan s WHERE plan.id = :plan AND s.id = :source
        """),
        {"plan": plan_id, "source": source},
    )


def paths(conn: Connection, codes: Sequence[str]) -> dict[str, str]:
    """The path of every area that exists, by code."""
    rows = conn.execute(text("SELECT code, path::text AS path FROM area WHERE code = ANY (:codes)"), {"codes": list(codes)})
    return {row.code: row.path for row in rows}


def newest(conn: Connection) -> int | None:
    """The id of the newest plan that is published, be it in force or coming: what a draft starts from changes no more."""
    found: int | None = conn.execute(
        text("SELECT id FROM plan WHERE valid IS NOT NULL ORDER BY lower(valid) DESC LIMIT 1")
    ).scalar_one_or_none()
    return found


def polled(conn: Connection, plan_id: int) -> tuple[int, str, tuple[str, ...]] | None:
    """The version and state of a plan and the paths of its scope, or None: what every question of an open studio asks."""
    row = conn.execute(
        text("""
            SELECT p.version, p.state, array(
                SELECT a.path::text FROM plan_scope s JOIN area a ON a.id = s.area_id WHERE s.plan_id = p.id
                UNION ALL SELECT a.path::text FROM area a
                WHERE a.id = p.scope_area_id AND NOT EXISTS (SELECT 1 FROM plan_scope s WHERE s.plan_id = p.id)) AS paths
            FROM plan p WHERE p.id = :id
        """),
        {"id": plan_id},
    ).one_or_none()
    return None if row is None else (row.version, row.state, tuple(row.paths))


def change(conn: Connection, plan_id: int, **facts: Any) -> None:
    """Write other facts of a plan: name_zh, name_en, decision, workload_model_id, state."""
    named = ", ".join(f"{name} = :{name}" for name in facts)
    conn.execute(text(f"UPDATE plan SET {named}, changed_at = now() WHERE id = :id"), facts | {"id": plan_id})


def new_version(conn: Connection, plan_id: int) -> int:
    """Count a plan's version up where no edit does; returns it."""
    version: int = conn.execute(
        text("UPDATE plan SET version = version + 1 WHERE id = :id RETURNING version"), {"id": plan_id}
    ).scalar_one()
    return version


LISTED = f"""
    SELECT p.id, p.name_zh, p.name_en, {SHOWN_STATE} AS state,
           coalesce(p.valid @> now(), false) AS in_force, p.parent_id AS parent, p.author, p.version, p.changed_at,
           p.created_at, p.decision, lower(p.valid) AS since, upper(p.valid) AS until, m.id AS model_id, m.version AS model_version,
           m.name_zh AS model_zh, m.name_en AS model_en,
           (SELECT count(*) FROM plan_edit e WHERE e.plan_id = p.id AND e.state = 'done') AS edits,
           CASE WHEN p.valid IS NULL THEN (
               SELECT count(*) FROM (
                   SELECT grid_key FROM grid_load l WHERE l.plan_id = p.id
                   UNION SELECT grid_key FROM draft_grid d WHERE d.plan_id = p.id AND NOT d.alive AND d.grid_key > 0
                   UNION SELECT d.grid_key FROM draft_grid d
                   JOIN grid_version v ON v.plan_id = p.parent_id AND v.grid_id = d.grid_key
                   WHERE d.plan_id = p.id AND (d.kind, d.unit_type, coalesce(d.name_zh, ''), coalesce(d.name_en, ''))
                       IS DISTINCT FROM (v.kind, v.unit_type, coalesce(v.name_zh, ''), coalesce(v.name_en, ''))
               ) AS changed) END AS grids_changed,
           (SELECT jsonb_agg(jsonb_build_object('code', a.code, 'name', jsonb_build_object('zh', a.name_zh, 'en', a.name_en),
                                                'path', a.path::text) ORDER BY a.code)
            FROM area a WHERE a.id IN (SELECT area_id FROM plan_scope s WHERE s.plan_id = p.id)
               OR a.id = p.scope_area_id AND NOT EXISTS (SELECT 1 FROM plan_scope s WHERE s.plan_id = p.id)) AS scope
    FROM plan p LEFT JOIN workload_model m ON m.id = p.workload_model_id
"""


def listed(conn: Connection, *, state: str | None = None) -> list[dict[str, Any]]:
    """Every plan in whatever state, the newest first; `state` takes one only."""
    rows = conn.execute(
        text(f"{LISTED} WHERE CAST(:state AS text) IS NULL OR ({SHOWN_STATE}) = :state ORDER BY p.created_at DESC, p.id DESC"),
        {"state": state},
    )
    return [dict(row._mapping) for row in rows]


def one(conn: Connection, plan_id: int) -> dict[str, Any] | None:
    """One plan as it is listed, or None."""
    row = conn.execute(text(f"{LISTED} WHERE p.id = :id"), {"id": plan_id}).one_or_none()
    return None if row is None else dict(row._mapping)


def communities_under(conn: Connection, plan: PlanHead, code: str) -> list[int] | None:
    """The communities of the plan's scope that lie under an area; None if there is no such area."""
    row = conn.execute(
        text("""
            SELECT array(SELECT c.id FROM area c WHERE c.path <@ a.path AND c.id = ANY (:scope)) AS ids
            FROM area a WHERE a.code = :code
        """),
        {"code": code, "scope": list(plan.scope)},
    ).one_or_none()
    return None if row is None else list(row.ids)


def communities_on(conn: Connection, plan: PlanHead, ground: Any) -> list[int]:
    """The communities of the plan's scope that a shape in EPSG:4326 touches."""
    rows = conn.execute(
        text("SELECT id FROM area WHERE id = ANY (:scope) AND ST_Intersects(geom, CAST(:ground AS geometry))"),
        {"scope": list(plan.scope), "ground": shapes.ewkb(ground)},
    )
    return [row.id for row in rows]


def areas_m2(conn: Connection, communities: Sequence[int]) -> dict[int, float]:
    """The ground of communities, in square metres."""
    rows = conn.execute(text("SELECT id, area_m2 FROM area WHERE id = ANY (:ids)"), {"ids": list(communities)})
    return {row.id: row.area_m2 for row in rows}


def codes(conn: Connection, communities: Sequence[int]) -> dict[int, str]:
    """The codes of communities."""
    rows = conn.execute(text("SELECT id, code FROM area WHERE id = ANY (:ids)"), {"ids": list(communities)})
    return {row.id: row.code for row in rows}


def cells_of(conn: Connection, communities: Sequence[int]) -> int:
    """How many cells the city has in these communities."""
    found: int = conn.execute(
        text("SELECT count(*) FROM cell WHERE valid @> now() AND community_id = ANY (:ids)"), {"ids": list(communities)}
    ).scalar_one()
    return found
