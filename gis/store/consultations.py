"""What is put to residents, stage by stage, and what they say to it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.publication_records import Voices
from gis.records import Name
from gis.rules.consultation import Consultation, Opinion, Override, Step

_CONSULTATION = """
    SELECT p.id, p.kind, p.plan_id, l.parent_id AS base_id, l.state AS plan_state, p.area_id, a.path::text AS area_path,
           p.title_zh, p.title_en, p.summary_zh, p.summary_en, p.stage, lower(p.open) AS since, upper(p.open) - 1 AS until,
           p.support_needed, p.outcome, p.override_reason, p.override_by, p.override_at, p.author, p.created_at, v.*
    FROM proposal p JOIN area a ON a.id = p.area_id LEFT JOIN plan l ON l.id = p.plan_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.support AND NOT o.hidden) AS support,
               count(*) FILTER (WHERE NOT o.support AND NOT o.hidden) AS against, count(*) FILTER (WHERE o.hidden) AS hidden
        FROM opinion o WHERE o.proposal_id = p.id AND o.at >= coalesce(p.heard_since, '-infinity')
    ) AS v
"""


def save(
    conn: Connection, *, kind: str, plan_id: int | None, area_id: int, title: Name, summary: Name, since: date, until: date,
    needed_fraction: float, by: str,
) -> int:  # fmt: skip
    """Write something put to residents, in its first stage; returns its id."""
    saved: int = conn.execute(
        text("""
            INSERT INTO proposal (kind, plan_id, area_id, title_zh, title_en, summary_zh, summary_en, stage, open,
                                  support_needed, author)
            VALUES (:kind, :plan, :area, :title_zh, :title_en, :summary_zh, :summary_en, 'collect',
                    daterange(:since, CAST(:until AS date) + 1), :needed, :by) RETURNING id
        """),
        {
            "kind": kind, "plan": plan_id, "area": area_id, "title_zh": title.zh, "title_en": title.en, "summary_zh": summary.zh,
            "summary_en": summary.en, "since": since, "until": until, "needed": needed_fraction, "by": by,
        },
    ).scalar_one()  # fmt: skip
    return saved


def by_id(conn: Connection, consultation_id: int, *, lock: bool = False) -> Consultation | None:
    """One of them, or None."""
    held = "FOR UPDATE OF p" if lock else ""
    row = conn.execute(text(f"{_CONSULTATION} WHERE p.id = :id {held}"), {"id": consultation_id}).one_or_none()
    return None if row is None else _consultation(row)


def find(conn: Connection, *, begun_by: date | None = None, plan_id: int | None = None) -> list[Consultation]:
    """All of them, newest first; only those whose first day has come, or only those of a plan."""
    rows = conn.execute(
        text(f"""
            {_CONSULTATION}
            WHERE (CAST(:day AS date) IS NULL OR lower(p.open) <= :day) AND (CAST(:plan AS bigint) IS NULL OR p.plan_id = :plan)
            ORDER BY p.id DESC
        """),
        {"day": begun_by, "plan": plan_id},
    )
    return [_consultation(row) for row in rows]


def change(conn: Connection, consultation_id: int, *, title: Name, summary: Name, until: date, outcome: str | None) -> None:
    """Write other words, another last day, or what came of it."""
    conn.execute(
        text("""
            UPDATE proposal SET title_zh = :title_zh, title_en = :title_en, summary_zh = :summary_zh, summary_en = :summary_en,
                   open = daterange(lower(open), CAST(:until AS date) + 1), outcome = :outcome
            WHERE id = :id
        """),
        {
            "id": consultation_id, "title_zh": title.zh, "title_en": title.en, "summary_zh": summary.zh,
            "summary_en": summary.en, "until": until, "outcome": outcome,
        },
    )  # fmt: skip


def enter_stage(conn: Connection, consultation_id: int, stage: str, *, note: str | None, by: str) -> None:
    """Write that it is in a stage now, and who said so with what words."""
    given = {"id": consultation_id, "stage": stage, "note": note, "by": by}
    conn.execute(text("UPDATE proposal SET stage = :stage WHERE id = :id"), given)
    conn.execute(
        text("""
            INSERT INTO proposal_step (proposal_id, seq, stage, note, author)
            SELECT :id, coalesce(max(seq), 0) + 1, :stage, :note, :by FROM proposal_step WHERE proposal_id = :id
        """),
        given,
    )


def hear(conn: Connection, consultation_id: int, *, version: int) -> None:
    """Write which version of the plan residents are heard on: voices on another one and its map count no more."""
    conn.execute(
        text("""
            UPDATE proposal SET heard_version = :version, heard_since = now(), heard_map = NULL
            WHERE id = :id AND heard_version IS DISTINCT FROM :version
        """),
        {"id": consultation_id, "version": version},
    )


def heard_map(conn: Connection, consultation_id: int) -> dict[str, Any] | None:
    """The map that residents are heard on, or None."""
    kept: dict[str, Any] | None = conn.execute(
        text("SELECT heard_map FROM proposal WHERE id = :id"), {"id": consultation_id}
    ).scalar_one()
    return kept


def keep_map(conn: Connection, consultation_id: int, drawn: str) -> None:
    """Write the map that residents are heard on, as JSON."""
    conn.execute(
        text("UPDATE proposal SET heard_map = CAST(:drawn AS jsonb) WHERE id = :id"), {"id": consultation_id, "drawn": drawn}
    )


def steps(conn: Connection, consultation_id: int) -> list[Step]:
    """The stages it went through, in order."""
    rows = conn.execute(
        text("SELECT stage, note, author, at FROM proposal_step WHERE proposal_id = :id ORDER BY seq"), {"id": consultation_id}
    )
    return [Step(row.stage, row.note, row.author, row.at) for row in rows]


def override(conn: Connection, consultation_id: int, *, reason: str, by: str) -> None:
    """Write why it is carried out without the support it needs."""
    conn.execute(
        text("UPDATE proposal SET override_reason = :reason, override_by = :by, override_at = now() WHERE id = :id"),
        {"id": consultation_id, "reason": reason, "by": by},
    )


def plan_area(conn: Connection, plan_id: int) -> int | None:
    """Id of the smallest area that holds all of a plan's scope; None without a plan of that number."""
    found: int | None = conn.execute(
        text("""
            WITH wanted AS (
                SELECT a.path FROM plan_scope s JOIN area a ON a.id = s.area_id WHERE s.plan_id = :id
                UNION ALL
                SELECT a.path FROM plan p JOIN area a ON a.id = p.scope_area_id
                WHERE p.id = :id AND NOT EXISTS (SELECT 1 FROM plan_scope WHERE plan_id = :id)
            )
            SELECT a.id FROM area a
            WHERE EXISTS (SELECT 1 FROM wanted) AND NOT EXISTS (SELECT 1 FROM wanted w WHERE NOT w.path <@ a.path)
            ORDER BY nlevel(a.path) DESC LIMIT 1
        """),
        {"id": plan_id},
    ).scalar_one_or_none()
    return found


