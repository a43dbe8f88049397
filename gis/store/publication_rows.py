"""What publishing a plan writes: only the communities that change are written anew, the others are carried over in place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from gis.plan_records import Patch
from gis.publication_records import LineageRows, PostMove, Redrawn
from gis.records import Ints, Name, Shapes
from gis.rules.coverage import named_sums
from gis.store import bulk, shapes
from gis.store.tables import WEB_MERCATOR

VERSION_COLUMNS = (
    "grid_id", "plan_id", "community_id", "unit_type", "kind", "name_zh", "name_en", "geom", "label_point", "area_m2", "population",
    "households", "cells", "valid", "synthetic",
)  # fmt: skip


def put_in_force(conn: Connection, plan_id: int, *, since: datetime, decision: str, by: str) -> None:
    """Make a draft the plan in force from a moment on; what it stored of its own is shelved until then, its edits stay."""
    conn.execute(text("DELETE FROM shelved_row s USING plan p WHERE p.id = s.plan_id AND lower(p.valid) <= now()"))
    conn.execute(
        text("""
            UPDATE plan SET state = 'published', valid = tstzrange(:since, NULL), decision = :decision, published_by = :by,
                   version = version + 1, changed_at = now() WHERE id = :id
        """),
        {"id": plan_id, "since": since, "decision": decision, "by": by},
    )
    for table in ("draft_assignment", "draft_grid", "draft_cell"):
        conn.execute(
            text(f"""
                WITH went AS (DELETE FROM {table} AS own WHERE plan_id = :id RETURNING CAST(own AS text) AS kept)
                INSERT INTO shelved_row (plan_id, source, kept) SELECT :id, '{table}', kept FROM went
            """),
            {"id": plan_id},
        )


def save_restored(
    conn: Connection, *, name: Name, since: datetime, parent_id: int, restores_id: int, decision: str, by: str
) -> int:
    """Write a plan that puts an earlier one in force again; returns its id."""
    plan_id: int = conn.execute(
        text("""
            INSERT INTO plan (parent_id, restores_id, scope_area_id, name_zh, name_en, state, valid, decision, author, published_by,
                              workload_model_id)
            SELECT :parent, :restores, (SELECT id FROM area WHERE parent_id IS NULL), :zh, :en, 'published',
                   tstzrange(:since, NULL), :decision, :by, :by, (SELECT workload_model_id FROM plan WHERE id = :parent)
            RETURNING id
        """),
        {
            "parent": parent_id, "restores": restores_id, "zh": name.zh, "en": name.en, "since": since, "decision": decision,
            "by": by,
        },
    ).scalar_one()  # fmt: skip
    return plan_id


def set_support_aside(conn: Connection, proposal_ids: Sequence[int], *, reason: str, by: str) -> None:
    """Put on record why a plan is carried out although residents did not support it enough."""
    conn.execute(
        text("""
            UPDATE proposal SET override_reason = :reason, override_by = :by, override_at = now()
            WHERE id = ANY (CAST(:ids AS bigint[]))
        """),
        {"ids": list(proposal_ids), "reason": reason, "by": by},
    )


def take_cell_ids(conn: Connection, count: int) -> range:
    """Ids for the parts of cut cells: in the draft they were numbered for themselves, downward from -1."""
    return bulk.take_ids(conn, "cell", count)


def save_parts(conn: Connection, parts: Patch, *, ids: Sequence[int], since: datetime, synthetic: bool) -> None:
    """Write the parts of cut cells, alive from a moment on, and end the cells that they were cut from."""
    conn.execute(
        text("UPDATE cell SET valid = tstzrange(lower(valid), :at) WHERE id = ANY (CAST(:ids AS bigint[]))"),
        {"at": since, "ids": sorted(set(parts.root.tolist()))},
    )
    columns = ("id", "community_id", "geom", "area_m2", "population", "households", "unit_type", "synthetic", "parent_id", "valid")
    rows = zip(
        ids, parts.community.tolist(), shapes.as_ewkb(parts.shape), parts.area_m2.tolist(), parts.population.tolist(),
        parts.households.tolist(), parts.unit_type, parts.root.tolist(), strict=True,
    )  # fmt: skip
    valid = f"[{since.isoformat()},)"
    bulk.copy_rows(conn, "cell", columns, ((*row[:-1], synthetic, row[-1], valid) for row in rows))


def amounts(conn: Connection, cells: Sequence[int]) -> list[tuple[str, tuple[Any, ...], int, int]]:
    """What is counted by cell and must be shared among parts: table, key beside the cell, cell, whole number."""
    given = {"cells": list(cells)}
    found: list[tuple[str, tuple[Any, ...], int, int]] = []
    for table, key in (("cell_place", ("kind",)), ("cell_matter", ("month", "matter_id"))):
        rows = conn.execute(
            text(f"SELECT {', '.join(key)}, cell_id, n FROM {table} WHERE cell_id = ANY (CAST(:cells AS bigint[]))"), given
        )
        found += [(table, tuple(row[:-2]), row.cell_id, row.n) for row in rows]
    return found


def save_amounts(conn: Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write counts of parts: `cell_place` as (kind, cell, n), `cell_matter` as (month, matter, cell, n)."""
    columns = {"cell_place": ("kind", "cell_id", "n"), "cell_matter": ("month", "matter_id", "cell_id", "n")}[table]
    bulk.copy_rows(conn, table, columns, rows)


