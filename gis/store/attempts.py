"""How often a login was tried from an address of late; all workers count in the same rows."""

from sqlalchemy import Connection, text


def count(conn: Connection, key: str, *, window_s: int) -> tuple[int, int]:
    """Count one more attempt; returns how many there were in this window, and the seconds until it ends."""
    row = conn.execute(
        text("""
            INSERT INTO login_attempt AS l (key, tries, until) VALUES (:key, 1, now() + make_interval(secs => :window))
            ON CONFLICT (key) DO UPDATE SET
                tries = CASE WHEN l.until <= now() THEN 1 ELSE l.tries + 1 END,
                until = CASE WHEN l.until <= now() THEN now() + make_interval(secs => :window) ELSE l.until END
            RETURNING tries, ceil(extract(epoch FROM until - now()))::int AS left_s
        """),
        {"key": key, "window": window_s},
    ).one()
    return row.tries, row.left_s


def forget(conn: Connection, key: str) -> None:
    """After a success: this login from this address starts anew, and counts of past windows go."""
    conn.execute(text("DELETE FROM login_attempt WHERE key = :key"), {"key": key})
    conn.execute(
        text("""
            DELETE FROM login_attempt
            WHERE key IN (SELECT key FROM login_attempt WHERE until <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED)
        """)
    )
