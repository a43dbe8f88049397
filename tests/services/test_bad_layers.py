"""What must never get in, or only with a sentence that names the place."""

import io
import math
import struct
import zipfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import shapely

from gis.errors import BadFile
from gis.layer_files import Limits, probe, read
from gis.layer_files.drivers import KEPT, pyogrio
from tests.builders import square
from tests.services.test_layer_files import parts_of, write_layer

FEATURE = '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[113.75,23.04]}}'


def refused(path: Path, words: str, **options: object) -> BadFile:
    with pytest.raises(BadFile, match=words) as found:
        read(path, **options)  # type: ignore[arg-type]
    assert str(path.parent) not in found.value.detail
    return found.value


def refused_text(path: Path, text: str | bytes, words: str, **options: object) -> BadFile:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return refused(path, words, **options)


@pytest.mark.parametrize("suffix", [".geojson", ".ndjson", ".gpkg", ".shp", ".kml", ".fgb", ".csv", ".xlsx", ".kmz", ".zip"])
def test_two_hundred_megabytes_of_garbage_are_refused_at_once(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"garbage{suffix}"
    with path.open("wb") as file:
        file.write(b"\x8f\x00garbage" * 1000)
        file.truncate(200 << 20)
    began = perf_counter()
    refused(path, "is not the")
    assert perf_counter() - began < 1.0


@pytest.mark.parametrize("suffix", [".geojson", ".kml", ".csv", ".gpkg", ".zip"])
def test_an_empty_file_is_called_empty(tmp_path: Path, suffix: str) -> None:
    refused_text(tmp_path / f"nothing{suffix}", b"", "is empty")


def test_an_unknown_kind_of_file_is_refused_with_those_that_are_read(tmp_path: Path) -> None:
    refused_text(tmp_path / "plan.dwg", b"AC1032", r"a layer is one of \.geojson, ")


VRT = '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".kml", ".csv", ".gpkg", ".shp", ".fgb"])
def test_a_virtual_dataset_under_another_name_is_never_opened(tmp_path: Path, suffix: str) -> None:
    secret = write_layer(tmp_path / "secret.gpkg")
    refused_text(tmp_path / f"towns{suffix}", VRT.format(secret), "is not the")
    packed = tmp_path / "towns.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(tmp_path / f"towns{suffix}", f"towns{suffix}")
    refused(packed, "is not the|holds no layer")


LAYER = '<OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
DISGUISES = {
    "a.kml": "<OGRVRTDataSource><!-- <kml> -->" + LAYER,
    "b.geojson": '{{"type":"FeatureCollection"}} <OGRVRTDataSource>' + LAYER,
    "c.geojson": '{{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read {} ! write streamed_dataset"}}',
}


@pytest.mark.parametrize("name", DISGUISES)
def test_what_passes_for_one_format_and_is_another_reads_no_other_file(tmp_path: Path, name: str) -> None:
    secret = write_layer(tmp_path / "secret.gpkg")
    refused_text(tmp_path / name, DISGUISES[name].format(secret), "cannot be read|holds no|no features")


def test_gdal_has_no_driver_that_files_are_not_taken_in() -> None:
    assert set(pyogrio.list_drivers()) <= set(KEPT)


def test_a_kml_with_entities_or_in_another_encoding_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaa">]><kml xmlns="http://www.opengis.net/kml/2.2">&a;</kml>'
    refused_text(tmp_path / "bomb.kml", bomb, "document type or entities")
    refused_text(tmp_path / "wide.kml", bomb.encode("utf-16"), "is not the KML|not UTF-8")


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_without_unpacking(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"towns.geojson": b"{" + b" " * (60 << 20)})
    began = perf_counter()
    refused(bomb, r"bomb\.zip: towns\.geojson would unpack to 62,914,561 bytes from")
    assert perf_counter() - began < 0.5
    many = zipped(tmp_path / "many.zip", {f"{i}.txt": b"x" for i in range(50)})
    refused(many, "holds 50 files; 20 are taken", limits=Limits(zip_entries=20))
    refused(many, "would unpack to 50 bytes; 10 are taken", limits=Limits(zip_total_bytes=10))


