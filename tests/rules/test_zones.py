"""Boxes of other coordinate systems as ground."""

import pytest
import shapely

from gis.rules import zones

DONGGUAN = 4547


def test_a_box_in_metres_covers_what_its_bent_sides_enclose() -> None:
    ground = zones.ground_of_box((430_000, 2_510_000, 530_000, 2_560_000), srid=DONGGUAN)
    corners = zones.project(shapely.points([[430_000, 2_510_000], [480_000, 2_559_999.9]]), to=zones.WGS84, source=DONGGUAN)
    assert shapely.dwithin(ground, corners[0], 1e-9)
    assert shapely.covers(ground, corners[1])
    assert not shapely.covers(shapely.box(*ground.bounds).difference(ground), corners[1])


def test_a_box_of_no_size_is_a_point() -> None:
    assert zones.ground_of_box((480_000, 2_550_000, 480_000, 2_550_000), srid=DONGGUAN).geom_type == "Point"


def test_a_west_beyond_the_east_goes_the_other_way_round_the_globe() -> None:
    ground = zones.ground_of_box((177, 65, -177, 70), srid=zones.WGS84)
    assert shapely.covers(ground, shapely.points([[179, 67], [-179, 67]])).all()
    assert not shapely.covers(ground, shapely.Point(114, 67))


def test_a_box_off_the_globe_covers_nothing() -> None:
    assert zones.ground_of_box((1e9, 1e9, 2e9, 2e9), srid=DONGGUAN).is_empty


@pytest.mark.parametrize("srid", [3857, DONGGUAN])
@pytest.mark.parametrize("box", [(1e308, 1e308, 1.1e308, 1.2e308), (-1.2e308, 0, -1.1e308, 1), (0, 1e308, 1e7, 1.7e308)])
def test_a_box_of_huge_numbers_covers_nothing(box: tuple[float, float, float, float], srid: int) -> None:
    assert zones.ground_of_box(box, srid=srid).is_empty


@pytest.mark.parametrize("srid", [3857, DONGGUAN])
def test_a_box_of_hardly_any_size_is_a_point(srid: int) -> None:
    assert zones.ground_of_box((0, 0, 5e-324, 0), srid=srid).geom_type == "Point"
    assert zones.ground_of_box((480_000, 2_550_000, 480_000 + 1e-9, 2_550_000), srid=srid).geom_type == "Point"


def test_north_stands_first_where_the_authority_says_so() -> None:
    assert [zones.is_north_first(srid) for srid in (4326, 4490, 4547, 3857)] == [True, True, True, False]
