"""Moments and periods as map services write them: one moment, or two ends with a slash between, either of them open."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from gis.errors import BadQuery
from gis.rules import asking

OPEN = ("", "..")
LEAST = timedelta(microseconds=1)


@dataclass(frozen=True)
class Period:
    """From `start` to `end`, both belonging to it; None is an open end."""

    start: datetime | None
    end: datetime | None
    is_moment: bool = False

    def state_at(self, now: datetime) -> datetime | None:
        """The moment that a state is shown of: the one asked for, of a period its last that is not in the future.

        None is now: who asks for the next page asks the same question.
        """
        if self.start and (self.is_moment or self.start > now):
            return self.start
        return self.end if self.end and self.end < now else None

    @property
    def until(self) -> datetime | None:
        """The first moment after the period."""
        return self.end + LEAST if self.end else None


def period(name: str, text: str, *, timezone: tzinfo) -> Period:
    """A moment (2026-03-01T08:00:00Z), a day of the city (2026-03-01), or a period (2026-03-01/2026-03-31, ../2026-03-01).

    A day begins with its first moment and ends with its last. Raises BadQuery naming the parameter.
    """
    parts = text.split("/")
    if len(parts) == 1:
        return Period(_first(name, text, timezone), _last(name, text, timezone), is_moment=True)
    if len(parts) != 2:
        raise BadQuery(f"{name}: give a moment, or two with one slash between.", field=name)
    start = None if parts[0] in OPEN else _first(name, parts[0], timezone)
    end = None if parts[1] in OPEN else _last(name, parts[1], timezone)
    if start and end and start > end:
        raise BadQuery(f"{name}: the period ends before it starts.", field=name)
    return Period(start, end)


def _first(name: str, text: str, timezone: tzinfo) -> datetime:
    found = asking.moment(name, text)
    return found if isinstance(found, datetime) else _midnight(found, timezone)


def _last(name: str, text: str, timezone: tzinfo) -> datetime:
    found = asking.moment(name, text)
    return found if isinstance(found, datetime) else _midnight(found + timedelta(days=1), timezone) - LEAST


def _midnight(day: date, timezone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone)
