"""Prepared statements: made once for a session, whatever becomes of the transaction."""

from sqlalchemy import Connection, text

from gis.store.prepared import Prepared

SUM = Prepared("a_sum", "SELECT :a + CAST(:b AS integer) AS found, :a::text || '%' AS written", a="integer", b="text")


def _made(conn: Connection) -> int:
    counted: int = conn.execute(text("SELECT count(*) FROM pg_prepared_statements WHERE name = 'a_sum'")).scalar_one()
    return counted


def test_a_statement_is_prepared_once_and_outlives_a_rollback(conn: Connection) -> None:
    before = _made(conn)
    for a in (1, 2):
        row = SUM.row(conn, {"a": a, "b": "4"})
        assert row is not None
        assert (row.found, row.written) == (a + 4, f"{a}%")
        conn.rollback()
    assert (before, _made(conn)) == (0, 1)


def test_no_row_is_none(conn: Connection) -> None:
    assert Prepared("no_row", "SELECT 1 WHERE false").row(conn) is None
