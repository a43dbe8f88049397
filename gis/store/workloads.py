"""Workload models, the places that are inspected, and what each cell has to do in a month."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.plan_records import PlaceKind, PlaceStandard, Weights, WorkloadModel
from gis.records import Name
from gis.rules.workload import MONTH_D, TOUR_CONSTANT
from gis.store import bulk

MODEL = """
    SELECT id, version, name_zh, name_en, weights, lower(period) AS since, upper(period) AS until, note, parent_id, author,
           created_at
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


def save_places(conn: Connection, rows: Iterable[tuple[int, str, int]]) -> None:
    """Write how many places of a kind each cell has: (cell id, kind, number above zero)."""
    bulk.copy_rows(conn, "cell_place", ("cell_id", "kind", "n"), rows)


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


def count_incidents(conn: Connection, *, since: date, until: date) -> None:
    """Count the incidents of a period anew by cell, matter and month, as the present cells lie."""
    given = {"since": since, "until": until}
    conn.execute(
        text("DELETE FROM cell_matter WHERE month >= date_trunc('month', CAST(:since AS date)) AND month < :until"), given
    )
    conn.execute(
        text("""
            INSERT INTO cell_matter (month, cell_id, matter_id, n)
            SELECT CAST(date_trunc('month', i.reported_at AT TIME ZONE city.timezone) AS date), found.id, i.matter_id, count(*)
            FROM city CROSS JOIN incident i CROSS JOIN LATERAL (
                SELECT c.id FROM cell c WHERE ST_Covers(c.geom, i.geom) AND c.valid @> now() ORDER BY c.id LIMIT 1
            ) AS found
            WHERE i.state <> 'rejected'
              AND i.reported_at >= CAST(:since AS timestamp) AT TIME ZONE city.timezone
              AND i.reported_at < CAST(:until AS timestamp) AT TIME ZONE city.timezone
            GROUP BY 1, 2, 3
        """),
        given,
    )


def save_loads(conn: Connection, model: WorkloadModel) -> None:
    """Write what each present cell has to do in a month by a model, from its places, incidents, residents and ground."""
    weights = model.weights
    conn.execute(text("DELETE FROM cell_load WHERE model_id = :id"), {"id": model.id})
    conn.execute(
        text("""
            INSERT INTO cell_load (model_id, cell_id, inspections_h, incidents_h, people_h, walking_h, incidents)
            SELECT :model, c.id, coalesce(p.hours, 0), coalesce(e.hours, 0),
                   (c.population * :resident_min + c.households * :household_min) / 60,
                   :tour * sqrt(:rounds * (coalesce(p.visits, 0) + coalesce(e.visits, 0)) * c.area_m2) / (1000 * :walking_kmh),
                   coalesce(e.n, 0)
            FROM cell c
            LEFT JOIN (
                SELECT cell_id, sum(n * :month_d / interval_d) AS visits,
                       sum(n * :month_d / interval_d * standard_min) / 60 AS hours
                FROM cell_place
                JOIN unnest(CAST(:kinds AS text[]), CAST(:intervals AS float[]), CAST(:minutes AS float[]))
                    AS w (kind, interval_d, standard_min) USING (kind)
                GROUP BY cell_id
            ) AS p ON p.cell_id = c.id
            LEFT JOIN (
                SELECT k.cell_id, sum(k.n) AS n, sum(k.n) / CAST(:months AS float) AS visits,
                       sum(k.n * coalesce(w.standard_min, m.standard_min)) / 60 / :months AS hours
                FROM cell_matter k JOIN matter m ON m.id = k.matter_id
                LEFT JOIN unnest(CAST(:matters AS text[]), CAST(:matter_min AS float[]))
                    AS w (code, standard_min) ON w.code = m.code
                WHERE k.month >= date_trunc('month', CAST(:since AS date)) AND k.month < :until
                GROUP BY k.cell_id
            ) AS e ON e.cell_id = c.id
            WHERE c.valid @> now()
        """),
        {
            "model": model.id, "month_d": MONTH_D, "tour": TOUR_CONSTANT, "months": (model.until - model.since).days / MONTH_D,
            "since": model.since, "until": model.until,
            "kinds": list(weights.places), "intervals": [kind.interval_d for kind in weights.places.values()],
            "minutes": [kind.standard_min for kind in weights.places.values()],
            "matters": list(weights.matters), "matter_min": list(weights.matters.values()),
            "resident_min": weights.resident_min, "household_min": weights.household_min, "rounds": weights.rounds,
            "walking_kmh": weights.walking_kmh,
        },
    )  # fmt: skip


def _written(weights: Weights) -> str:
    return orjson.dumps(asdict(weights)).decode()


def _model(row: Any) -> WorkloadModel:
    places = {code: PlaceStandard(**standard) for code, standard in row.weights["places"].items()}
    weights = Weights(**(row.weights | {"places": places}))
    return WorkloadModel(
        row.id, row.version, Name(row.name_zh, row.name_en), weights, row.since, row.until, row.note, row.parent_id, row.author,
        row.created_at,
    )  # fmt: skip
