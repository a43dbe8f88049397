"""Files of points: every format, every row out again, faults named by row."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from sqlalchemy import Connection

from gis.errors import BadFile
from gis.point_files import Summary, format_of, place_file
from gis.rules.atlas import Atlas
from gis.rules.datums import Datum, from_wgs84
from tests.builders import atlas_of, found_city, publish


@pytest.fixture
def atlas(conn: Connection, tmp_path: Path) -> Atlas:
    found_city(conn, "AB")
    publish(conn, "AB")
    return atlas_of(conn, tmp_path)


def _place(atlas: Atlas, source: Path, **options: object) -> tuple[Summary, Path]:
    target = source.with_stem("out")
    return place_file(source, target, file_format=format_of(source), atlas=atlas, **options), target  # type: ignore[arg-type]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_csv_comes_back_row_by_row_as_it_was_with_the_answer_beside_it(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text('id,lon,lat,note\n007,113.755,23.045,"a, b"\n008, 113.765 ,23.045,\n009,114.5,23.5,外面\n', encoding="utf-8")
    summary, target = _place(atlas, source)
    rows = _rows(target)
    assert summary.as_dict() == {"rows": 3, "inside": 2, "outside": 1, "faulty": 0, "faults": []}
    assert [row["id"] for row in rows] == ["007", "008", "009"]
    assert [row["note"] for row in rows] == ["a, b", "", "外面"]
    assert [row["grid_code"] for row in rows] == ["44190000300101", "44190000300102", ""]
    assert rows[0]["community_name"] == "岗贝社区"
    assert rows[2]["nearest_grid_code"] == "44190000300102"
    assert float(rows[2]["nearest_distance_m"]) > 80_000


def test_faulty_rows_are_kept_and_named_by_row(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("lon,lat\n113.755,23.045\n23.045,113.755\nabc,23\n,\n1e400,23\n12.5,41.9\n", encoding="utf-8")
    summary, target = _place(atlas, source)
    assert (summary.rows, summary.faulty) == (6, 5)
    assert [(fault["row"], fault["fault"]) for fault in summary.faults] == [
        (2, "swapped"),
        (3, "missing"),
        (4, "missing"),
        (5, "not_finite"),
        (6, "outside_china"),
    ]
    assert [row["place_status"] for row in _rows(target)] == ["inside", "fault", "fault", "fault", "fault", "fault"]
    assert "swapped" in _rows(target)[1]["place_fault"]


def test_a_csv_in_the_chinese_national_encoding_is_read(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("名称,经度,纬度\n岗贝市场,113.755,23.045\n".encode("gb18030"))
    _, target = _place(atlas, source)
    assert (_rows(target)[0]["名称"], _rows(target)[0]["place_status"]) == ("岗贝市场", "inside")


def test_ndjson_keeps_everything_that_a_row_had(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.ndjson"
    rows = [
        {"id": 7, "x": 113.755, "y": 23, "tags": ["a"], "at": "2026-01-01T10:00:00Z"},
        {"id": "8", "x": None, "y": 23, "new": {"deep": True}},
        {"x": "113.765", "y": "23.045"},
        {"x": {"a": 1}, "y": True},
    ]
    source.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    summary, target = _place(atlas, source)
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [{key: line[key] for key in row} for line, row in zip(lines, rows, strict=True)] == rows
    assert [line["place_status"] for line in lines] == ["outside", "fault", "inside", "fault"]
    assert [fault["row"] for fault in summary.faults] == [2, 4]


def test_geoparquet_points_are_placed(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    points = shapely.to_wkb(shapely.points([113.755, 113.765], [23.045, 23.045])).tolist()
    table = pa.table(
        {"id": [1, 2], "geometry": pa.array([*points], pa.large_binary()), "x": [1.0, 2.0], "y": [3.0, 4.0]}
    ).replace_schema_metadata({"geo": '{"version": "1.1.0"}'})
    pq.write_table(table, source)
    _, target = _place(atlas, source)
    placed = pq.read_table(target)
    assert placed["grid_code"].to_pylist() == ["44190000300101", "44190000300102"]
    assert placed.schema.metadata[b"geo"] == b'{"version": "1.1.0"}'


def test_coordinates_of_phone_maps_are_converted(atlas: Atlas, tmp_path: Path) -> None:
    lon, lat = from_wgs84(np.array([113.7599]), np.array([23.045]), datum=Datum.GCJ02)
    source = tmp_path / "in.csv"
    source.write_text(f"lon,lat\n{lon[0]:.7f},{lat[0]:.7f}\n")
    assert _rows(_place(atlas, source)[1])[0]["grid_code"] == "44190000300102"
    assert _rows(_place(atlas, source, datum=Datum.GCJ02)[1])[0]["grid_code"] == "44190000300101"


def test_columns_that_the_answer_would_overwrite_are_left_alone(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("grid_code,lon,lat\nold,113.755,23.045\n")
    row = _rows(_place(atlas, source)[1])[0]
    assert (row["grid_code"], row["new_grid_code"]) == ("old", "44190000300101")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("in.csv", b"", "must name its columns"),
        ("in.csv", b"a,b\n1,2\n", "No columns of longitude and latitude were found among: a, b"),
        ("in.csv", b"lon,lat\n1,2,3\n", "Expected 2 columns, got 3"),
        ("in.parquet", b"not parquet at all", "cannot be read as parquet"),
        ("in.ndjson", b'{"lon": 1, "lat": 2}\n{"lon": \n', "Row 2 is not valid JSON"),
        ("in.ndjson", b'{"lon": 1, "lat": 2}\n[1, 2]\n', "Row 2 is no JSON object"),
        ("in.ndjson", b"", "no rows"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_and_leaves_nothing(
    atlas: Atlas, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / "box").mkdir()
    source = tmp_path / "box" / name
    source.write_bytes(content)
    with pytest.raises(BadFile, match=words):
        _place(atlas, source)
    assert [path.name for path in source.parent.iterdir()] == [name]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(atlas: Atlas, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("lon,lat\n113.755,23.045\n")
    with pytest.raises(BadFile, match="no column 'laenge'; the file has: lon, lat"):
        _place(atlas, source, lon="laenge")


def test_an_unknown_kind_of_file_is_refused() -> None:
    with pytest.raises(BadFile, match=r"\.csv, \.ndjson"):
        format_of(Path("points.docx"))
