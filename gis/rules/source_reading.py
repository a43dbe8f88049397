"""A department's records, read by its mapping: each becomes a report, or all the reasons why it is none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from gis.records import Report
from gis.rules import values
from gis.rules.addresses import communities_named
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.rules.datums import Datum, to_wgs84
from gis.rules.source_mapping import UNIX
from gis.rules.values import Unreadable
from gis.source_records import KnownCommunity, Reason, SourceMapping, SourceRead

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
KEY_LIMIT: Final = 200
TEXT_LIMIT: Final = 4000
SHORT_LIMIT: Final = 300
SHOWN_CHARACTERS: Final = 80
DEPTH_LIMIT: Final = 20
MILLISECONDS_FROM: Final = 1e11  # in seconds that would be the year 5138
URGENCY_WORDS: Final = {
    "1": ("特急", "紧急", "urgent", "high"),
    "2": ("急", "一般", "普通", "normal", "medium"),
    "3": ("不急", "低", "low"),
}
_urgency: Final = values.one_of(URGENCY_WORDS)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Known:
    """What records may name: matters in force by code and by plain name (None where two share one), and communities."""

    matters: Mapping[str, str | None]
    communities: Sequence[KnownCommunity]


@dataclass
class _Reader:
    """One record under the mapping; what is wrong is noted on the way."""

    record: Record
    mapping: SourceMapping
    reasons: list[Reason]

    def at(self, field: str) -> Any:
        """The value of one of our fields, None where it is not mapped."""
        path = getattr(self.mapping, field)
        return value_at(self.record, path) if path else None

    def read(self, field: str, parse: Callable[[Any], Any], *, fault: str) -> Any:
        """The value of a field, read; None and a reason where it cannot be."""
        try:
            return parse(self.at(field))
        except (Unreadable, ValueError, OverflowError, OSError) as error:
            self.refuse(fault, field, str(error))
            return None

    def refuse(self, code: str, field: str, message: str) -> None:
        """Note a reason, with what stood there."""
        told = values.plain_text(self.at(field)) if hasattr(self.mapping, field) else ""
        self.reasons.append(Reason(code, field, message, told[:SHOWN_CHARACTERS] or None))


def read_records(records: Sequence[Any], *, mapping: SourceMapping, known: Known, now: datetime) -> list[SourceRead]:
    """Every record read, in its order. All that is wrong with one is said at once."""
    readers = [_Reader(record if isinstance(record, Mapping) else {}, mapping, []) for record in records]
    places = _places(readers, known)
    return [
        _read(reader, place, known, now) if isinstance(record, Mapping) else _no_object()
        for record, reader, place in zip(records, readers, places, strict=True)
    ]


def plain_name(name: str) -> str:
    """A matter's name as it is compared: letter case and punctuation count for nothing."""
    return "".join(sign for sign in name.lower() if sign.isalnum())


def greatest_cursor(records: Sequence[Any], *, mapping: SourceMapping) -> str | None:
    """How far these records reach, as the next pull says it: the greatest value of the mapping's `cursor`, else of the moment.

    Numbers are compared as numbers, moments as moments, all else as text; the value is told as it stood there.
    """
    path = mapping.cursor or mapping.reported_at
    told = [text for record in records if path and (text := values.plain_text(value_at(record, path)))]
    for order in (float, lambda text: _timestamp(text, mapping), str):
        try:
            return max(told, key=order, default=None)
        except (Unreadable, ValueError, OverflowError, OSError):
            continue
    return None


def _timestamp(told: str, mapping: SourceMapping) -> float:
    at = _moment(told, mapping)
    return at.timestamp() if at else 0.0


def cleaned(value: Any, *, depth: int = 0) -> Any:
    """A record as the database can keep it: without NUL, and no deeper than records are."""
    if depth > DEPTH_LIMIT:
        return "…"
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {str(name).replace("\0", ""): cleaned(held, depth=depth + 1) for name, held in value.items()}
    if isinstance(value, list):
        return [cleaned(held, depth=depth + 1) for held in value]
    return value


def value_at(record: Any, path: str) -> Any:
    """What a record holds under a name or a path with dots; None for nothing. Lists are entered by position from 0."""
    if isinstance(record, Mapping) and path in record:
        return record[path]
    held = record
    for part in path.split("."):
        if isinstance(held, Mapping):
            held = held.get(part)
        elif isinstance(held, list) and part.isdecimal() and int(part) < len(held):
            held = held[int(part)]
        else:
            return None
    return held


def _no_object() -> SourceRead:
    return SourceRead(None, None, (Reason("not_an_object", "", "A record is a JSON object: names and values."),))


