"""What dispatching and patrols speak in: officers in the field, the case they are sent to, places that are inspected."""

from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True)
class PlaceRow:
    """A place to be inspected. `interval_d` None is that of its kind."""

    kind: str
    name: str
    address: str | None
    lon: float
    lat: float
    interval_d: int | None
    inspected_at: datetime | None
    synthetic: bool


@dataclass(frozen=True)
class Place:
    """A place as it stands. `grid` is that of the plan in force, `due_on` the day in the city by which it is inspected next."""

    id: int
    code: str
    kind: Unit
    name: str
    address: str | None
    lon: float
    lat: float
    grid: str | None
    interval_d: int
    standard_min: float
    inspected_at: datetime | None
    due_on: date | None
    active: bool
    synthetic: bool


@dataclass(frozen=True)
class Call:
    """A place on a patrol, and the way to it from the one before."""

    place: Place
    overdue_d: int
    leg_m: float
    leg_min: float


@dataclass(frozen=True)
class Patrol:
    """What an officer inspects today, in walking order. `left_over` places are due and do not fit into the day."""

    day: date
    grids: tuple[str, ...]
    start: tuple[float, float] | None
    calls: tuple[Call, ...]
    left_over: int
    done: int


@dataclass(frozen=True)
class Inspection:
    """What an officer found at a place. `number` is the case that it opened."""

    place: str
    outcome: str
    at: datetime
    officer: Name
    note: str | None
    number: str | None


@dataclass(frozen=True)
class ShiftRow:
    """A shift that runs, of a member of staff by number, and the last place of it."""

    number: str
    since: datetime
    last: Fix
