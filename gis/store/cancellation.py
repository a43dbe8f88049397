"""Calling off a plan that is not in force yet: what stands against it, and what becomes as it was before its publication."""

from datetime import datetime

from sqlalchemy import Connection, text

SHELVES = ("draft_grid", "draft_cell", "draft_assignment")


def drafts_of(conn: Connection, plan_id: int) -> list[int]:
    """Ids of the plans that start from a plan, ordered."""
    rows = conn.execute(text("SELECT id FROM plan WHERE parent_id = :id OR restores_id = :id ORDER BY id"), {"id": plan_id})
    return [row.id for row in rows]


def posted_since(conn: Connection, plan_id: int) -> int:
    """How many posts on grids that only this plan has, of those before it, were given by others than the plan."""
    found: int = conn.execute(
        text("""
            SELECT count(*) FROM plan l JOIN grid_version v ON v.plan_id = l.id JOIN posting p ON p.grid_id = v.grid_id
            WHERE l.id = :id AND p.valid && tstzrange(lower(l.valid), NULL)
              AND NOT EXISTS (SELECT 1 FROM grid_version o WHERE o.plan_id = l.parent_id AND o.grid_id = v.grid_id)
              AND NOT EXISTS (SELECT 1 FROM carried_posting c WHERE c.plan_id = l.id AND c.begun_id = p.id)
        """),
        {"id": plan_id},
    ).scalar_one()
    return found


def return_posts(conn: Connection, plan_id: int) -> int:
    """Give officers whom a plan would move their posts back; returns how many. Who left a post since does not come back."""
    back = (
        conn.execute(
            text("""
            WITH gone AS (
                DELETE FROM posting p USING carried_posting c WHERE c.plan_id = :id AND p.id = c.begun_id
                RETURNING c.begun_id, upper(p.valid) AS until
            )
            UPDATE carried_posting c SET valid = tstzrange(lower(c.valid), gone.until) FROM gone
            WHERE c.plan_id = :id AND c.begun_id = gone.begun_id RETURNING c.begun_id
        """),
            {"id": plan_id},
        )
        .scalars()
        .all()
    )
    given = {"id": plan_id, "back": list(back)}
    conn.execute(
        text("""
            UPDATE posting p SET valid = c.valid FROM carried_posting c
            WHERE c.plan_id = :id AND p.id = c.ended_id AND c.begun_id = ANY (CAST(:back AS bigint[]))
        """),
        given,
    )
    conn.execute(
        text("""
            INSERT INTO posting (staff_id, grid_id, role, valid) SELECT staff_id, grid_id, role, valid FROM carried_posting
            WHERE plan_id = :id AND ended_id IS NULL AND begun_id = ANY (CAST(:back AS bigint[]))
        """),
        given,
    )
    conn.execute(text("DELETE FROM carried_posting WHERE plan_id = :id"), given)
    return len(back)


def remove_ground(conn: Connection, plan_id: int, *, parent_id: int) -> None:
    """Take away the grids and cells that a plan would bring, and let the cells that it cut live on."""
    given = {"id": plan_id, "parent": parent_id}
    parts = list(
        conn.execute(
            text("""
                SELECT c.id FROM plan l JOIN cell_assignment a ON a.plan_id = l.id JOIN cell c ON c.id = a.cell_id
                WHERE l.id = :id AND c.parent_id IS NOT NULL AND lower(c.valid) = lower(l.valid)
                  AND NOT EXISTS (SELECT 1 FROM cell_assignment o WHERE o.plan_id = :parent AND o.cell_id = c.id)
            """),
            given,
        ).scalars()
    )
    for table in ("lineage", "cell_assignment", "grid_version", "plan_load", "grid_load", "community_load"):
        conn.execute(text(f"DELETE FROM {table} WHERE plan_id = :id"), given)
    conn.execute(text("DELETE FROM map_shape WHERE layer = 'grid' AND plan_id = :id"), given)
    conn.execute(
        text("""
            UPDATE cell SET valid = tstzrange(lower(valid), NULL)
            WHERE id IN (SELECT parent_id FROM cell WHERE id = ANY (CAST(:parts AS bigint[])))
        """),
        {"parts": parts},
    )
    for table, key in (("cell_place", "cell_id"), ("cell_matter", "cell_id"), ("cell_load", "cell_id"), ("cell", "id")):
        conn.execute(text(f"DELETE FROM {table} WHERE {key} = ANY (CAST(:parts AS bigint[]))"), {"parts": parts})


def reopen(conn: Connection, plan_id: int, *, parent_id: int, since: datetime) -> None:
    """Let the plan before be in force without an end again, and make this one a draft; one that restored another is withdrawn."""
    given = {"id": plan_id, "parent": parent_id, "since": since}
    conn.execute(
        text("""
            UPDATE plan SET state = CASE WHEN restores_id IS NULL THEN 'draft' ELSE 'withdrawn' END, valid = NULL,
                   published_by = NULL, version = version + 1, changed_at = now() WHERE id = :id
        """),
        given,
    )
    conn.execute(
        text("""
            UPDATE proposal SET heard_version = p.version FROM plan p
            WHERE p.id = :id AND proposal.plan_id = :id AND heard_version = p.version - 2
        """),
        given,
    )
    conn.execute(text("UPDATE plan SET state = 'published', valid = tstzrange(lower(valid), NULL) WHERE id = :parent"), given)
    conn.execute(
        text("""
            UPDATE grid_version SET valid = tstzrange(lower(valid), NULL) WHERE plan_id = :parent AND upper(valid) = :since
        """),
        given,
    )


def unshelve(conn: Connection, plan_id: int) -> None:
    """Give a draft back what it stored of its own before it was published."""
    for table in SHELVES:
        conn.execute(
            text(f"""
                INSERT INTO {table} SELECT (CAST(kept AS {table})).* FROM shelved_row WHERE plan_id = :id AND source = '{table}'
            """),
            {"id": plan_id},
        )
    conn.execute(text("DELETE FROM shelved_row WHERE plan_id = :id"), {"id": plan_id})
