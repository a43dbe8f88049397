"""Columns are known again by name and content, and their values are read as people write them."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules import values
from gis.rules.findings import RULES
from gis.rules.mapping import TARGETS, guess, guess_place, missing_targets
from gis.rules.values import Unreadable, read_column


def mapped(kind: str, **fields: list[object]) -> dict[str, str]:
    return {target: name for target, name in guess(fields, kind=kind).items() if name}


def test_the_columns_of_the_land_survey_are_known() -> None:
    found = mapped("areas", OBJECTID=[1], XZQDM=["441900003"], XZQMC=["东城街道"], SJDM=["441900"], 常住人口=[1])
    assert found == {"code": "XZQDM", "name_zh": "XZQMC", "parent": "SJDM", "population": "常住人口"}


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        ("areas", ["Code", "NAME", "name-en", "POP"],
         {"code": "Code", "name_zh": "NAME", "name_en": "name-en", "population": "POP"}),
        ("grids", ["WGBM", "SQBM", "类型"], {"code": "WGBM", "community": "SQBM", "unit_type": "类型"}),
        ("cells", ["社区代码", "人口数", "户数"], {"community": "社区代码", "population": "人口数", "households": "户数"}),
        ("facilities", ["设施类型", "设施名称", "建筑面积", "经度", "纬度", "级别", "开放时间"],
         {"kind": "设施类型", "name_zh": "设施名称", "floor_area_m2": "建筑面积", "lon": "经度", "lat": "纬度", "level": "级别",
          "opening_hours": "开放时间"}),
        ("incidents", ["事项代码", "上报时间", "结案时间", "状态", "来源", "描述", "X", "Y"],
         {"matter": "事项代码", "reported_at": "上报时间", "closed_at": "结案时间", "state": "状态", "channel": "来源",
          "description": "描述", "lon": "X", "lat": "Y"}),
        ("population", ["adcode", "pop", "hh"], {"code": "adcode", "population": "pop", "households": "hh"}),
    ],
)  # fmt: skip
def test_usual_names_are_known_in_any_case(kind: str, names: list[str], expected: dict[str, str]) -> None:
    assert mapped(kind, **{name: [] for name in names}) == expected
    assert mapped(kind, **{f"{name.upper()} ": [] for name in names}) == {key: f"{name.upper()} " for key, name in expected.items()}


def test_a_name_that_a_shapefile_cut_is_known() -> None:
    assert mapped("facilities", opening_ho=[], floor_area=[]) == {"opening_hours": "opening_ho", "floor_area_m2": "floor_area"}
    assert mapped("areas", 行政区=[], 人口=[])["population"] == "人口"
    assert mapped("areas", 行政区划代=[])["code"] == "行政区划代"


def test_what_no_name_says_the_content_may() -> None:
    found = mapped("grids", f1=["441900003001", "441900003002"], f2=[44190000300101.0], f3=["老旧小区", ""], f4=[1])
    assert found == {"code": "f2", "community": "f1", "unit_type": "f3"}
    assert mapped("areas", a=[1, 2], b=["东城街道", "莞城街道"]) == {"name_zh": "b"}


@given(st.sampled_from(sorted(TARGETS)), st.lists(st.text(max_size=12), unique=True, max_size=12))
def test_a_guess_has_every_target_and_uses_no_column_twice(kind: str, names: list[str]) -> None:
    found = guess({name: ["1"] for name in names}, kind=kind)
    assert list(found) == [target.field for target in TARGETS[kind]]
    used = [name for name in found.values() if name]
    assert len(used) == len(set(used))
    assert set(used) <= set(names)


@pytest.mark.parametrize("kind", sorted(TARGETS))
def test_our_own_names_are_always_known(kind: str) -> None:
    fields = [target.field for target in TARGETS[kind]]
    assert guess({name: [] for name in fields}, kind=kind) == {name: name for name in fields}
    assert missing_targets(dict.fromkeys(fields), kind=kind) == [target.field for target in TARGETS[kind] if target.required]


def test_columns_of_the_place_are_found_in_a_table() -> None:
    assert guess_place(["名称", "经度", "纬度"]) == ("经度", "纬度", None)
    assert guess_place(["POINT_X", "POINT_Y", "the_geom"]) == ("POINT_X", "POINT_Y", "the_geom")
    assert guess_place(["a", "b"]) == (None, None, None)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("1,234", 1234), ("１２３４", 1234), ("1.2万", 12_000), ("1 234 人", 1234), (12.0, 12), (np.int32(3), 3),
     ("", None), ("无", None), (float("nan"), None), (None, None), ("0", 0)],
)  # fmt: skip
def test_counts_are_read_as_they_are_written(written: object, expected: int | None) -> None:
    assert values.count(written) == expected


@pytest.mark.parametrize("written", ["-1", "1.5", "many", "12 m2", True, "1e400", "99999999999", "1,23"])
def test_what_is_no_count_is_refused(written: object) -> None:
    with pytest.raises(Unreadable):
        values.count(written)


@pytest.mark.parametrize(
    ("written", "m2"),
    [("350平方米", 350), ("3,500㎡", 3500), ("2 km²", 2e6), ("1.5公顷", 15_000), ("3亩", 2000), (1200.5, 1200.5), ("", None)],
)
def test_areas_come_in_square_metres(written: object, m2: float | None) -> None:
    assert values.area_m2(written) == (None if m2 is None else pytest.approx(m2))


@pytest.mark.parametrize("written", ["0", "-5", "big", "3 m"])
def test_what_is_no_area_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        values.area_m2(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-01", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026年3月1日 14:30", datetime(2026, 3, 1, 6, 30, tzinfo=UTC)),
        ("2026年3月1日14时30分05秒", datetime(2026, 3, 1, 6, 30, 5, tzinfo=UTC)),
        ("2026/3/1 下午2:30", datetime(2026, 3, 1, 6, 30, tzinfo=UTC)),
        ("2026-03-01T14:30:00Z", datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
        ("2026-03-01T14:30:05.123+09:00", datetime(2026, 3, 1, 5, 30, 5, tzinfo=UTC)),
        ("20260301", datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (np.datetime64("2026-03-01T14:30"), datetime(2026, 3, 1, 6, 30, tzinfo=UTC)),
        (datetime(2026, 3, 1, 14, 30), datetime(2026, 3, 1, 6, 30, tzinfo=UTC)),
        (date(2026, 3, 1), datetime(2026, 2, 28, 16, tzinfo=UTC)),
        (np.datetime64("NaT"), None),
        ("", None),
    ],
)
def test_moments_without_a_zone_are_those_of_the_city(written: object, expected: datetime | None) -> None:
    assert values.moment(written) == expected


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))
def test_any_iso_moment_comes_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert values.moment(whole.isoformat()) == whole


@pytest.mark.parametrize("written", ["yesterday", "3/1/2026", "2026-13-01", "2026-02-30", "0000-01-01", "2026-03-01 25:00"])
def test_what_is_no_moment_is_refused(written: str) -> None:
    with pytest.raises(Unreadable):
        values.moment(written)


def test_codes_lose_the_traces_of_a_spreadsheet_and_rounded_ones_are_refused() -> None:
    assert [values.code(written) for written in (441900003001.0, "'441900003001", "４４１９", "441900.0", "")] == [
        "441900003001", "441900003001", "4419", "441900", None,
    ]  # fmt: skip
    with pytest.raises(Unreadable, match="format the column as text"):
        values.code("4.419E+11")


def test_words_stand_for_our_keys_in_both_languages() -> None:
    assert [values.unit_type(word) for word in ("老旧小区", "old_estate", "Old Estate", "")] == ["old_estate"] * 3 + [None]
    assert values.level("街道") == "town"
    assert values.state("已结案") == "closed"
    assert values.channel("12345热线") == "hotline"
    with pytest.raises(Unreadable, match="one of patrol, citizen"):
        values.channel("pigeon")


def test_each_value_that_cannot_be_read_is_a_finding_with_row_and_field() -> None:
    rows = np.array([3, 4, 5, 6])
    given: dict[str, Any] = {"field": "population", "column": "人口", "parse": values.count}
    read, found = read_column(["1", "many", "", "2"], rows=rows, required=True, **given)
    assert read.tolist() == [1, None, None, 2]
    assert [(one.rule, one.severity, one.rows) for one in found] == [
        ("unreadable_value", "error", (4,)),
        ("missing_value", "error", (5,)),
    ]
    assert found[0].message == "Row 4, 人口 (for population): 'many' cannot be read: a whole number is expected."
    _, loose = read_column(["many", ""], rows=rows[:2], **given)
    assert [one.severity for one in loose] == ["notice"]
    assert {one.rule for one in found} <= set(RULES)