def area_path(conn: Connection, area_id: int) -> str:
    """The codes from the root of the tree down to an area, joined by dots."""
    found: str = conn.execute(text("SELECT path::text FROM area WHERE id = :id"), {"id": area_id}).scalar_one()
    return found


def area_outline(conn: Connection, area_id: int) -> dict[str, Any]:
    """The outline of an area as a GeoJSON geometry, simplified by about ten metres."""
    found: str = conn.execute(
        text("SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, 0.0001), 5) FROM area WHERE id = :id"), {"id": area_id}
    ).scalar_one()
    told: dict[str, Any] = orjson.loads(found)
    return told


def set_plan_state(conn: Connection, plan_id: int, state: str) -> None:
    """Freeze a draft while residents are heard, or free it again; a plan that was published stays as it is."""
    conn.execute(
        text("UPDATE plan SET state = :state, changed_at = now() WHERE id = :id AND state IN ('draft', 'consultation')"),
        {"id": plan_id, "state": state},
    )


def save_opinion(
    conn: Connection, consultation_id: int, *, support: bool, words: str | None, place: tuple[float, float] | None, voter: str
) -> bool:
    """Write what somebody says, in place of what the same voter said before; returns whether it is a new voice.

    `place` is longitude and latitude in WGS 84; the community is the one whose ground it lies on.
    """
    lon, lat = place or (None, None)
    new: bool = conn.execute(
        text("""
            WITH point AS (SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float), CAST(:lat AS float)), 4326) AS geom)
            INSERT INTO opinion (proposal_id, support, words, geom, community_id, voter)
            SELECT :id, :support, :words, point.geom,
                   (SELECT a.id FROM area a WHERE a.level = 'community' AND ST_Covers(a.geom, point.geom) ORDER BY a.id LIMIT 1),
                   :voter
            FROM point
            ON CONFLICT (proposal_id, voter) DO UPDATE SET support = excluded.support, words = excluded.words,
                geom = excluded.geom, community_id = excluded.community_id, at = now()
            RETURNING xmax = 0 AS new
        """),
        {"id": consultation_id, "support": support, "words": words, "lon": lon, "lat": lat, "voter": voter},
    ).scalar_one()
    return new


