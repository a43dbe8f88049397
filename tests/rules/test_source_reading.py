"""A department's records under its mapping: what comes in, and every reason why something does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.addresses import communities_named
from gis.rules.datums import Datum, from_wgs84
from gis.rules.source_mapping import FIELDS, mapping_faults, mapping_of
from gis.rules.source_reading import Known, plain_name, read_records, value_at
from gis.source_records import KnownCommunity, SourceRead

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MATTERS = {"0101": "通道堵塞", "0401": "占道经营", "0402": "Street vendors"}
COMMUNITIES = (
    KnownCommunity("1", "岗贝社区", "东城街道", 113.751, 23.041),
    KnownCommunity("2", "桥头社区", "东城街道", 113.752, 23.042),
    KnownCommunity("3", "桥头社区", "桥头镇", 113.9, 23.0),
    KnownCommunity("4", "石井社区", "东城街道", 113.76, 23.05),
    KnownCommunity("5", "大石井村", "万江街道", 113.7, 23.06),
)
KNOWN = Known(
    matters={code: code for code in MATTERS} | {plain_name(name): code for code, name in MATTERS.items()}, communities=COMMUNITIES
)
MAPPING: dict[str, Any] = {
    "id": "caseNo", "matter": "kind", "matters": {"路边摊": "0401"}, "lon": "place.lng", "lat": "place.lat",
    "address": "addr", "reported_at": "time", "description": "text", "urgency": "level", "urgencies": {"加急": 1},
    "contact_name": "who.name", "contact_phone": "who.phone",
}  # fmt: skip
RECORD: dict[str, Any] = {
    "caseNo": "DG-1", "kind": "路边摊", "place": {"lng": 113.75, "lat": 23.04}, "time": "2026-11-22 15:30", "text": "占道",
    "level": "加急", "who": {"name": "王", "phone": "13800000000"},
}  # fmt: skip


def _read(record: Any, **changed: Any) -> SourceRead:
    return read_records([record], mapping=mapping_of(MAPPING | changed), known=KNOWN, now=NOW)[0]


def _codes(record: Any, **changed: Any) -> set[str]:
    return {reason.code for reason in _read(record, **changed).reasons}


def test_a_whole_record_becomes_a_report() -> None:
    read = _read(RECORD)
    assert read.report is not None
    assert (read.key, read.reasons, read.contact) == ("DG-1", (), ("王", "13800000000"))
    assert (read.report.matter, read.report.urgency, read.report.channel) == ("0401", 1, "department")
    assert read.report.reported_at == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "code"), [("0101", "0101"), ("占道经营", "0401"), ("street VENDORS", "0402"), ("路边摊", "0401"), (101, None)]
)
def test_a_matter_is_told_by_its_code_its_name_or_the_table(kind: Any, code: str | None) -> None:
    report = _read(RECORD | {"kind": kind}).report
    assert (report.matter if report else None) == code


def test_a_source_of_one_matter_needs_no_field_for_it() -> None:
    report = _read(RECORD, matter=None, matter_always="0101").report
    assert report is not None
    assert report.matter == "0101"


@pytest.mark.parametrize(
    ("told", "time_format", "zone"),
    [
        ("2026-11-22T07:30:00Z", None, "Asia/Shanghai"),
        ("2026年11月22日 15时30分", None, "Asia/Shanghai"),
        ("22/11/26 07.30", "%d/%m/%y %H.%M", "UTC"),
        (1795332600, "unix", "Asia/Shanghai"),
        ("1795332600000", "unix", "Asia/Shanghai"),
        ("2026-11-22 16:30", None, "Asia/Tokyo"),
    ],
)
def test_a_moment_is_read_in_its_format_and_zone(told: Any, time_format: str | None, zone: str) -> None:
    report = _read(RECORD | {"time": told}, time_format=time_format, zone=zone).report
    assert report is not None
    assert report.reported_at == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


def test_a_place_in_a_shifted_datum_is_brought_back() -> None:
    lon, lat = from_wgs84([113.75], [23.04], datum=Datum.BD09)
    report = _read(RECORD | {"place": {"lng": lon[0], "lat": str(lat[0])}}, datum="bd09").report
    assert report is not None
    assert (report.lon, report.lat) == pytest.approx((113.75, 23.04), abs=1e-8)


def test_all_that_is_wrong_with_a_record_is_said_at_once() -> None:
    record = {"kind": "飞船", "place": {"lng": 23.04, "lat": 113.75}, "time": "yesterday", "level": "!", "text": "x" * 5000}
    assert _codes(record) == {"missing_id", "unknown_matter", "swapped", "bad_moment", "bad_urgency", "too_long"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"caseNo": None}, "missing_id"),
        ({"caseNo": "1.23E+15"}, "bad_id"),
        ({"caseNo": "x" * 201}, "bad_id"),
        ({"kind": ""}, "missing_matter"),
        ({"time": ""}, "missing_moment"),
        ({"time": "2026-11-22 16:30"}, "future"),
        ({"place": {"lng": "east", "lat": 23}}, "bad_number"),
        ({"place": {"lng": 13.4, "lat": 52.5}}, "outside_china"),
        ({"place": None}, "missing"),
        ({"place": None, "addr": "某处"}, "unknown_address"),
        ({"place": None, "addr": "桥头社区某号"}, "ambiguous_address"),
    ],
)
def test_a_record_says_why_it_is_no_report(changed: dict[str, Any], code: str) -> None:
    assert _codes(RECORD | changed) == {code}


def test_what_is_no_object_is_refused_and_the_others_come_in() -> None:
    read = read_records([None, RECORD, [1], "x"], mapping=mapping_of(MAPPING), known=KNOWN, now=NOW)
    assert [each.report is not None for each in read] == [False, True, False, False]
    assert read[0].reasons[0].code == "not_an_object"
    assert read_records([], mapping=mapping_of(MAPPING), known=KNOWN, now=NOW) == []


def test_a_record_without_coordinates_lies_in_the_community_of_its_address() -> None:
    report = _read(RECORD | {"place": None, "addr": "东莞市东城桥头社区三巷5号"}).report
    assert report is not None
    assert (report.lon, report.lat, report.address) == (113.752, 23.042, "东莞市东城桥头社区三巷5号")


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("岗贝社区", ["1"]), ("东城岗贝村口", ["1"]), ("桥头镇桥头社区", ["3"]), ("桥头社区", ["2", "3"]),
        ("万江大石井", ["5"]), ("石井社区", ["4"]), ("莞城", []), ("", []),
    ],
)  # fmt: skip
def test_an_address_names_a_community(address: str, codes: list[str]) -> None:
    assert [each.code for each in communities_named(address, COMMUNITIES)] == codes


def test_paths_lead_through_objects_and_lists_and_a_name_with_dots_is_itself() -> None:
    record = {"geometry": {"coordinates": [113.7, 23.0]}, "a.b": 1, "a": {"b": 2}}
    paths = ("geometry.coordinates.1", "a.b", "a", "geometry.coordinates.7", "geometry.coordinates.x", "no.such")
    assert [value_at(record, path) for path in paths] == [23.0, 1, {"b": 2}, None, None, None]


def test_a_good_mapping_has_no_faults() -> None:
    assert mapping_faults(MAPPING | {"datum": "gcj02", "zone": "UTC", "time_format": "unix"}, matters=MATTERS) == []


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"id": None}, "missing", "id"),
        ({"matter": None}, "missing", "matter"),
        ({"lat": None}, "missing", "lat"),
        ({"lon": None, "lat": None, "address": None}, "missing", "lon"),
        ({"lon": 5}, "not_text", "lon"),
        ({"datum": "mars"}, "bad_datum", "datum"),
        ({"zone": "Moon/Base"}, "bad_zone", "zone"),
        ({"zone": "../etc/passwd"}, "bad_zone", "zone"),
        ({"time_format": "%H:%M"}, "bad_format", "time_format"),
        ({"time_format": "no format"}, "bad_format", "time_format"),
        ({"matters": {"x": "9999"}}, "unknown_matter", "matters"),
        ({"matters": ["0101"]}, "not_table", "matters"),
        ({"urgencies": {"x": 4}}, "bad_urgency", "urgencies"),
        ({"urgencies": {"x": True}}, "bad_urgency", "urgencies"),
        ({"matter_always": "9999"}, "unknown_matter", "matter_always"),
        ({"longitude": "x"}, "unknown_field", "longitude"),
    ],
)
def test_a_mapping_says_what_is_wrong_and_where(changed: dict[str, Any], code: str, field: str) -> None:
    assert [(fault.code, fault.field) for fault in mapping_faults(MAPPING | changed, matters=MATTERS)] == [(code, field)]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["caseNo", "kind", "place", "addr", "time", "text", "level", "who"]), JSON), max_size=4
    )
)
def test_whatever_comes_is_a_report_or_has_reasons(records: list[dict[str, Any]]) -> None:
    for read in read_records(records, mapping=mapping_of(MAPPING), known=KNOWN, now=NOW):
        assert (read.report is None) is bool(read.reasons)


@given(st.dictionaries(st.sampled_from([*FIELDS, "x"]), JSON))
def test_whatever_mapping_comes_is_judged(told: dict[str, Any]) -> None:
    if not mapping_faults(told, matters=MATTERS):
        read_records([RECORD], mapping=mapping_of(told), known=KNOWN, now=NOW + timedelta(days=1))
