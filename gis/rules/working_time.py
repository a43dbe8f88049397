"""Time limits in working time: the hours that a city works, on the days that it works.

Days are those of the State Council's calendar (library `chinesecalendar`: holidays, and the weekends worked for them), with the
city's own exceptions on top; a year that the calendar does not know yet has ordinary weekends.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
from numpy.typing import NDArray

from gis.records import Floats

Hours = tuple[tuple[time, time], ...]
WORKING_HOURS: Final[Hours] = ((time(9), time(12)), (time(13), time(18)))
HALVED, LONGER = 0.5, 1.5
WARN_AT_FRACTION: Final = 0.8  # of the time limit
A_DAY: Final = timedelta(days=1)
LONGEST_BREAK_D: Final = 30
_SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


def hours_of(written: str) -> Hours:
    """Working hours as a setting writes them, such as 09:00-12:00,13:00-18:00. Raises ValueError, saying what is wrong."""
    found = [_SPAN.fullmatch(part.strip()) for part in written.split(",")]
    hours = tuple((time.fromisoformat(span[1]), time.fromisoformat(span[2])) for span in found if span)
    bounds = [bound for span in hours for bound in span]
    if len(hours) < len(found) or bounds != sorted(set(bounds)):
        raise ValueError("must be spans of a day, one after another, such as 09:00-12:00,13:00-18:00")
    return hours


@dataclass(frozen=True)
class WorkCalendar:
    """When a city works. `exceptions` are days that it works (True) or does not (False), whatever the calendar says."""

    zone: ZoneInfo
    hours: Hours = WORKING_HOURS
    exceptions: Mapping[date, bool] = field(default_factory=dict)
    _known: dict[date, list[tuple[datetime, datetime]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def day_min(self) -> float:
        """Working minutes of a whole working day."""
        return sum((end.hour - start.hour) * 60 + end.minute - start.minute for start, end in self.hours)

    def works_on(self, day: date) -> bool:
        """Whether a day is worked."""
        if day in self.exceptions:
            return self.exceptions[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:  # a year that the State Council has not decided on yet
            return day.weekday() < 5

    def after(self, moment: datetime, *, minutes: float) -> datetime:
        """The moment, in UTC, at which so many working minutes have passed since another; before it when negative."""
        left = timedelta(minutes=minutes)
        if left < timedelta(0):
            return self._before(moment, left=-left)
        day = moment.astimezone(self.zone).date()
        while True:
            for start, end in self._spans(day):
                begins = max(start, moment)
                if begins < end:
                    if left <= end - begins:
                        return begins + left
                    left -= end - begins
            day += A_DAY

    def _before(self, moment: datetime, *, left: timedelta) -> datetime:
        day = moment.astimezone(self.zone).date()
        while True:
            for start, end in reversed(self._spans(day)):
                ends = min(end, moment)
                if start < ends:
                    if left <= ends - start:
                        return ends - left
                    left -= ends - start
            day -= A_DAY

    def after_many(self, moments: NDArray[np.datetime64], *, minutes: Floats) -> NDArray[np.datetime64]:
        """The same for arrays of n moments in UTC and n working minutes above zero; to the second."""
        if not len(moments):
            return moments.astype("datetime64[s]")
        at = moments.astype("datetime64[s]")
        reach_d = int(np.max(minutes) / self.day_min * 2) + LONGEST_BREAK_D
        starts, ends = self._bounds(at.min() - np.timedelta64(1, "D"), at.max() + np.timedelta64(reach_d, "D"))
        worked_s = np.cumsum(ends - starts).astype(np.int64)
        span = np.searchsorted(ends, at, side="right")
        still_s = (ends[span] - np.maximum(starts[span], at)).astype(np.int64)
        wanted_s = worked_s[span] - still_s + np.round(minutes * 60).astype(np.int64)
        target = np.searchsorted(worked_s, wanted_s, side="left")
        done: NDArray[np.datetime64] = ends[target] - (worked_s[target] - wanted_s).astype("timedelta64[s]")
        return done

    def between(self, start: datetime, end: datetime) -> float:
        """Working minutes between two moments; negative when the second lies before the first."""
        if end < start:
            return -self.between(end, start)
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        worked = timedelta(0)
        while day <= last:
            for begins, ends in self._spans(day):
                worked += max(timedelta(0), min(ends, end) - max(begins, start))
            day += A_DAY
        return worked / timedelta(minutes=1)

    def _bounds(self, first: np.datetime64, last: np.datetime64) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
        """Starts and ends, to the second in UTC, of all working spans between two moments."""
        days = np.arange(first, last, dtype="datetime64[D]").astype(object)
        spans = [span for day in days for span in self._spans(day)]
        bounds = np.array([[edge.replace(tzinfo=None) for edge in span] for span in spans], dtype="datetime64[s]").reshape(-1, 2)
        return bounds[:, 0], bounds[:, 1]

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        if day not in self._known:
            self._known[day] = self._spans_of(day) if self.works_on(day) else []
        return self._known[day]

    def _spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (datetime.combine(day, start, self.zone).astimezone(UTC), datetime.combine(day, end, self.zone).astimezone(UTC))
            for start, end in self.hours
        ]


def limit_min(time_limit_h: float, *, usual_urgency: int, urgency: int) -> float:
    """Working minutes that a case has: half for each degree more urgent than its matter usually is, half as many again for less."""
    steps = usual_urgency - urgency
    return time_limit_h * 60 * (HALVED**steps if steps > 0 else LONGER**-steps)
