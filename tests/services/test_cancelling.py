"""Calling a plan off before it comes into force: everything is as it was before its publication."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from gis import cancelling, drafts, plans, publishing
from gis.draft_records import NewDraft
from gis.errors import BeyondOwnPart, NotFound, PublicationRefused
from gis.records import Name, Reach
from gis.store import history as history_rows
from gis.store import patches
from tests.builders import COMMUNITY, WHOLE_CITY, a_draft
from tests.services.test_publishing import LATER, MONTH, NOW, _a_draft_that_cuts, _city_with_officers, _publish

STATES = {
    "plans": "SELECT id, state, valid FROM plan ORDER BY id",
    "grids": "SELECT plan_id, grid_id, valid, cells FROM grid_version ORDER BY id",
    "cells": "SELECT id, valid FROM cell ORDER BY id",
    "assignments": "SELECT * FROM cell_assignment ORDER BY 1, 2",
    "posts": "SELECT staff_id, grid_id, role, valid FROM posting ORDER BY 1, 4",
    "loads": "SELECT * FROM cell_load ORDER BY 1, 2",
    "places": "SELECT * FROM cell_place ORDER BY 1, 2",
    "pictures": "SELECT plan_id, band, code FROM map_shape ORDER BY 1, 2, 3",
    "lineage": "SELECT * FROM lineage",
    "own grids": "SELECT * FROM draft_grid ORDER BY 1, 2",
    "own cells": "SELECT * FROM draft_cell ORDER BY 1, 2",
    "own assignments": "SELECT * FROM draft_assignment ORDER BY 1, 2",
    "shelved": "SELECT * FROM shelved_row",
    "carried": "SELECT * FROM carried_posting",
}


def _states(conn: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {what: [tuple(row) for row in conn.execute(text(question))] for what, question in STATES.items()}


def _cancel(conn: Connection, plan: int, *, reach: Reach = WHOLE_CITY, now: datetime = NOW) -> int:
    return cancelling.cancel(conn, plan, reason="日期有误", reach=reach, by="planner", now=now)


def _against(conn: Connection, plan: int, *, now: datetime = NOW) -> list[str]:
    with pytest.raises(PublicationRefused) as refused:
        _cancel(conn, plan, now=now)
    return [finding["rule"] for finding in refused.value.facts["findings"]]


def test_everything_is_as_before_and_codes_are_never_given_again(conn: Connection) -> None:
    draft = _a_draft_that_cuts(conn)
    before = _states(conn)
    first = _publish(conn, draft)
    assert _states(conn)["posts"] != before["posts"]
    assert _cancel(conn, draft) == 3
    assert _states(conn) == before
    told = conn.execute(text("SELECT payload ->> 'reason' FROM journal WHERE kind = 'plan.cancelled'")).scalar_one()
    assert told == "日期有误"
    again = _publish(conn, draft, seen_version=3)
    assert first.codes_new and set(again.codes_new).isdisjoint(first.codes_new)


def test_who_left_a_post_meanwhile_does_not_come_back(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABC")
    draft = a_draft(conn, "AABB", names={"A": codes[0], "B": codes[1]})
    _publish(conn, draft)
    conn.execute(text("DELETE FROM posting WHERE lower(valid) = :at AND role = 'manager'"), {"at": LATER})
    conn.execute(
        text("UPDATE posting SET valid = tstzrange(lower(valid), :end) WHERE lower(valid) = :at"),
        {"at": LATER, "end": LATER + MONTH},
    )
    _cancel(conn, draft)
    ends = conn.execute(text("SELECT DISTINCT upper(valid) FROM posting WHERE NOT upper_inf(valid)")).scalars().all()
    assert set(ends) == {LATER + MONTH}
    assert conn.execute(text("SELECT count(*) FROM posting WHERE valid @> :at"), {"at": LATER}).scalar_one() == 6


def test_a_plan_in_force_and_one_that_another_follows_are_not_called_off(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABBB")
    names = dict(zip("AB", codes, strict=True))
    draft = a_draft(conn, "AAABB", names=names)
    _publish(conn, draft)
    assert _against(conn, draft, now=LATER) == ["in_force_already"]
    later = a_draft(conn, "AABBB", names=names)
    assert _against(conn, draft) == ["drafts_start_from_it"]
    _publish(conn, later, since=LATER + MONTH)
    assert _against(conn, draft) == ["not_the_newest", "drafts_start_from_it"]
    _cancel(conn, later)
    assert plans.list_plans(conn)[0].until is None


def test_officers_posted_on_its_new_grids_meanwhile_are_not_left_without_one(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AAAB")
    draft = a_draft(conn, "AACB", names=dict(zip("AB", codes, strict=True)))
    _publish(conn, draft)
    conn.execute(
        text("""
            UPDATE posting SET grid_id = (SELECT id FROM grid WHERE code = :code), id = id + 1000
            WHERE id = (SELECT min(p.id) FROM posting p JOIN grid g ON g.id = p.grid_id WHERE upper_inf(valid) AND g.code <> :code)
        """),
        {"code": COMMUNITY + "03"},
    )
    assert _against(conn, draft) == ["posted_since"]


def test_a_plan_that_would_have_restored_another_is_withdrawn(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    first = plans.list_plans(conn)[0].id
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    _publish(conn, draft)
    outcome = publishing.restore(conn, first, since=LATER + MONTH, decision="", reach=WHOLE_CITY, by="t", now=NOW)
    _cancel(conn, outcome.plan_id)
    head = patches.head(conn, outcome.plan_id)
    assert head is not None
    assert head.state == "withdrawn"
    assert plans.list_plans(conn)[0].id == draft


def test_nobody_calls_a_plan_off_beyond_the_own_part(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    with pytest.raises(NotFound):
        _cancel(conn, draft)
    _publish(conn, draft)
    with pytest.raises(BeyondOwnPart):
        _cancel(conn, draft, reach=Reach("441900.441900004"))
    with pytest.raises(NotFound):
        _cancel(conn, 999_999_999)


def test_a_plan_stays_in_force_until_the_one_after_it_begins(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    first, now = plans.list_plans(conn)[0].id, datetime.now(UTC)
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    _publish(conn, draft, since=now + timedelta(days=7), now=now)

    def shown(state: str | None = None) -> dict[int, tuple[str, bool]]:
        return {plan["id"]: (plan["state"], plan["in_force"]) for plan in drafts.find(conn, reach=WHOLE_CITY, state=state)}

    assert shown() == {draft: ("coming", False), first: ("published", True)}
    assert shown("coming").keys() == {draft}
    assert [row["state"] for row in history_rows.timeline(conn)] == ["published", "coming"]
    assert drafts.find(conn, reach=Reach("441900.441900004"), state="coming")
    new = drafts.open_draft(conn, NewDraft(Name("新", "New"), (COMMUNITY,)), reach=WHOLE_CITY, by="t")
    assert patches.head(conn, new).parent_id == draft


def test_a_plan_that_was_called_off_is_of_today_again(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    now = datetime.now(UTC)
    _publish(conn, draft, since=now + timedelta(days=7), now=now)
    _cancel(conn, draft, now=now)
    assert conn.execute(text("SELECT count(*) FROM plan WHERE valid @> now() AND upper_inf(valid)")).scalar_one() == 1
