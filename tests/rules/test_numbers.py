"""Tracking numbers."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gis.rules.numbers import ALPHABET, SPACE, tracking_number

DAY = date(2026, 11, 22)


@given(st.sets(st.integers(1, SPACE - 1), min_size=2, max_size=50))
def test_distinct_incidents_have_distinct_numbers(ids: set[int]) -> None:
    assert len({tracking_number(i, DAY) for i in ids}) == len(ids)


def test_a_number_says_its_day_and_uses_no_letter_that_is_misheard() -> None:
    number = tracking_number(42, DAY)
    assert number.startswith("261122-")
    assert set(number[7:]) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01258BILOSUZ")
