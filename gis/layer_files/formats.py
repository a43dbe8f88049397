"""Which format a file is in: its name says it and its first bytes must agree, before any reader opens it.

GDAL opens what it recognises, whatever the name: a virtual dataset called .geojson would read other files of the machine.
"""

import codecs
import re
from pathlib import Path
from typing import BinaryIO

import orjson

from gis.errors import BadFile
from gis.layer_files.records import Limits

HEAD_BYTES = 65_536
BLOCK_BYTES = 4 << 20
FORMATS = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".geojsonl": "GeoJSONSeq",
    ".geojsons": "GeoJSONSeq",
    ".ndjson": "GeoJSONSeq",
    ".jsonl": "GeoJSONSeq",
    ".gpkg": "GeoPackage",
    ".shp": "Shapefile",
    ".kml": "KML",
    ".fgb": "FlatGeobuf",
    ".csv": "CSV",
    ".txt": "CSV",
    ".tsv": "CSV",
    ".xlsx": "XLSX",
    ".kmz": "KMZ",
    ".zip": "ZIP",
    ".pbf": "OSM",
}
ZIPPED = ("XLSX", "KMZ", "ZIP")
TEXT = ("GeoJSON", "GeoJSONSeq", "KML")
GPKG_IDS = (b"GPKG", b"GP10", b"GP11")
_ENTITIES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def format_of(name: str, head: bytes) -> str:
    """The format that a file's name says and its first bytes confirm. Raises BadFile."""
    found = FORMATS.get(Path(name).suffix.lower())
    if found is None:
        raise BadFile(f"{name}: a layer is one of {', '.join(FORMATS)}.")
    if not head:
        raise BadFile(f"{name} is empty.")
    fault = _fault(found, head)
    if fault:
        raise BadFile(f"{name} is not the {found} that its name says: {fault}. Export it anew, or give it its right name.")
    return found


def _fault(expected: str, head: bytes) -> str | None:
    """What in the first bytes speaks against a format; None if nothing does."""
    text = head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n\x1e")
    begins = f"it begins with {head[:16]!r}"
    checks = {
        "GeoJSON": text.startswith(b"{"),
        "GeoJSONSeq": text.startswith(b"{"),
        "GeoPackage": head.startswith(b"SQLite format 3\x00") and head[68:72] in GPKG_IDS,
        "Shapefile": head.startswith(b"\x00\x00\x27\x0a") and head[28:32] == b"\xe8\x03\x00\x00",
        "KML": text.startswith(b"<") and re.search(rb"<(\w+:)?kml\b", head[:4096]) is not None,
        "FlatGeobuf": head.startswith(b"fgb\x03fgb"),
        "CSV": b"\x00" not in head and not text.startswith((b"{", b"<", b"PK\x03\x04", b"%PDF")),
        "OSM": head[4:15] == b"\x0a\x09OSMHeader",
        **dict.fromkeys(ZIPPED, head.startswith((b"PK\x03\x04", b"PK\x05\x06"))),
    }
    return None if checks[expected] else begins


def check_text(name: str, file: BinaryIO, *, found: str) -> None:
    """Raises BadFile where JSON or KML is not UTF-8, and for a KML with a document type or entities, before it is parsed."""
    decoder, at, before = codecs.getincrementaldecoder("utf-8")(), 0, b""
    while True:
        block = file.read(BLOCK_BYTES)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise BadFile(
                f"{name}: the text around byte {at + error.start} is not UTF-8. Save it as UTF-8.", byte=at + error.start
            ) from error
        if found == "KML" and _ENTITIES.search(before + block):
            raise BadFile(f"{name} declares a document type or entities, which a KML needs not. Export it without them.")
        if not block:
            return
        at, before = at + len(block), block[-16:]


def check_lines(name: str, file: BinaryIO) -> None:
    """Raises BadFile naming the line of newline-delimited JSON that is none; text sequences (RFC 8142) are left to the reader."""
    for number, line in enumerate(file, start=1):
        if line.startswith(b"\x1e"):
            return
        try:
            orjson.loads(line.removeprefix(codecs.BOM_UTF8).strip() or b"{}")
        except orjson.JSONDecodeError as error:
            raise BadFile(f"{name}: line {number} is not valid JSON: {error}. Is the file cut off?", line=number) from error


def check_size(path: Path, limits: Limits) -> None:
    """Raises BadFile for a file that is empty or larger than is taken."""
    size = path.stat().st_size
    if size == 0:
        raise BadFile(f"{path.name} is empty.")
    if size > limits.file_bytes:
        raise BadFile(f"{path.name} has {size:,} bytes; {limits.file_bytes:,} are taken. Split it.")