def has_spoken(conn: Connection, consultation_id: int, voter: str) -> bool:
    """Whether this voter said something here before."""
    found: bool = conn.execute(
        text("SELECT EXISTS (SELECT 1 FROM opinion WHERE proposal_id = :id AND voter = :voter)"),
        {"id": consultation_id, "voter": voter},
    ).scalar_one()
    return found


def opinions(
    conn: Connection, consultation_id: int, *, limit: int, before: int | None = None, with_hidden: bool = False
) -> list[Opinion]:
    """What was said, newest first, after a number that was read already; hidden ones only if asked for."""
    rows = conn.execute(
        text("""
            SELECT id, support, words, ST_X(geom) AS lon, ST_Y(geom) AS lat, community_id, hidden, at FROM opinion
            WHERE proposal_id = :id AND (CAST(:before AS bigint) IS NULL OR id < :before) AND (:hidden OR NOT hidden)
            ORDER BY id DESC LIMIT :limit
        """),
        {"id": consultation_id, "limit": limit, "before": before, "hidden": with_hidden},
    )
    return [Opinion(**row._mapping) for row in rows]


def hide_opinion(conn: Connection, consultation_id: int, opinion_id: int, *, hidden: bool) -> bool:
    """Take an opinion out, or back in; returns whether there is one."""
    done = conn.execute(
        text("UPDATE opinion SET hidden = :hidden WHERE id = :opinion AND proposal_id = :id"),
        {"id": consultation_id, "opinion": opinion_id, "hidden": hidden},
    )
    return done.rowcount > 0


def voices_by_community(conn: Connection, consultation_id: int) -> Mapping[int | None, Voices]:
    """Voices by the community that they come from; None for those who gave no place, or one outside the city."""
    rows = conn.execute(
        text("""
            SELECT community_id, count(*) FILTER (WHERE support AND NOT hidden) AS support,
                   count(*) FILTER (WHERE NOT support AND NOT hidden) AS against, count(*) FILTER (WHERE hidden) AS hidden
            FROM opinion
            WHERE proposal_id = :id AND at >= coalesce((SELECT heard_since FROM proposal WHERE id = :id), '-infinity')
            GROUP BY community_id
        """),
        {"id": consultation_id},
    )
    return {row.community_id: Voices(row.support, row.against, row.hidden) for row in rows}


def posts_by_role(conn: Connection, area_path: str) -> dict[int, dict[str, int]]:
    """How many officers of each role are posted today on each grid under an area; without anybody's name."""
    rows = conn.execute(
        text("""
            SELECT v.grid_id, coalesce(p.role, 'other') AS role, count(*) AS n
            FROM grid_version v JOIN area a ON a.id = v.community_id JOIN posting p ON p.grid_id = v.grid_id AND p.valid @> now()
            WHERE v.valid @> now() AND a.path <@ CAST(:path AS ltree) GROUP BY 1, 2
        """),
        {"path": area_path},
    )
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.grid_id, {})[row.role] = row.n
    return found


def _consultation(row: Any) -> Consultation:
    overridden = Override(row.override_reason, row.override_by, row.override_at) if row.override_reason else None
    return Consultation(
        id=row.id, kind=row.kind, plan_id=row.plan_id, base_id=row.base_id, plan_state=row.plan_state, area_id=row.area_id,
        area_path=row.area_path, title=Name(row.title_zh, row.title_en), summary=Name(row.summary_zh, row.summary_en),
        stage=row.stage, since=row.since, until=row.until, needed_fraction=row.support_needed, outcome=row.outcome,
        override=overridden, author=row.author, created_at=row.created_at, voices=Voices(row.support, row.against, row.hidden),
    )  # fmt: skip
