"""Officers for small cities: posted, on shift, at a place."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from gis import field, staff
from gis.field_records import Fix
from gis.records import Account, Name, StaffRow
from tests.builders import SINCE

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)  # a Monday, ten in the morning in the city


def an_officer(
    conn: Connection, number: str, *, duty: str = "disposal", grid: str | None = None, area: str | None = None,
    at: tuple[float, float] | None = None, role: str | None = None, on_shift: bool = True,
) -> Account:  # fmt: skip
    """Somebody posted on a grid or at an area's command, on shift since an hour, last seen a minute ago at (lon, lat)."""
    row = StaffRow(number, Name(f"员{number}", f"Officer {number}"), duty, grid, area, role, synthetic=False)
    staff.post(conn, [row], since=SINCE, by="test")
    staff_id = conn.execute(text("SELECT id FROM staff WHERE number = :number"), {"number": number}).scalar_one()
    account = Account(0, f"login-{number}", number, "officer", "441900003001", "441900.441900003.441900003001", staff_id=staff_id)
    if on_shift:
        field.switch_shift(conn, account, on=True, now=NOW - timedelta(hours=1))
        if at:
            field.note_positions(conn, account, [Fix(*at, NOW - timedelta(minutes=1), 8.0)], now=NOW)
    return account


def in_hand(conn: Connection, number: str, officer: str, *, state: str = "dispatched") -> None:
    """Put a case into somebody's hands, without a step."""
    conn.execute(
        text("""
            UPDATE incident SET state = :state, holder_id = (SELECT id FROM staff WHERE number = :officer) WHERE number = :number
        """),
        {"state": state, "officer": officer, "number": number},
    )
