"""Zipped deliveries: nothing is unpacked to disk, and an archive that would not fit or points elsewhere is refused."""

import zipfile
from pathlib import Path, PurePosixPath

from gis.errors import BadFile
from gis.layer_files.formats import FORMATS, HEAD_BYTES, TEXT, check_text, format_of
from gis.layer_files.records import Limits, Source
from gis.layer_files.shapefiles import SIDECARS, check_shapefile

READ_IN_ZIP = ("GeoJSON", "GeoJSONSeq", "GeoPackage", "Shapefile", "KML", "FlatGeobuf")


def entries_of(path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The files of an archive, once it is sure that they fit and stay inside it. Raises BadFile."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(f"{path.name} is a damaged or cut off archive: {error}.") from error
    if len(entries) > limits.zip_entries:
        raise BadFile(f"{path.name} holds {len(entries):,} files; {limits.zip_entries:,} are taken.")
    total = sum(entry.file_size for entry in entries)
    if total > limits.zip_total_bytes:
        raise BadFile(f"{path.name} would unpack to {total:,} bytes; {limits.zip_total_bytes:,} are taken.")
    for entry in entries:
        _check_entry(path.name, entry, limits)
    return [entry for entry in entries if not entry.is_dir() and not _is_litter(entry.filename)]


def _check_entry(archive: str, entry: zipfile.ZipInfo, limits: Limits) -> None:
    where = f"{archive}: {shown_name(entry)}"
    inner = PurePosixPath(entry.filename.replace("\\", "/"))
    if inner.is_absolute() or ".." in inner.parts or ":" in inner.parts[0] or any(sign in entry.filename for sign in "{}\x00"):
        raise BadFile(f"{where} points outside the archive.")
    if entry.flag_bits & 0x1:
        raise BadFile(f"{where} is encrypted. Send it without a password.")
    if inner.suffix.lower() in (".zip", ".kmz", ".7z", ".rar", ".gz", ".tar", ".bz2", ".xz"):
        raise BadFile(f"{where} is an archive inside the archive. Send its files directly.")
    swells = entry.file_size > limits.zip_ratio * max(entry.compress_size, 1)
    if entry.file_size > limits.zip_ratio_from_bytes and swells:
        raise BadFile(f"{where} would unpack to {entry.file_size:,} bytes from {entry.compress_size:,}; no layer is packed so.")


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def shown_name(entry: zipfile.ZipInfo) -> str:
    """The name of an entry; without the flag of UTF-8 it is read in the national encoding if that makes sense."""
    if entry.flag_bits & 0x800 or entry.filename.isascii():
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return entry.filename


def sources_in(path: Path, limits: Limits) -> list[Source]:
    """Every layer file in an archive. Raises BadFile if there is none, or one is not what its name says."""
    entries = entries_of(path, limits)
    with zipfile.ZipFile(path) as archive:
        sources = [source for entry in entries if (source := _source(path, archive, entry, entries))]
    if not sources:
        wanted = ", ".join(suffix for suffix, found in FORMATS.items() if found in READ_IN_ZIP)
        raise BadFile(f"{path.name} holds no layer; one of {wanted} is needed.")
    return sources


def _source(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, entries: list[zipfile.ZipInfo]) -> Source | None:
    suffix = PurePosixPath(entry.filename).suffix.lower()
    if FORMATS.get(suffix) not in READ_IN_ZIP:
        return None
    name = shown_name(entry)
    try:
        with archive.open(entry) as file:
            found = format_of(name, file.read(HEAD_BYTES))
        if found in TEXT:
            with archive.open(entry) as file:
                check_text(name, file, found=found)  # type: ignore[arg-type]
        sidecars = _sidecars(archive, entry, entries) if found == "Shapefile" else {}
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise BadFile(f"{path.name}: {name} is damaged: {error}.") from error
    if found == "Shapefile":
        check_shapefile(name, sidecars, sizes=_sizes(entry, entries))
    return Source(found, str(PurePosixPath(name).with_suffix("")), f"/vsizip/{{{path.resolve()}}}/{entry.filename}", sidecars)


def _siblings(entry: zipfile.ZipInfo, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    stem = entry.filename[: -len(".shp")]
    return {other.filename[len(stem) :].lower(): other for other in entries if other.filename.startswith(stem + ".")}


def _sizes(entry: zipfile.ZipInfo, entries: list[zipfile.ZipInfo]) -> dict[str, int]:
    return {suffix: other.file_size for suffix, other in _siblings(entry, entries).items()}


def _sidecars(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    heads = {}
    for suffix, other in _siblings(entry, entries).items():
        if suffix in SIDECARS:
            with archive.open(other) as file:
                heads[suffix] = file.read(SIDECARS[suffix])
    return heads


def kmz_source(path: Path, limits: Limits) -> Source:
    """The document of a KMZ. Raises BadFile."""
    inner = [entry for entry in entries_of(path, limits) if entry.filename.lower().endswith(".kml")]
    if not inner:
        raise BadFile(f"{path.name} holds no .kml document.")
    document = next((entry for entry in inner if entry.filename.lower() == "doc.kml"), inner[0])
    with zipfile.ZipFile(path) as archive:
        source = _source(path, archive, document, [document])
    if source is None:
        raise BadFile(f"{path.name} holds no .kml document.")
    return Source("KMZ", path.stem, source.opened)


def check_workbook(path: Path, limits: Limits) -> None:
    """Raises BadFile for an archive that is no workbook."""
    if not any(entry.filename == "xl/workbook.xml" for entry in entries_of(path, limits)):
        raise BadFile(f"{path.name} is an archive, but no workbook. Save it as .xlsx.")


