"""Time limits in working time: the hours that a city works, on the days that it works.

Days are those of the State Council's calendar (library `chinesecalendar`: holidays, and the weekends worked for them), with the
city's own exceptions on top; a year that the calendar does not know yet has ordinary weekends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

Hours = tuple[tuple[time, time], ...]
WORKING_HOURS: Final[Hours] = ((time(9), time(12)), (time(13), time(18)))
HALVED, LONGER = 0.5, 1.5
WARN_AT_FRACTION: Final = 0.8  # of the time limit
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """When a city works. `exceptions` are days that it works (True) or does not (False), whatever the calendar says."""

    zone: ZoneInfo
    hours: Hours = WORKING_HOURS
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def works_on(self, day: date) -> bool:
        """Whether a day is worked."""
        if day in self.exceptions:
            return self.exceptions[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:  # a year that the State Council has not decided on yet
            return day.weekday() < 5

    def after(self, moment: datetime, *, minutes: float) -> datetime:
        """The moment, in UTC, at which so many working minutes have passed since another."""
        left = timedelta(minutes=minutes)
        day = moment.astimezone(self.zone).date()
        while True:
            for start, end in self._spans(day):
                begins = max(start, moment)
                if begins < end:
                    if left <= end - begins:
                        return begins + left
                    left -= end - begins
            day += A_DAY

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

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.works_on(day):
            return []
        return [
            (datetime.combine(day, start, self.zone).astimezone(UTC), datetime.combine(day, end, self.zone).astimezone(UTC))
            for start, end in self.hours
        ]


def limit_min(time_limit_h: float, *, usual_urgency: int, urgency: int) -> float:
    """Working minutes that a case has: half for each degree more urgent than its matter usually is, half as many again for less."""
    steps = usual_urgency - urgency
    return time_limit_h * 60 * (HALVED**steps if steps > 0 else LONGER**-steps)