def test_the_same_holds_for_workbooks_and_kmz(tmp_path: Path) -> None:
    swollen = {"xl/workbook.xml": b" " * (60 << 20), "doc.kml": b" " * (60 << 20)}
    refused(zipped(tmp_path / "bomb.xlsx", swollen), "would unpack")
    refused(zipped(tmp_path / "bomb.kmz", swollen), "would unpack")
    refused(zipped(tmp_path / "odd.xlsx", {"a.txt": b"x"}), "no workbook")
    refused(zipped(tmp_path / "odd.kmz", {"a.txt": b"x"}), r"no \.kml")


@pytest.mark.parametrize("name", ["../../etc/towns.geojson", "/etc/towns.geojson", "a\\..\\..\\towns.geojson", "C:\\towns.geojson"])
def test_an_entry_that_points_outside_its_archive_is_refused(tmp_path: Path, name: str) -> None:
    refused(zipped(tmp_path / "away.zip", {name: FEATURE.encode()}), "points outside the archive")


def test_archives_in_archives_are_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("towns.geojson", FEATURE)
    refused(zipped(tmp_path / "nested.zip", {"inner.zip": inner.getvalue()}), "archive inside the archive")


def test_a_zip_without_a_layer_or_cut_off_says_so(tmp_path: Path) -> None:
    refused(zipped(tmp_path / "letters.zip", {"letter.docx": b"x"}), "holds no layer")
    whole = zipped(tmp_path / "towns.zip", {"towns.geojson": FEATURE.encode() * 50}).read_bytes()
    refused_text(tmp_path / "cut.zip", whole[: len(whole) // 2], "damaged or cut off")


@pytest.mark.parametrize("suffix", [".geojson", ".kml", ".fgb", ".gpkg", ".ndjson"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, suffix: str) -> None:
    whole = write_layer(tmp_path / f"towns{suffix}").read_bytes()
    refused_text(tmp_path / f"cut{suffix}", whole[: len(whole) * 2 // 3], "cannot be read as|cut off|line 2 is not valid JSON")


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_with_a_part_cut_off_or_missing_names_the_part(tmp_path: Path, part: str) -> None:
    path = write_layer(tmp_path / "towns.shp")
    file = path.with_suffix(part)
    file.write_bytes(file.read_bytes()[:-20])
    refused(path, rf"the \{part} is cut off")
    if part != ".shp":
        file.unlink()
        refused(path, rf"\{part} of the shapefile is missing")


def test_a_shapefile_in_a_zip_is_judged_alike(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "towns.shp")
    entries = {part.name: part.read_bytes() for part in parts_of(path) if part.suffix != ".dbf"}
    refused(zipped(tmp_path / "towns.zip", entries), r"\.dbf of the shapefile is missing")


def test_a_csv_of_mixed_encodings_names_the_line(tmp_path: Path) -> None:
    head, gbk = "name,lon,lat\n东城街道,113.75,23.04\n".encode(), "莞城街道,113.75,23.04\n".encode("gbk")
    assert refused_text(tmp_path / "mixed.csv", head + gbk, "mixes UTF-8 and GB18030").facts == {"line": 3}
    many = head + "南城街道办事处,113.75,23.04\n".encode() * 3 + gbk
    assert refused_text(tmp_path / "most.csv", many, "line 6").facts == {"line": 6}
    refused_text(tmp_path / "torn.csv", "城".encode("gbk") * 3 + b"\n\xff\xff\n", "Line 2 cannot be read as GB18030")
    refused_text(tmp_path / "marked.csv", b"\xef\xbb\xbf" + head + gbk, "Line 3 is not UTF-8")
    refused_text(tmp_path / "neither.csv", head + b"\xff\xff,1,2\n", "mixes UTF-8 and GB18030: line 3")


def test_json_in_another_encoding_names_the_byte(tmp_path: Path) -> None:
    refused_text(tmp_path / "gbk.geojson", FEATURE.replace('"a":1', '"a":"东莞"').encode("gbk"), "around byte 37 is not UTF-8")


def test_rows_of_another_width_are_named(tmp_path: Path) -> None:
    refused_text(tmp_path / "wide.csv", "lon,lat\n1,2\n1,2,3\n", "Expected 2 columns, got 3")
    refused_text(tmp_path / "twice.csv", "lon,lon\n1,2\n", "each once")
    refused_text(tmp_path / "head.csv", "lon,lat\n", "no rows")


def test_a_polygon_of_two_million_vertices_is_named(tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * math.pi, 2_000_000, endpoint=False)
    huge = shapely.polygons(np.column_stack([113.75 + 0.1 * np.cos(turn), 23.0 + 0.1 * np.sin(turn)]))
    path = write_layer(tmp_path / "huge.fgb", np.array([square(0, 0), huge], dtype=object), SPATIAL_INDEX="NO")
    assert refused(path, "Feature 2 has 2,000,001 vertices; 500,000 are taken").facts == {"row": 2}
    text = tmp_path / "towns.csv"
    refused_text(text, f"name;geom\nA;{square(0, 0).wkt}\n", "Row 1 has 5 vertices; 4", limits=Limits(vertices_per_feature=4))


def test_too_many_features_and_fields_are_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "towns.gpkg")
    refused(path, "has 2 features; 1 are taken", limits=Limits(features=1))
    refused(path, "has 2 fields; 1 are taken", limits=Limits(fields=1))
    refused_text(tmp_path / "rows.csv", "lon,lat\n1,2\n1,2\n", "more than 1 rows", limits=Limits(features=1))
    refused_text(tmp_path / "wide.csv", "lon,lat\n1,2\n", "2 columns; 1 are taken", limits=Limits(fields=1))
    refused(path, "bytes; 100 are taken", limits=Limits(file_bytes=100))


def test_a_layer_without_features_says_so(tmp_path: Path) -> None:
    refused_text(tmp_path / "none.geojson", '{"type":"FeatureCollection","features":[]}', "no features")
    refused_text(tmp_path / "other.json", '{"hello": 1}', "cannot be read as GeoJSON")


def test_numbers_that_are_none_come_through_for_the_findings(tmp_path: Path) -> None:
    path = tmp_path / "odd.geojson"
    ring = "[[113,23],[NaN,23],[113,24],[113,23]]"
    nan = f'{{"type":"Feature","properties":{{"a":2}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}'
    swapped = FEATURE.replace("[113.75,23.04]", "[23.04,113.75]")
    path.write_text(f'{{"type":"FeatureCollection","features":[{nan},{swapped}]}}')
    layer = read(path)
    assert np.isnan(shapely.get_coordinates(layer.geoms[0])).any()
    assert layer.geoms[1] == shapely.Point(23.04, 113.75)


def test_a_feature_with_coordinates_written_as_text_comes_without_its_geometry(tmp_path: Path) -> None:
    texts = FEATURE.replace("[113.75,23.04]", '["113.75","23.04"]')
    many = f'{{"type":"FeatureCollection","features":[{",".join([FEATURE] * 40 + [texts] + [FEATURE] * 5)}]}}'
    (tmp_path / "odd.geojson").write_text(many)
    layer = read(tmp_path / "odd.geojson")
    assert np.flatnonzero(shapely.is_missing(layer.geoms)).tolist() == [40]


def test_a_database_that_is_no_geopackage_is_not_opened(tmp_path: Path) -> None:
    whole = bytearray(write_layer(tmp_path / "towns.gpkg").read_bytes())
    whole[68:72] = struct.pack(">I", 0)
    refused_text(tmp_path / "other.gpkg", bytes(whole), "is not the GeoPackage")


def test_a_coordinate_system_that_there_is_none_of_is_refused(tmp_path: Path) -> None:
    refused(write_layer(tmp_path / "towns.gpkg"), "'EPSG:0' is no coordinate system", crs="EPSG:0")


@pytest.mark.parametrize("crs", ["EPSG:5773", "EPSG:4978", "EPSG:4479", 'LOCAL_CS["drawing",UNIT["metre",1]]'])
def test_heights_and_distances_from_the_earths_centre_are_no_places_of_a_layer(tmp_path: Path, crs: str) -> None:
    refused(write_layer(tmp_path / "towns.gpkg"), "no system of longitude and latitude or of a map", crs=crs)


def test_heights_beside_a_place_are_not_looked_at(tmp_path: Path) -> None:
    assert read(write_layer(tmp_path / "towns.gpkg"), crs="EPSG:4326+5773").info.crs == "EPSG:4326"



def test_a_file_or_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    refused(tmp_path / "gone.csv", r"no file gone\.csv")
    refused(tmp_path, r"holds no \.shp")


def test_the_look_refuses_what_the_reading_refuses(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(VRT.format("x"))
    with pytest.raises(BadFile, match="is not the GeoJSON"):
        probe(tmp_path / "a.geojson")


BOOK = """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="a" sheetId="1" r:id="r1"/></sheets>
</workbook>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/one.xml"/>
</Relationships>"""
PACKAGE = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"/></Relationships>"""
SHEET = '{}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
CELLS = '<row r="1"><c r="A1" t="inlineStr"><is><t>lon</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'


def workbook(path: Path, cells: str, *, before: str = "", main: str = "xl/workbook.xml") -> Path:
    texts = {"_rels/.rels": PACKAGE.format(main), "xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": RELATIONS}
    texts["xl/worksheets/one.xml"] = SHEET.format(before, cells)
    return zipped(path, {name: content.encode() for name, content in texts.items()})


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="9"><c r="XFD9"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        '<row r="1048576">' + "<c><v>1</v></c>" * 48 + "</row>",
    ],
)
def test_a_workbook_with_a_cell_far_off_is_refused_before_it_is_laid_out(tmp_path: Path, far: str) -> None:
    path = workbook(tmp_path / "far.xlsx", CELLS + far)
    refused(path, "a sheet reaches to row 1,048,576 of column")
    with pytest.raises(BadFile, match="a sheet reaches"):
        probe(path)


def test_cells_with_a_format_only_do_not_make_a_sheet_big(tmp_path: Path) -> None:
    path = workbook(tmp_path / "wide.xlsx", CELLS + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert len(read(path).rows) == 1


def test_a_sheet_with_a_document_type_or_no_cells_in_its_cells_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE worksheet [<!ENTITY a "aaaa">]>'
    refused(workbook(tmp_path / "bomb.xlsx", CELLS, before=bomb), "declares a document type")
    refused(workbook(tmp_path / "odd.xlsx", '<row r="1"><c r="?"><v>1</v></c></row>'), "'\\?' is no cell")
    refused(workbook(tmp_path / "elsewhere.xlsx", CELLS, main="xl/other.xml"), "its workbook is 'xl/other.xml'")
    refused(workbook(tmp_path / "cut.xlsx", "<row>"), "cannot be read as a workbook")


@pytest.mark.parametrize("encoding", ["utf-16", "hex", "rot13", "zlib", "undefined", "idna", "x\0y", ""])
def test_what_is_no_encoding_of_a_table_is_refused_with_those_that_are(tmp_path: Path, encoding: str) -> None:
    refused_text(tmp_path / "towns.csv", "lon,lat\n113.7,23\n", "there are utf-8, ", encoding=encoding)
    refused(write_layer(tmp_path / "towns.shp"), "there are utf-8, ", encoding=encoding)
