"""Tables as text: which encoding a file is in, and a CSV of any size read block by block, every column as text."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from gis.errors import BadFile
from gis.records import Floats

BLOCK_BYTES = 4 << 20
NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"
DELIMITERS = ",\t;|"
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "latin-1", "cp1252")
"""What a text can be declared as. All are ASCII where the text is: lines and delimiters are found by their bytes."""
_IDEOGRAPHS = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")


@dataclass(frozen=True)
class Encoding:
    """The encoding of a text and how it was found."""

    name: str
    how: str


def encoding_of(source: Path) -> str:
    """UTF-8 with or without its mark, or the Chinese national encoding, by the first block."""
    with source.open("rb") as file:
        head = file.read(BLOCK_BYTES)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def encoding_throughout(source: Path, *, asked: str | None = None) -> Encoding:
    """The one encoding that the whole file is in. Raises BadFile naming the first line that is in another."""
    if asked is not None:
        _require(source, asked)
        return Encoding(asked, "as declared")
    with source.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    line = undecodable_line(source, "utf-8")
    if line is None:
        return Encoding("utf-8-sig", "by its byte order mark") if marked else Encoding("utf-8", "by its bytes")
    if marked:
        raise BadFile(f"Line {line} is not UTF-8, though the file begins with UTF-8's mark. Save it in one encoding.", line=line)
    stray = _stray_line(source)
    if stray is not None:
        raise BadFile(
            f"The file mixes UTF-8 and GB18030: line {stray} is in the other one than most lines. Save it in one encoding.",
            line=stray,
        )
    _require(source, "gb18030")
    return Encoding("gb18030", "by its bytes")


def _require(source: Path, encoding: str) -> None:
    line = undecodable_line(source, known_encoding(encoding))
    if line is not None:
        raise BadFile(f"Line {line} cannot be read as {encoding.upper()}. Save the file in one encoding, best UTF-8.", line=line)


def known_encoding(asked: str) -> str:
    """The encoding as its codec is called, of the ENCODINGS by any of their usual names. Raises BadFile for any other."""
    try:
        name = codecs.lookup(asked).name
    except (LookupError, ValueError):
        name = ""
    if name not in {codecs.lookup(known).name for known in ENCODINGS}:
        raise BadFile(f"There is no encoding {asked[:40]!r} to read a table in; there are {', '.join(ENCODINGS)}.")
    return name


def undecodable_line(source: Path, encoding: str) -> int | None:
    """The first line, from 1, that the encoding cannot read; None if it reads the whole file."""
    decoder, lines = codecs.getincrementaldecoder(encoding)(), 0
    with source.open("rb") as file:
        while True:
            block = file.read(BLOCK_BYTES)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return lines + 1 + error.object[: error.start].count(b"\n")
            if not block:
                return None
            lines += block.count(b"\n")


def _stray_line(source: Path) -> int | None:
    """In a file that is not UTF-8 as a whole: the first line of the smaller camp, if some lines are UTF-8 ideographs."""
    first, count = {True: 0, False: 0}, {True: 0, False: 0}
    with source.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            utf8 = _is_utf8_chinese(line)
            first[utf8] = first[utf8] or number
            count[utf8] += 1
    if not count[True]:
        return None
    return first[count[True] < count[False]]


def _is_utf8_chinese(line: bytes) -> bool:
    try:
        high = "".join(char for char in line.decode("utf-8") if ord(char) > 127)
    except UnicodeDecodeError:
        return False
    return len(high) > 1 and _IDEOGRAPHS.fullmatch(high) is not None


def delimiter_of(source: Path, encoding: str) -> str:
    """The one of comma, tab, semicolon and bar that the first line has most of."""
    with source.open(encoding=encoding, newline="") as file:
        line = file.readline(1 << 16)
    return max(DELIMITERS, key=line.count)


def open_csv(source: Path, *, encoding: str, delimiter: str = ",") -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The columns of a CSV file and its rows block by block. Raises BadFile for a first line that does not name the columns."""
    with source.open(encoding=encoding, newline="") as head:
        header = next(csv.reader(head, delimiter=delimiter), [])
    if not header or len(set(header)) != len(header):
        raise BadFile("The first line of a CSV file must name its columns, each once.")
    reader = pa.csv.open_csv(
        source,
        read_options=pa.csv.ReadOptions(block_size=BLOCK_BYTES, encoding=encoding, column_names=header, skip_rows=1),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, delimiter=delimiter),
        # Every column stays the text it was: 007 must not come out as 7.
        convert_options=pa.csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False),
    )
    return reader.schema, iter(reader)


def numbers(column: pa.Array) -> Floats:
    """Numbers of a column; NaN for what is empty or no number."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        is_number = pc.match_substring_regex(column, NUMBER)
        column = pc.utf8_trim_whitespace(pc.if_else(is_number, column, pa.scalar(None, column.type)))
    elif not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_null(column.type)):
        raise BadFile(f"Coordinates must be numbers, not {column.type}.")
    read: Floats = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return read
