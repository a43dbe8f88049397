"""Boxes of other coordinate systems as ground."""

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


def test_north_stands_first_where_the_authority_says_so() -> None:
    assert [zones.is_north_first(srid) for srid in (4326, 4490, 4547, 3857)] == [True, True, True, False]
