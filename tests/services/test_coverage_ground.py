"""The ground that coverage is asked of: read once, and again only when it changed."""

import threading

import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis import coverage_ground
from gis.errors import NoCity, NoPlanInForce
from gis.keeping import Keeper
from tests.builders import COMMUNITY, found_city, publish


def test_the_ground_is_the_cells_of_the_plan_in_force_with_the_units_they_lie_in(conn: Connection) -> None:
    found_city(conn, "AAB\nABB")
    _, codes = publish(conn, "AAB\nABB")
    ground = coverage_ground.ground(conn)

    assert ground.communities.code.tolist() == [COMMUNITY]
    assert ground.towns.code.tolist() == ["441900003"]
    assert ground.grids.code.tolist() == sorted(codes)
    assert [ground.grids.code[i] for i in ground.grid] == [codes[letter == "B"] for letter in "AABABB"]
    assert set(ground.grids.parent) == {COMMUNITY}
    assert int(ground.population.sum()) == 600
    assert ground.area_m2 == pytest.approx([shape.area for shape in ground.shape_m], rel=1e-4)
    assert np.hypot(*(ground.point_m[1] - ground.point_m[0])) == pytest.approx(1_025, abs=1)  # a hundredth of a degree here


def test_the_ground_is_read_again_when_residents_change_and_not_before(conn: Connection) -> None:
    found_city(conn, "AB")
    publish(conn, "AB")
    before = coverage_ground.ground(conn)
    assert coverage_ground.ground(conn) is before

    conn.execute(text("UPDATE cell SET population = 7"))

    assert coverage_ground.ground(conn).population.tolist() == [7, 7]


def test_without_a_city_or_a_plan_there_is_no_ground(conn: Connection) -> None:
    with pytest.raises(NoCity):
        coverage_ground.ground(conn)
    found_city(conn, "A")
    with pytest.raises(NoPlanInForce):
        coverage_ground.ground(conn)


def test_a_keeper_makes_once_for_all_threads_and_forgets_the_oldest() -> None:
    keeper: Keeper[int] = Keeper(2)
    made: list[int] = []

    def make(key: int) -> int:
        made.append(key)
        return key * 10

    threads = [threading.Thread(target=keeper.get, args=(1, lambda: make(1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert [keeper.get(key, lambda key=key: make(key)) for key in (2, 3, 1)] == [20, 30, 10]
    assert made == [1, 2, 3, 1]


def test_what_failed_is_made_anew() -> None:
    keeper: Keeper[int] = Keeper(2)
    with pytest.raises(ZeroDivisionError):
        keeper.get("a", lambda: 1 // 0)
    assert keeper.get("a", lambda: 5) == 5
