"""What publishing a plan reads: the plan, what it changes, and what stands before it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from gis.publication_records import CommunityGround, DraftFacts, Post, Support, Voices
from gis.records import Ints, Name
from gis.store import bulk, patches, shapes

CHANGED = """
    SELECT coalesce(part.community_id, c.community_id) AS id
    FROM draft_assignment d
    LEFT JOIN draft_cell part ON part.plan_id = d.plan_id AND part.id = d.cell_id LEFT JOIN cell c ON c.id = d.cell_id
    WHERE d.plan_id = :plan
    UNION
    SELECT d.community_id FROM draft_grid d JOIN plan p ON p.id = d.plan_id
    LEFT JOIN grid_version v ON v.plan_id = p.parent_id AND v.grid_id = d.grid_key
    WHERE d.plan_id = :plan AND CASE
        WHEN d.grid_key < 0 THEN d.alive
        ELSE NOT d.alive OR (d.kind, d.unit_type, coalesce(d.name_zh, ''), coalesce(d.name_en, ''))
             IS DISTINCT FROM (v.kind, v.unit_type, coalesce(v.name_zh, ''), coalesce(v.name_en, '')) END
"""


def facts(conn: Connection, plan_id: int, *, lock: bool = False) -> DraftFacts | None:
    """The cover of a plan in any state, or None."""
    head = patches.head(conn, plan_id, lock=lock)
    if head is None:
        return None
    row = conn.execute(
        text("""
            SELECT p.name_zh, p.name_en, p.author, lower(p.valid) AS since,
                   array(SELECT s.path::text FROM area s WHERE s.id = p.scope_area_id
                           AND NOT EXISTS (SELECT 1 FROM plan_scope WHERE plan_id = p.id)
                         UNION ALL SELECT s.path::text FROM plan_scope x JOIN area s ON s.id = x.area_id WHERE x.plan_id = p.id
                        ) AS paths
            FROM plan p WHERE p.id = :id
        """),
        {"id": plan_id},
    ).one()
    return DraftFacts(head, Name(row.name_zh, row.name_en), row.author, row.since, tuple(row.paths))


def newest(conn: Connection) -> tuple[int, datetime] | None:
    """The plan that came into force last, or will, and since when; None before the first."""
    row = conn.execute(
        text("SELECT id, lower(valid) AS since FROM plan WHERE valid IS NOT NULL ORDER BY lower(valid) DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else (row.id, row.since)


def changed_communities(conn: Connection, plan_id: int) -> list[int]:
    """Ids of the communities in which a draft differs from the plan it starts from, ordered; a lock is no difference."""
    return sorted(row.id for row in conn.execute(text(CHANGED), {"plan": plan_id}))


def communities_between(conn: Connection, plan_id: int, later_id: int) -> set[int]:
    """Ids of the communities that are not alike in two published plans: in a grid, or in the grid of a cell."""
    rows = conn.execute(
        text("""
            SELECT coalesce(a.community_id, b.community_id) AS id
            FROM (SELECT * FROM grid_version WHERE plan_id = :one) a
            FULL JOIN (SELECT * FROM grid_version WHERE plan_id = :other) b ON b.grid_id = a.grid_id
            WHERE (a.community_id, a.kind, a.unit_type, a.name_zh, a.name_en)
                  IS DISTINCT FROM (b.community_id, b.kind, b.unit_type, b.name_zh, b.name_en)
            UNION
            SELECT c.community_id
            FROM (SELECT * FROM cell_assignment WHERE plan_id = :one) a
            FULL JOIN (SELECT * FROM cell_assignment WHERE plan_id = :other) b ON b.cell_id = a.cell_id
            JOIN cell c ON c.id = coalesce(a.cell_id, b.cell_id)
            WHERE a.grid_id IS DISTINCT FROM b.grid_id
        """),
        {"one": plan_id, "other": later_id},
    )
    return {row.id for row in rows}


def assigned(conn: Connection, plan_id: int, *, communities: Sequence[int]) -> tuple[Ints, Ints]:
    """The cells of communities by id, and the grids that a published plan gives them to."""
    columns = bulk.read_columns(
        conn,
        """
            SELECT a.cell_id, a.grid_id FROM cell_assignment a JOIN cell c ON c.id = a.cell_id
            WHERE a.plan_id = :plan AND c.community_id = ANY (CAST(:communities AS bigint[])) ORDER BY a.cell_id
        """,
        {"plan": plan_id, "communities": list(communities)},
        kinds={"cell": int, "grid": int},
    )
    return columns["cell"], columns["grid"]


def assigned_again(conn: Connection, plan_id: int, *, present_id: int) -> tuple[Ints, Ints]:
    """The cells that a later plan has, by id, and the grids that an earlier one gave them, or the cell they were cut from, to."""
    columns = bulk.read_columns(
        conn,
        """
            WITH RECURSIVE line AS (
                SELECT a.cell_id AS id, a.cell_id AS ancestor FROM cell_assignment a WHERE a.plan_id = :present
                UNION ALL
                SELECT line.id, c.parent_id FROM line JOIN cell c ON c.id = line.ancestor
                WHERE c.parent_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM cell_assignment a WHERE a.plan_id = :plan AND a.cell_id = line.ancestor)
            )
            SELECT line.id, a.grid_id FROM line JOIN cell_assignment a ON a.plan_id = :plan AND a.cell_id = line.ancestor
            ORDER BY line.id
        """,
        {"plan": plan_id, "present": present_id},
        kinds={"cell": int, "grid": int},
    )
    return columns["cell"], columns["grid"]


def codes_of(conn: Connection, plan_id: int, *, communities: Sequence[int]) -> dict[int, str]:
    """Code of every grid that a published plan has in some communities, by id."""
    rows = conn.execute(
        text("""
            SELECT g.id, g.code FROM grid_version v JOIN grid g ON g.id = v.grid_id
            WHERE v.plan_id = :plan AND v.community_id = ANY (CAST(:communities AS bigint[]))
        """),
        {"plan": plan_id, "communities": list(communities)},
    )
    return {row.id: row.code for row in rows}


def communities(conn: Connection, ids: Sequence[int]) -> dict[int, CommunityGround]:
    """Communities by id, with their ground and town."""
    rows = conn.execute(
        text("""
            SELECT id, code, coalesce(parent_id, id) AS town, ST_AsBinary(geom) AS shape FROM area
            WHERE id = ANY (CAST(:ids AS bigint[])) ORDER BY id
        """),
        {"ids": list(ids)},
    ).all()
    ground = shapes.from_wkb(row.shape for row in rows)
    return {row.id: CommunityGround(row.id, row.code, row.town, shape) for row, shape in zip(rows, ground, strict=True)}


def neighbours(conn: Connection, ids: Sequence[int]) -> list[int]:
    """Ids of the communities that may touch some others, by their boxes, with those themselves."""
    rows = conn.execute(
        text("""
            SELECT DISTINCT b.id FROM area a JOIN area b ON b.level = a.level AND b.geom && a.geom
            WHERE a.id = ANY (CAST(:ids AS bigint[]))
        """),
        {"ids": list(ids)},
    )
    return sorted(row.id for row in rows)


def is_synthetic(conn: Connection, plan_id: int) -> bool:
    """Whether a plan's grids are made up."""
    found: bool = conn.execute(
        text("SELECT coalesce(bool_or(synthetic), false) FROM grid_version WHERE plan_id = :plan"), {"plan": plan_id}
    ).scalar_one()
    return found


