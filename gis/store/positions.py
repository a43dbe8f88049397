"""Where officers on shift are, and the way they went, which is thinned and then forgotten."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from gis.field_records import Fix
from gis.store import bells


def save(conn: Connection, staff_id: int, fixes: Sequence[Fix]) -> int:
    """Keep the places of somebody's shifts in the track, and the newest as the last place; returns how many were new.

    What was sent before, or when off shift, is not kept. Listeners hear of it when the transaction commits.
    """
    kept = conn.execute(
        text("""
            WITH sent AS (
                SELECT DISTINCT ON (at) at, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom, accuracy_m
                FROM unnest(
                    CAST(:lons AS float[]), CAST(:lats AS float[]), CAST(:ats AS timestamptz[]), CAST(:accuracies AS float[])
                ) AS fix (lon, lat, at, accuracy_m)
            ), on_shift AS (
                SELECT sent.*, upper_inf(h.during) AS running FROM sent JOIN shift h ON h.staff_id = :staff AND h.during @> sent.at
            ), kept AS (
                INSERT INTO track (staff_id, at, geom) SELECT :staff, at, geom FROM on_shift
                ON CONFLICT DO NOTHING RETURNING at
            ), newest AS (
                INSERT INTO position (staff_id, at, geom, accuracy_m)
                SELECT :staff, at, geom, accuracy_m FROM on_shift WHERE running ORDER BY at DESC LIMIT 1
                ON CONFLICT (staff_id) DO UPDATE
                SET at = excluded.at, geom = excluded.geom, accuracy_m = excluded.accuracy_m WHERE excluded.at > position.at
            )
            SELECT count(*) FROM kept
        """),
        {
            "staff": staff_id, "lons": [fix.lon for fix in fixes], "lats": [fix.lat for fix in fixes],
            "ats": [fix.at for fix in fixes], "accuracies": [fix.accuracy_m for fix in fixes],
        },
    ).scalar_one()  # fmt: skip
    if kept:
        bells.ring_positions(conn)
    return int(kept)


def forget(conn: Connection, staff_id: int) -> None:
    """Drop the last place of somebody whose shift is over."""
    conn.execute(text("DELETE FROM position WHERE staff_id = :staff"), {"staff": staff_id})


def thin(conn: Connection, *, keep_d: int, whole_for_h: int, one_per_min: int) -> int:
    """Drop tracks older than `keep_d` days, and of those older than `whole_for_h` hours all but the first place in each interval.

    Returns how many places were dropped.
    """
    old = conn.execute(text("DELETE FROM track WHERE at < now() - make_interval(days => :days)"), {"days": keep_d}).rowcount
    thinned = conn.execute(
        text("""
            DELETE FROM track t USING (
                SELECT staff_id, at, row_number() OVER (
                    PARTITION BY staff_id, date_bin(make_interval(mins => :minutes), at, timestamptz 'epoch') ORDER BY at
                ) AS place FROM track WHERE at < now() - make_interval(hours => :hours)
            ) AS ranked
            WHERE ranked.staff_id = t.staff_id AND ranked.at = t.at AND ranked.place > 1
        """),
        {"minutes": one_per_min, "hours": whole_for_h},
    ).rowcount
    return old + thinned
