"""Bells for those who follow the journal or the positions of officers.

Nobody rings while a follower is awake and looks for herself: transactions that notify commit one after another, flush and all.
"""

from typing import Final

from sqlalchemy import Connection, text

AWAKE: Final = 1_785_688_691  # the lock that followers who are awake hold together; migration 0016 asks for it too
JOURNAL, POSITIONS = "journal", "positions"
WHICH: Final = {JOURNAL: 0, POSITIONS: 1}


def ring_positions(conn: Connection) -> None:
    """Wake those who follow officers at commit, unless somebody is awake or rings already."""
    conn.execute(
        text("SELECT pg_notify(:bell, '') WHERE pg_try_advisory_xact_lock(:awake, :which)"),
        {"bell": POSITIONS, "awake": AWAKE, "which": WHICH[POSITIONS]},
    )


def stay_awake(bell: str) -> str:
    """The statement that says in a session that its follower is awake; answers whether it could: a writer may be ringing."""
    return f"SELECT pg_try_advisory_lock_shared({AWAKE}, {WHICH[bell]})"


def fall_asleep(bell: str) -> str:
    """The statement that asks for the bell again. What was told meanwhile rings no more: look once more afterwards."""
    return f"SELECT pg_advisory_unlock_shared({AWAKE}, {WHICH[bell]})"
