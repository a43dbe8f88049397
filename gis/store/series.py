"""What series are made of: incidents as points, and sums of the grids of every plan."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, text

from gis.records import Floats, Ints, PlanInForce
from gis.rules.carrying import Succession
from gis.store import bulk

# The shares that a measure is carried by. Plans published without workload have the residents' share in its place.
SHARES = {"residents": "resident_fraction", "hours": "coalesce(workload_fraction, resident_fraction)"}


def incidents(
    conn: Connection, *, since: datetime, until: datetime, communities: Sequence[int] | None
) -> tuple[Floats, Floats, Floats, Ints]:
    """Longitude, latitude, moment (seconds since 1970) and grid at report time (0: none) of the incidents of a period.

    Those rejected are left out. `communities` are ids: only what was reported in one of them.
    """
    columns = bulk.read_columns(
        conn,
        """
            SELECT ST_X(geom), ST_Y(geom), CAST(extract(epoch FROM reported_at) AS float), coalesce(grid_id, 0) FROM incident
            WHERE reported_at >= CAST(:since AS timestamptz) AND reported_at < CAST(:until AS timestamptz)
              AND state <> 'rejected'
              AND (CAST(:communities AS bigint[]) IS NULL OR community_id = ANY (CAST(:communities AS bigint[])))
        """,
        {"since": since, "until": until, "communities": None if communities is None else list(communities)},
        kinds={"lon": float, "lat": float, "at": float, "grid": int},
    )
    return columns["lon"], columns["lat"], columns["at"], columns["grid"]


def communities_of(conn: Connection, area: str) -> list[int]:
    """Ids of the communities under an area, by its code; none for a code that there is not."""
    rows = conn.execute(
        text("""
            SELECT c.id FROM area a JOIN area c ON c.path <@ a.path AND c.level = 'community' WHERE a.code = :code ORDER BY 1
        """),
        {"code": area},
    )
    return [row.id for row in rows]


def residents(conn: Connection, plan_id: int) -> tuple[Ints, Floats]:
    """The grids of a plan by id, ordered, with their residents."""
    rows = conn.execute(
        text("SELECT grid_id, population FROM grid_version WHERE plan_id = :plan ORDER BY grid_id"), {"plan": plan_id}
    ).all()
    return np.array([row.grid_id for row in rows], np.int64), np.array([row.population for row in rows], np.float64)


def hours(conn: Connection, plan_id: int) -> tuple[Ints, Floats]:
    """The grids of a plan by id, ordered, with what their cells have to do in a month, by the plan's workload model.

    Without a model of its own a plan is judged by the newest that knows its cells. Spread and fixed duties, which belong to a
    grid as a whole, are left out: they are no sums.
    """
    rows = conn.execute(
        text("""
            WITH judged AS (
                SELECT coalesce(p.workload_model_id, (
                    SELECT l.model_id FROM cell_load l JOIN cell_assignment a ON a.plan_id = p.id AND a.cell_id = l.cell_id
                    GROUP BY l.model_id ORDER BY count(*) DESC, l.model_id DESC LIMIT 1)) AS model_id
                FROM plan p WHERE p.id = :plan
            )
            SELECT a.grid_id, coalesce(sum(l.inspections_h + l.incidents_h + l.people_h + l.walking_h), 0) AS hours
            FROM cell_assignment a
            LEFT JOIN cell_load l ON l.cell_id = a.cell_id AND l.model_id = (SELECT model_id FROM judged)
            WHERE a.plan_id = :plan GROUP BY a.grid_id ORDER BY a.grid_id
        """),
        {"plan": plan_id},
    ).all()
    return np.array([row.grid_id for row in rows], np.int64), np.array([row.hours for row in rows], np.float64)


def succession(conn: Connection, plan_id: int, *, measure: str) -> Succession:
    """How a plan followed the one before it, by the shares of a measure."""
    grids = conn.execute(text("SELECT grid_id FROM grid_version WHERE plan_id = :plan ORDER BY grid_id"), {"plan": plan_id})
    rows = conn.execute(
        text(f"""
            SELECT from_grid_id AS source, to_grid_id AS target, {SHARES[measure]} AS share FROM lineage
            WHERE plan_id = :plan ORDER BY 1, 2
        """),
        {"plan": plan_id},
    ).all()
    return Succession(
        np.array(grids.scalars().all(), np.int64),
        np.array([row.source for row in rows], np.int64),
        np.array([row.target for row in rows], np.int64),
        np.array([row.share for row in rows], np.float64),
    )


def communities_and_codes(conn: Connection, plan_id: int) -> dict[int, tuple[str, int, str]]:
    """Code, community id and community code of every grid of a plan, by the id of the grid."""
    rows = conn.execute(
        text("""
            SELECT v.grid_id, g.code, v.community_id, c.code AS community
            FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id WHERE v.plan_id = :plan
        """),
        {"plan": plan_id},
    )
    return {row.grid_id: (row.code, row.community_id, row.community) for row in rows}


def in_force(plans: Sequence[PlanInForce], moment: datetime) -> PlanInForce | None:
    """The plan of a moment, of plans ordered oldest first; the first one for a moment before it."""
    found = [plan for plan in plans if plan.since <= moment]
    return found[-1] if found else (plans[0] if plans else None)
