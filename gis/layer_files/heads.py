"""The beginning of a long table: enough to see what its columns are, without reading the rest."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gis.layer_files.records import LayerInfo

PROBED_BYTES = 4 << 20
QUOTE, NEWLINE = b'"', b"\n"


@contextmanager
def head_of(path: Path) -> Iterator[Path]:
    """A file of the same name with the first whole rows of a CSV; the file itself where it is short."""
    with path.open("rb") as file:
        head = file.read(PROBED_BYTES + 1)
    if len(head) <= PROBED_BYTES:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / path.name
        short.write_bytes(whole_rows(head))
        yield short


def whole_rows(head: bytes) -> bytes:
    """What of a beginning ends with a row: the last line break that does not stand inside quotes."""
    end = len(head)
    while (end := head.rfind(NEWLINE, 0, end)) >= 0:
        if head.count(QUOTE, 0, end) % 2 == 0:
            return head[: end + 1]
    return head


def scaled(info: LayerInfo, *, read_bytes: int, all_bytes: int) -> LayerInfo:
    """What the beginning tells of the whole: the number of rows by its size, and a note that says so."""
    if read_bytes >= all_bytes:
        return info
    rows = round(info.features * all_bytes / read_bytes)
    note = f"Only the first {info.features:,} rows were looked at; the file has about {rows:,}."
    layers = tuple(replace(layer, features=rows) for layer in info.layers)
    return replace(info, features=rows, layers=layers, notes=(*info.notes, note))
