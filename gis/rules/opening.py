"""Whether a facility is open at a moment of the week, by its opening hours as OpenStreetMap writes them.

"Mo-Fr 08:30-12:00,14:00-17:30; Sa,Su off". Asked for an ordinary week: no public holiday, hours of season as in March.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from gis.coverage_records import OpenAt
from gis.records import Flags

ORDINARY_MONDAY: Final = datetime(2026, 3, 2)
Opening = Literal["open", "closed", "unsure", "unstated", "unreadable"]


@dataclass(frozen=True)
class Openings:
    """For each facility whether it is open, and which cannot be said: no hours given, none that can be read, or a note
    that a person must read ("by appointment"). These are not open."""

    open: Flags
    unstated: Flags
    unreadable: Flags
    unsure: Flags


def openings(hours: Sequence[str | None], at: OpenAt) -> Openings:
    """Facilities' hours asked for one moment of the week."""
    found = np.array([opening(text or "", at) for text in hours], dtype=object)
    return Openings(found == "open", found == "unstated", found == "unreadable", found == "unsure")


@lru_cache(maxsize=4096)
def opening(text: str, at: OpenAt) -> Opening:
    """What opening hours say of one moment; the closing minute itself is closed."""
    if not text.strip():
        return "unstated"
    moment = ORDINARY_MONDAY + timedelta(days=at.weekday - 1, minutes=at.minute)
    try:
        state, note = OpeningHours(text).state(moment)
    except ParserError:
        return "unreadable"
    if state == State.CLOSED:
        return "closed"
    return "open" if state == State.OPEN and not note else "unsure"
