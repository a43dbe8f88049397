"""How big the sheets of a workbook really are, before a reader lays one out: it takes room for every cell up to the last."""

import re
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from gis.errors import BadFile
from gis.layer_files.records import Limits

BLOCK_BYTES = 1 << 20
_CELL = re.compile(r"([A-Za-z]{1,8})([0-9]{1,10})")
Attributes = dict[str, str]


def check_sheets(path: Path, limits: Limits) -> None:
    """Raises BadFile for a sheet that would be laid out as more cells than are taken, whatever `<dimension>` says of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in _sheets(archive):
                rows, columns = _Extent().of(archive, entry)
                if rows * columns > limits.cells:
                    raise BadFile(
                        f"{path.name}: a sheet reaches to row {rows:,} of column {columns:,}, {rows * columns:,} cells; "
                        f"{limits.cells:,} are taken. Delete what stands far off, or split it."
                    )
    except (expat.ExpatError, zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise BadFile(f"{path.name} cannot be read as a workbook: {error}") from error


def _sheets(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The entries that the workbook's sheets may be in, by the last part of their names."""
    ids: set[str] = set()
    names: set[str] = set()

    def note_sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            ids.update(value for key, value in attributes.items() if key.rpartition(":")[2] == "id")

    def note_target(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Id") in ids:
            names.add(PurePosixPath(attributes.get("Target", "").replace("\\", "/")).name.lower())

    notes = {"_rels/.rels": _refuse_elsewhere, "xl/workbook.xml": note_sheet, "xl/_rels/workbook.xml.rels": note_target}
    for part, note in notes.items():
        for entry in archive.infolist():
            if entry.filename.replace("\\", "/").lower() == part:
                _parse(archive, entry, note)
    return [entry for entry in archive.infolist() if PurePosixPath(entry.filename.replace("\\", "/")).name.lower() in names]


def _refuse_elsewhere(name: str, attributes: Attributes) -> None:
    """The package may name another part as its workbook than the one that is looked at."""
    if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
        target = attributes.get("Target", "").lstrip("/")
        if target != "xl/workbook.xml":
            raise ValueError(f"its workbook is {target[:80]!r}, not 'xl/workbook.xml'.")


def _parse(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, note: Callable[[str, Attributes], None]) -> None:
    """Tell of each element that begins, by its name without prefix. Raises ValueError for a document type."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ValueError(f"{entry.filename} declares a document type.")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: note(name.rpartition(":")[2] if ":" in name else name, attributes)
    with archive.open(entry) as file:
        while block := file.read(BLOCK_BYTES):
            parser.Parse(block, False)
        parser.Parse(b"", True)


class _Extent:
    """The last row and column of a sheet, from 1. Cells and rows without a number follow the one before."""

    def __init__(self) -> None:
        self.row = self.column = self.rows = self.columns = 0

    def of(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, int]:
        """Rows and columns up to the last cell that holds anything; cells with a format only are not laid out."""
        _parse(archive, entry, self._note)
        return self.rows, self.columns

    def _note(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._move(attributes.get("r"))
        elif name in ("v", "is", "f"):
            self.rows = max(self.rows, self.row)
            self.columns = max(self.columns, self.column)
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0

    def _move(self, reference: str | None) -> None:
        if reference is None:
            self.column += 1
            return
        told = _CELL.fullmatch(reference)
        if told is None:
            raise ValueError(f"{reference[:20]!r} is no cell.")
        self.row, self.column = int(told[2]), _number(told[1])


@lru_cache(maxsize=1024)
def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
