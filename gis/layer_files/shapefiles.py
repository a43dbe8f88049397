"""Shapefiles: whether all their parts are there and whole, and which encoding their table is in, whatever it claims."""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.errors import BadFile
from gis.layer_files.records import Source
from gis.text_tables import Encoding, known_encoding

SIDECARS = {".shp": 100, ".dbf": 32, ".shx": 100, ".cpg": 64, ".prj": 65_536}
"""Parts that are looked at, and how many bytes of each."""
RAW = "ISO-8859-1"
"""Every byte is a character of this encoding: so the table's text can be read before it is known what it is."""
LDID_CODECS = {0x4D: "gbk", 0x4F: "big5", 0x7A: "gbk", 0x78: "big5"}


def shapefile_source(path: Path) -> Source:
    """A shapefile on disk. Raises BadFile if parts are missing or cut off."""
    stem = path.name[: -len(".shp")]
    parts = {part.name[len(stem) :].lower(): part for part in path.parent.iterdir() if part.name.startswith(stem + ".")}
    sidecars = {suffix: _head(parts[suffix], size) for suffix, size in SIDECARS.items() if suffix in parts}
    check_shapefile(path.name, sidecars, sizes={suffix: part.stat().st_size for suffix, part in parts.items()})
    return Source("Shapefile", stem, str(path.resolve()), sidecars)


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def check_shapefile(name: str, heads: dict[str, bytes], *, sizes: dict[str, int]) -> None:
    """Raises BadFile when a part is missing or shorter than its own header says."""
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in heads]
    if missing:
        raise BadFile(f"{name}: {' and '.join(missing)} of the shapefile is missing. Send .shp, .shx, .dbf and .prj together.")
    for suffix in (".shp", ".shx"):
        said = 2 * struct.unpack(">i", heads[suffix][24:28].ljust(4, b"\0"))[0]
        _check_length(name, suffix, said=said, size=sizes[suffix])
    rows, header, row = struct.unpack("<IHH", heads[".dbf"][4:12].ljust(8, b"\0"))
    _check_length(name, ".dbf", said=header + rows * row, size=sizes[".dbf"])


def _check_length(name: str, suffix: str, *, said: int, size: int) -> None:
    if size < said or size < 32:
        raise BadFile(f"{name}: the {suffix} is cut off: it says {said:,} bytes and has {size:,}. Send it again.")


def table_encoding(raw: Iterable[str], source: Source, *, asked: str | None) -> Encoding:
    """The encoding of a shapefile's table; `raw` is some of its text, byte by byte as RAW.

    What the bytes say counts more than the .cpg beside it, which often lies.
    """
    if asked is not None:
        known_encoding(asked)
        return Encoding(asked, "as declared")
    claimed, where = _claimed(source)
    high = [told for text in raw if not (told := text.encode(RAW, "replace")).isascii()]
    if not high:
        return Encoding(claimed or "utf-8", where if claimed else "the text is plain ASCII")
    utf8 = all(_fits(told, "utf-8") for told in high)
    if claimed and all(_fits(told, claimed) for told in high) and (claimed == "utf-8" or not utf8 or len(high) < 3):
        return Encoding(claimed, where)
    found = "utf-8" if utf8 else "gb18030"
    return Encoding(found, f"by its bytes; {where} says {claimed}" if claimed else "by its bytes")


def _claimed(source: Source) -> tuple[str | None, str]:
    """The encoding that the .cpg or the table's header names, if it can be Chinese, and where it was named."""
    told = source.sidecars.get(".cpg", b"").decode("ascii", "ignore").strip().lower().replace(" ", "")
    if told:
        known = {"65001": "utf-8", "utf8": "utf-8", "utf-8": "utf-8", "936": "gbk", "cp936": "gbk", "ldid/77": "gbk", "950": "big5"}
        name = known.get(told, told)
        if name in ("utf-8", "gbk", "gb2312", "gb18030", "big5"):
            return name, "the .cpg"
    return LDID_CODECS.get(source.sidecars.get(".dbf", b"").ljust(30, b"\0")[29]), "the .dbf"


def _fits(told: bytes, encoding: str) -> bool:
    """Whether bytes are text of an encoding; the last character may be cut, as fields of fixed width cut it."""
    try:
        told.decode(encoding)
    except UnicodeDecodeError as error:
        return error.end == len(told) and error.end - error.start < 4 and error.start > 0 and len(told) >= 8
    return True


def decoded(column: NDArray[Any], encoding: str) -> tuple[NDArray[Any], list[int]]:
    """A column of RAW text in its real encoding, and the positions of what does not fit it, where � stands."""
    known: dict[str, str] = {}
    texts, odd = np.empty(len(column), dtype=object), []
    for at, value in enumerate(column.tolist()):
        if not isinstance(value, str):
            texts[at] = value
            continue
        if value not in known:
            known[value] = value if value.isascii() else _decode(value.encode(RAW, "replace"), encoding)
        texts[at] = known[value]
        if "\ufffd" in known[value]:
            odd.append(at)
    return texts, odd


def _decode(told: bytes, encoding: str) -> str:
    text = told.decode(encoding, "replace")
    return text.rstrip("\ufffd") if _fits(told, encoding) else text
