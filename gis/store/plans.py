"""Plans, the grids they hold, and the shapes that maps draw of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.records import Division, Floats, GridUnit, Ints, Name, PlanInForce, Shapes
from gis.store import areas, bulk, shapes
from gis.store.figures import AT, activity
from gis.store.prepared import Prepared
from gis.store.tables import WEB_MERCATOR

# Publishing, one at a time: two plans must not both end the one in force.
PUBLISH_LOCK = 41_900_350

SHOWN_STATE = """
    CASE WHEN p.valid IS NULL THEN p.state WHEN lower(p.valid) > now() THEN 'coming' WHEN upper(p.valid) <= now() THEN 'superseded'
         ELSE 'published' END
"""
"""What a plan is now: a plan whose successor is published already stays in force until that one's moment."""


def lock_publishing(conn: Connection) -> None:
    """Hold back every other publication until this transaction ends."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PUBLISH_LOCK})


IN_FORCE = Prepared(
    "plan_in_force",
    "SELECT id, version, name_zh, name_en, lower(valid) AS since, upper(valid) AS until FROM plan WHERE valid @> :moment",
    moment="timestamptz",
)


def in_force(conn: Connection, moment: datetime) -> PlanInForce | None:
    """The plan in force at a moment, or None."""
    row = IN_FORCE.row(conn, {"moment": moment})
    return row if row is None else PlanInForce(row.id, row.version, Name(row.name_zh, row.name_en), row.since, row.until)


def id_in_force(conn: Connection) -> int | None:
    """Id of the plan that is in force now, or None."""
    found: int | None = conn.execute(text("SELECT id FROM plan WHERE valid @> now()")).scalar_one_or_none()
    return found


def name(conn: Connection, plan_id: int) -> Name | None:
    """What a plan or draft is called, or None."""
    row = conn.execute(text("SELECT name_zh, name_en FROM plan WHERE id = :id"), {"id": plan_id}).one_or_none()
    return None if row is None else Name(row.name_zh, row.name_en)


def parent_of(conn: Connection, plan_id: int) -> int | None:
    """Id of the plan that a plan follows, or None."""
    found: int | None = conn.execute(text("SELECT parent_id FROM plan WHERE id = :id"), {"id": plan_id}).scalar_one_or_none()
    return found


def published(conn: Connection) -> list[PlanInForce]:
    """Every plan that is or was in force, newest first."""
    rows = conn.execute(
        text("""
            SELECT id, version, name_zh, name_en, lower(valid) AS since, upper(valid) AS until
            FROM plan WHERE valid IS NOT NULL ORDER BY lower(valid) DESC
        """)
    )
    return [PlanInForce(row.id, row.version, Name(row.name_zh, row.name_en), row.since, row.until) for row in rows]


def versions_written(conn: Connection, plan_id: int) -> list[tuple[int, str, str]]:
    """Id, grid code and community code of the grid versions that a plan wrote, in the order they were written."""
    rows = conn.execute(
        text("""
            SELECT v.id, g.code, c.code AS community
            FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
            WHERE v.plan_id = :id ORDER BY v.id
        """),
        {"id": plan_id},
    )
    return [(row.id, row.code, row.community) for row in rows]


def supersede(conn: Connection, plan_id: int, *, at: datetime) -> None:
    """End a plan and every grid of it that lives to `at`."""
    conn.execute(
        text("UPDATE plan SET state = 'superseded', valid = tstzrange(lower(valid), :at) WHERE id = :id"),
        {"id": plan_id, "at": at},
    )
    conn.execute(text("UPDATE grid_version SET valid = tstzrange(lower(valid), :at) WHERE upper_inf(valid)"), {"at": at})


def end_postings(conn: Connection, plan_id: int, *, at: datetime) -> int:
    """End the postings on grids that a plan does without; returns how many officers are left without a grid."""
    return conn.execute(
        text("""
            UPDATE posting p SET valid = tstzrange(lower(p.valid), :at)
            WHERE upper_inf(p.valid) AND lower(p.valid) < :at AND p.grid_id IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM grid_version v WHERE v.plan_id = :plan AND v.grid_id = p.grid_id)
        """),
        {"at": at, "plan": plan_id},
    ).rowcount


def save_plan(conn: Connection, *, name: Name, since: datetime, parent_id: int | None, decision: str) -> int:
    """Write a plan in force from `since` on, for the whole city; returns its id."""
    plan_id: int = conn.execute(
        text("""
            INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, valid, decision)
            VALUES (:parent, (SELECT id FROM area WHERE parent_id IS NULL), :zh, :en, 'published',
                    tstzrange(:since, NULL), :decision) RETURNING id
        """),
        {"parent": parent_id, "zh": name.zh, "en": name.en, "since": since, "decision": decision},
    ).scalar_one()
    return plan_id


def codes_ever(conn: Connection) -> set[str]:
    """Every grid code that was ever published."""
    return {row.code for row in conn.execute(text("SELECT code FROM grid"))}


def save_grids(conn: Connection, codes: Sequence[str]) -> dict[str, int]:
    """Give each new code its identity; returns the id of every grid by code."""
    bulk.copy_rows(conn, "grid", ("code",), ((code,) for code in codes))
    return {row.code: row.id for row in conn.execute(text("SELECT code, id FROM grid"))}


def save_versions(
    conn: Connection, division: Division, *, plan_id: int, since: datetime, grid_ids: Ints, areas_m2: Floats, sums: Sequence[Ints]
) -> range:
    """Write the grids of a plan; `sums` are residents, households and cells per grid. Returns the version ids."""
    ids = bulk.take_ids(conn, "grid_version", len(grid_ids))
    community = areas.ids_by_code(conn)
    geoms = shapes.as_multi(division.grid_shape)
    columns = (
        "id",
        "grid_id",
        "plan_id",
        "community_id",
        "unit_type",
        "geom",
        "label_point",
        "area_m2",
        "population",
        "households",
        "cells",
        "valid",
        "synthetic",
    )
    rows = zip(
        ids,
        grid_ids.tolist(),
        (community[code] for code in division.grid_community),
        division.grid_unit_type,
        shapes.as_ewkb(geoms),
        shapes.as_ewkb(shapes.label_points(geoms)),
        areas_m2.tolist(),
        *(column.tolist() for column in sums),
        strict=True,
    )
    valid = f"[{since.isoformat()},)"
    bulk.copy_rows(
        conn,
        "grid_version",
        columns,
        ((i, g, plan_id, c, u, s, p, a, *n, valid, division.synthetic) for i, g, c, u, s, p, a, *n in rows),
    )
    return ids


def assign_cells(conn: Connection, *, plan_id: int, cells: Iterable[int], grid_ids: Iterable[int]) -> None:
    """Write which grid of the plan each cell belongs to."""
    rows = ((plan_id, cell, grid) for cell, grid in zip(cells, grid_ids, strict=True))
    bulk.copy_rows(conn, "cell_assignment", ("plan_id", "cell_id", "grid_id"), rows)


def trace_lineage(conn: Connection, *, plan_id: int, parent_id: int) -> int:
    """Write where the ground and residents of every changed grid went, by its cells; returns the number of rows."""
    return conn.execute(
        text("""
            WITH moved AS (
                SELECT old.grid_id AS from_id, new.grid_id AS to_id, sum(c.area_m2) AS area, sum(c.population) AS people
                FROM cell_assignment old
                JOIN cell_assignment new ON new.cell_id = old.cell_id AND new.plan_id = :plan
                JOIN cell c ON c.id = old.cell_id
                WHERE old.plan_id = :parent
                GROUP BY old.grid_id, new.grid_id
            ), share AS (
                SELECT from_id, to_id, area / sum(area) OVER source AS area_fraction,
                       coalesce(people::float / nullif(sum(people) OVER source, 0),
                                area / sum(area) OVER source) AS resident_fraction
                FROM moved WINDOW source AS (PARTITION BY from_id)
            )
            INSERT INTO lineage (plan_id, from_grid_id, to_grid_id, area_fraction, resident_fraction)
            SELECT :plan, from_id, to_id, least(area_fraction, 1), least(resident_fraction, 1)
            FROM share WHERE from_id <> to_id
        """),
        {"plan": plan_id, "parent": parent_id},
    ).rowcount


def grids_of(conn: Connection, plan: PlanInForce) -> list[GridUnit]:
    """The grids of a plan with shape and areas, ordered by code."""
    chain = areas.chains(conn)
    rows = conn.execute(
        text("""
            SELECT g.id, g.code, v.community_id, ST_AsBinary(v.geom) AS shape
            FROM grid_version v JOIN grid g ON g.id = v.grid_id
            WHERE v.valid @> CAST(:moment AS timestamptz) ORDER BY g.code
        """),
        {"moment": plan.since},
    ).all()
    found = shapes.from_wkb(row.shape for row in rows)
    return [
        GridUnit(row.id, row.code, row.community_id, shape, *chain[row.community_id])
        for row, shape in zip(rows, found, strict=True)
    ]


def remove_map_shapes(conn: Connection, layer: str) -> None:
    """Forget the shapes that maps draw of a layer."""
    conn.execute(text("DELETE FROM map_shape WHERE layer = :layer"), {"layer": layer})


def save_map_shapes(conn: Connection, layer: str, *, band: int, ref_ids: Iterable[int], geoms: Shapes) -> None:
    """Write the shapes that maps draw of a level of areas in one band of zoom, given in web mercator."""
    rows = zip(ref_ids, shapes.as_ewkb(shapes.as_multi(geoms), srid=WEB_MERCATOR), strict=True)
    columns = ("layer", "ref_id", "band", "geom")
    bulk.copy_rows(conn, "map_shape", columns, ((layer, ref, band, geom) for ref, geom in rows))


def save_grid_shapes(
    conn: Connection, plan_id: int, *, band: int, versions: Sequence[tuple[int, str, str]], geoms: Shapes
) -> None:
    """Write the shapes that maps draw of the grids of a plan in one band of zoom, given in web mercator; see `versions_written`."""
    rows = zip(versions, shapes.as_ewkb(shapes.as_multi(geoms), srid=WEB_MERCATOR), strict=True)
    columns = ("layer", "plan_id", "band", "ref_id", "code", "community", "geom")
    bulk.copy_rows(conn, "map_shape", columns, (("grid", plan_id, band, *version, geom) for version, geom in rows))


def describe_grid(conn: Connection, code: str, *, at: datetime | None = None) -> dict[str, Any] | None:
    """One grid of the plan in force at a moment, now if None, with its facts; or None."""
    row = conn.execute(
        text(f"""
            SELECT g.id, g.code, v.unit_type, v.area_m2, v.population, v.households, v.cells, v.synthetic,
                   c.code AS community_code, c.name_zh AS community_zh, c.name_en AS community_en, c.path::text AS path,
                   t.code AS town_code, t.name_zh AS town_zh, t.name_en AS town_en,
                   ST_X(v.label_point) AS lon, ST_Y(v.label_point) AS lat,
                   ST_XMin(v.geom) AS w, ST_YMin(v.geom) AS s, ST_XMax(v.geom) AS e, ST_YMax(v.geom) AS n,
                   lower(v.valid) AS valid_from, upper(v.valid) AS valid_to,
                   coalesce(a.days_30, 0) AS days_30, coalesce(a.days_365, 0) AS days_365, coalesce(a.open, 0) AS open,
                   (SELECT count(*) FROM posting p WHERE p.grid_id = g.id AND p.valid @> {AT}) AS staff
            FROM grid g
            JOIN grid_version v ON v.grid_id = g.id AND v.valid @> {AT}
            JOIN area c ON c.id = v.community_id
            LEFT JOIN area t ON t.id = c.parent_id
            LEFT JOIN {activity(at)} a ON a.grid_id = g.id
            WHERE g.code = :code
        """),
        {"code": code, "at": at},
    ).one_or_none()
    return dict(row._mapping) if row else None


def predecessors(conn: Connection, grid_id: int, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """The grids that a grid came from until a moment, now if None, with the share of each that it took over."""
    rows = conn.execute(
        text(f"""
            SELECT g.code, l.area_fraction, l.resident_fraction
            FROM lineage l JOIN grid g ON g.id = l.from_grid_id JOIN plan p ON p.id = l.plan_id
            WHERE l.to_grid_id = :id AND lower(p.valid) <= {AT} ORDER BY g.code, lower(p.valid)
        """),
        {"id": grid_id, "at": at},
    )
    return [dict(row._mapping) for row in rows]


def labels(conn: Connection, *, at: datetime | None = None) -> list[dict[str, Any]]:
    """Short code and label point of every grid in force at a moment, now if None."""
    rows = conn.execute(
        text(f"""
            SELECT g.code, right(g.code, length(g.code) - length(c.code)) AS zh,
                   right(g.code, length(g.code) - length(c.code)) AS en,
                   round(ST_X(v.label_point)::numeric, 6)::float AS lon, round(ST_Y(v.label_point)::numeric, 6)::float AS lat,
                   round((v.area_m2 / 1e6)::numeric, 3)::float AS area_km2
            FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
            WHERE v.valid @> {AT} ORDER BY g.code
        """),
        {"at": at},
    )
    return [dict(row._mapping) for row in rows]


def describe_plan(conn: Connection, plan_id: int) -> dict[str, Any] | None:
    """How many grids a plan that is or was in force has, how many are new with it and how many ended by it; or None."""
    row = conn.execute(
        text("""
            SELECT (SELECT count(*) FROM grid_version v WHERE v.valid @> lower(l.valid)) AS grids, change.*
            FROM plan l
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE o.grid_id IS NULL) AS grids_new,
                       count(*) FILTER (WHERE v.grid_id IS NULL) AS grids_ended
                FROM (SELECT grid_id FROM grid_version WHERE plan_id = l.id) v
                FULL JOIN (SELECT grid_id FROM grid_version WHERE plan_id = l.parent_id) o ON o.grid_id = v.grid_id
            ) AS change
            WHERE l.id = :id AND l.valid IS NOT NULL
        """),
        {"id": plan_id},
    ).one_or_none()
    return dict(row._mapping) if row else None
