"""Drafts on the demo city: random edits keep the laws, undo leads back to the bit, and two planners lose nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from bench import planners
from bench.planners import CITY, a_move, assert_lawful, do, ground_of, head_of, open_draft, patch_of, random_edit, redo, undo
from gis import drafts, editing, workloads
from gis.draft_records import NewDraft
from gis.errors import DraftClosed, EditRefused, StaleEdit
from gis.records import Name
from gis.store import grid_loads, patches

COMMUNITY, OTHER = "441900003001", "441900003002"
TOWN = "441900003"
STORED = ("draft_grid", "draft_cell", "draft_assignment")
RANDOM_EDITS = 60


def _stored(conn: Connection, draft: int) -> list[list[tuple[object, ...]]]:
    """Every row that a draft differs by from its parent."""
    return [
        sorted(tuple(map(str, row)) for row in conn.execute(text(f"SELECT * FROM {table} WHERE plan_id = :id"), {"id": draft}))
        for table in STORED
    ]


def _edited(conn: Connection, draft: int, random: np.random.Generator, *, tries: int) -> int:
    """Try some random edits; how many were done."""
    return sum(do(conn, draft, random_edit(patch_of(conn, draft), random)) for _ in range(tries))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_random_edits_keep_ground_people_and_borders_and_undo_leads_back_to_the_bit(demo: Connection, seed: int) -> None:
    with demo.begin_nested() as savepoint:
        draft = open_draft(demo, COMMUNITY)
        random = np.random.default_rng(seed)
        before, versions = ground_of(patch_of(demo, draft)), [_stored(demo, draft)]
        for _ in range(8):
            if do(demo, draft, random_edit(patch_of(demo, draft), random)):
                assert_lawful(patch_of(demo, draft), before)
                versions.append(_stored(demo, draft))
        for expected in reversed(versions[:-1]):
            assert undo(demo, draft)
            assert _stored(demo, draft) == expected
        assert not undo(demo, draft)
        for expected in versions[1:]:
            assert redo(demo, draft)
            assert _stored(demo, draft) == expected
        assert not redo(demo, draft)
        savepoint.rollback()


def test_many_random_edits_all_over_the_city_keep_its_laws(demo: Connection) -> None:
    """A thousand of them: `python -m bench edits`."""
    draft = open_draft(demo, "441900")
    before = ground_of(patch_of(demo, draft))
    random = np.random.default_rng(349)
    done = sum(planners.edit_somewhere(demo, draft, random).done for _ in range(RANDOM_EDITS))
    assert done > RANDOM_EDITS / 2
    assert_lawful(patch_of(demo, draft), before)


def test_the_figures_kept_are_those_that_counting_anew_gives(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    assert _edited(demo, draft, np.random.default_rng(5), tries=12) > 3
    head = head_of(demo, draft)
    kept = grid_loads.of_plan(demo, head, communities=head.scope)
    demo.execute(text("DELETE FROM plan_load WHERE plan_id = :id"), {"id": draft})
    grid_loads.fill(demo, head)
    anew = grid_loads.of_plan(demo, head, communities=head.scope)
    assert [row["key"] for row in kept] == [row["key"] for row in anew]
    for one, other in zip(kept, anew, strict=True):
        assert one["hours"] == pytest.approx(other["hours"])
        assert one["shape"] == other["shape"]


def test_one_cell_that_moves_changes_the_loads_of_two_grids_and_no_other(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    patch = patch_of(demo, draft)
    hours = {
        row["key"]: row["hours"] for row in grid_loads.of_plan(demo, head_of(demo, draft), communities=head_of(demo, draft).scope)
    }
    cell, to = a_move(patch)
    assert do(demo, draft, {"kind": "transfer", "cells": [cell], "to": to})
    after = grid_loads.of_plan(demo, head_of(demo, draft), communities=head_of(demo, draft).scope)
    assert {row["key"] for row in after if row["hours"] != hours[row["key"]]} == {to, int(patch.grid[patch.cell == cell][0])}


def test_a_new_edit_drops_what_was_undone(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    cell, to = a_move(patch_of(demo, draft))
    assert do(demo, draft, {"kind": "transfer", "cells": [cell], "to": to})
    assert undo(demo, draft)
    assert do(demo, draft, {"kind": "lock", "grids": [to], "locked": True})
    assert not redo(demo, draft)


def test_an_edit_on_an_older_version_is_done_if_others_changed_other_communities(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY, OTHER)
    patch = patch_of(demo, draft)
    here, there = (patch.grid[patch.community == home][0] for home in np.unique(patch.community))
    lock = {"kind": "lock", "locked": True}
    editing.edit(demo, draft, lock | {"grids": [int(here)]}, seen_version=1, reach=CITY, by="a")
    answer = editing.edit(demo, draft, lock | {"grids": [int(there)]}, seen_version=1, reach=CITY, by="b")
    assert answer["version"] == 3
    with pytest.raises(StaleEdit) as stale:
        editing.edit(demo, draft, lock | {"grids": [int(here)], "locked": False}, seen_version=1, reach=CITY, by="b")
    assert [(step["author"], step["grids"]) for step in stale.value.facts["since"]] == [("a", [here]), ("b", [there])]
    assert stale.value.facts["current_version"] == 3


def test_undo_asks_for_the_newest_version(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    grid = int(patch_of(demo, draft).grid[0])
    assert do(demo, draft, {"kind": "lock", "grids": [grid], "locked": True})
    with pytest.raises(StaleEdit):
        editing.undo(demo, draft, seen_version=1, reach=CITY, by="b")


def test_what_others_did_is_told_to_whoever_knows_an_older_version(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    cell, to = a_move(patch_of(demo, draft))
    assert do(demo, draft, {"kind": "transfer", "cells": [cell], "to": to})
    told = editing.changes(demo, draft, after=1, reach=CITY)
    assert (told["version"], told["cells"], [step["kind"] for step in told["steps"]]) == (2, [[cell, to]], ["transfer"])
    assert to in {feature["id"] for feature in told["grids"]}
    assert editing.changes(demo, draft, after=2, reach=CITY) == {"version": 2, "steps": []}


def test_a_copy_goes_its_own_way(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    assert _edited(demo, draft, np.random.default_rng(3), tries=8) > 2
    copied = drafts.open_draft(demo, planners.named(copy_of=draft), reach=CITY, by="b")
    same = [[row[1:] for row in table] for table in _stored(demo, draft)]
    assert [[row[1:] for row in table] for table in _stored(demo, copied)] == same
    assert undo(demo, copied)
    assert [[row[1:] for row in table] for table in _stored(demo, draft)] == same


def test_a_withdrawn_draft_is_edited_no_more(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    drafts.withdraw(demo, draft, reach=CITY, by="a")
    with pytest.raises(DraftClosed):
        editing.undo(demo, draft, seen_version=1, reach=CITY, by="a")


def test_another_model_judges_a_draft_anew(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    demo.execute(
        text("""
            INSERT INTO workload_model (version, name_zh, name_en, weights, period, author)
            SELECT 900, 'x', 'x', jsonb_set(weights, '{fixed_h}', '100'), period, 'x' FROM workload_model WHERE version = 1
        """)
    )
    before = drafts.describe(demo, draft, reach=CITY)["summary"]
    model = demo.execute(text("SELECT id FROM workload_model WHERE version = 900")).scalar_one()
    drafts.change(demo, draft, {"workload_model_id": model}, seen_version=1, reach=CITY, by="a")
    assert drafts.describe(demo, draft, reach=CITY)["summary"]["hours"] < before["hours"]  # no cell was counted by it


def test_a_sound_plan_has_no_finding_of_ground_and_a_broken_one_is_found(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    assert [finding.rule for finding in drafts.check(demo, draft, reach=CITY, deviation=9)] == []
    patch = patch_of(demo, draft)
    demo.execute(
        text("INSERT INTO draft_assignment VALUES (:plan, :cell, 999999999)"), {"plan": draft, "cell": int(patch.cell[0])}
    )
    assert "unassigned" in {finding.rule for finding in drafts.check(demo, draft, reach=CITY, deviation=9)}


def test_the_table_of_cells_leads_back_to_the_plan_it_was_written_from(demo: Connection) -> None:
    source, target = open_draft(demo, COMMUNITY), open_draft(demo, COMMUNITY)
    cell, to = a_move(patch_of(demo, source))
    assert do(demo, source, {"kind": "transfer", "cells": [cell], "to": to})
    rows = list(drafts.equivalency(demo, source, reach=CITY))
    layer = planners.a_table(rows[0], rows[1:])
    answer = editing.bring_in(demo, target, layer, filename="cells.csv", cut=False, seen_version=1, reach=CITY, by="b")
    assert answer["cells"] == [[cell, to]]
    with pytest.raises(EditRefused) as refused:
        wrong = planners.a_table(("cell", "grid"), [(999_999_999, "x")])
        editing.bring_in(demo, target, wrong, filename="cells.csv", cut=False, seen_version=2, reach=CITY, by="b")
    assert [finding["rule"] for finding in refused.value.facts["findings"]] == ["unknown_cell"]


def _brought(conn: Connection, draft: int, columns: tuple[str, ...], rows: Any) -> dict[str, Any]:
    seen = head_of(conn, draft).version
    layer = planners.a_table(columns, rows)
    return editing.bring_in(conn, draft, layer, filename="cells.csv", cut=False, seen_version=seen, reach=CITY, by="b")


def test_a_table_names_grids_by_their_codes_and_by_keys_only_in_a_column_of_keys(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    cell, to = a_move(patch_of(demo, draft))
    made = _brought(demo, draft, ("cell", "grid"), [(cell, str(to))])
    new = min(head["key"] for head in (feature["properties"] for feature in made["grids"]))
    assert (new < 0, made["cells"]) == (True, [[cell, new]])
    written = list(drafts.equivalency(demo, draft, reach=CITY))
    assert [row[1] for row in written if row[0] == cell] == [f"new-{-new}"]
    assert _brought(demo, draft, ("cell", "key"), [(cell, str(to))])["cells"] == [[cell, to]]


def test_the_table_of_cells_names_new_grids_so_that_the_draft_knows_them_again(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    cell, _ = a_move(patch_of(demo, draft))
    _brought(demo, draft, ("cell", "grid"), [(cell, "a grid of its own")])
    _, *rows = drafts.equivalency(demo, draft, reach=CITY)
    other = next(row[0] for row in rows if row[1] != "new-1")
    told = _brought(demo, draft, ("cell", "grid"), [(row[0], "new-1" if row[0] == other else row[1]) for row in rows])
    assert told["cells"] == [[other, -1]]


@pytest.mark.parametrize("cut", [False, True])
def test_outlines_of_grids_come_in_as_one_edit(demo: Connection, cut: bool) -> None:
    draft = open_draft(demo, COMMUNITY)
    patch, before = patch_of(demo, draft), ground_of(patch_of(demo, draft))
    layer = planners.halves(patch)
    answer = editing.bring_in(demo, draft, layer, filename="halves.geojson", cut=cut, seen_version=1, reach=CITY, by="b")
    after = patch_of(demo, draft)
    assert_lawful(after, before)
    assert len(np.unique(after.grid)) == 2
    assert bool(answer["cut"]["added"]) is cut


def test_another_model_is_a_new_version_with_other_hours_for_every_open_studio(demo: Connection) -> None:
    draft = open_draft(demo, COMMUNITY)
    old = workloads.newest(demo)
    before = {row["key"]: row["hours"] for row in _rows(demo, draft)}
    weights = {"resident_min": old.weights.resident_min + 1}
    model = workloads.revise(demo, old.id, changes=weights, by="a", today=date(2026, 1, 1))
    change = {"reach": CITY, "by": "a"}
    drafts.change(demo, draft, {"workload_model_id": model.id}, seen_version=1, **change)
    told = editing.changes(demo, draft, after=1, reach=CITY)
    after = {feature["properties"]["key"]: feature["properties"]["hours"] for feature in told["grids"]}
    assert (told["version"], told["steps"], set(after)) == (2, [], set(before))
    assert all(after[key] > hours for key, hours in before.items())
    for facts in ({"decision": "x"}, {"name_zh": "新", "name_en": "New"}, {"workload_model_id": old.id}):
        with pytest.raises(StaleEdit):
            drafts.change(demo, draft, facts, seen_version=1, **change)


def _rows(conn: Connection, draft: int) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in drafts.grids(conn, draft, reach=CITY)["features"]]


def test_a_draft_stands_still_while_it_is_copied(demo_engine: Engine) -> None:
    with demo_engine.begin() as conn:
        draft = open_draft(conn, COMMUNITY)
    try:
        with demo_engine.connect() as copying, demo_engine.connect() as editor:
            drafts.open_draft(copying, NewDraft(Name("副本", "Copy"), (), None, draft), reach=CITY, by="a")
            editor.execute(text("SET lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                patches.head(editor, draft, lock=True)
    finally:
        with demo_engine.begin() as conn:
            conn.execute(text("DELETE FROM plan WHERE id = :id"), {"id": draft})


def test_two_planners_who_hammer_one_draft_lose_nothing(demo_engine: Engine) -> None:
    with demo_engine.begin() as conn:
        draft = open_draft(conn, TOWN)
        scope = head_of(conn, draft).scope
        before = ground_of(patch_of(conn, draft))
    with ThreadPoolExecutor(2) as both:
        done = sum(both.map(lambda who: planners.hammer(demo_engine, draft, scope, seed=who, tries=12), (1, 2)))
    with demo_engine.begin() as conn:
        rows = conn.execute(
            text("SELECT count(*), count(DISTINCT seq), max(seq) FROM plan_edit WHERE plan_id = :id"), {"id": draft}
        )
        assert tuple(rows.one()) == (done, done, done)
        head = head_of(conn, draft)
        assert head.version == 1 + done
        steps = conn.execute(text("SELECT array_agg(version ORDER BY version) FROM draft_step WHERE plan_id = :id"), {"id": draft})
        assert steps.scalar_one() == list(range(2, 2 + done))
        assert_lawful(patches.patch(conn, head, communities=scope), before)
        while undo(conn, draft):
            pass
        assert _stored(conn, draft) == [[], [], []]
        drafts.withdraw(conn, draft, reach=CITY, by="test")
