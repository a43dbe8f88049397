"""Workload models, the kinds of places that are inspected, and what each cell has to do in a month."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, text

from gis.plan_records import MONTH_D, PlaceKind, PlaceStandard, Weights, WorkloadModel
from gis.records import Floats, Ints, Name
from gis.rules.workload import TOUR_CONSTANT
from gis.store import bulk

MODEL = """
    SELECT id, version, name_zh, name_en, weights, lower(period) AS since, upper(period) AS until, note, parent_id, author,
           created_at, counted_at
    FROM workload_model
"""


def save_kinds(conn: Connection, kinds: Sequence[PlaceKind]) -> None:
    """Write kinds of places; one that is known already takes the new name and standard."""
    conn.execute(
        text("""
            INSERT INTO place_kind (code, name_zh, name_en, standard_min, interval_d)
            VALUES (:code, :zh, :en, :standard_min, :interval_d)
            ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
                standard_min = excluded.standard_min, interval_d = excluded.interval_d
        """),
        [{"code": kind.code, "zh": kind.name.zh, "en": kind.name.en, **asdict(kind.standard)} for kind in kinds],
    )


def kinds(conn: Connection) -> list[PlaceKind]:
    """Every kind of place that is inspected, by code."""
    rows = conn.execute(text("SELECT * FROM place_kind ORDER BY code"))
    return [
        PlaceKind(row.code, Name(row.name_zh, row.name_en), PlaceStandard(row.standard_min, row.interval_d)) for row in rows
    ]


def save_model(
    conn: Connection, *, name: Name, weights: Weights, since: date, until: date, note: str | None, parent_id: int | None, by: str
) -> int:
    """Write the next version of the workload model; returns its id."""
    conn.execute(text("LOCK TABLE workload_model IN SHARE ROW EXCLUSIVE MODE"))
    model_id: int = conn.execute(
        text("""
            INSERT INTO workload_model (version, name_zh, name_en, weights, period, note, parent_id, author)
            SELECT coalesce(max(version), 0) + 1, :zh, :en, CAST(:weights AS jsonb), daterange(:since, :until), :note, :parent, :by
            FROM workload_model RETURNING id
        """),
        {
            "zh": name.zh, "en": name.en, "weights": _written(weights), "since": since, "until": until, "note": note,
            "parent": parent_id, "by": by,
        },
    ).scalar_one()  # fmt: skip
    return model_id


def model(conn: Connection, model_id: int) -> WorkloadModel | None:
    """One version of the model, or None."""
    row = conn.execute(text(f"{MODEL} WHERE id = :id"), {"id": model_id}).one_or_none()
    return None if row is None else _model(row)


def models(conn: Connection) -> list[WorkloadModel]:
    """Every version of the model, newest first."""
    return [_model(row) for row in conn.execute(text(f"{MODEL} ORDER BY version DESC"))]


def save_loads(conn: Connection, model: WorkloadModel) -> None:
    """Write what each cell that was, is or will be has to do in a month by a model, and that it was counted now."""
    conn.execute(text("DELETE FROM cell_load WHERE model_id = :id"), {"id": model.id})
    conn.execute(
        text(f"""
            INSERT INTO cell_load (model_id, cell_id, inspections_h, incidents_h, people_h, walking_h, incidents)
            SELECT :model, cell_id, {", ".join(PARTS)}, incidents FROM ({LOADS.format(cells="NOT isempty(c.valid)")}) AS loads
        """),
        _given(model.weights, since=model.since, until=model.until) | {"model": model.id},
    )
    conn.execute(text("UPDATE workload_model SET counted_at = now() WHERE id = :id"), {"id": model.id})


def loads(
    conn: Connection, weights: Weights, *, since: date, until: date, communities: Sequence[int], cells: Ints
) -> dict[str, Floats]:
    """What cells of some communities would have to do in a month by other weights, from the counts there are: hours by part."""
    asked = LOADS.format(cells="c.community_id = ANY (CAST(:communities AS bigint[]))")
    found = bulk.read_columns(
        conn,
        f"SELECT cell_id, {', '.join(PARTS)} FROM ({asked}) AS loads ORDER BY cell_id",
        _given(weights, since=since, until=until) | {"communities": list(communities)},
        kinds={"cell_id": int, **dict.fromkeys(PARTS, float)},
    )
    at = np.searchsorted(found["cell_id"], cells)
    return {part: found[part][at] for part in PARTS}


PARTS = ("inspections_h", "incidents_h", "people_h", "walking_h")
# What cells have to do in a month, from their places, incidents, residents and ground; `cells` says which.
LOADS = """
    SELECT c.id AS cell_id, coalesce(p.hours, 0) AS inspections_h, coalesce(e.hours, 0) AS incidents_h,
           (c.population * CAST(:resident_min AS float) + c.households * CAST(:household_min AS float)) / 60 AS people_h,
           :tour * sqrt(:rounds * (coalesce(p.visits, 0) + coalesce(e.visits, 0)) * c.area_m2) / (1000 * :walking_kmh) AS walking_h,
           coalesce(e.n, 0) AS incidents
    FROM cell c
    LEFT JOIN (
        SELECT cell_id, sum(n * :month_d / interval_d) AS visits,
               sum(n * :month_d / interval_d * standard_min) / 60 AS hours
        FROM cell_place
        JOIN unnest(CAST(:kinds AS text[]), CAST(:intervals AS float[]), CAST(:minutes AS float[]))
            AS w (kind, interval_d, standard_min) USING (kind)
        WHERE cell_id IN (SELECT c.id FROM cell c WHERE {cells})
        GROUP BY cell_id
    ) AS p ON p.cell_id = c.id
    LEFT JOIN (
        SELECT k.cell_id, sum(k.n) AS n, sum(k.n) / CAST(:months AS float) AS visits,
               sum(k.n * coalesce(w.standard_min, m.standard_min)) / 60 / :months AS hours
        FROM cell_matter k JOIN matter m ON m.id = k.matter_id
        LEFT JOIN unnest(CAST(:matters AS text[]), CAST(:matter_min AS float[])) AS w (code, standard_min) ON w.code = m.code
        WHERE k.month >= date_trunc('month', CAST(:since AS date)) AND k.month < :until
          AND k.cell_id IN (SELECT c.id FROM cell c WHERE {cells})
        GROUP BY k.cell_id
    ) AS e ON e.cell_id = c.id
    WHERE {cells}
"""


def _given(weights: Weights, *, since: date, until: date) -> dict[str, Any]:
    return {
        "month_d": MONTH_D, "tour": TOUR_CONSTANT, "months": (until - since).days / MONTH_D, "since": since, "until": until,
        "kinds": list(weights.places), "intervals": [kind.interval_d for kind in weights.places.values()],
        "minutes": [kind.standard_min for kind in weights.places.values()],
        "matters": list(weights.matters), "matter_min": list(weights.matters.values()),
        "resident_min": weights.resident_min, "household_min": weights.household_min, "rounds": weights.rounds,
        "walking_kmh": weights.walking_kmh,
    }  # fmt: skip


def _written(weights: Weights) -> str:
    return orjson.dumps(asdict(weights)).decode()


def _model(row: Any) -> WorkloadModel:
    places = {code: PlaceStandard(**standard) for code, standard in row.weights["places"].items()}
    weights = Weights(**(row.weights | {"places": places}))
    return WorkloadModel(
        row.id, row.version, Name(row.name_zh, row.name_en), weights, row.since, row.until, row.note, row.parent_id, row.author,
        row.created_at, row.counted_at,
    )  # fmt: skip
