"""Working time: limits in the hours that a city works, on the days that it works."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.working_time import WorkCalendar, limit_min

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(ZONE)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))
MINUTES = st.integers(-20_000, 20_000)


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@given(MOMENTS, MINUTES)
def test_as_many_minutes_lie_between_as_were_counted_on(moment: datetime, minutes: int) -> None:
    assert CALENDAR.between(moment, CALENDAR.after(moment, minutes=minutes)) == pytest.approx(minutes, abs=1e-6)


@given(MOMENTS, st.integers(0, 9_000), st.integers(0, 9_000))
def test_counting_on_in_two_parts_is_counting_on_at_once(moment: datetime, first: int, second: int) -> None:
    parts = CALENDAR.after(CALENDAR.after(moment, minutes=first), minutes=second)
    assert CALENDAR.between(parts, CALENDAR.after(moment, minutes=first + second)) == pytest.approx(0, abs=1e-6)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_time_between_adds_up_and_never_runs_backwards(a: datetime, b: datetime, c: datetime) -> None:
    assert CALENDAR.between(a, b) + CALENDAR.between(b, c) == pytest.approx(CALENDAR.between(a, c), abs=1e-6)
    assert CALENDAR.between(a, b) * (b - a).total_seconds() >= 0


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-03-02T09:00", 60, "2026-03-02T10:00"),
        ("2026-03-02T11:30", 60, "2026-03-02T13:30"),  # the noon hour is not worked
        ("2026-03-02T17:30", 60, "2026-03-03T09:30"),
        ("2026-03-06T17:30", 60, "2026-03-09T09:30"),  # a weekend
        ("2026-03-02T20:00", 1, "2026-03-03T09:01"),
        ("2025-09-30T17:00", 120, "2025-10-09T10:00"),  # Golden Week with Mid-Autumn: the 1st to the 8th
        ("2025-09-28T09:00", 60, "2025-09-28T10:00"),  # a Sunday worked for it
        ("2025-10-10T17:00", 120, "2025-10-11T10:00"),  # a Saturday worked for it
    ],
)
def test_a_limit_ends_where_the_office_calendar_says(start: str, minutes: int, end: str) -> None:
    assert CALENDAR.after(_local(start), minutes=minutes) == _local(end)


def test_the_citys_own_exceptions_count_more_than_the_calendar() -> None:
    flood, fair = date(2026, 3, 3), date(2026, 3, 7)
    calendar = WorkCalendar(ZONE, exceptions={flood: False, fair: True})
    assert calendar.after(_local("2026-03-02T17:30"), minutes=60) == _local("2026-03-04T09:30")
    assert calendar.after(_local("2026-03-06T17:30"), minutes=60) == _local("2026-03-07T09:30")


def test_a_year_that_is_not_decided_on_has_ordinary_weekends() -> None:
    far = WorkCalendar(ZONE)
    assert [far.works_on(date(2090, 5, day)) for day in (5, 6, 7, 8)] == [True, False, False, True]


def test_a_city_that_works_around_the_clock_counts_by_the_clock_but_for_its_holidays() -> None:
    always = WorkCalendar(ZONE, hours=((time(0), time(23, 59)),))
    assert always.after(_local("2026-03-02T00:00"), minutes=60) == _local("2026-03-02T01:00")


def test_more_urgent_is_half_and_less_urgent_half_as_much_again() -> None:
    limits = [limit_min(8, usual_urgency=2, urgency=urgency) for urgency in (1, 2, 3)]
    assert limits == [240, 480, 720]
    assert limit_min(8, usual_urgency=3, urgency=1) == 120


def test_a_limit_of_months_is_reckoned_at_once() -> None:
    start, passed = datetime(2026, 1, 1, tzinfo=UTC), timedelta(0)
    for _ in range(200):
        passed = CALENDAR.after(start, minutes=60 * 8 * 60) - start
    assert passed > timedelta(days=80)