def loads(conn: Connection, cells: Sequence[int]) -> list[Any]:
    """What some cells have to do by every workload model."""
    rows = conn.execute(text("SELECT * FROM cell_load WHERE cell_id = ANY (CAST(:cells AS bigint[]))"), {"cells": list(cells)})
    return list(rows)


def save_loads(conn: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write what parts have to do: model, cell, hours of inspections, incidents, people and walking, number of incidents."""
    columns = ("model_id", "cell_id", "inspections_h", "incidents_h", "people_h", "walking_h", "incidents")
    bulk.copy_rows(conn, "cell_load", columns, rows)


def carry_versions(conn: Connection, plan_id: int, *, parent_id: int, since: datetime, but: Sequence[int]) -> None:
    """Write the grids of every community but some as the plan before had them."""
    conn.execute(
        text("""
            INSERT INTO grid_version (grid_id, plan_id, community_id, unit_type, kind, name_zh, name_en, geom, label_point, area_m2,
                                      population, households, cells, valid, synthetic)
            SELECT grid_id, :plan, community_id, unit_type, kind, name_zh, name_en, geom, label_point, area_m2, population,
                   households, cells, tstzrange(:since, NULL), synthetic
            FROM grid_version WHERE plan_id = :parent AND community_id <> ALL (CAST(:but AS bigint[]))
        """),
        {"plan": plan_id, "parent": parent_id, "since": since, "but": list(but)},
    )


def save_versions(
    conn: Connection, redrawn: Redrawn, patch: Patch, *, plan_id: int, grid_ids: Sequence[int], since: datetime, synthetic: bool
) -> None:
    """Write the grids of the changed communities."""
    ground = shapes.as_multi(redrawn.shape)
    sums = named_sums(redrawn.position, len(redrawn.key), patch.population, patch.households, np.ones(len(patch), np.int64))
    area_m2 = np.bincount(redrawn.position, weights=patch.area_m2, minlength=len(redrawn.key))
    valid = f"[{since.isoformat()},)"
    rows = zip(
        grid_ids, redrawn.grids, shapes.as_ewkb(ground), shapes.as_ewkb(shapes.label_points(ground)), area_m2.tolist(),
        *(column.tolist() for column in sums), strict=True,
    )  # fmt: skip
    bulk.copy_rows(
        conn, "grid_version", VERSION_COLUMNS,
        (
            (i, plan_id, g.community_id, g.unit_type, g.kind, g.name_zh, g.name_en, *amounts, valid, synthetic)
            for i, g, *amounts in rows
        ),
    )  # fmt: skip


def assign(conn: Connection, plan_id: int, *, parent_id: int, changed: tuple[Ints, Ints], without: Sequence[int]) -> None:
    """Give every cell to the grid it had, but `changed` (cells and grids) to theirs; `without` are cells that are no more."""
    conn.exec_driver_sql("CREATE TEMPORARY TABLE given (cell_id bigint, grid_id bigint) ON COMMIT DROP")
    rows = zip(changed[0].tolist(), changed[1].tolist(), strict=True)
    bulk.copy_rows(conn, "given", ("cell_id", "grid_id"), [*rows, *((cell, None) for cell in without)])
    conn.execute(
        text("""
            INSERT INTO cell_assignment (plan_id, cell_id, grid_id)
            SELECT :plan, a.cell_id, a.grid_id FROM cell_assignment a
            WHERE a.plan_id = :parent AND a.cell_id NOT IN (SELECT cell_id FROM given)
            UNION ALL SELECT :plan, cell_id, grid_id FROM given WHERE grid_id IS NOT NULL
        """),
        {"plan": plan_id, "parent": parent_id},
    )
    conn.exec_driver_sql("DROP TABLE given")


def carry_map_shapes(
    conn: Connection, plan_id: int, *, parent_id: int, but: Sequence[int], exact: int, but_exact: Sequence[int]
) -> None:
    """Draw the grids as the plan before did, but those of some communities; in the band `exact` but those of others."""
    conn.execute(
        text("""
            INSERT INTO map_shape (layer, ref_id, band, geom, plan_id, code, community)
            SELECT 'grid', n.id, s.band, s.geom, :plan, s.code, s.community
            FROM map_shape s JOIN grid_version v ON v.id = s.ref_id
            JOIN grid_version n ON n.plan_id = :plan AND n.grid_id = v.grid_id
            WHERE s.layer = 'grid' AND s.plan_id = :parent
              AND v.community_id <> ALL (CAST(CASE WHEN s.band = :exact THEN :but_exact ELSE :but END AS bigint[]))
        """),
        {"plan": plan_id, "parent": parent_id, "but": list(but), "exact": exact, "but_exact": list(but_exact)},
    )


def save_map_shapes(conn: Connection, plan_id: int, rows: Iterable[tuple[int, int, str, str]], geoms: Shapes) -> None:
    """Write shapes that maps draw, in web mercator: (band, id of the version, code of the grid, code of the community)."""
    columns = ("layer", "plan_id", "band", "ref_id", "code", "community", "geom")
    written = zip(rows, shapes.as_ewkb(shapes.as_multi(geoms), srid=WEB_MERCATOR), strict=True)
    bulk.copy_rows(conn, "map_shape", columns, (("grid", plan_id, *row, geom) for row, geom in written))


def save_lineage(conn: Connection, plan_id: int, rows: LineageRows, *, grid_ids: Sequence[int]) -> None:
    """Write where the ground, residents and work of every changed grid went."""
    columns = ("plan_id", "from_grid_id", "to_grid_id", "area_fraction", "resident_fraction", "workload_fraction")
    bulk.copy_rows(
        conn, "lineage", columns,
        (
            (plan_id, source, grid_ids[to], *shares)
            for source, to, *shares in zip(
                rows.source.tolist(), rows.to.tolist(), rows.area_fraction.tolist(), rows.resident_fraction.tolist(),
                rows.workload_fraction.tolist(), strict=True,
            )
        ),
    )  # fmt: skip


def move_posts(conn: Connection, plan_id: int, moves: Sequence[PostMove], *, grid_ids: Sequence[int], at: datetime) -> None:
    """End posts at a moment and begin them anew on other grids, or in another role; what they were stays on record."""
    conn.exec_driver_sql("""
        CREATE TEMPORARY TABLE carried (
            id bigint, begun_id bigint, grid_id bigint, role text, staff_id bigint, rest tstzrange) ON COMMIT DROP
    """)
    begun = zip(moves, bulk.take_ids(conn, "posting", len(moves)), strict=True)
    columns = ("id", "begun_id", "grid_id", "role")
    bulk.copy_rows(conn, "carried", columns, ((m.post.posting_id, new, grid_ids[m.to], m.role) for m, new in begun))
    given = {"at": at, "plan": plan_id}
    conn.execute(
        text("""
            INSERT INTO carried_posting (plan_id, begun_id, ended_id, staff_id, grid_id, role, valid)
            SELECT :plan, m.begun_id, CASE WHEN lower(p.valid) < :at THEN p.id END, p.staff_id, p.grid_id, p.role, p.valid
            FROM carried m JOIN posting p ON p.id = m.id
        """),
        given,
    )
    conn.execute(
        text("""
            UPDATE carried m SET staff_id = p.staff_id, rest = p.valid * tstzrange(:at, NULL) FROM posting p WHERE p.id = m.id
        """),
        given,
    )
    conn.execute(text("DELETE FROM posting p USING carried m WHERE p.id = m.id AND lower(p.valid) = :at"), given)
    conn.execute(text("UPDATE posting p SET valid = tstzrange(lower(p.valid), :at) FROM carried m WHERE p.id = m.id"), given)
    conn.exec_driver_sql(
        "INSERT INTO posting (id, staff_id, grid_id, role, valid)"
        " SELECT begun_id, staff_id, grid_id, role, rest FROM carried ORDER BY id"
    )
    conn.exec_driver_sql("DROP TABLE carried")


def drop_locks(conn: Connection, plan_id: int, *, communities: Sequence[int]) -> None:
    """Forget what a draft stores of grids of communities that it does not change: which of them are locked."""
    conn.execute(
        text("DELETE FROM draft_grid WHERE plan_id = :id AND community_id = ANY (CAST(:communities AS bigint[]))"),
        {"id": plan_id, "communities": list(communities)},
    )


def place_anew(conn: Connection, plan_id: int, *, since: datetime) -> int:
    """Give incidents reported since a moment to the grids of a plan whose ground they lie on; returns how many moved.

    One on a border stays where it was placed as long as that grid's ground still touches it.
    """
    return conn.execute(
        text("""
            UPDATE incident i SET grid_id = v.grid_id, community_id = v.community_id
            FROM incident late CROSS JOIN LATERAL (
                SELECT grid_id, community_id FROM grid_version
                WHERE plan_id = :plan AND ST_Intersects(geom, late.geom)
                ORDER BY grid_id IS DISTINCT FROM late.grid_id, grid_id LIMIT 1
            ) AS v
            WHERE i.id = late.id AND i.reported_at = late.reported_at AND late.reported_at >= :since AND i.reported_at >= :since
              AND i.grid_id IS DISTINCT FROM v.grid_id
        """),
        {"plan": plan_id, "since": since},
    ).rowcount


def rebase(conn: Connection, plan_id: int, *, parent_id: int, by: str) -> int:
    """Let a draft start from another plan, as an edit of its own; what was taken back cannot be done again. Returns its version."""
    given = {"id": plan_id, "parent": parent_id, "by": by}
    conn.execute(text("UPDATE plan_edit SET state = 'dropped' WHERE plan_id = :id AND state = 'undone'"), given)
    version: int = conn.execute(
        text("""
            UPDATE plan SET parent_id = :parent, version = version + 1, changed_at = now() WHERE id = :id RETURNING version
        """),
        given,
    ).scalar_one()
    conn.execute(
        text("""
            WITH edit AS (
                INSERT INTO plan_edit (plan_id, seq, kind, request, delta, author)
                SELECT :id, coalesce(max(seq), 0) + 1, 'rebase', jsonb_build_object('parent', CAST(:parent AS bigint)),
                       '{"cells": [], "grids": [], "cuts": []}', :by
                FROM plan_edit WHERE plan_id = :id RETURNING seq
            )
            INSERT INTO draft_step (plan_id, version, seq, action, author) SELECT :id, :version, seq, 'do', :by FROM edit
        """),
        given | {"version": version},
    )
    return version
