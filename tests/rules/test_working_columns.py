"""Working time in columns, and hours as a setting writes them."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.working_time import WorkCalendar, hours_of

CALENDAR = WorkCalendar(ZoneInfo("Asia/Shanghai"))
MOMENTS = st.datetimes(min_value=datetime(2023, 1, 1), max_value=datetime(2030, 12, 31)).map(lambda at: at.replace(microsecond=0))


@given(st.lists(st.tuples(MOMENTS, st.integers(1, 60_000)), min_size=1, max_size=20))
def test_many_moments_are_as_many_single_ones(asked: list[tuple[datetime, int]]) -> None:
    moments = np.array([at for at, _ in asked], dtype="datetime64[s]")
    found = CALENDAR.after_many(moments, minutes=np.array([minutes for _, minutes in asked], dtype=np.float64))
    singly = [CALENDAR.after(at.replace(tzinfo=UTC), minutes=minutes).replace(tzinfo=None) for at, minutes in asked]
    assert found.tolist() == singly


@given(MOMENTS, st.integers(1, 60_000))
def test_between_measures_what_after_added(at: datetime, minutes: int) -> None:
    start = at.replace(tzinfo=UTC)
    assert CALENDAR.between(start, CALENDAR.after(start, minutes=minutes)) == minutes


def test_hours_are_read_from_a_setting() -> None:
    assert hours_of("08:30-12:00, 14:00-17:30") == ((time(8, 30), time(12)), (time(14), time(17, 30)))
    assert WorkCalendar(ZoneInfo("UTC"), hours_of("08:30-12:00,14:00-17:30")).day_min == 420


@pytest.mark.parametrize("written", ["", "9-12", "12:00-09:00", "09:00-12:00,11:00-18:00", "09:00-25:00"])
def test_hours_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"spans|hour"):
        hours_of(written)
