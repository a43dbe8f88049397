"""Listed layers: every page together is the whole, nobody sees more than their part, and filters mean what they say."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2s
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text

from gis import features
from gis.errors import BadQuery, NotFound
from gis.feature_records import FeaturePage, FeatureQuery
from gis.records import Reach
from gis.rules import cursors
from gis.store.reach import holds_area

CITY = Reach("441900")
TOWN = Reach("441900.441900006")
COMMUNITY = Reach("441900.441900006.441900006001")
CHENGGUAN = Reach("441900", "chengguan")
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
BOX = (113.72, 23.0, 113.8, 23.08)


def _page(conn: Connection, layer: str, *, reach: Reach = CITY, **asked: Any) -> FeaturePage:
    return features.page(conn, FeatureQuery(layer, **asked), reach=reach, now=NOW)


def _rows(page: FeaturePage) -> list[dict[str, Any]]:
    found = json.loads(f"[{page.features}]")
    return [row["properties"] | {"geometry": row["geometry"]} if "properties" in row else row for row in found]


def _walk(
    conn: Connection, layer: str, *, limit: int, meanwhile: Callable[[int], None] = lambda _: None, **asked: Any
) -> Iterator[dict[str, Any]]:
    after, number = None, 0
    while True:
        page = _page(conn, layer, limit=limit, after=after, **asked)
        yield from _rows(page)
        after, number = page.next, number + 1
        if after is None:
            return
        meanwhile(number)


def _id(layer: str) -> str:
    return features.LAYERS[layer].id.name


@pytest.fixture(scope="module")
def everything(demo_engine: Any) -> list[dict[str, Any]]:
    """Every incident of the demo city with what filters look at, read without the service."""
    with demo_engine.connect() as conn:
        rows = conn.execute(
            text("""
                SELECT i.number, i.id, i.reported_at, i.closed_at, i.state, i.urgency, i.channel, m.code AS matter, m.department,
                       m.category_zh AS category, g.code AS grid, a.path::text AS path, ST_X(i.geom) AS lon, ST_Y(i.geom) AS lat
                FROM incident i JOIN matter m ON m.id = i.matter_id LEFT JOIN grid g ON g.id = i.grid_id
                LEFT JOIN area a ON a.id = i.community_id ORDER BY i.reported_at DESC, i.id DESC
            """)
        )
        return [dict(row._mapping) for row in rows]


@pytest.mark.parametrize("layer", features.LAYERS)
def test_every_page_together_is_the_whole_layer_once_and_in_order(demo: Connection, layer: str) -> None:
    limit = min(features.LAYERS[layer].most, 997)
    ids = [row[_id(layer)] for row in _walk(demo, layer, limit=limit, geometry=False)]
    streamed = features.stream(demo, FeatureQuery(layer), reach=CITY, now=NOW)
    assert ids == [value for batch in streamed for value in batch.columns[_id(layer)]]
    assert len(set(ids)) == len(ids) > 0


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_the_size_of_pages_changes_nothing(demo: Connection, limit: int) -> None:
    area = {"area": "441900006001"}
    expected = [row["number"] for row in _walk(demo, "incidents", limit=500, **area)]
    assert [row["number"] for row in _walk(demo, "incidents", limit=limit, **area)] == expected


def test_reports_that_come_in_between_pages_shift_nothing(demo: Connection, everything: list[dict[str, Any]]) -> None:
    def report(number: int) -> None:
        demo.execute(
            text("""
                INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
                SELECT 'N-' || :n, :at, id, 1, 'patrol', 'SRID=4326;POINT(113.75 23.04)' FROM matter LIMIT 1
            """),
            {"n": number, "at": NOW + timedelta(hours=1, seconds=number)},
        )

    walked = [row["number"] for row in _walk(demo, "incidents", limit=1000, meanwhile=report)]
    assert walked == [row["number"] for row in everything]
    assert _rows(_page(demo, "incidents", limit=1))[0]["number"].startswith("N-")


def test_a_plan_published_between_pages_does_not_mix_two_plans(demo: Connection) -> None:
    before = [row["code"] for row in _walk(demo, "grids", limit=1000, geometry=False)]

    def publish(_: int) -> None:
        demo.execute(text("UPDATE grid_version SET valid = tstzrange(lower(valid), :at) WHERE upper_inf(valid)"), {"at": NOW + DAY})

    assert [row["code"] for row in _walk(demo, "grids", limit=1000, geometry=False, meanwhile=publish)] == before
    assert features.page(demo, FeatureQuery("grids"), reach=CITY, now=NOW + 2 * DAY).number_returned == 0


@pytest.mark.parametrize("reach", [CITY, TOWN, COMMUNITY, CHENGGUAN, Reach("441900", "")])
def test_incidents_are_cut_to_the_reach(demo: Connection, everything: list[dict[str, Any]], reach: Reach) -> None:
    mine = [
        row["number"] for row in everything
        if (reach.is_whole_city or (row["path"] and holds_area(reach, row["path"])))
        and reach.department in (None, row["department"])
    ]  # fmt: skip
    assert [row["number"] for row in _walk(demo, "incidents", limit=1000, reach=reach)] == mine


@pytest.mark.parametrize("layer", ["staff", "postings"])
def test_staff_are_cut_to_the_reach(demo: Connection, layer: str) -> None:
    paths = dict(demo.execute(text("SELECT code, path::text FROM area")).all())
    everyone = list(_walk(demo, layer, limit=1000))
    for reach in (TOWN, COMMUNITY):
        mine = [row for row in everyone if holds_area(reach, paths[row["area"]])]
        assert list(_walk(demo, layer, limit=1000, reach=reach)) == mine
        assert 0 < len(mine) < len(everyone)


def test_ground_and_facilities_are_open_to_everybody(demo: Connection) -> None:
    for layer in ("areas", "grids", "cells", "facilities", "matters", "departments", "plans"):
        assert _page(demo, layer, reach=COMMUNITY).number_matched == _page(demo, layer).number_matched


def test_a_filter_for_an_area_elsewhere_opens_nothing(demo: Connection) -> None:
    assert _page(demo, "incidents", area="441900003", reach=TOWN).number_returned == 0
    assert _page(demo, "staff", area="441900003", reach=TOWN).number_returned == 0
    inside = _page(demo, "incidents", area="441900006001", reach=TOWN)
    assert inside.features == _page(demo, "incidents", area="441900006001").features
    assert _page(demo, "incidents", area="441900", reach=TOWN).features == _page(demo, "incidents", reach=TOWN).features


def test_one_row_by_its_id_and_none_outside_the_reach(demo: Connection) -> None:
    row = _rows(_page(demo, "incidents", area="441900006001", limit=1))[0]
    found = json.loads(features.get(demo, "incidents", row["number"], reach=COMMUNITY, now=NOW))
    assert (found["id"], found["properties"]["number"]) == (row["number"], row["number"])
    for number, reach in ((row["number"], Reach("441900.441900003")), ("nobody's", CITY), ("\0", CITY)):
        with pytest.raises(NotFound):
            features.get(demo, "incidents", number, reach=reach, now=NOW)
    with pytest.raises(NotFound):
        features.get(demo, "facilities", "one", reach=CITY, now=NOW)
    assert json.loads(features.get(demo, "plans", 2, reach=CITY, now=NOW))["state"] == "published"


FILTERS: dict[str, tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = {
    "state": ({"filters": {"state": ["closed"]}}, lambda i: i["state"] == "closed"),
    "states": ({"filters": {"state": ["suspended", "rejected"]}}, lambda i: i["state"] in ("suspended", "rejected")),
    "matter": ({"filters": {"matter": ["0101"]}}, lambda i: i["matter"] == "0101"),
    "matters": ({"filters": {"matter": ["0101", "0502"]}}, lambda i: i["matter"] in ("0101", "0502")),
    "category": ({"filters": {"category": ["燃气安全"]}}, lambda i: i["category"] == "燃气安全"),
    "category in English": ({"filters": {"category": ["Gas safety"]}}, lambda i: i["category"] == "燃气安全"),
    "department": ({"filters": {"department": ["chengguan"]}}, lambda i: i["department"] == "chengguan"),
    "urgency": ({"filters": {"urgency": [1, 3]}}, lambda i: i["urgency"] in (1, 3)),
    "channel": ({"filters": {"channel": ["hotline"]}}, lambda i: i["channel"] == "hotline"),
    "open": ({"filters": {"open": [True]}}, lambda i: i["closed_at"] is None and i["state"] != "rejected"),
    "not open": ({"filters": {"open": [False]}}, lambda i: i["closed_at"] is not None or i["state"] == "rejected"),
    "from": ({"filters": {"reported_from": [NOW - 100 * DAY]}}, lambda i: i["reported_at"] >= NOW - 100 * DAY),
    "until": ({"filters": {"reported_until": [NOW - 100 * DAY]}}, lambda i: i["reported_at"] < NOW - 100 * DAY),
    "town": ({"area": "441900006"}, lambda i: bool(i["path"]) and holds_area(TOWN, i["path"])),
    "city": ({"area": "441900"}, lambda i: bool(i["path"])),
    "box": ({"bbox": BOX}, lambda i: BOX[0] <= i["lon"] <= BOX[2] and BOX[1] <= i["lat"] <= BOX[3]),
    "empty box": ({"bbox": (110.0, 20.0, 110.1, 20.1)}, lambda _: False),
    "the world": ({"bbox": (-180.0, -90.0, 180.0, 90.0)}, lambda _: True),
    "matter of another department": (
        {"filters": {"matter": ["0101"], "department": ["chengguan"]}},
        lambda i: i["matter"] == "0101" and i["department"] == "chengguan",
    ),
    "many at once": (
        {"filters": {"state": ["closed"], "department": ["chengguan", "xiaofang"], "channel": ["patrol"]}, "bbox": BOX},
        lambda i: i["state"] == "closed" and i["department"] in ("chengguan", "xiaofang") and i["channel"] == "patrol"
        and BOX[0] <= i["lon"] <= BOX[2] and BOX[1] <= i["lat"] <= BOX[3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("reach", [CITY, TOWN])
def test_a_filter_leaves_what_it_says(demo: Connection, everything: list[dict[str, Any]], name: str, reach: Reach) -> None:
    asked, holds = FILTERS[name]
    within = [row for row in everything if reach.is_whole_city or (row["path"] and holds_area(reach, row["path"]))]
    expected = [row["number"] for row in within if holds(row)]
    assert [row["number"] for row in _walk(demo, "incidents", limit=1000, reach=reach, geometry=False, **asked)] == expected
    first = _page(demo, "incidents", reach=reach, limit=1000, **asked)
    assert first.matched_is_estimate or first.number_matched == len(expected)


PIECES = st.fixed_dictionaries(
    {},
    optional={
        "state": st.lists(st.sampled_from(["closed", "suspended", "rejected", "verified"]), min_size=1, max_size=3),
        "department": st.lists(st.sampled_from(["chengguan", "xiaofang", "gongan"]), min_size=1, max_size=2),
        "urgency": st.lists(st.integers(1, 3), min_size=1, max_size=2),
        "channel": st.lists(st.sampled_from(["patrol", "citizen"]), min_size=1, max_size=2),
        "open": st.booleans().map(lambda value: [value]),
        "reported_from": st.integers(1, 400).map(lambda days: [NOW - days * DAY]),
        "reported_until": st.integers(0, 400).map(lambda days: [NOW - days * DAY]),
    },
)
ASKED: dict[str, Callable[[dict[str, Any], list[Any]], bool]] = {
    "open": lambda row, wanted: (row["closed_at"] is None and row["state"] != "rejected") is wanted[0],
    "reported_from": lambda row, wanted: row["reported_at"] >= wanted[0],
    "reported_until": lambda row, wanted: row["reported_at"] < wanted[0],
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=PIECES, corner=st.tuples(st.floats(113.5, 114.2), st.floats(22.7, 23.1)), size=st.floats(0.001, 0.5))
def test_any_filters_together_are_their_intersection(
    demo: Connection, everything: list[dict[str, Any]], filters: dict[str, list[Any]], corner: tuple[float, float], size: float
) -> None:
    box = (*corner, corner[0] + size, corner[1] + size)
    expected = [
        row["number"] for row in everything
        if box[0] <= row["lon"] <= box[2] and box[1] <= row["lat"] <= box[3]
        and all(
            ASKED[name](row, wanted) if name in ASKED else row[name] in wanted for name, wanted in filters.items()
        )
    ]  # fmt: skip
    assert [row["number"] for row in _walk(demo, "incidents", limit=1000, bbox=box, filters=filters, fields=["number"])] == expected


def test_a_point_on_the_side_of_a_box_lies_inside(demo: Connection, everything: list[dict[str, Any]]) -> None:
    for row in everything[::400]:
        box = (row["lon"], row["lat"], row["lon"], row["lat"])
        assert row["number"] in [found["number"] for found in _rows(_page(demo, "incidents", bbox=box))]


def test_grids_are_those_of_the_moment_asked_about(demo: Connection) -> None:
    assert _page(demo, "grids").number_matched == 2958
    assert _page(demo, "grids", as_of=date(2025, 7, 1)).number_matched == 3106
    assert _page(demo, "grids", as_of=date(2025, 12, 31)).number_matched == 3106
    new_year = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert _page(demo, "grids", as_of=date(2026, 1, 1)).number_matched == 2958
    assert _page(demo, "grids", as_of=new_year - timedelta(seconds=1)).number_matched == 3106
    assert _page(demo, "grids", as_of=date(2001, 1, 1)).number_matched == 0


def test_every_cell_has_the_grid_of_the_moment_asked_about(demo: Connection) -> None:
    for moment, grids in ((None, 2958), (date(2025, 7, 1), 3106)):
        batches = features.stream(demo, FeatureQuery("cells", as_of=moment, fields=["grid"]), reach=CITY, now=NOW)
        assert len({code for batch in batches for code in batch.columns["grid"]}) == grids


def test_everything_under_an_area(demo: Connection) -> None:
    assert _page(demo, "areas", area="441900006").number_matched == 1 + len(
        [row for row in _walk(demo, "areas", limit=1000, geometry=False) if row["parent"] == "441900006"]
    )
    for layer in ("grids", "cells", "facilities"):
        rows = list(_walk(demo, layer, limit=1000, area="441900006", geometry=False))
        assert {row["town"] for row in rows} == {"441900006"}
        assert len(rows) == sum(row["town"] == "441900006" for row in _walk(demo, layer, limit=1000, geometry=False))


@pytest.mark.parametrize("layer", ["areas", "grids", "cells", "facilities"])
def test_a_box_holds_what_it_touches(demo: Connection, layer: str) -> None:
    box = shapely.box(*BOX)
    touching = []
    for batch in features.stream(demo, FeatureQuery(layer, fields=[_id(layer)]), reach=CITY, now=NOW):
        hits = shapely.intersects(shapely.from_wkb(batch.geometry), box)
        touching += [key for key, hit in zip(batch.columns[_id(layer)], hits, strict=True) if hit]
    assert [row[_id(layer)] for row in _walk(demo, layer, limit=1000, bbox=BOX, geometry=False)] == touching
    assert touching


@pytest.mark.parametrize("layer", [name for name, layer in features.LAYERS.items() if layer.geometry])
def test_features_are_geojson_with_shells_against_the_clock(demo: Connection, layer: str) -> None:
    for row in json.loads(f"[{_page(demo, layer, limit=200).features}]"):
        assert list(row) == ["type", "id", "geometry", "properties"]
        assert row["type"] == "Feature"
        assert row["id"] == row["properties"][_id(layer)]
        assert row["geometry"]["type"] == features.LAYERS[layer].geometry_kind
        shape = shapely.from_geojson(json.dumps(row["geometry"]))
        assert shapely.box(113, 22, 115, 24).covers(shape)
        for part in getattr(shape, "geoms", [shape]):
            if part.geom_type == "Polygon":
                assert part.exterior.is_ccw
                assert not any(ring.is_ccw for ring in part.interiors)


@pytest.mark.parametrize("layer", features.LAYERS)
def test_every_property_is_there_under_its_name_with_values_of_its_kind(demo: Connection, layer: str) -> None:
    kinds = {"text": str, "integer": int, "number": int | float, "boolean": bool, "date": date, "moment": datetime}
    described = features.LAYERS[layer]
    row = _rows(_page(demo, layer, limit=1))[0]
    row.pop("geometry", None)
    assert list(row) == [item.name for item in described.properties]
    batch = next(features.stream(demo, FeatureQuery(layer), reach=CITY, now=NOW))
    for item in described.properties:
        assert all(isinstance(value, kinds[item.kind]) for value in batch.columns[item.name] if value is not None), item.name
        if item.words:
            assert set(batch.columns[item.name]) - {None} <= set(item.words)


def test_only_the_fields_asked_for_come(demo: Connection) -> None:
    row = _rows(_page(demo, "grids", fields=["population", "code"], geometry=False, limit=1))[0]
    assert list(row) == ["population", "code", "geometry"]
    assert row["geometry"] is None
    assert _rows(_page(demo, "grids", fields=[], limit=1))[0].keys() == {"geometry"}


def test_stream_is_read_in_batches_of_bounded_size(demo: Connection) -> None:
    sizes = [len(batch) for batch in features.stream(demo, FeatureQuery("cells"), reach=CITY, now=NOW, batch_rows=5000)]
    assert (sum(sizes), max(sizes)) == (44_000, 5000)
    texts = list(features.stream_features(demo, FeatureQuery("grids"), reach=CITY, now=NOW, batch_rows=1000))
    assert len(texts) == 3
    assert len(json.loads(f"[{','.join(texts)}]")) == 2958


def test_an_estimate_says_that_it_is_one(demo: Connection, everything: list[dict[str, Any]]) -> None:
    whole = _page(demo, "incidents")
    assert whole.matched_is_estimate
    assert whole.number_matched == pytest.approx(len(everything), rel=0.2)
    second = _page(demo, "incidents", after=whole.next)
    assert (second.number_matched, second.matched_is_estimate) == (whole.number_matched, True)
    few = _page(demo, "incidents", area="441900006001", limit=2)
    assert (few.number_returned, few.matched_is_estimate) == (2, False)


@pytest.mark.parametrize(
    ("asked", "most"),
    [({}, 2), ({"area": "441900006"}, 5), ({"filters": {"matter": ["0101"], "department": ["xiaofang"]}, "bbox": BOX}, 6)],
)
def test_a_page_takes_few_statements(demo: Connection, asked: dict[str, Any], most: int) -> None:
    _page(demo, "incidents", limit=10, **asked)  # a connection plans the commonest questions once
    _page(demo, "incidents", limit=10, after=_page(demo, "incidents", limit=10, **asked).next, **asked)
    counted: list[str] = []
    event.listen(demo, "before_cursor_execute", lambda *given: counted.append(given[2]))
    page = _page(demo, "incidents", limit=10, **asked)
    assert len(counted) <= most
    counted.clear()
    _page(demo, "incidents", limit=10, after=page.next, **asked)
    assert len(counted) <= most - 1  # the count came with the cursor


def test_an_altered_or_foreign_cursor_is_refused(demo: Connection) -> None:
    cursor = _page(demo, "incidents", limit=5).next or ""
    middle = len(cursor) // 2
    altered = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]
    for bad in (altered, cursor[:-2], cursor + "AAAA", "", "x", "é", "🜁" * 5, "A" * 5000, "=", "null", "\0"):
        if bad:
            with pytest.raises(BadQuery, match="no cursor of ours"):
                _page(demo, "incidents", after=bad)
    for layer, asked in (("staff", {}), ("incidents", {"filters": {"state": ["closed"]}}), ("incidents", {"area": "441900006"})):
        with pytest.raises(BadQuery, match="another list or other filters"):
            _page(demo, layer, after=cursor, **asked)


@pytest.mark.parametrize(
    "state",
    [
        (), (NOW, 5), (NOW, 5, True), (NOW, 5, True, NOW), (NOW, 5, True, NOW, 1, 1), (NOW, -5, True, NOW, 1),
        (NOW, 5.0, True, NOW, 1),
        (NOW, 5, 1, NOW, 1), (NOW, True, True, NOW, 1), (None, 5, True, NOW, 1), (NOW, 5, True, NOW, "1"), (NOW, 5, True, 1, NOW),
        (NOW, 5, True, NOW, 2**63), (NOW, 5, True, NOW, [1]), (NOW, 5, True, {"at": "bad"}, 1), (NOW, 5, True, {"on": 1}, 1),
        (NOW, 5, True, {"at": 1}, 1), (NOW, 5, True, {"at": "2026-01-01T00:00:00"}, 1),
        (NOW, 5, True, {"at": "0001-01-01T00:00:00Z"}, 1),
    ],
)  # fmt: skip
def test_a_made_up_cursor_with_a_right_checksum_is_refused(demo: Connection, state: tuple[Any, ...]) -> None:
    with pytest.raises(BadQuery, match="no cursor of ours"):
        _page(demo, "incidents", after=_made_up("incidents", *state))


@pytest.mark.parametrize(("layer", "key"), [("grids", 5), ("grids", "\0"), ("grids", "\ud800"), ("cells", "x"), ("cells", -1)])
def test_a_made_up_cursor_with_a_key_of_another_kind_is_refused(demo: Connection, layer: str, key: object) -> None:
    with pytest.raises(BadQuery, match="no cursor of ours"):
        _page(demo, layer, after=_made_up(layer, NOW, 5, True, key))


def test_a_cursor_that_holds_no_list_is_refused(demo: Connection) -> None:
    for body in (b"", b"null", b"{}", b"[]", b"[", b"\xff", b"[" * 700):
        with pytest.raises(BadQuery, match="no cursor of ours"):
            _page(demo, "incidents", after=_sealed(body))


def _made_up(layer: str, *state: Any) -> str:
    question = cursors.question_mark(layer, None, None, None, None, {})
    return _sealed(json.dumps([question, *state], default=lambda moment: {"at": moment.isoformat()}).encode())


def _sealed(body: bytes) -> str:
    """A body with its right checksum, which anybody can reckon."""
    return base64.urlsafe_b64encode(blake2s(body, digest_size=6, person=b"wangge").digest() + body).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": (114.0, 23.0, 113.0, 23.1)},
        {"bbox": (113.0, 23.1, 114.0, 23.0)},
        {"bbox": (float("nan"), 23.0, 114.0, 23.1)},
        {"bbox": (113.0, 23.0, float("inf"), 23.1)},
        {"bbox": (113.0, 23.0, 114.0, 91.0)},
        {"limit": 0},
        {"limit": 1001},
        {"fields": ["number", "password"]},
        {"filters": {"description": ["x"]}},
        {"filters": {"state": ["open"]}},
        {"filters": {"matter": ["nothing"]}},
        {"filters": {"department": ["' OR true --"]}},
        {"area": "44'; DROP TABLE area; --"},
        {"as_of": date(2026, 1, 1)},
    ],
)
def test_a_question_that_cannot_be_answered_says_why(demo: Connection, asked: dict[str, Any]) -> None:
    with pytest.raises(BadQuery):
        _page(demo, "incidents", **asked)


def test_an_unknown_layer_is_not_found(demo: Connection) -> None:
    with pytest.raises(NotFound, match="areas, plans"):
        _page(demo, "account")
