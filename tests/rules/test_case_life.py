"""Laws of the life of a case: whatever steps are taken in whatever order, from any state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.case_records import Case, CaseMatter, Command, Given, Spot
from gis.records import Account
from gis.rules.case_clock import begun, left_of, limit_of
from gis.rules.case_life import steps_open, taken, who_is
from gis.rules.case_steps import BY_ACTION, ENDED, STATES, SUSPENDED, Who
from gis.rules.duplicates import SAME_CATEGORY_M, SAME_MATTER_M, Pair, could_be_one, unlikeness
from gis.rules.escalation import ancestors, command_of_joined, lowest_common, parent, returned_too_often, ways_down, within
from gis.rules.masking import masked_email, masked_name, masked_phone
from gis.rules.working_time import WorkCalendar

CITY, TOWN, COMMUNITY = "44", "44.4401", "44.4401.440101"
CALENDAR = WorkCalendar(ZoneInfo("Asia/Shanghai"))
START = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, nine in the morning there
FIRE = CaseMatter(1, "0101", "xiaofang", 8, 2)
WISH = CaseMatter(2, "W101", "minzheng", 8, 3, "wish")
EVERYBODY = frozenset(Who)
IN_HANDS = ("dispatched", "handling", "feedback", "verified")


def a_case(state: str = "collected", **facts: object) -> Case:
    spot, command = Spot(113.7, 23.0, 7, 3, COMMUNITY), Command(3, COMMUNITY, "community")
    fresh = Case(1, "260302-AAAAAA", START, 1, state, 2, FIRE, spot, command, **facts)  # type: ignore[arg-type]
    return begun(fresh, now=START, calendar=CALENDAR)


def _account(role: str, path: str, **facts: object) -> Account:
    return Account(1, "someone", "Someone", role, path.rsplit(".", 1)[-1], path, **facts)  # type: ignore[arg-type]


ACTIONS = st.lists(
    st.tuples(st.sampled_from(sorted(BY_ACTION)), st.floats(0, 60), st.booleans(), st.sampled_from([1, 2, 3])), max_size=30
)


def _given(case: Case, action: str, by_officer: bool, urgency: int) -> Given:
    target = {"escalate": parent(case.command.path), "send_down": next(iter(ways_down(case.command.path, case.spot.path)), None)}
    path = target.get(action)
    return Given(
        staff_id=5 if by_officer else None, command=Command(9, path, "?") if path else None, urgency=urgency, hours=4, lead="L",
        matter=FIRE if case.matter is WISH else WISH, parties=frozenset({"a"}), spot=case.spot if action == "relocate" else None,
    )  # fmt: skip


@given(ACTIONS)
def test_no_order_of_steps_breaks_the_laws_of_a_case(moves: list[tuple[str, float, bool, int]]) -> None:
    case, now, steps = a_case(), START, 0
    for action, hours, by_officer, urgency in moves:
        now += timedelta(hours=hours)
        if action not in {step.action for step in steps_open(case, EVERYBODY)}:
            continue
        before, steps = case, steps + 1
        case = taken(case, BY_ACTION[action], _given(case, action, by_officer, urgency), now=now, calendar=CALENDAR)
        assert case.version == 1 + steps
        assert case.state in STATES
        assert (case.closed_at is None) is (case.state not in ENDED)
        assert (case.state == SUSPENDED) is (case.left_min is not None)
        assert (case.due_at is None) is (case.warn_at is None) is (case.state == SUSPENDED)
        assert case.warn_at is None or case.due_at is None or case.warn_at <= case.due_at
        assert not (case.holder_id is not None and case.with_department)
        assert case.state not in IN_HANDS or (case.holder_id is not None or case.with_department)
        assert within(COMMUNITY, case.command.path)
        assert (case.state == "merged") is (case.merged_into is not None)
        assert case.returns >= before.returns or action in ("reopen", "split")


@given(st.floats(0, 400), st.floats(0, 400), st.floats(0, 400))
def test_a_suspension_costs_no_working_time(before_h: float, suspended_h: float, after_h: float) -> None:
    stops = START + timedelta(hours=before_h)
    goes_on = stops + timedelta(hours=suspended_h)
    then = goes_on + timedelta(hours=after_h)
    case = taken(a_case("accepted"), BY_ACTION["suspend"], Given(), now=stops, calendar=CALENDAR)
    case = taken(case, BY_ACTION["resume"], Given(), now=goes_on, calendar=CALENDAR)
    spent = CALENDAR.between(START, stops) + CALENDAR.between(goes_on, then)
    assert case.state == "accepted"
    assert left_of(case, now=then, calendar=CALENDAR) == pytest.approx(480 - spent, abs=1e-3)


@given(st.floats(0, 300), st.sampled_from([1, 2, 3]))
def test_another_urgency_keeps_the_time_already_spent(hours: float, urgency: int) -> None:
    now = START + timedelta(hours=hours)
    case = taken(a_case("accepted"), BY_ACTION["prioritise"], Given(urgency=urgency), now=now, calendar=CALENDAR)
    limit = limit_of(FIRE, urgency=urgency, tier=None, calendar=CALENDAR)
    assert left_of(case, now=now, calendar=CALENDAR) == pytest.approx(limit - CALENDAR.between(START, now), abs=1e-3)


def test_who_somebody_is_follows_from_role_place_and_hand() -> None:
    case = a_case("dispatched", holder_id=5, parties=frozenset({"gongan"}))
    assert who_is(_account("dispatcher", COMMUNITY), case) == {Who.COMMAND}
    assert who_is(_account("dispatcher", TOWN), case) == {Who.COMMAND, Who.ABOVE}
    assert who_is(_account("dispatcher", f"{TOWN}.440102"), case) == frozenset()
    assert who_is(_account("officer", COMMUNITY, staff_id=5), case) == {Who.HOLDER}
    assert who_is(_account("officer", COMMUNITY, staff_id=6), case) == frozenset()
    assert who_is(_account("officer", COMMUNITY), case) == frozenset()
    assert who_is(_account("department", CITY, department="xiaofang"), case) == frozenset()
    assert who_is(_account("department", CITY, department="gongan"), case) == {Who.PARTY}
    assert who_is(_account("administrator", CITY), case) == frozenset()


def test_an_urgent_case_is_never_closed_by_whoever_handled_it() -> None:
    may = {urgency: {s.action for s in steps_open(_with_urgency(urgency), frozenset({Who.HOLDER}))} for urgency in (1, 2)}
    assert ("settle" in may[1], "settle" in may[2], "report_back" in may[1]) == (False, True, True)


def _with_urgency(urgency: int) -> Case:
    return replace(a_case("handling", holder_id=5), urgency=urgency)


PATHS = st.sampled_from([CITY, TOWN, COMMUNITY, "44.4402", "44.4402.440201", f"{TOWN}.440102"])


@given(st.lists(PATHS, min_size=1))
def test_the_lowest_common_area_holds_all_and_nothing_lower_does(paths: list[str]) -> None:
    common = lowest_common(paths)
    assert all(within(path, common) for path in paths)
    lower = [path for path in {above for path in paths for above in [path, *ancestors(path)]} if within(path, common)]
    assert all(path == common or not all(within(each, path) for each in paths) for path in lower)


def test_ways_up_and_down_follow_the_tree() -> None:
    assert ways_down(CITY, COMMUNITY) == [TOWN, COMMUNITY]
    assert ways_down(COMMUNITY, COMMUNITY) == ways_down(TOWN, None) == ways_down(f"{TOWN}.440102", COMMUNITY) == []
    assert (parent(COMMUNITY), parent(CITY)) == (TOWN, None)
    assert not within("44.44011", "44.4401")
    assert [n for n in range(6) if returned_too_often(n)] == [2, 4]
    assert (command_of_joined(COMMUNITY, [f"{TOWN}.440102"]), command_of_joined(TOWN, [COMMUNITY])) == (TOWN, None)


@given(st.floats(0, 400), st.floats(-30_000, 30_000), st.booleans())
def test_what_is_nearer_is_never_less_alike(metres: float, minutes: float, same: bool) -> None:
    pair, nearer = Pair(metres, minutes, same), Pair(metres / 2, minutes / 2, same)
    assert unlikeness(nearer) <= unlikeness(pair)
    assert could_be_one(nearer) or not could_be_one(pair)
    assert could_be_one(Pair(SAME_CATEGORY_M + 1, 0, True)) and not could_be_one(Pair(SAME_CATEGORY_M + 1, 0, False))
    assert not could_be_one(Pair(SAME_MATTER_M + 1, 0, True))


def test_personal_details_are_hidden_by_half() -> None:
    assert (masked_name("陈伟"), masked_phone("13812345678")) == ("陈**", "138****78")
    assert masked_email("chen@example.org") == "c***@example.org"
    assert (masked_name(None), masked_phone("12345"), masked_email("nothing")) == (None, "****", "***")
