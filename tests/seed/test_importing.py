"""A city comes in from its own files: areas level by level, cells, grids, residents, facilities, incidents."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from sqlalchemy import Connection, text

from gis import areas, catalogue, facilities, workloads
from gis.errors import ImportRefused
from gis.locating import Locator
from gis.records import Name
from gis.rules.coverage import coverage_faults
from seed.importing import Checked, NewCity, Options, Request, Source, carry_out, check, refuse_errors
from tests.builders import MATTER, square

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CITY = NewCity("441900", Name("东莞市", "Dongguan"))
Bring = Callable[..., tuple[Checked, dict[str, int]]]


def _written(folder: Path, name: str, features: Sequence[tuple[Any, dict[str, Any]]]) -> Path:
    path = folder / name
    listed = [{"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": own} for shape, own in features]
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": listed}))
    return path


@pytest.fixture
def look(conn: Connection, tmp_path: Path) -> Callable[..., Checked]:
    """The dry run of a file."""
    locator = Locator(tmp_path / "index")

    def dry(kind: str, path: Path, **options: Any) -> Checked:
        source = Source(path, **{name: options.pop(name) for name in ("fields", "datum", "crs") if name in options})
        asked = Request(kind, source, Options(**options))
        return check(conn, asked, now=NOW, atlas_at=locator.atlas_if_any, tell=lambda *_: None)

    return dry


@pytest.fixture
def bring(conn: Connection, tmp_path: Path) -> Bring:
    """The real run of a file."""
    locator = Locator(tmp_path / "index")

    def real(kind: str, path: Path, **options: Any) -> tuple[Checked, dict[str, int]]:
        source = Source(path, **{name: options.pop(name) for name in ("fields", "datum", "crs") if name in options})
        asked = Request(kind, source, Options(**options))
        checked, written = carry_out(conn, asked, now=NOW, atlas_at=locator.atlas_if_any, tell=lambda *_: None, by="test")
        refuse_errors(checked)
        assert written is not None
        return checked, written

    return real


def _towns(folder: Path) -> Path:
    return _written(folder, "towns.geojson", [(square(0, 0, 2, 2), {"名称": "东城街道"}), (square(2, 0, 2, 2), {"名称": "石碣镇"})])


def _communities(folder: Path) -> Path:
    return _written(
        folder,
        "communities.geojson",
        [
            (square(x, 0, 1, 2), {"社区名称": f"第{x + 1}社区", "上级": parent})
            for x, parent in enumerate(["东城街道"] * 2 + ["石碣镇"] * 2)
        ],
    )


def _city(bring: Bring, folder: Path) -> None:
    bring("areas", _towns(folder), level="town", city=CITY)
    bring("areas", _communities(folder), level="community")


def _grids(folder: Path, *, codes: dict[int, str] | None = None) -> Path:
    return _written(
        folder, "grids.geojson",
        [(square(x, y, 1, 1), {"网格编码": (codes or {}).get(2 * x + y)}) for x in range(4) for y in range(2)],
    )  # fmt: skip


def _count(conn: Connection, table: str) -> int:
    return conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def test_the_first_level_founds_the_city(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    checked, written = bring("areas", _towns(tmp_path), level="town", city=CITY)
    assert written == {"town": 2}
    nodes = areas.tree(conn)
    assert [(node.level, node.code, node.name.zh) for node in nodes] == [
        ("city", "441900", "东莞市"), ("town", "441900001", "东城街道"), ("town", "441900002", "石碣镇"),
    ]  # fmt: skip
    assert nodes[1].name.en == "Dongcheng Subdistrict"
    assert conn.execute(text("SELECT metric_srid, synthetic FROM city")).one() == (4547, False)
    assert [finding.rule for finding in checked.findings] == ["code_given", "code_given"]


def test_without_a_city_the_importer_asks_which_one(look: Callable[..., Checked], tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="--city 441900"):
        look("areas", _towns(tmp_path), level="town")


def test_the_next_level_divides_the_one_before_and_draws_it_anew(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    # The communities come from another survey: their common outline lies 0.0002 degrees further east.
    shifted = [(square(x + (0.02 if x == 3 else 0), 0, 1 if x < 2 else 1.02 if x == 2 else 1, 2), x) for x in range(4)]
    path = _written(
        tmp_path, "c.geojson", [(shape, {"name": f"第{x}社区", "parent": f"44190000{1 + x // 2}"}) for shape, x in shifted]
    )
    checked, _ = bring("areas", path, level="community")
    redrawn = [finding for finding in checked.findings if finding.rule == "parent_redrawn"]
    assert [finding.names for finding in redrawn] == [("441900002",)]
    nodes = {node.code: node for node in areas.tree(conn)}
    parts = [node for node in nodes.values() if node.parent_code == "441900002"]
    assert sum(part.area_m2 for part in parts) == pytest.approx(nodes["441900002"].area_m2, rel=1e-9)
    assert nodes["441900"].area_m2 == pytest.approx(nodes["441900001"].area_m2 + nodes["441900002"].area_m2, rel=1e-9)


def test_a_town_without_a_community_blocks(bring: Bring, look: Callable[..., Checked], tmp_path: Path) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    path = _written(tmp_path, "c.geojson", [(square(0, 0, 2, 2), {"name": "一社区"})])
    errors = look("areas", path, level="community").errors
    assert [(error.rule, error.names) for error in errors] == [("childless", ("441900002",))]


def test_an_unknown_parent_blocks(bring: Bring, look: Callable[..., Checked], tmp_path: Path) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    shapes = [
        (square(0, 0, 2, 2), {"name": "一", "parent": "东城街道"}),
        (square(2, 0, 2, 2), {"name": "二", "parent": "不存在镇"}),
    ]
    errors = look("areas", _written(tmp_path, "c.geojson", shapes), level="community").errors
    assert "unmatched_parent" in {error.rule for error in errors}
    assert "不存在镇" in errors[0].message


def test_what_a_blocked_file_holds_is_not_written(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    bow = shapely.Polygon([(113.75, 23.05), (113.75, 23.05), (113.75, 23.05), (113.75, 23.05)])
    path = _written(tmp_path, "t.geojson", [(square(0, 0), {"name": "甲镇"}), (bow, {"name": "乙镇"})])
    with pytest.raises(ImportRefused):
        bring("areas", path, level="town", city=CITY)
    assert _count(conn, "area") == _count(conn, "city") == 0


def test_overlap_gap_and_loose_border_are_mended_into_a_coverage(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    shapes = [
        (square(0, 0, 2.1, 3), {"name": "甲镇"}),
        (square(2, 0, 2, 1.5), {"name": "乙镇"}),
        (square(2.0, 1.5, 2, 1.5).difference(square(2.9, 2, 0.3, 0.3)), {"name": "丙镇"}),
    ]
    checked, _ = bring("areas", _written(tmp_path, "t.geojson", shapes), level="town", city=CITY)
    assert {"overlap", "gap"} <= {finding.rule for finding in checked.findings}
    assert all(finding.lon is not None for finding in checked.findings)
    geoms = np.array([node.geom for node in areas.tree(conn) if node.level == "town"], dtype=object)
    assert coverage_faults(geoms, names=["甲", "乙", "丙"], kind="town") == []


def test_grids_without_cells_become_cells_themselves(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    _, written = bring("grids", _grids(tmp_path))
    assert (written["grids"], written["cells"]) == (8, 8)
    codes = conn.execute(text("SELECT code FROM grid ORDER BY code")).scalars().all()
    assert codes[:2] == ["44190000100101", "44190000100102"]


def test_grids_keep_codes_that_fit_and_the_others_are_numbered(bring: Bring, conn: Connection, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    checked, _ = bring("grids", _grids(tmp_path, codes={0: "44190000100177", 1: "99990000100101"}))
    codes = set(conn.execute(text("SELECT code FROM grid")).scalars())
    assert "44190000100177" in codes
    assert "99990000100101" not in codes
    assert sum(finding.rule == "code_given" for finding in checked.findings) == 7


def test_grids_follow_the_cells_that_are_there(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    blocks = [
        (square(x / 2, y / 2, 0.5, 0.5), {"人口": 100 + x, "户数": 40, "类型": "老旧小区"}) for x in range(8) for y in range(4)
    ]
    _, written = bring("cells", _written(tmp_path, "cells.geojson", blocks))
    assert written == {"cells": 32, "residents": sum(100 + x for x in range(8)) * 4}
    # The grids' middle line runs 0.02 of a square beside the cells' borders.
    drawn = [(square(x, 0, 1, 1.02), {}) for x in range(4)] + [(square(x, 1.02, 1, 0.98), {}) for x in range(4)]
    checked, written = bring("grids", _written(tmp_path, "g.geojson", drawn))
    assert written["grids"] == 8
    assert {finding.rule for finding in checked.findings} == {"code_given", "along_cells"}
    rows = conn.execute(text("SELECT population, households, cells FROM grid_version")).all()
    assert sum(row.population for row in rows) == sum(100 + x for x in range(8)) * 4
    assert {row.cells for row in rows} == {4}


def test_a_grid_without_a_cell_of_its_own_blocks(bring: Bring, look: Callable[..., Checked], tmp_path: Path) -> None:
    _city(bring, tmp_path)
    bring("cells", _written(tmp_path, "cells.geojson", [(square(x, 0, 1, 2), {}) for x in range(4)]))
    drawn = [(square(x, 0, 1, 2), {}) for x in range(3)] + [(square(3, 0, 1, 1.9), {}), (square(3, 1.9, 1, 0.1), {})]
    errors = look("grids", _written(tmp_path, "g.geojson", drawn)).errors
    assert "no_cell" in {error.rule for error in errors}


def test_a_next_plan_comes_in_force_on_its_day(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    bring("grids", _grids(tmp_path), since=datetime(2026, 1, 1, tzinfo=UTC))
    whole = _written(tmp_path, "g2.geojson", [(square(x, 0, 1, 2), {}) for x in range(4)])
    bring("grids", whole, since=datetime(2027, 1, 1, tzinfo=UTC), plan_name=Name("二〇二七", "2027"))
    lives = conn.execute(text("SELECT count(*) FROM grid_version WHERE valid @> CAST('2026-06-01' AS timestamptz)")).scalar_one()
    assert lives == 8
    assert conn.execute(text("SELECT count(*) FROM grid_version WHERE upper_inf(valid)")).scalar_one() == 4
    with pytest.raises(ImportRefused, match="later day"):
        bring("grids", whole, since=datetime(2026, 6, 1, tzinfo=UTC))


def test_residents_by_community_are_spread_over_its_cells(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    bring("grids", _grids(tmp_path))
    path = tmp_path / "人口.csv"
    path.write_text('社区代码,常住人口,户数\n441900001001,"1,001",400\n441900002002,0.2万,800\n', encoding="gb18030")
    _, written = bring("population", path)
    assert written == {"cells": 4, "residents": 3001}
    by_grid = conn.execute(text("SELECT sum(population), sum(households) FROM grid_version")).one()
    assert tuple(by_grid) == (3001, 1200)
    assert conn.execute(text("SELECT population_official FROM area WHERE code = '441900002002'")).scalar_one() == 2000


def test_residents_that_would_count_twice_block(bring: Bring, look: Callable[..., Checked], tmp_path: Path) -> None:
    _city(bring, tmp_path)
    bring("grids", _grids(tmp_path))
    path = tmp_path / "p.csv"
    path.write_text("code,population\n441900001,10\n441900001001,5\n", encoding="utf-8")
    assert [error.rule for error in look("population", path).errors] == ["counted_twice"]


def test_residents_by_polygon_go_by_ground(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    bring("grids", _grids(tmp_path))
    bring("population", _written(tmp_path, "h.geojson", [(square(0, 0, 2, 1), {"pop": 1000})]))
    people = conn.execute(text("SELECT population FROM cell WHERE population > 0")).scalars().all()
    assert sum(people) == 1000
    assert sorted(people) == [500, 500]


def test_facilities_find_their_community_and_come_in_once(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    facilities.open_many(conn, [], kinds={"clinic": Name("社区卫生服务站", "Clinic")}, by="test")
    path = tmp_path / "f.csv"
    path.write_text(
        "类型,名称,经度,纬度,建筑面积\n社区卫生服务站,一站,113.755,23.045,350平方米\nclinic,二站,113.775,23.045,\n",
        encoding="utf-8",
    )
    assert bring("facilities", path)[1] == {"facilities": 2}
    again, written = bring("facilities", path)
    assert written == {"facilities": 0}
    assert [finding.rule for finding in again.findings] == ["there_already"] * 2
    rows = conn.execute(
        text("SELECT a.code, f.floor_area_m2 FROM facility f JOIN area a ON a.id = f.community_id ORDER BY f.id")
    ).all()
    assert [tuple(row) for row in rows] == [("441900001001", 350.0), ("441900002001", None)]


def test_faulty_rows_block_unless_they_are_left_out(
    conn: Connection, bring: Bring, look: Callable[..., Checked], tmp_path: Path
) -> None:
    _city(bring, tmp_path)
    facilities.open_many(conn, [], kinds={"clinic": Name("卫生站", "Clinic")}, by="test")
    path = tmp_path / "f.csv"
    rows = [
        "kind,name,lon,lat",
        "clinic,好,113.755,23.045",
        "clinic,换,23.045,113.755",
        "zoo,园,113.755,23.045",
        "clinic,远,116.4,39.9",
        "clinic,缺,,",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    found = {(error.rule, error.rows) for error in look("facilities", path).errors}
    assert found == {("swapped", (2,)), ("unknown_kind", (3,)), ("outside_city", (4,)), ("missing_geometry", (5,))}
    checked, written = bring("facilities", path, leave_out=True)
    assert written == {"facilities": 1}
    assert {finding.severity for finding in checked.findings} == {"left_out"}


def test_incidents_are_placed_by_the_plan_of_their_day(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    catalogue.admit(
        conn, departments={"xiaofang": Name("消防", "Fire")}, matters=[MATTER], on=datetime(2024, 1, 1).date(), by="test"
    )
    bring("grids", _grids(tmp_path), since=datetime(2026, 1, 1, tzinfo=UTC))
    path = tmp_path / "i.csv"
    path.write_text(
        "事项,上报时间,结案时间,来源,描述,lon,lat\n"
        "0101,2026-03-01 08:00,2026-03-02 09:00,12345,消防通道,113.755,23.045\n"
        "通道堵塞,2025年12月31日 23:00,,群众,早于方案,113.755,23.045\n"
        "0101,2026-03-01T08:00:00+08:00,,巡查,城外,114.5,23.5\n",
        encoding="utf-8",
    )  # fmt: skip
    _, written = bring("incidents", path)
    assert written == {"incidents": 3, "without_a_grid": 2}
    rows = conn.execute(
        text("""
            SELECT channel, state, grid_id IS NOT NULL AS placed, reported_at, description
            FROM incident ORDER BY ST_X(geom), reported_at DESC
        """)
    ).all()
    assert [(row.channel, row.state, row.placed) for row in rows] == [
        ("hotline", "closed", True), ("citizen", "collected", False), ("patrol", "collected", False),
    ]  # fmt: skip
    assert rows[0].reported_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert rows[0].description == "消防通道"


def test_an_incident_of_the_future_or_of_no_matter_blocks(
    conn: Connection, bring: Bring, look: Callable[..., Checked], tmp_path: Path
) -> None:
    _city(bring, tmp_path)
    catalogue.admit(
        conn, departments={"xiaofang": Name("消防", "Fire")}, matters=[MATTER], on=datetime(2024, 1, 1).date(), by="test"
    )
    path = tmp_path / "i.csv"
    path.write_text(
        "matter,reported_at,lon,lat\n0101,2030-01-01,113.755,23.045\n9999,2026-01-01,113.755,23.045\n0101,昨天,113.755,23.045\n",
        encoding="utf-8",
    )
    found = {(error.rule, error.rows) for error in look("incidents", path).errors}
    assert found == {("in_future", (1,)), ("unknown_matter", (2,)), ("unreadable_value", (3,))}


def test_names_are_text_whatever_they_say(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    evil = "'; DROP TABLE area; -- <script>alert(1)</script>"
    path = _written(tmp_path, "t.geojson", [(square(0, 0), {"name": evil}), (square(1, 0), {"name": "乙镇"})])
    bring("areas", path, level="town", city=CITY)
    assert conn.execute(text("SELECT name_zh FROM area WHERE code = '441900001'")).scalar_one() == evil


def test_the_same_file_of_incidents_is_not_taken_twice(
    conn: Connection, bring: Bring, look: Callable[..., Checked], tmp_path: Path
) -> None:
    _city(bring, tmp_path)
    catalogue.admit(conn, departments={"xiaofang": Name("消防", "Fire")}, matters=[MATTER], on=date(2024, 1, 1), by="test")
    path = tmp_path / "i.csv"
    path.write_text("matter,reported_at,lon,lat\n0101,2026-03-01,113.755,23.045\n", encoding="utf-8")
    bring("incidents", path)
    assert [error.rule for error in look("incidents", path).errors] == ["applied_before"]


def test_of_namesakes_a_unit_belongs_to_the_one_it_lies_in(bring: Bring, conn: Connection, tmp_path: Path) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    same = [(square(x, 0, 1, 2), {"name": "新城社区" if x in (0, 3) else f"第{x}社区"}) for x in range(4)]
    bring("areas", _written(tmp_path, "c.geojson", same), level="community")
    drawn = [(square(x, y), {"社区": "新城社区" if x in (0, 3) else None}) for x in range(4) for y in range(2)]
    checked, written = bring("grids", _written(tmp_path, "g.geojson", drawn))
    assert written["grids"] == 8
    assert not checked.errors


def test_residents_of_a_name_that_two_areas_bear_ask_for_the_code(
    bring: Bring, look: Callable[..., Checked], tmp_path: Path
) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    same = [(square(x, 0, 1, 2), {"name": "新城社区" if x in (0, 3) else f"第{x}社区"}) for x in range(4)]
    bring("areas", _written(tmp_path, "c.geojson", same), level="community")
    bring("grids", _grids(tmp_path))
    path = tmp_path / "p.csv"
    path.write_text("社区,人口\n新城社区,5000\n", encoding="utf-8")
    errors = look("population", path).errors
    assert [error.rule for error in errors] == ["unmatched_parent"]
    assert "give the code" in errors[0].message


def test_what_is_left_out_changes_nothing(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    _city(bring, tmp_path)
    bring("grids", _grids(tmp_path))
    path = tmp_path / "p.csv"
    path.write_text("code,population\n441900001001,abc\n441900002002,700\n", encoding="utf-8")
    _, written = bring("population", path, leave_out=True)
    assert written["residents"] == 700
    official = conn.execute(text("SELECT population_official FROM area WHERE code = '441900001001'")).scalar_one()
    assert official is None


def test_places_are_counted_by_cell_and_stand_for_all_of_their_kinds(conn: Connection, bring: Bring, tmp_path: Path) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    bring("areas", _communities(tmp_path), level="community")
    bring("cells", _written(tmp_path, "cells.geojson", [(square(x, y), {}) for x in range(4) for y in range(2)]))
    path = tmp_path / "places.csv"
    rows = ["类型,数量,lon,lat,standard_min", *(f"茶馆,{n},{113.755 + 0.01 * at},23.045,25" for at, n in enumerate((3, 4, "")))]
    path.write_text("\n".join(rows), encoding="utf-8")
    checked, written = bring("places", path, new_kinds=True)
    assert (checked.counts, written) == ({"places": 8}, {"places": 8})
    assert [(kind.code, kind.standard.standard_min) for kind in workloads.place_kinds(conn)] == [("茶馆", 25)]
    path.write_text("类型,lon,lat\n茶馆,113.755,23.045\n", encoding="utf-8")
    bring("places", path)
    assert conn.execute(text("SELECT sum(n) FROM cell_place")).scalar_one() == 1


def test_a_place_of_no_kind_or_in_no_cell_blocks(bring: Bring, look: Callable[..., Checked], tmp_path: Path) -> None:
    bring("areas", _towns(tmp_path), level="town", city=CITY)
    bring("areas", _communities(tmp_path), level="community")
    bring("cells", _written(tmp_path, "cells.geojson", [(square(x, y), {}) for x in range(4) for y in range(2)]))
    path = tmp_path / "places.csv"
    path.write_text("类型,lon,lat\n茶馆,113.755,23.045\n茶馆,114.2,22.7\n", encoding="utf-8")
    found = {(finding.rule, finding.rows) for finding in look("places", path).findings}
    assert found == {("unknown_kind", (1,)), ("unknown_kind", (2,)), ("outside_city", (2,))}
