"""Photos of cases: who sent them, to which case and step they belong, who may look at them. The pictures lie in files."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from gis.errors import BadReport
from gis.records import Account
from gis.store.reach import incident_filter

ANSWERING = ("report_back", "settle")  # the steps whose photos answer whoever reported


def save(conn: Connection, photo_id: str, *, width: int, height: int, size: int, sent_by: str) -> None:
    """Write a photo down; it belongs to no case yet. `width` and `height` in pixels, `size` in bytes."""
    conn.execute(
        text("INSERT INTO photo (id, width, height, bytes, sent_by) VALUES (:id, :width, :height, :size, :by)"),
        {"id": photo_id, "width": width, "height": height, "size": size, "by": sent_by},
    )


def drop(conn: Connection, photo_id: str) -> None:
    """Forget a photo whose picture could not be kept."""
    conn.execute(text("DELETE FROM photo WHERE id = :id"), {"id": photo_id})


def attach(conn: Connection, ids: Sequence[str], *, incident_id: int, step_id: int | None, sent_by: str) -> None:
    """Give photos to a case and one of its steps. Only what the same person sent, and no case has yet, can be given.

    Raises BadReport when one of them cannot.
    """
    given = _give(conn, ids, incident_id=incident_id, step_id=step_id, sent_by=sent_by, owner=sent_by)
    strange = sorted(set(ids) - set(given))
    if strange:
        raise BadReport(f"No photo of yours is waiting with the id {strange[0]}: send it again.", field="photos", photos=strange)


def attach_to_report(conn: Connection, ids: Sequence[str], number: str, *, sent_by: str) -> None:
    """Give photos to a report that was just taken in; those that it has already, from when it was sent before, are well.

    Raises BadReport when one of them cannot be given.
    """
    case = conn.execute(
        text("""
            SELECT i.id, s.id AS step_id FROM incident i LEFT JOIN incident_step s ON s.incident_id = i.id AND s.version = 1
            WHERE i.number = :number
        """),
        {"number": number},
    ).one()
    held = set(conn.execute(text("SELECT id FROM photo WHERE incident_id = :id"), {"id": case.id}).scalars())
    attach(conn, [each for each in ids if each not in held], incident_id=case.id, step_id=case.step_id, sent_by=sent_by)


def attach_reporters(
    conn: Connection, ids: Sequence[str], *, incident_id: int, step_id: int | None, sent_by: str, reporter_id: int
) -> list[str]:
    """Give a reporter's photos to the case; returns those that were there: a report does not fail for a photo."""
    return _give(conn, ids, incident_id=incident_id, step_id=step_id, sent_by=sent_by, owner=owner_of(reporter_id))


def owner_of(reporter_id: int) -> str:
    """How a photo names the reporter that it is of."""
    return f"reporter {reporter_id}"


def _give(
    conn: Connection, ids: Sequence[str], *, incident_id: int, step_id: int | None, sent_by: str, owner: str
) -> list[str]:
    rows = conn.execute(
        text("""
            UPDATE photo SET incident_id = :incident, step_id = :step, sent_by = :owner
            WHERE id = ANY(:ids) AND incident_id IS NULL AND sent_by = :by RETURNING id
        """),
        {"incident": incident_id, "step": step_id, "ids": list(ids), "by": sent_by, "owner": owner},
    )
    given = {row.id for row in rows}
    return [each for each in ids if each in given]


def may_be_seen_by(conn: Connection, photo_id: str, *, account: Account) -> bool:
    """Whether somebody who is logged in may look: who sent it, and who may see its case."""
    inside, values = incident_filter(conn, account.reach)
    seen: bool = conn.execute(
        text(f"""
            SELECT EXISTS (
                SELECT FROM photo p LEFT JOIN incident i ON i.id = p.incident_id
                WHERE p.id = :id AND (
                    p.sent_by = :login OR (i.id IS NOT NULL AND ({inside})) OR i.holder_id = :staff
                    OR EXISTS (SELECT FROM incident_party y WHERE y.incident_id = i.id AND y.department = :department)
                )
            )
        """),
        {"id": photo_id, "login": account.login, "staff": account.staff_id, "department": account.department} | values,
    ).scalar_one()
    return seen


def may_be_seen_with(conn: Connection, photo_id: str, *, key: str) -> bool:
    """Whether the reporter with a key may look: at her own photos, and at those that answer her report."""
    seen: bool = conn.execute(
        text("""
            WITH mine AS (
                SELECT r.id, i.id AS incident_id, i.merged_into, NOT r.joined OR m.visibility = 'shown' AS hears_answers
                FROM reporter r JOIN incident i ON i.id = r.incident_id JOIN matter m ON m.id = i.matter_id WHERE r.key = :key
            )
            SELECT EXISTS (
                SELECT FROM photo p LEFT JOIN incident_step s ON s.id = p.step_id, mine
                WHERE p.id = :id AND (
                    p.sent_by = 'reporter ' || mine.id
                    OR (mine.hears_answers AND s.action = ANY(:answering) AND (
                        p.incident_id = mine.incident_id
                        OR p.incident_id = (SELECT id FROM incident WHERE number = mine.merged_into)
                    ))
                )
            )
        """),
        {"id": photo_id, "key": key, "answering": list(ANSWERING)},
    ).scalar_one()
    return seen


def take_waiting(conn: Connection, *, since_before: datetime) -> list[str]:
    """Forget the photos that no report took up, sent before a moment; returns them, so that their files go too."""
    rows = conn.execute(
        text("DELETE FROM photo WHERE incident_id IS NULL AND at < :moment RETURNING id"), {"moment": since_before}
    )
    return [row.id for row in rows]
