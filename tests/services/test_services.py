"""The basic public services: what is on the list, who does them, what a facility must have."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import KDTree
from sqlalchemy import Connection, text

from gis import facilities, services
from gis.coverage_ground import every_facility, ground
from gis.coverage_records import FacilityStandard, ReachQuestion, ServiceRow
from gis.errors import NotFound, NothingToReach
from gis.records import FacilityRow, Name
from tests.builders import COMMUNITY, NORTH, SIDE, WEST, found_city, publish

CATEGORY = Name("养老服务", "Older people")
ROWS = [
    ServiceRow("01", CATEGORY, Name("高龄津贴申领", "Allowance for the very old"), at_station=True),
    ServiceRow("02", CATEGORY, Name("居家养老服务申请", "Care at home"), at_station=False),
]


def a_city_with_centres(conn: Connection, *floor_areas_m2: float | None) -> list[int]:
    """Centres of these floor areas side by side; returns their ids."""
    found_city(conn, "AAB\nABB")
    publish(conn, "AAB\nABB")
    rows = [
        FacilityRow(
            "centre", COMMUNITY, Name(f"中心{n}", f"Centre {n}"), "community", WEST + (n + 0.5) * SIDE, NORTH - SIDE / 2, area,
            None, None, synthetic=True,
        )
        for n, area in enumerate(floor_areas_m2)
    ]  # fmt: skip
    facilities.open_many(conn, rows, kinds={"centre": Name("中心", "Centre")}, by="test")
    services.establish(conn, ROWS, by="test")
    return [row.id for row in conn.execute(text("SELECT id FROM facility ORDER BY id"))]


def test_facilities_offer_services_by_kind_and_floor_area(conn: Connection) -> None:
    small, large, unknown = a_city_with_centres(conn, 200, 400, None)
    assert services.offer(conn, kind="centre", services=["01"], by="test") == 3
    assert services.offer(conn, kind="centre", services=["01", "02"], floor_area_m2=350, by="test") == 1
    offered = services.facilities_of(conn)
    assert offered.keys() == {"01", "02"}
    assert np.array_equal([small, large, unknown], offered["01"]) and np.array_equal([large], offered["02"])
    assert [(row.code, n) for row, n in services.find(conn)] == [("01", 3), ("02", 1)]
    assert services.kinds_that_offer(conn) == ["centre"]


def test_a_service_established_again_takes_the_new_words(conn: Connection) -> None:
    a_city_with_centres(conn, 200)
    renamed = ServiceRow("01", CATEGORY, Name("高龄老人津贴", "Old age allowance"), at_station=False)
    services.establish(conn, [renamed], by="test")
    assert [row for row, _ in services.find(conn)] == [renamed, ROWS[1]]


def test_a_standard_says_who_is_too_small_and_whose_size_nobody_knows(conn: Connection) -> None:
    a_city_with_centres(conn, 200, 349.9, 350, None)
    services.set_standard(conn, FacilityStandard("centre", 350.0, None, 80.0, "rule 7"), by="test")
    (kept,) = services.standards(conn)
    assert (kept.facilities, kept.too_small, kept.unmeasured) == (4, 2, 1)
    assert [(each.floor_area_m2, each.least_m2) for each in services.too_small(conn)] == [(200, 350), (349.9, 350)]
    assert kept.standard == FacilityStandard("centre", 350.0, None, 80.0, "rule 7")
    services.set_standard(conn, FacilityStandard("centre", None, None, None, "nothing"), by="test")
    assert services.standards(conn) == []


def test_a_standard_is_for_a_kind_that_there_is(conn: Connection) -> None:
    with pytest.raises(NotFound, match="no-such-kind"):
        services.set_standard(conn, FacilityStandard("no-such-kind", 10.0, None, None, "x"), by="test")


def test_the_demo_city_has_97_services_of_which_49_are_done_at_stations(demo: Connection) -> None:
    found = services.find(demo)
    assert (len(found), sum(row.at_station for row, _ in found)) == (97, 49)
    assert len({row.name.zh for row, _ in found}) == len({row.name.en for row, _ in found}) == 97
    offered = services.facilities_of(demo)
    stations = set(demo.execute(text("SELECT id FROM facility WHERE kind = 'service_station'")).scalars())
    assert 1_250 < len(stations) < 1_370
    assert all(stations <= set(offered[row.code].tolist()) for row, _ in found if row.at_station)
    assert not any(stations & set(offered[row.code].tolist()) for row, _ in found if not row.at_station)
    too_small = {kept.standard.kind: kept.too_small for kept in services.standards(demo)}
    assert too_small.keys() == {"town_centre", "service_centre"} and too_small["service_centre"] > 0
    assert len(offered["03"]) == 593 + 35 - too_small["service_centre"]


def test_a_service_is_reached_where_a_place_that_does_it_lies_within_the_limit(demo: Connection, tmp_path: Path) -> None:
    question = ReachQuestion(method="radius", minutes=15, kinds=("market",), services=("05",))
    matrix = services.matrix(demo, question, folder=tmp_path)
    assert (matrix.reached.shape, matrix.limit_m) == ((97, 593), 1000.0)
    held, every, offered = ground(demo), every_facility(demo), services.facilities_of(demo)
    for at in (0, 2, 50):
        mine = np.isin(every.id, offered[matrix.services[at].code])
        metres, _ = KDTree(every.point_m[mine]).query(held.communities.label_m)
        assert matrix.offered[at] == mine.sum()
        assert np.array_equal(metres <= 1000.0, matrix.reached[at])
    assert matrix.reached[0].sum() > matrix.reached[2].sum() > 0


def test_the_matrix_lists_the_communities_of_its_scope(demo: Connection, tmp_path: Path) -> None:
    matrix = services.matrix(demo, ReachQuestion(method="radius", scope="441900003", k=2, rule="share"), folder=tmp_path)
    assert len(matrix.codes) == 23 and all(code.startswith("441900003") for code in matrix.codes)
    assert matrix.reached.any() and not matrix.reached.all()


def test_where_nobody_does_any_service_the_matrix_says_so(conn: Connection, tmp_path: Path) -> None:
    a_city_with_centres(conn, 200)
    with pytest.raises(NothingToReach, match="which services"):
        services.matrix(conn, ReachQuestion(method="radius"), folder=tmp_path)
