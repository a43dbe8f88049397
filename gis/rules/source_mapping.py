"""Whether a department's mapping can be: which field of its records holds what."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gis.rules.datums import Datum
from gis.source_records import Reason, SourceMapping

UNIX: Final = "unix"
URGENCIES: Final = (1, 2, 3)
TABLES: Final = ("matters", "urgencies")
PATH_LIMIT: Final = 200
TABLE_LIMIT: Final = 500
FIELDS: Final = tuple(field.name for field in fields(SourceMapping))
_SAMPLE: Final = datetime(2026, 11, 22, 15, 58, 7)
_BROKEN: Final = (ValueError, TypeError, ZoneInfoNotFoundError, OSError)


def mapping_faults(told: Mapping[str, Any], *, matters: Collection[str]) -> list[Reason]:
    """All that is wrong with a mapping as it was sent; `matters` are the codes in force."""
    known = ", ".join(FIELDS)
    found = [Reason("unknown_field", str(name), f"There is no {name!r}; there are {known}.") for name in told if name not in FIELDS]
    found += _untold(told) + _not_texts(told)
    checks: dict[str, Callable[[Any], Reason | None]] = {"datum": _datum, "zone": _zone, "time_format": _time_format}
    for name, check in checks.items():
        if isinstance(told.get(name), str) and (fault := check(told[name])):
            found.append(fault)
    return found + _table_faults(told, matters) + _always(told, matters)


def mapping_of(told: Mapping[str, Any]) -> SourceMapping:
    """The mapping that was kept; one that has faults has no business here."""
    given = {name: value for name, value in told.items() if value not in (None, "", {})}
    return SourceMapping(**given)


def _untold(told: Mapping[str, Any]) -> list[Reason]:
    """What must be said and is not."""
    found = []
    if not told.get("id"):
        found.append(Reason("missing", "id", "Say which field holds the number that the department gives the record."))
    if not told.get("matter") and not told.get("matter_always"):
        found.append(Reason("missing", "matter", "Say which field holds the matter, or name the one matter of this source."))
    if bool(told.get("lon")) != bool(told.get("lat")):
        found.append(Reason("missing", "lat" if told.get("lon") else "lon", "Longitude and latitude come together."))
    if not (told.get("lon") or told.get("lat") or told.get("address")):
        found.append(Reason("missing", "lon", "Say where it is: fields of longitude and latitude, or an address."))
    return found


def _not_texts(told: Mapping[str, Any]) -> list[Reason]:
    names = [name for name in FIELDS if name not in TABLES and told.get(name) is not None]
    return [
        Reason("not_text", name, f"{name} is the name of a field, a text of at most {PATH_LIMIT} characters.")
        for name in names
        if not isinstance(told[name], str) or len(told[name]) > PATH_LIMIT
    ]


def _datum(told: str) -> Reason | None:
    known = [datum.value for datum in Datum]
    return None if not told or told in known else Reason("bad_datum", "datum", f"One of {', '.join(known)} is expected.", told)


def _zone(told: str) -> Reason | None:
    try:
        ZoneInfo(told or "Asia/Shanghai")
    except _BROKEN:
        return Reason("bad_zone", "zone", "A time zone such as Asia/Shanghai is expected.", told)
    return None


def _time_format(told: str) -> Reason | None:
    """A format must read back what it wrote, down to the day."""
    if told in ("", UNIX):
        return None
    try:
        read = datetime.strptime(_SAMPLE.strftime(told), told)
    except _BROKEN:
        read = None
    if read is None or read.date() != _SAMPLE.date():
        return Reason("bad_format", "time_format", f"A format such as %Y-%m-%d %H:%M:%S is expected, or {UNIX}.", told)
    return None


def _table_faults(told: Mapping[str, Any], matters: Collection[str]) -> list[Reason]:
    found = []
    for name in TABLES:
        table = told.get(name)
        if table is None:
            continue
        if not isinstance(table, Mapping) or len(table) > TABLE_LIMIT:
            found.append(Reason("not_table", name, f"{name} is a table of values, at most {TABLE_LIMIT}."))
            continue
        allowed: Collection[Any] = matters if name == "matters" else URGENCIES
        code = "unknown_matter" if name == "matters" else "bad_urgency"
        found += [
            Reason(code, name, f"{value!r} stands for {stands!r}, which is none.", str(stands))
            for value, stands in table.items()
            if isinstance(stands, bool) or not isinstance(stands, str | int) or stands not in allowed
        ]
    return found


def _always(told: Mapping[str, Any], matters: Collection[str]) -> list[Reason]:
    always = told.get("matter_always")
    if isinstance(always, str) and always and always not in matters:
        return [Reason("unknown_matter", "matter_always", "There is no admitted matter with this code.", always)]
    return []