def supports(conn: Connection, plan_id: int) -> list[Support]:
    """How residents answered each time that a plan was put to them."""
    rows = conn.execute(
        text("""
            SELECT p.id, p.support_needed, p.override_reason, p.stage, upper(p.open) - 1 AS until, p.heard_version,
                   count(o.id) FILTER (WHERE o.support) AS support, count(o.id) FILTER (WHERE NOT o.support) AS against
            FROM proposal p LEFT JOIN opinion o ON o.proposal_id = p.id AND NOT o.hidden
                                      AND o.at >= coalesce(p.heard_since, '-infinity')
            WHERE p.plan_id = :plan GROUP BY p.id ORDER BY p.id
        """),
        {"plan": plan_id},
    )
    return [
        Support(r.id, r.support_needed, Voices(r.support, r.against), r.override_reason, r.stage, r.until, r.heard_version)
        for r in rows
    ]


def posts(conn: Connection, grid_ids: Sequence[int], *, at: datetime) -> list[Post]:
    """Everybody posted on some grids at a moment, by number."""
    rows = conn.execute(
        text("""
            SELECT p.id, s.number, s.name_zh, s.name_en, p.grid_id, p.role FROM posting p JOIN staff s ON s.id = p.staff_id
            WHERE p.grid_id = ANY (CAST(:grids AS bigint[])) AND p.valid @> CAST(:at AS timestamptz) ORDER BY s.number
        """),
        {"grids": list(grid_ids), "at": at},
    )
    return [Post(row.id, row.number, Name(row.name_zh, row.name_en), row.grid_id, row.role) for row in rows]


def anybody_posted(conn: Connection, *, at: datetime) -> bool:
    """Whether any grid of the city has an officer at a moment."""
    found: bool = conn.execute(
        text("SELECT EXISTS (SELECT 1 FROM posting WHERE grid_id IS NOT NULL AND valid @> CAST(:at AS timestamptz))"), {"at": at}
    ).scalar_one()
    return found


def versions(conn: Connection, plan_id: int, *, communities: Sequence[int]) -> tuple[list[Any], np.ndarray]:
    """Id, grid code and community code of a plan's grids in some communities, and their shapes in EPSG:4326; ordered by id."""
    rows = conn.execute(
        text("""
            SELECT v.id, g.code, c.code AS community, v.community_id, ST_AsBinary(v.geom) AS shape
            FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
            WHERE v.plan_id = :plan AND v.community_id = ANY (CAST(:communities AS bigint[])) ORDER BY v.id
        """),
        {"plan": plan_id, "communities": list(communities)},
    ).all()
    return list(rows), shapes.from_wkb(row.shape for row in rows)
