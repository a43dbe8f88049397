"""How often something was tried of late: a login, or an opinion, from an address; all workers count in the same rows."""

import hashlib

from sqlalchemy import Connection, text


def wait_s(conn: Connection, *what: str, at_most: int, window_s: int) -> int:
    """Count one more try of `what`; returns the seconds to wait when there were more than `at_most` in this window, else 0.

    Only a hash of `what` is kept. The caller commits before it goes on, so that a hundred tries at once count as a hundred.
    """
    tries, left_s = count(conn, key_of(*what), window_s=window_s)
    return left_s if tries > at_most else 0


def key_of(*what: str) -> str:
    """The key that tries of `what` are counted under."""
    return hashlib.sha256("\n".join(what).encode()).hexdigest()


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


def forget(conn: Connection, *what: str) -> None:
    """After a success: this login from this address starts anew, and counts of past windows go."""
    conn.execute(text("DELETE FROM login_attempt WHERE key = :key"), {"key": key_of(*what)})
    conn.execute(
        text("""
            DELETE FROM login_attempt
            WHERE key IN (SELECT key FROM login_attempt WHERE until <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED)
        """)
    )
