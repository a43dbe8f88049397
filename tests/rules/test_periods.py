"""Moments and periods as map programs send them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gis.errors import BadQuery
from gis.rules.periods import Period, period

CITY = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LEAST = timedelta(microseconds=1)


def test_a_day_lasts_from_midnight_to_midnight_in_the_city() -> None:
    midnight = datetime(2025, 7, 1, tzinfo=CITY)
    assert period("datetime", "2025-07-01", timezone=CITY) == Period(midnight, midnight + timedelta(days=1) - LEAST, is_moment=True)


def test_a_moment_is_all_there_is_of_itself() -> None:
    found = period("datetime", "2025-07-01T08:00:00Z", timezone=CITY)
    assert found.start == found.end == datetime(2025, 7, 1, 8, tzinfo=UTC)
    assert found.until == datetime(2025, 7, 1, 8, tzinfo=UTC) + LEAST


@pytest.mark.parametrize("text", ["../2025-07-01T00:00:00Z", "/2025-07-01T00:00:00Z"])
def test_an_open_start_is_two_points_or_nothing(text: str) -> None:
    assert period("datetime", text, timezone=CITY) == Period(None, datetime(2025, 7, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2025-07-01T00:00:00Z", datetime(2025, 7, 1, tzinfo=UTC)),
        ("2027-07-01T00:00:00Z", datetime(2027, 7, 1, tzinfo=UTC)),
        ("2025-07-01T00:00:00Z/2025-08-01T00:00:00Z", datetime(2025, 8, 1, tzinfo=UTC)),
        ("2025-07-01T00:00:00Z/2027-08-01T00:00:00Z", None),
        ("2027-07-01T00:00:00Z/2027-08-01T00:00:00Z", datetime(2027, 7, 1, tzinfo=UTC)),
        ("2025-07-01T00:00:00Z/..", None),
        ("../..", None),
    ],
)
def test_of_a_period_the_last_state_that_is_not_in_the_future_is_shown(text: str, shown: datetime | None) -> None:
    assert period("datetime", text, timezone=CITY).state_at(NOW) == shown


@pytest.mark.parametrize("text", ["", "yesterday", "2025-07-01T00:00:00", "2025-07-02/2025-07-01", "a/b/c", "2025-13-01"])
def test_what_is_no_period_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadQuery, match=r"^datetime: "):
        period("datetime", text, timezone=CITY)
