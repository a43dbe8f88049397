"""Opening hours at a moment of the week."""

from __future__ import annotations

import pytest

from gis.coverage_records import OpenAt
from gis.rules.opening import opening, openings

SUNDAY_AT_TEN = OpenAt(weekday=7, minute=600)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("24/7", SUNDAY_AT_TEN, "open"),
        ("Mo-Fr 08:30-12:00,14:00-17:30; Sa 09:00-12:00", SUNDAY_AT_TEN, "closed"),
        ("Mo-Fr 08:30-12:00,14:00-17:30", OpenAt(3, 13 * 60), "closed"),
        ("Mo-Fr 08:30-12:00,14:00-17:30", OpenAt(3, 14 * 60), "open"),
        ("Mo-Fr 08:30-12:00,14:00-17:30", OpenAt(3, 17 * 60 + 30), "closed"),
        ("Mo-Su 22:00-06:00", OpenAt(1, 3 * 60), "open"),
        ("Tu-Su 09:00-21:00; PH off", SUNDAY_AT_TEN, "open"),
        ("Su 10:00-12:00 unknown", SUNDAY_AT_TEN, "unsure"),
        ('"by appointment"', SUNDAY_AT_TEN, "unsure"),
        ("from nine to five", SUNDAY_AT_TEN, "unreadable"),
        ("周一至周五", SUNDAY_AT_TEN, "unreadable"),
        (" ", SUNDAY_AT_TEN, "unstated"),
    ],
)
def test_hours_say_whether_a_facility_is_open(text: str, at: OpenAt, expected: str) -> None:
    assert opening(text, at) == expected


def test_what_cannot_be_said_is_not_open_and_is_told() -> None:
    found = openings(["24/7", None, "always, nearly", '"ring the bell"', "Mo off"], SUNDAY_AT_TEN)
    assert found.open.tolist() == [True, False, False, False, False]
    assert found.unstated.tolist() == [False, True, False, False, False]
    assert found.unreadable.tolist() == [False, False, True, False, False]
    assert found.unsure.tolist() == [False, False, False, True, False]
