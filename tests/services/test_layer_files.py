"""Layers as cities deliver them: every format, Chinese encodings, coordinates carried to WGS 84."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pyogrio.raw
import pyproj
import pytest
import shapely
from numpy.typing import NDArray
from openpyxl import Workbook

from gis.errors import BadFile
from gis.layer_files import Datum, Layer, probe, read
from gis.layer_files.heads import whole_rows
from gis.rules.datums import from_wgs84
from tests.builders import square

NAMES = np.array(["莞城街道", "东城街道"], dtype=object)
PEOPLE = np.array([100, 250])
SQUARES = np.array([square(0, 0), square(1, 0)], dtype=object)
DRIVERS = {
    ".shp": "ESRI Shapefile",
    ".gpkg": "GPKG",
    ".kml": "KML",
    ".fgb": "FlatGeobuf",
    ".geojson": "GeoJSON",
    ".ndjson": "GeoJSONSeq",
}


def write_layer(
    path: Path, shapes: NDArray[np.object_] = SQUARES, *, crs: str = "EPSG:4326", encoding: str | None = None, **options: object
) -> Path:
    """Two towns with a name and a number of people, in the format that the suffix says."""
    pyogrio.raw.write(
        str(path), shapely.to_wkb(shapes), [NAMES[: len(shapes)], PEOPLE[: len(shapes)]], ["名称", "人口"],
        geometry_type="Polygon", crs=crs, driver=DRIVERS[path.suffix], encoding=encoding, **options,
    )  # fmt: skip
    return path


def packed(target: Path, *parts: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.write(part, inside + part.name)
    return target


def parts_of(shapefile: Path) -> list[Path]:
    return sorted(shapefile.parent.glob(shapefile.stem + ".*"))


def same_ground(layer: Layer) -> bool:
    order = np.argsort(shapely.get_x(shapely.centroid(layer.geoms)))
    return bool((shapely.hausdorff_distance(layer.geoms[order], SQUARES) < 5e-9).all())


@pytest.mark.parametrize("suffix", [".gpkg", ".kml", ".fgb", ".geojson", ".ndjson", ".shp"])
def test_every_vector_format_gives_the_same_towns(tmp_path: Path, suffix: str) -> None:
    path = write_layer(tmp_path / f"towns{suffix}", encoding="UTF-8" if suffix == ".shp" else None)
    info, layer = probe(path), read(path)
    assert (info.features, info.geometry_type, info.crs) == (2, "Polygon", "EPSG:4326")
    assert info.bbox == pytest.approx((113.75, 23.04, 113.77, 23.05))
    assert {"名称", "人口"} <= {field.name for field in info.fields}
    assert set(layer.fields["名称"]) == set(NAMES)
    assert {int(value) for value in layer.fields["人口"]} == {100, 250}
    assert layer.rows.tolist() == [1, 2]
    assert same_ground(layer)


@pytest.mark.parametrize("encoding", ["GBK", "GB18030", "UTF-8"])
@pytest.mark.parametrize("cpg", ["right", "none", "UTF-8", "GBK", "ISO-8859-1"])
def test_a_chinese_shapefile_is_read_whatever_its_cpg_says(tmp_path: Path, encoding: str, cpg: str) -> None:
    path = write_layer(tmp_path / "towns.shp", encoding=encoding)
    beside = path.with_suffix(".cpg")
    if cpg == "none":
        beside.unlink()
    elif cpg != "right":
        beside.write_text(cpg)
    info, layer = probe(path), read(path)
    assert [field.name for field in info.fields] == ["名称", "人口"]
    assert layer.fields["名称"].tolist() == NAMES.tolist()
    assert info.fields[0].samples == tuple(NAMES)
    assert info.encoding_how


def test_a_declared_encoding_wins_and_what_does_not_fit_it_is_told(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "towns.shp", encoding="GBK")
    layer = read(path, encoding="utf-8")
    assert layer.info.encoding_how == "as declared"
    assert "�" in layer.fields[next(iter(layer.fields))][0]
    assert any("are no UTF-8, the first in feature 1" in note for note in layer.info.notes)
    with pytest.raises(BadFile, match="no encoding 'martian'"):
        read(path, encoding="martian")


def test_a_name_that_a_shapefile_cut_within_a_character_loses_only_that(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "towns.shp", encoding="UTF-8")
    table = path.with_suffix(".dbf")
    whole, cut = "莞城街道".encode(), "莞城街道".encode()[:-1] + b" "
    table.write_bytes(table.read_bytes().replace(whole, cut))
    layer = read(path)
    assert layer.fields["名称"].tolist() == ["莞城街", "东城街道"]
    assert layer.info.encoding == "utf-8"


def test_a_zip_of_two_shapefiles_has_two_layers_and_a_folder_has_them_too(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.mkdir()
    towns, villages = write_layer(box / "towns.shp"), write_layer(box / "villages.shp", SQUARES[:1])
    path = packed(tmp_path / "city.zip", *parts_of(towns), *parts_of(villages), inside="图层/")
    for delivered, names in ((path, ["图层/towns", "图层/villages"]), (box, ["towns", "villages"])):
        info = probe(delivered)
        assert [(layer.name, layer.features) for layer in info.layers] == [(names[0], 2), (names[1], 1)]
        assert info.layer == names[0]
        assert len(read(delivered, layer=names[1]).rows) == 1
        with pytest.raises(BadFile, match=r"no layer 'roads'; the file has: .*towns"):
            probe(delivered, layer="roads")


def test_names_in_a_zip_are_shown_in_chinese_though_its_writer_did_not_say_the_encoding(tmp_path: Path) -> None:
    class Old(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
            return self.filename.encode("gbk"), self.flag_bits

    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts_of(write_layer(tmp_path / "towns.shp")):
            archive.writestr(Old(f"镇街/东莞{part.suffix}"), part.read_bytes())
    assert probe(path).layer == "镇街/东莞"
    assert same_ground(read(path))


def test_a_geopackage_of_two_layers_is_asked_which(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "city.gpkg", layer="towns")
    write_layer(path, SQUARES[:1], layer="villages", append=True)
    assert [layer.name for layer in probe(path).layers] == ["towns", "villages"]
    assert len(read(path, layer="villages").rows) == 1


def test_a_kmz_is_its_document(tmp_path: Path) -> None:
    document = write_layer(tmp_path / "doc.kml")
    layer = read(packed(tmp_path / "towns.kmz", document))
    assert layer.info.format == "KMZ"
    assert same_ground(layer)
    assert not {"altitudeMode", "drawOrder"} & set(layer.fields)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_of_points_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text("编号,名称,经度,纬度\n007,岗贝市场,113.755,23.045\n008,空,,\n", encoding=encoding)
    info, layer = probe(path), read(path)
    assert (info.encoding, info.geometry_type, info.features) == (encoding, "Point", 2)
    assert layer.fields["编号"].tolist() == ["007", "008"]
    assert layer.geoms[0] == shapely.Point(113.755, 23.045)
    assert layer.geoms[1] is None


def test_a_table_may_hold_well_known_text_or_the_export_of_postgis_or_no_place(tmp_path: Path) -> None:
    path = tmp_path / "towns.csv"
    texts = shapely.to_wkt(SQUARES, rounding_precision=8)
    for shown in (texts, shapely.to_wkb(SQUARES, hex=True)):
        path.write_text("name;geom\n" + "".join(f"A;{text}\n" for text in shown))
        assert same_ground(read(path))
    path.write_text("name;outline\n" + "".join(f"A;{text}\n" for text in texts))
    assert same_ground(read(path, wkt="outline"))
    assert probe(path).geometry_type is None
    assert read(path).geoms.tolist() == [None, None]
    with pytest.raises(BadFile, match="no column 'shape'; the file has: name, outline"):
        read(path, wkt="shape")


def test_a_spreadsheet_is_read_below_the_header_wherever_it_stands(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["东莞市设施一览"])
    sheet.append([])
    sheet.append(["名称", "经度", "纬度", "编码"])
    sheet.append(["岗贝市场", 113.755, 23.045, 441900003001])
    sheet.append([])
    sheet.append(["没有位置", None, None, 2])
    book.create_sheet("second").append(["a"])
    book.save(tmp_path / "facilities.xlsx")
    info, layer = probe(tmp_path / "facilities.xlsx"), read(tmp_path / "facilities.xlsx")
    assert [field.name for field in info.fields] == ["名称", "经度", "纬度", "编码"]
    assert "row 3" in info.notes[0]
    assert layer.rows.tolist() == [1, 3]
    assert layer.geoms[0] == shapely.Point(113.755, 23.045)
    with pytest.raises(BadFile, match="no sheet 'x' with rows; the file has: Sheet, second"):
        read(tmp_path / "facilities.xlsx", layer="x")


def test_metres_of_a_zone_become_degrees_to_a_tenth_of_a_millimetre(tmp_path: Path) -> None:
    forward = pyproj.Transformer.from_crs(4490, 4547, always_xy=True).transform
    metres = shapely.transform(SQUARES, forward, interleaved=False)
    path = write_layer(tmp_path / "towns.shp", metres, crs="EPSG:4547")
    assert probe(path).crs == "EPSG:4547"
    assert same_ground(read(path))
    path.with_suffix(".prj").unlink()
    assert same_ground(read(path, crs="EPSG:4547"))
    with pytest.raises(BadFile, match=r"does not say its coordinate system.*Declare it, for example EPSG:4547"):
        read(path)


def test_an_easting_with_its_zone_names_the_system_to_declare(tmp_path: Path) -> None:
    metres = shapely.transform(SQUARES, pyproj.Transformer.from_crs(4490, 4526, always_xy=True).transform, interleaved=False)
    path = write_layer(tmp_path / "towns.shp", metres, crs="EPSG:4526")
    path.with_suffix(".prj").unlink()
    with pytest.raises(BadFile, match="zone 38 of CGCS2000 / 3-degree Gauss-Kruger, EPSG:4526"):
        read(path)


def test_degrees_of_cgcs2000_keep_every_bit_and_what_says_nothing_is_taken_as_wgs84(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "towns.shp", crs="EPSG:4490")
    assert set(map(tuple, shapely.get_coordinates(read(path).geoms))) == set(map(tuple, shapely.get_coordinates(SQUARES)))
    path.with_suffix(".prj").unlink()
    layer = read(path)
    assert same_ground(layer)
    assert "WGS 84 are assumed" in layer.info.notes[-1]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_shifted_datum_is_taken_off_vertex_by_vertex(tmp_path: Path, datum: Datum) -> None:
    shifted = shapely.transform(SQUARES, lambda lon, lat: from_wgs84(lon, lat, datum=datum), interleaved=False)
    assert same_ground(read(write_layer(tmp_path / "towns.gpkg", shifted), datum=datum))
    with pytest.raises(BadFile, match="for degrees only"):
        read(tmp_path / "towns.gpkg", datum=datum, crs="EPSG:4547")


def test_heights_are_dropped_and_polygons_taken_out_of_collections(tmp_path: Path) -> None:
    path = tmp_path / "towns.geojson"
    ring = [[113.75, 23.04, 5], [113.76, 23.04, 5], [113.76, 23.05, 5], [113.75, 23.04, 5]]
    collection = {
        "type": "GeometryCollection",
        "geometries": [{"type": "Polygon", "coordinates": [ring]}, {"type": "Point", "coordinates": [1, 2]}],
    }
    path.write_text(json.dumps({"type": "Feature", "properties": {"a": 1}, "geometry": collection}))
    layer = read(path)
    assert layer.geoms[0].geom_type == "Polygon"
    assert not layer.geoms[0].has_z
    assert "1 geometry collections" in layer.info.notes[0]


def test_a_million_rows_are_told_as_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("lon,lat\n" + "113.755,23.045\n" * 1_000_000)
    heard: list[int] = []
    assert len(read(path, tell=heard.append).rows) == 1_000_000
    assert heard == sorted(heard)
    assert len(heard) > 2


def test_of_a_long_table_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    row = '一站,113.75,23.04,"two\nlines"\n'
    path.write_text("name,lon,lat,told\n" + row * 200_000, encoding="utf-8")
    info = probe(path)
    assert abs(info.features - 200_000) < 2_000
    assert "first" in info.notes[-1]
    assert [column.name for column in info.fields] == ["name", "lon", "lat", "told"]
    assert len(read(path).rows) == 200_000


def test_a_beginning_ends_with_a_whole_row() -> None:
    assert whole_rows(b'a,b\n1,"x\ny"\n2,"z\n') == b'a,b\n1,"x\ny"\n'
    assert whole_rows(b"no line") == b"no line"
