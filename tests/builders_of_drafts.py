"""Drafts written as rows: as a planner's edits leave them, without the edits."""

from collections.abc import Mapping

from sqlalchemy import Connection, text


def a_draft(conn: Connection, moves: Mapping[int, int] | None = None, *, state: str = "draft", scope: str | None = None) -> int:
    """A draft of the plan in force in which some cells have another grid; returns its id."""
    plan_id: int = conn.execute(
        text("""
            INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
            SELECT (SELECT id FROM plan WHERE upper_inf(valid)), id, '草案', 'Draft', :state, 'planner'
            FROM area WHERE parent_id IS NULL RETURNING id
        """),
        {"state": state},
    ).scalar_one()
    if scope:
        conn.execute(text("INSERT INTO plan_scope SELECT :plan, id FROM area WHERE code = :code"), {"plan": plan_id, "code": scope})
    for cell, key in (moves or {}).items():
        assign(conn, plan_id, cell, key)
    return plan_id


def assign(conn: Connection, plan_id: int, cell: int, key: int) -> None:
    """Give a cell of a draft to a grid."""
    conn.execute(text("INSERT INTO draft_assignment VALUES (:plan, :cell, :key)"), {"plan": plan_id, "cell": cell, "key": key})


def border_cells(conn: Connection, community: str, *, most: int = 3) -> dict[int, int]:
    """Some cells of a community of the plan in force, each with a neighbouring grid that it could pass to."""
    rows = conn.execute(
        text("""
            SELECT DISTINCT ON (c.id) c.id, b.grid_id FROM area a
            JOIN cell c ON c.community_id = a.id
            JOIN cell_assignment x ON x.cell_id = c.id AND x.plan_id = (SELECT id FROM plan WHERE upper_inf(valid))
            JOIN cell n ON n.community_id = a.id AND ST_Intersects(n.geom, c.geom)
            JOIN cell_assignment b ON b.cell_id = n.id AND b.plan_id = x.plan_id AND b.grid_id <> x.grid_id
            WHERE a.code = :code ORDER BY c.id, b.grid_id LIMIT :most
        """),
        {"code": community, "most": most},
    )
    return {row.id: row.grid_id for row in rows}
