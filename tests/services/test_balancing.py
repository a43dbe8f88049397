"""Proposals of the machine, from the wish to what a draft would take."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from gis import balancing, editing, workloads
from gis.balance_records import FIRST_NEW_KEY, BalanceWish, Balancing
from gis.draft_records import NewDraft
from gis.drafts import open_draft
from gis.errors import BadQuery, DraftClosed, EditRefused, NotFound
from gis.plan_records import Weights
from gis.records import Name, Reach
from gis.store import patches
from server.balance_runs import BalanceRunner
from tests.builders import COMMUNITY, WHOLE_CITY, found_city, publish

TOWN_WISH = BalanceWish(tolerance=0.15, dial=0.15)


@pytest.fixture
def city(conn: Connection) -> Connection:
    """Two grids in one community, a third of the people in one and two thirds in the other."""
    found_city(conn, "AABBBB\nAABBBB")
    publish(conn, "AABBBB\nAABBBB")
    workloads.save_model(
        conn, name=Name("标准", "Standard"), weights=Weights(places={}), since=date(2025, 1, 1), until=date(2026, 1, 1), by="test"
    )
    return conn


@pytest.fixture
def draft(city: Connection) -> int:
    return open_draft(city, NewDraft(Name("草案", "Draft"), (COMMUNITY,)), reach=WHOLE_CITY, by="planner")


def _searched(conn: Connection, draft: int, wish: BalanceWish) -> Balancing:
    run = balancing.ask(conn, draft, wish, reach=WHOLE_CITY, by="planner")
    balancing.finish(conn, run, balancing.search(conn, run))
    return balancing.get(conn, draft, run.id, reach=WHOLE_CITY)


def test_a_proposal_tells_what_it_changes_and_writes_nothing(city: Connection, draft: int) -> None:
    before = patches.patch(city, patches.head(city, draft))
    run = _searched(city, draft, BalanceWish(tolerance=0.02, dial=0.0))
    (row,) = balancing.communities(city, run.id)
    assert (run.state, run.done, run.total, run.outcome["cells_moved"], run.outcome["residents_moved"]) == ("done", 1, 1, 2, 200)
    assert (row.code, row.grids_before, row.grids_after, row.cells_moved, row.taken_at_seq) == (COMMUNITY, 2, 2, 2, None)
    assert row.deviation_after < 0.02 < row.deviation_before
    moves = balancing.moves(city, draft, run.id, code=COMMUNITY, reach=WHOLE_CITY)
    light, heavy = sorted(set(before.grid.tolist()), key=lambda key: (before.grid == key).sum())
    assert {(was, now) for _, was, now in moves} == {(heavy, light)}
    assert (patches.patch(city, patches.head(city, draft)).grid == before.grid).all()


def test_a_new_grid_has_a_key_that_no_draft_has(city: Connection, draft: int) -> None:
    run = _searched(city, draft, BalanceWish(mode="change_k", grids={COMMUNITY: 3}, dial=1.0))
    (row,) = balancing.communities(city, run.id)
    assert (row.grids_before, row.grids_after) == (2, 3)
    made = {now for _, _, now in balancing.moves(city, draft, run.id, code=None, reach=WHOLE_CITY) if now < 0}
    assert made == {FIRST_NEW_KEY}


def test_locked_grids_are_left_alone(city: Connection, draft: int) -> None:
    head = patches.head(city, draft)
    keys = sorted(patches.grids(city, head))
    city.execute(
        text("INSERT INTO draft_grid (plan_id, grid_key, community_id, kind, unit_type, locked) "
             "VALUES (:plan, :key, :home, 'basic', 'estate', true)"),
        {"plan": draft, "key": keys[0], "home": head.scope[0]},
    )  # fmt: skip
    run = _searched(city, draft, BalanceWish(dial=1.0))
    assert balancing.moves(city, draft, run.id, code=None, reach=WHOLE_CITY) == []


def test_a_barrier_is_a_border_of_the_proposal(city: Connection, draft: int) -> None:
    """Between the third and fourth column, where the grids do not part today."""
    river = ((113.78, 23.0), (113.78, 23.1))
    run = _searched(city, draft, BalanceWish(tolerance=1.0, dial=0.0, barriers=(river,)))
    assert balancing.communities(city, run.id)[0].cells_moved == 2


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        (BalanceWish(scope=("440000",)), "440000 is no area"),
        (BalanceWish(dial=3.0), "dial"),
        (BalanceWish(mode="change_k"), "how many"),
        (BalanceWish(grids="by_hours"), "change_k"),
        (BalanceWish(mode="change_k", grids={"441900003999": 2}), "441900003999 is no community"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_name(city: Connection, draft: int, wish: BalanceWish, named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        balancing.ask(city, draft, wish, reach=WHOLE_CITY, by="planner")


def test_too_many_grids_are_refused_with_the_code_of_the_community(city: Connection, draft: int) -> None:
    run = balancing.ask(city, draft, BalanceWish(mode="change_k", grids={COMMUNITY: 13}), reach=WHOLE_CITY, by="planner")
    with pytest.raises(BadQuery, match=f"Community {COMMUNITY} has 12 free cells"):
        balancing.search(city, run)


def test_only_drafts_are_balanced_and_only_seen_ones_are_found(city: Connection, draft: int) -> None:
    published = patches.head(city, draft).parent_id
    with pytest.raises(DraftClosed):
        balancing.ask(city, published, BalanceWish(), reach=WHOLE_CITY, by="planner")
    run = balancing.ask(city, draft, BalanceWish(), reach=WHOLE_CITY, by="planner")
    with pytest.raises(NotFound):
        balancing.get(city, draft, run.id, reach=Reach("441900.441900004"))
    with pytest.raises(NotFound):
        balancing.get(city, published, run.id, reach=WHOLE_CITY)


def test_a_run_that_waits_stops_at_once(city: Connection, draft: int) -> None:
    run = balancing.ask(city, draft, BalanceWish(), reach=WHOLE_CITY, by="planner")
    assert balancing.ask_stop(city, draft, run.id, reach=WHOLE_CITY, by="planner").state == "stopped"
    assert [found.id for found in balancing.find(city, draft, reach=WHOLE_CITY)] == [run.id]


def test_communities_are_told_how_many_grids_they_should_have(city: Connection, draft: int) -> None:
    (row,) = balancing.grids_wanted(city, draft, area=None, reach=WHOLE_CITY)
    assert (row.code, row.grids, row.wanted, len(row.curve)) == (COMMUNITY, 2, 2, 4)
    assert row.curve == sorted(row.curve, reverse=True)


def _take(conn: Connection, draft: int, run: Balancing, communities: list[str] | str = "all") -> None:
    wish = {"kind": "proposal", "proposal": run.id, "communities": communities}
    editing.edit(conn, draft, wish, seen_version=_version(conn, draft), reach=WHOLE_CITY, by="planner")


def _version(conn: Connection, draft: int) -> int:
    head = patches.head(conn, draft)
    assert head is not None
    return head.version


def test_what_was_taken_and_undone_can_be_taken_again(city: Connection, draft: int) -> None:
    run = _searched(city, draft, BalanceWish(tolerance=0.02, dial=0.0))

    def taken() -> list[int | None]:
        return [row.taken_at_seq for row in balancing.communities(city, run.id)]

    _take(city, draft, run)
    assert taken() == [1]
    editing.undo(city, draft, seen_version=_version(city, draft), reach=WHOLE_CITY, by="planner")
    assert taken() == [None]
    _take(city, draft, run)
    assert taken() == [2]


def test_only_communities_are_taken_that_are_as_they_were(demo: Connection) -> None:
    draft = open_draft(demo, NewDraft(Name("草案", "Draft"), ("441900003",)), reach=Reach("441900"), by="planner")
    run = _searched(demo, draft, TOWN_WISH)
    moved = [row for row in balancing.communities(demo, run.id) if row.cells_moved]
    heads = patches.grids(demo, patches.head(demo, draft), communities=[moved[0].community_id])
    lock = {"kind": "lock", "grids": sorted(heads)[:1], "locked": True}
    editing.edit(demo, draft, lock, seen_version=1, reach=WHOLE_CITY, by="planner")
    with pytest.raises(EditRefused) as refused:
        _take(demo, draft, run)
    (finding,) = refused.value.facts["findings"]
    assert (finding["rule"], finding["community"]) == ("proposal_out_of_date", moved[0].code)
    _take(demo, draft, run, [row.code for row in moved[1:]])
    assert [row.taken_at_seq is None for row in balancing.communities(demo, run.id) if row.cells_moved] == [
        row is moved[0] for row in moved
    ]


@pytest.fixture
def town_draft(demo_engine: Engine) -> Iterator[int]:
    """A draft of one town of the demo city, written, because a worker looks at it by connections of its own."""
    with demo_engine.begin() as conn:
        plan = open_draft(conn, NewDraft(Name("镇", "Town"), ("441900003",)), reach=Reach("441900"), by="planner")
    yield plan
    with demo_engine.begin() as conn:
        conn.execute(text("UPDATE plan SET state = 'withdrawn' WHERE id = :id"), {"id": plan})


def test_the_worker_balances_a_town_of_the_demo_city(demo_engine: Engine, town_draft: int) -> None:
    with demo_engine.begin() as conn:
        run = balancing.ask(conn, town_draft, TOWN_WISH, reach=Reach("441900"), by="planner")
    BalanceRunner(demo_engine).run(run.id)
    with demo_engine.connect() as conn:
        found = balancing.get(conn, town_draft, run.id, reach=Reach("441900"))
        rows = balancing.communities(conn, run.id)
    assert (found.state, found.done, len(rows)) == ("done", found.total, found.total)
    assert found.outcome["whole"] is True
    assert found.outcome["variation_mean"] < 0.35 * found.outcome["variation_mean_before"]
    assert found.outcome["within_tolerance"] >= found.outcome["within_reach"] - 1
    assert all(row.bound <= row.deviation_after + 1e-9 for row in rows)


def test_a_run_that_was_asked_to_stop_still_gives_whole_grids(demo_engine: Engine, town_draft: int) -> None:
    with demo_engine.connect() as conn:
        run = balancing.ask(conn, town_draft, TOWN_WISH, reach=Reach("441900"), by="planner")
        found = balancing.search(conn, run, stop=lambda: True)
        conn.rollback()
    assert found.stopped
    assert (found.totals["searched"], found.totals["whole"], found.totals["cells_moved"]) == (0, True, 0)


def test_the_worker_gives_up_runs_of_a_worker_that_died(demo_engine: Engine, town_draft: int) -> None:
    with demo_engine.begin() as conn:
        run = balancing.ask(conn, town_draft, TOWN_WISH, reach=Reach("441900"), by="planner")
        balancing.advance(conn, run.id, done=1)
    with demo_engine.begin() as conn:
        balancing.give_up_orphans(conn)
    with demo_engine.connect() as conn:
        assert balancing.get(conn, town_draft, run.id, reach=Reach("441900")).state == "failed"


def test_grids_are_shared_out_over_a_town_without_one_more(demo_engine: Engine, town_draft: int) -> None:
    with demo_engine.connect() as conn:
        rows = balancing.grids_wanted(conn, town_draft, area="441900003", reach=Reach("441900"))
    assert sum(row.wanted for row in rows) == sum(row.grids for row in rows)
    per_grid = [np.array([row.hours / getattr(row, what) for row in rows]) for what in ("grids", "wanted")]
    assert per_grid[1].std() < per_grid[0].std()
