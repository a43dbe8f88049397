"""Whom to send: minutes, and the reasons for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.field_records import CasePlace, FieldOfficer
from gis.records import Name, Unit
from gis.rules.ranking import POSTED_MIN, judge, posted, rank, travel_min

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
HOME = "441900.441900003.441900003001"
CASE = CasePlace(1, "260302-AAAAAA", 113.75, 23.05, "accepted", 2, "市容秩序", "44190000300101", HOME)
OFFICER = FieldOfficer(
    1, "0001", Name("陈", "Chen"), "disposal", None, "44190000300101", Unit("441900003001", Name("岗贝", "Gangbei")), HOME,
    NOW - timedelta(hours=1), 113.75, 23.05, NOW, 10.0, 0, 0,
)  # fmt: skip


def _number(officer: FieldOfficer, number: str, **changes: object) -> FieldOfficer:
    return replace(officer, number=number, **changes)  # type: ignore[arg-type]


@given(st.integers(0, 30), st.floats(113.6, 113.9), st.floats(22.8, 23.2), st.sampled_from(["patrol", "disposal", "enforcement"]))
def test_a_score_is_the_sum_of_its_reasons_and_falls_with_less_in_hand(load: int, lon: float, lat: float, duty: str) -> None:
    officer = replace(OFFICER, lon=lon, lat=lat, duty=duty, load=load + 1)
    busy, less = judge(officer, CASE, now=NOW), judge(replace(officer, load=load), CASE, now=NOW)
    assert busy.score == pytest.approx(sum(reason.value for reason in busy.reasons), abs=0.01)
    assert less.score < busy.score
    assert all(reason.text.zh and reason.text.en for reason in busy.reasons)


@given(st.floats(0, 20_000), st.floats(0, 20_000))
def test_farther_is_never_sooner(near: float, far: float) -> None:
    near, far = sorted((near, far))
    assert travel_min(near)[0] <= travel_min(far)[0]


def test_a_few_steps_are_walked_and_a_longer_way_is_ridden() -> None:
    assert travel_min(50)[1]
    minutes, on_foot = travel_min(2_000)
    assert not on_foot
    assert minutes == pytest.approx(2 + 2.7 / 18 * 60)


@pytest.mark.parametrize(
    ("category", "state", "best"),
    [
        ("市容秩序", "accepted", "disposal"), ("违法建设", "accepted", "enforcement"), ("特殊人群服务", "returned", "patrol"),
        ("违法建设", "collected", "patrol"), ("unknown to the table", "accepted", "disposal"),
    ],
)  # fmt: skip
def test_the_duty_follows_from_the_matter_and_how_far_it_has_come(category: str, state: str, best: str) -> None:
    case = replace(CASE, category=category, state=state)
    team = [_number(OFFICER, duty, duty=duty) for duty in ("disposal", "enforcement", "patrol", "dispatch")]
    ranked = rank(team, case, now=NOW)
    assert len(ranked) == 3  # a dispatcher is never sent
    assert (ranked[0].officer.duty, ranked[0].duty_fits) == (best, True)
    assert not any(choice.duty_fits for choice in ranked[1:])


def test_the_posting_counts_own_grid_first() -> None:
    places = {
        "grid": {}, "community": {"grid": "44190000300102"}, "town": {"grid": None, "path": "441900.441900003"},
        "elsewhere": {"grid": None, "path": "441900.441900004.441900004001"},
    }  # fmt: skip
    team = [_number(OFFICER, name, **where) for name, where in places.items()]
    assert [posted(officer, CASE) for officer in team] == list(POSTED_MIN)
    assert [choice.posted for choice in rank(team[::-1], CASE, now=NOW)] == list(POSTED_MIN)


def test_who_has_an_urgent_case_in_hand_and_an_old_position_comes_later() -> None:
    team = [
        _number(OFFICER, "urgent", load=1, urgent_load=1), _number(OFFICER, "busy", load=1),
        _number(OFFICER, "silent", at=None), _number(OFFICER, "old", at=NOW - timedelta(hours=3)), _number(OFFICER, "free"),
    ]  # fmt: skip
    ranked = rank(team, CASE, now=NOW)
    assert [choice.officer.number for choice in ranked] == ["free", "old", "silent", "busy", "urgent"]
    assert [reason.text.en for reason in ranked[1].reasons if reason.code == "position"] == ["position of 3 h ago"]


def test_what_can_wait_goes_rather_to_whoever_has_least_in_hand() -> None:
    near_and_busy, far_and_free = _number(OFFICER, "near", load=1), _number(OFFICER, "far", lon=113.78)
    assert [c.officer.number for c in rank([near_and_busy, far_and_free], replace(CASE, urgency=1), now=NOW)] == ["near", "far"]
    assert [c.officer.number for c in rank([near_and_busy, far_and_free], replace(CASE, urgency=3), now=NOW)] == ["far", "near"]
