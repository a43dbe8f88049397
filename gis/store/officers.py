"""Officers to whom cases are given."""

from sqlalchemy import Connection, text

from gis.errors import BadStep, OfficerTaken


def take(conn: Connection, *, incident_id: int, officer: str, seen_load: int | None) -> int:
    """Keep an officer, told by number, for a case; returns the id of the member of staff.

    Whoever sends the same officer at the same moment waits, and is refused when the open cases in hand are not those seen: two
    dispatchers never give the same officer something by the same view. Raises BadStep, OfficerTaken.
    """
    staff_id: int | None = conn.execute(
        text("SELECT id FROM staff WHERE number = :number FOR NO KEY UPDATE"), {"number": officer}
    ).scalar_one_or_none()
    if staff_id is None:
        raise BadStep(f"officer: there is no member of staff with the number {officer}.", field="officer")
    held = load(conn, staff_id, but=incident_id)
    if seen_load is not None and held != seen_load:
        raise OfficerTaken(
            f"{officer} has {held} open cases now, not {seen_load}: look at the list of officers again.", officer=officer, load=held
        )
    return staff_id


def load(conn: Connection, staff_id: int, *, but: int | None = None) -> int:
    """How many open cases somebody has in hand, without one of them."""
    held: int = conn.execute(
        text("""
            SELECT count(*) FROM incident
            WHERE holder_id = :staff AND closed_at IS NULL AND id IS DISTINCT FROM CAST(:but AS bigint)
        """),
        {"staff": staff_id, "but": but},
    ).scalar_one()
    return held
