"""The edits of drafts: where they reach, what they change of what a draft stores, and the steps that they make."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.draft_records import Delta, Fresh, Step
from gis.plan_records import PlanHead
from gis.rules import deltas
from gis.store import shapes


def fresh(conn: Connection, plan_id: int) -> Fresh:
    """The first key and id of a part that the draft has not given yet."""
    row = conn.execute(
        text("""
            SELECT (SELECT least(min(grid_key), 0) - 1 FROM draft_grid WHERE plan_id = :id) AS key,
                   (SELECT least(min(id), 0) - 1 FROM draft_cell WHERE plan_id = :id) AS cell
        """),
        {"id": plan_id},
    ).one()
    return Fresh(row.key, row.cell)


def homes_of_grids(conn: Connection, plan: PlanHead, keys: Sequence[int]) -> list[int]:
    """The communities of grids, as far as the plan has them."""
    rows = conn.execute(
        text("""
            SELECT community_id FROM draft_grid WHERE plan_id = :plan AND grid_key = ANY (:keys)
            UNION SELECT community_id FROM grid_version WHERE plan_id = :parent AND grid_id = ANY (:keys)
        """),
        {"plan": plan.id, "parent": plan.parent_id, "keys": list(keys)},
    )
    return [row.community_id for row in rows]


def homes_of_cells(conn: Connection, plan: PlanHead, cells: Sequence[int]) -> list[int]:
    """The communities of cells and of parts of cells."""
    rows = conn.execute(
        text("""
            SELECT community_id FROM cell WHERE id = ANY (:cells)
            UNION SELECT community_id FROM draft_cell WHERE plan_id = :plan AND id = ANY (:cells)
        """),
        {"plan": plan.id, "cells": list(cells)},
    )
    return [row.community_id for row in rows]


def write(conn: Connection, plan: PlanHead, delta: Delta) -> None:
    """Change what the draft stores by a delta."""
    parts = [part for cut in delta.cuts for part in cut.parts]
    _save_parts(conn, plan, parts)
    _assign(conn, plan, delta)
    _regrid(conn, plan, delta)


def write_back(conn: Connection, plan: PlanHead, delta: Delta) -> None:
    """Change what the draft stores back to what it was before a delta."""
    undone = deltas.backward(delta)
    _assign(conn, plan, undone)
    _regrid(conn, plan, undone)
    parts = [part.id for cut in delta.cuts for part in cut.parts]
    for table, column in (("draft_assignment", "cell_id"), ("draft_cell", "id")):
        if parts:
            conn.execute(
                text(f"DELETE FROM {table} WHERE plan_id = :plan AND {column} = ANY (:parts)"), {"plan": plan.id, "parts": parts}
            )


def _save_parts(conn: Connection, plan: PlanHead, parts: Sequence[Any]) -> None:
    if not parts:
        return
    conn.execute(
        text("""
            INSERT INTO draft_cell (plan_id, id, root_id, parent_id, community_id, geom, area_m2, population, households, unit_type,
                                    fraction)
            VALUES (:plan, :id, :root, :parent, :community, CAST(:geom AS geometry), :area_m2, :population, :households, :unit_type,
                    :fraction)
        """),
        [
            {name: getattr(part, name) for name in deltas.PART_FIELDS} | {"plan": plan.id, "geom": shapes.ewkb(part.shape)}
            for part in parts
        ],
    )


def _assign(conn: Connection, plan: PlanHead, delta: Delta) -> None:
    """Write the grids of the moved cells; a cell of the city that has the grid of the parent needs no row."""
    if not delta.cells:
        return
    cells, _, after = (list(column) for column in zip(*delta.cells, strict=True))
    named = {"plan": plan.id, "parent": plan.parent_id, "cells": cells, "keys": after}
    conn.execute(
        text("""
            INSERT INTO draft_assignment (plan_id, cell_id, grid_key)
            SELECT :plan, moved.cell_id, moved.grid_key
            FROM unnest(CAST(:cells AS bigint[]), CAST(:keys AS bigint[])) AS moved (cell_id, grid_key)
            ON CONFLICT (plan_id, cell_id) DO UPDATE SET grid_key = excluded.grid_key
        """),
        named,
    )
    conn.execute(
        text("""
            DELETE FROM draft_assignment d USING cell_assignment a
            WHERE d.plan_id = :plan AND d.cell_id = ANY (:cells)
              AND a.plan_id = :parent AND a.cell_id = d.cell_id AND a.grid_id = d.grid_key
        """),
        named,
    )


def _regrid(conn: Connection, plan: PlanHead, delta: Delta) -> None:
    """Write the changed grids; one that is as in the parent needs no row."""
    if not delta.grids:
        return
    named = {"plan": plan.id, "parent": plan.parent_id, "keys": [key for key, _, _ in delta.grids]}
    conn.execute(text("DELETE FROM draft_grid WHERE plan_id = :plan AND grid_key = ANY (:keys)"), named)
    kept = [after for _, _, after in delta.grids if after is not None]
    if kept:
        fields = ("key", "community_id", "kind", "unit_type", "name_zh", "name_en", "locked", "alive")
        columns: dict[str, Any] = {name: [getattr(grid, name) for grid in kept] for name in fields}
        conn.execute(
            text("""
                INSERT INTO draft_grid (plan_id, grid_key, community_id, kind, unit_type, name_zh, name_en, locked, alive)
                SELECT :plan, * FROM unnest(CAST(:key AS bigint[]), CAST(:community_id AS bigint[]), CAST(:kind AS text[]),
                    CAST(:unit_type AS text[]), CAST(:name_zh AS text[]), CAST(:name_en AS text[]), CAST(:locked AS boolean[]),
                    CAST(:alive AS boolean[]))
            """),
            columns | {"plan": plan.id},
        )
    conn.execute(
        text("""
            DELETE FROM draft_grid d USING grid_version v
            WHERE d.plan_id = :plan AND d.grid_key = ANY (:keys) AND v.plan_id = :parent AND v.grid_id = d.grid_key
              AND (d.community_id, d.kind, d.unit_type, d.locked, d.alive) = (v.community_id, v.kind, v.unit_type, false, true)
              AND d.name_zh IS NOT DISTINCT FROM v.name_zh AND d.name_en IS NOT DISTINCT FROM v.name_en
        """),
        named,
    )


def save_edit(conn: Connection, plan: PlanHead, *, kind: str, request: dict[str, Any], delta: Delta, by: str) -> Step:
    """Write an edit that was done, and the step; edits that were undone can no longer be done again."""
    conn.execute(text("UPDATE plan_edit SET state = 'dropped' WHERE plan_id = :plan AND state = 'undone'"), {"plan": plan.id})
    seq: int = conn.execute(
        text("""
            INSERT INTO plan_edit (plan_id, seq, kind, request, delta, author)
            SELECT :plan, coalesce(max(seq), 0) + 1, :kind, CAST(:request AS jsonb), CAST(:delta AS jsonb), :by
            FROM plan_edit WHERE plan_id = :plan RETURNING seq
        """),
        {
            "plan": plan.id, "kind": kind, "request": orjson.dumps(request).decode(),
            "delta": orjson.dumps(deltas.written(delta)).decode(), "by": by,
        },
    ).scalar_one()  # fmt: skip
    return _step(conn, plan, seq=seq, action="do", kind=kind, delta=delta, by=by)


def set_state(conn: Connection, plan: PlanHead, edit: Step, *, action: str, by: str) -> Step:
    """Mark an edit as undone or as done again, and write the step."""
    state = "undone" if action == "undo" else "done"
    conn.execute(
        text("UPDATE plan_edit SET state = :state WHERE plan_id = :plan AND seq = :seq"),
        {"state": state, "plan": plan.id, "seq": edit.seq},
    )
    return _step(conn, plan, seq=edit.seq, action=action, kind=edit.kind, delta=edit.delta, by=by)


def _step(conn: Connection, plan: PlanHead, *, seq: int, action: str, kind: str, delta: Delta, by: str) -> Step:
    row = conn.execute(
        text("UPDATE plan SET version = version + 1, changed_at = now() WHERE id = :id RETURNING version, changed_at"),
        {"id": plan.id},
    ).one()
    conn.execute(
        text("INSERT INTO draft_step (plan_id, version, seq, action, author) VALUES (:plan, :version, :seq, :action, :by)"),
        {"plan": plan.id, "version": row.version, "seq": seq, "action": action, "by": by},
    )
    return Step(row.version, seq, action, kind, by, row.changed_at, delta)


def last_done(conn: Connection, plan_id: int) -> Step | None:
    """The edit that undo takes back, or None."""
    return _edit(conn, plan_id, "state = 'done' ORDER BY seq DESC")


def first_undone(conn: Connection, plan_id: int) -> Step | None:
    """The edit that redo does again, or None."""
    return _edit(conn, plan_id, "state = 'undone' ORDER BY seq")


def _edit(conn: Connection, plan_id: int, which: str) -> Step | None:
    row = conn.execute(
        text(f"SELECT seq, kind, author, at, delta FROM plan_edit WHERE plan_id = :plan AND {which} LIMIT 1"), {"plan": plan_id}
    ).one_or_none()
    return None if row is None else Step(0, row.seq, "do", row.kind, row.author, row.at, deltas.read(row.delta))


def steps_after(conn: Connection, plan_id: int, seen: int) -> list[Step]:
    """The steps of a draft after a version, in their order."""
    rows = conn.execute(
        text("""
            SELECT s.version, s.seq, s.action, e.kind, s.author, s.at, e.delta
            FROM draft_step s JOIN plan_edit e ON e.plan_id = s.plan_id AND e.seq = s.seq
            WHERE s.plan_id = :plan AND s.version > :seen ORDER BY s.version
        """),
        {"plan": plan_id, "seen": seen},
    )
    return [Step(row.version, row.seq, row.action, row.kind, row.author, row.at, deltas.read(row.delta)) for row in rows]


def standing(conn: Connection, plan: PlanHead, cells: Sequence[int]) -> list[tuple[int, int]]:
    """Those of these cells and parts that stand by themselves now, with the keys of their grids, by id."""
    rows = conn.execute(
        text("""
            SELECT c AS id, coalesce(d.grid_key, a.grid_id) AS key FROM unnest(CAST(:cells AS bigint[])) AS c
            LEFT JOIN draft_assignment d ON d.plan_id = :plan AND d.cell_id = c
            LEFT JOIN cell_assignment a ON a.plan_id = :parent AND a.cell_id = c
            WHERE coalesce(d.grid_key, a.grid_id) <> 0 ORDER BY c
        """),
        {"plan": plan.id, "parent": plan.parent_id, "cells": list(cells)},
    )
    return [(row.id, row.key) for row in rows]
