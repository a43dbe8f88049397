"""The journal as a stream: how far it is whole, and what it says after a number that somebody has read up to."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from gis.stream_records import Place, Told, Way


def way(conn: Connection) -> Way:
    """How far the journal is whole, and the last number given.

    Three statements, each of which must see what was committed before it began: not for a transaction with one snapshot.
    """
    last = conn.execute(text("SELECT journal_last()")).scalar_one()
    whole = conn.execute(text("SELECT journal_whole_to(:last)"), {"last": last}).scalar_one()
    return Way(whole_to=whole, last=last)


def whole_to(conn: Connection) -> int:
    """The last entry up to which the journal is whole: nothing will ever come before it. 0 where there is none.

    It names an entry that is there, not just a number that was given: after a crash the database may give numbers again that no
    committed transaction had.
    """
    to = way(conn).whole_to
    seq: int = conn.execute(text("SELECT coalesce(max(seq), 0) FROM journal WHERE seq <= :to"), {"to": to}).scalar_one()
    return seq


def since(conn: Connection, seq: int, to: int, limit: int) -> Sequence[Told]:
    """Entries after `seq` and up to `to`, which must be where the journal is whole, in the order of their numbers.

    A draft concerns the areas of its scope.
    """
    rows = conn.execute(
        text("""
            SELECT seq, kind, subject, payload->>'path' AS path,
                   CASE WHEN kind ~ '^(draft|balancing)\\.|^plan\\.rebased$' THEN array(
                       SELECT a.path::text FROM plan p JOIN plan_scope s ON s.plan_id = p.id JOIN area a ON a.id = s.area_id
                       WHERE p.id::text = journal.subject
                   ) END AS paths,
                   payload->>'department' AS department, payload->'parties' AS parties, payload->'was' AS was,
                   (payload || jsonb_build_object('seq', seq, 'kind', kind, 'subject', subject, 'at', at, 'actor', actor))::text
                       AS words
            FROM journal WHERE seq > :seq AND seq <= :to ORDER BY seq LIMIT :limit
        """),
        {"seq": seq, "to": to, "limit": limit},
    )
    return [
        Told(
            row.seq, row.kind, row.subject, row.words, paths=tuple(row.paths or [path for path in [row.path] if path]),
            department=row.department, parties=tuple(row.parties or ()),
            was_path=(row.was or {}).get("path"), was_department=(row.was or {}).get("department"),
        )
        for row in rows
    ]  # fmt: skip


def behind(conn: Connection, entries: int) -> int:
    """The number after which the last so many entries of the journal stand."""
    seq: int | None = conn.execute(
        text("SELECT seq FROM journal ORDER BY seq DESC OFFSET :entries LIMIT 1"), {"entries": entries}
    ).scalar_one_or_none()
    return seq or 0


def places(conn: Connection) -> dict[str, Place]:
    """Where all officers on shift were last, by their numbers."""
    rows = conn.execute(
        text("""
            SELECT s.number, a.path::text AS path, ST_X(w.geom) AS lon, ST_Y(w.geom) AS lat, w.at
            FROM shift h
            JOIN position w ON w.staff_id = h.staff_id AND w.at >= lower(h.during)
            JOIN staff s ON s.id = h.staff_id
            JOIN posting p ON p.staff_id = s.id AND p.valid @> now()
            LEFT JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> now()
            JOIN area a ON a.id = coalesce(p.area_id, v.community_id)
            WHERE upper_inf(h.during)
        """)
    )
    return {row.number: Place(row.path, row.lon, row.lat, row.at) for row in rows}
