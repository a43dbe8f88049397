"""Texts of a question turned into values: what cannot be one is refused by name, with what exists."""

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from gis.errors import BadQuery
from gis.feature_records import Bbox

MOST_VALUES = 100
MOST_CHARACTERS = 200
YEARS = range(1900, 2201)
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_TRUTH = {"true": True, "false": False}


def one(name: str, texts: Sequence[str], *, most: int = MOST_CHARACTERS) -> str:
    """The only value of a parameter. Raises BadQuery when it was given twice."""
    if len(texts) != 1:
        raise BadQuery(f"{name}: give it once.", field=name)
    return sound(name, texts[0], most=most)


def several(name: str, texts: Iterable[str], *, split: bool = True) -> list[str]:
    """The values of a parameter that takes several, given repeatedly or (if `split`) with commas between them."""
    found = [part.strip() for text in texts for part in (text.split(",") if split else [text])]
    if len(found) > MOST_VALUES:
        raise BadQuery(f"{name}: {len(found)} values are too many; {MOST_VALUES} are allowed.", field=name)
    return [sound(name, text) for text in found]


def sound(name: str, text: str, *, most: int = MOST_CHARACTERS) -> str:
    """A text that a database can be asked for. Raises BadQuery."""
    if not text or "\0" in text or len(text) > most:
        raise BadQuery(f"{name}: the value is empty, longer than {most} characters or holds a NUL.", field=name)
    return text


def value(name: str, kind: str, text: str) -> Any:
    """A text as a value of its kind: text, integer, boolean, date or moment. Raises BadQuery."""
    if kind == "integer":
        return integer(name, text)
    if kind == "boolean":
        return truth(name, text)
    return moment(name, text) if kind in ("date", "moment") else text


def integer(name: str, text: str) -> int:
    """A whole number. Raises BadQuery."""
    if not _INTEGER.fullmatch(text):
        raise BadQuery(f"{name}: {text!r} is not a whole number.", field=name)
    return int(text)


def truth(name: str, text: str) -> bool:
    """True or false. Raises BadQuery."""
    if text.lower() not in _TRUTH:
        raise BadQuery(f"{name}: {text!r} is neither true nor false.", field=name, known=list(_TRUTH))
    return _TRUTH[text.lower()]


def moment(name: str, text: str) -> date | datetime:
    """A day such as 2026-03-01, or a moment with its offset such as 2026-03-01T08:00:00+08:00. Raises BadQuery."""
    try:
        # An offset's plus sign is a space by the rules of web forms; nothing else can stand there.
        found = date.fromisoformat(text) if len(text) == len("2026-03-01") else datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.year not in YEARS or (isinstance(found, datetime) and found.tzinfo is None):
        raise BadQuery(
            f"{name}: {text!r} is neither a day (2026-03-01) nor a moment with its offset (2026-03-01T08:00:00+08:00).",
            field=name,
        )
    return found


def bbox(name: str, text: str) -> Bbox:
    """West, south, east, north in WGS 84, with commas between. Raises BadQuery."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadQuery(
            f"{name}: give four numbers, west,south,east,north in degrees, such as 113.7,22.9,113.8,23.0.", field=name
        ) from None
    refuse_bbox(name, (west, south, east, north))
    return west, south, east, north


def refuse_bbox(name: str, box: Bbox) -> None:
    """Refuse a box that is none: not finite, off the globe, or with its corners swapped. Raises BadQuery."""
    west, south, east, north = box
    if not all(math.isfinite(side) for side in box) or max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise BadQuery(f"{name}: longitudes lie within ±180 and latitudes within ±90 degrees.", field=name)
    if west > east or south > north:
        raise BadQuery(f"{name}: the order is west,south,east,north; west must not exceed east, nor south north.", field=name)
