"""What dispatching and patrols speak in: officers in the field, the case they are sent to, places that are inspected."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gis.records import Name, Unit


class Fix(NamedTuple):
    """A place in WGS 84 at which somebody was at a moment."""

    lon: float
    lat: float
    at: datetime
    accuracy_m: float | None


@dataclass(frozen=True)
class FieldOfficer:
    """An officer on shift: where last, and how much in hand.

    `lon`, `lat` is the last position of the shift, and without one (`at` is None) the middle of the posting. `path` is the
    area of the posting: the community of the grid, or the area whose command it is. `load` counts the cases in hand, `urgent_load`
    those of urgency 1.
    """

    id: int
    number: str
    name: Name
    duty: str
    role: str | None
    grid: str | None
    area: Unit
    path: str
    since: datetime
    lon: float
    lat: float
    at: datetime | None
    accuracy_m: float | None
    load: int
    urgent_load: int


@dataclass(frozen=True)
class CasePlace:
    """What of a case decides who is sent: where it is, of which kind, how far it has come.

    `path` is that of its community, or of its command where it has none.
    """

    id: int
    number: str
    lon: float
    lat: float
    state: str
    urgency: int
    category: str
    grid: str | None
    path: str


@dataclass(frozen=True)
class Reason:
    """One part of a score, in minutes, and why in words."""

    code: str
    text: Name
    value: float


@dataclass(frozen=True)
class Ranked:
    """An officer as a choice for a case. `score` is in minutes, the sum of the reasons: the least is the best."""

    officer: FieldOfficer
    metres: float
    minutes: float
    on_foot: bool
    posted: str
    duty_fits: bool
    score: float
    reasons: tuple[Reason, ...]
