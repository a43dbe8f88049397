"""The database's own placing (for writers who come without a grid) and the index agree, edges and corners included."""

from pathlib import Path

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from tests.builders import NORTH, SIDE, SINCE, WEST, atlas_of, found_city, publish

DRAWING = "AAB\nACB\nDDB"
AT = text("SELECT (SELECT code FROM grid WHERE id = grid_at(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :at))")


def _both(conn: Connection, folder: Path, points: np.ndarray) -> tuple[list[str | None], list[str | None]]:
    atlas = atlas_of(conn, folder)
    placed = atlas.place(points[:, 0], points[:, 1])
    ours = [atlas.grids[at].code if at >= 0 else None for at in placed]
    theirs = [conn.execute(AT, {"lon": lon, "lat": lat, "at": SINCE}).scalar_one() for lon, lat in points.tolist()]
    return ours, theirs


def test_they_agree_on_every_corner_and_every_middle_of_an_edge(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, DRAWING)
    publish(conn, DRAWING)
    corners = shapely.get_coordinates([grid.shape for grid in atlas_of(conn, tmp_path).grids])
    middles = np.round((corners[1:] + corners[:-1]) / 2, 9)
    ours, theirs = _both(conn, tmp_path, np.vstack([corners, middles]))
    assert ours == theirs
    assert None not in ours[: len(corners)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-50, 350), st.integers(-50, 350)), min_size=1, max_size=8))
def test_they_agree_anywhere(conn: Connection, tmp_path: Path, places: list[tuple[int, int]]) -> None:
    with conn.begin_nested() as savepoint:
        found_city(conn, DRAWING)
        publish(conn, DRAWING)
        points = np.array([(WEST + x * SIDE / 100, NORTH - y * SIDE / 100) for x, y in places])
        ours, theirs = _both(conn, tmp_path, points)
        savepoint.rollback()
    assert ours == theirs


def test_a_writer_without_a_grid_gets_one(conn: Connection) -> None:
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    conn.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
            SELECT '260203-AAAAAA', '2026-02-03 10:00+00', id, 1, 'patrol', 'SRID=4326;POINT(113.765 23.045)' FROM matter
        """)
    )
    found = conn.execute(text("SELECT g.code, i.placed FROM incident i JOIN grid g ON g.id = i.grid_id")).one()
    assert tuple(found) == (codes[1], True)