def _read(reader: _Reader, place: tuple[float, float] | None, known: Known, now: datetime) -> SourceRead:
    key, matter = _key(reader), _matter(reader, known)
    reported_at, urgency = _reported_at(reader, now), _urgency_of(reader)
    description, address = _words(reader, "description", TEXT_LIMIT), _words(reader, "address", SHORT_LIMIT)
    contact = (_words(reader, "contact_name", SHORT_LIMIT), _words(reader, "contact_phone", SHORT_LIMIT))
    if reader.reasons or matter is None or place is None:
        return SourceRead(key, None, tuple(reader.reasons))
    report = Report(matter, *place, "department", description, reported_at, address=address, urgency=urgency)
    return SourceRead(key, report, (), contact if any(contact) else None)


def _key(reader: _Reader) -> str | None:
    before = len(reader.reasons)
    key: str | None = reader.read("id", values.code, fault="bad_id")
    if key is None and len(reader.reasons) == before:
        reader.refuse("missing_id", "id", f"The record has no number of its own under {reader.mapping.id!r}.")
    if key is not None and len(key) > KEY_LIMIT:
        reader.refuse("bad_id", "id", f"A number has at most {KEY_LIMIT} characters.")
        return None
    return key


def _matter(reader: _Reader, known: Known) -> str | None:
    mapping = reader.mapping
    told = values.plain_text(reader.at("matter"))
    if not told and mapping.matter_always:
        told = mapping.matter_always
    if not told:
        reader.refuse("missing_matter", "matter", f"The record names no matter under {mapping.matter!r}.")
        return None
    stands = mapping.matters.get(told, told)
    code = known.matters.get(stands) or known.matters.get(plain_name(stands))
    if code is None:
        reader.refuse("unknown_matter", "matter", "This stands for no matter admitted today; add it to the table of the mapping.")
    return code


def _reported_at(reader: _Reader, now: datetime) -> datetime | None:
    if not reader.mapping.reported_at:
        return None
    before = len(reader.reasons)
    at: datetime | None = reader.read("reported_at", lambda value: _moment(value, reader.mapping), fault="bad_moment")
    if at is None and len(reader.reasons) == before:
        reader.refuse("missing_moment", "reported_at", f"The record says no moment under {reader.mapping.reported_at!r}.")
    if at is not None and at > now + CLOCK_TOLERANCE:
        reader.refuse("future", "reported_at", "This lies in the future; check the clock and the time zone of the mapping.")
    return at


def _moment(value: Any, mapping: SourceMapping) -> datetime | None:
    zone, told = ZoneInfo(mapping.zone), values.plain_text(value)
    if not told or mapping.time_format is None or _ISO.match(told):  # a spreadsheet's moments come as ISO 8601, whatever it shows
        return values.moment(value, zone=zone)
    if mapping.time_format == UNIX:
        seconds = float(told)
        return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= MILLISECONDS_FROM else seconds, UTC)
    read = datetime.strptime(told, mapping.time_format)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def _urgency_of(reader: _Reader) -> int | None:
    told = values.plain_text(reader.at("urgency"))
    if told in reader.mapping.urgencies:
        return reader.mapping.urgencies[told]
    read = reader.read("urgency", _urgency, fault="bad_urgency")
    return None if read is None else int(read)


def _words(reader: _Reader, field: str, limit: int) -> str | None:
    told: str | None = values.text(reader.at(field))
    if told is not None and len(told) > limit:
        reader.refuse("too_long", field, f"At most {limit:,} characters are taken.")
    return told


def _places(readers: Sequence[_Reader], known: Known) -> list[tuple[float, float] | None]:
    """Where each record lies, in WGS 84; a record without coordinates lies in the community that its address names."""
    if not readers:
        return []
    mapping = readers[0].mapping
    told = [[reader.read(field, values.number, fault="bad_number") for field in ("lon", "lat")] for reader in readers]
    lon, lat = np.array(told, dtype=np.float64).T
    faults = coordinate_faults(lon, lat)
    good = faults == CoordinateFault.OK
    x, y = lon.copy(), lat.copy()
    x[good], y[good] = to_wgs84(lon[good], lat[good], datum=Datum(mapping.datum))
    return [
        (float(x[i]), float(y[i])) if good[i] else _elsewhere(reader, CoordinateFault(int(faults[i])), known)
        for i, reader in enumerate(readers)
    ]


def _elsewhere(reader: _Reader, fault: CoordinateFault, known: Known) -> tuple[float, float] | None:
    address = values.text(reader.at("address"))
    if any(reason.code == "bad_number" for reason in reader.reasons):
        return None
    if fault is not CoordinateFault.MISSING or not address:
        field = "lon" if reader.mapping.lon else "address"
        reader.refuse(fault.name.lower() if reader.mapping.lon else "missing_place", field, fault.message)
        return None
    named = communities_named(address, known.communities)
    if len(named) != 1:
        code = "ambiguous_address" if named else "unknown_address"
        reader.refuse(code, "address", _said_of(named))
        return None
    return named[0].lon, named[0].lat


def _said_of(named: Sequence[KnownCommunity]) -> str:
    if not named:
        return "The address names no community of the city; write town and community, or send longitude and latitude."
    return f"The address may mean {', '.join(each.town + each.name for each in named[:5])}; write the town too."
