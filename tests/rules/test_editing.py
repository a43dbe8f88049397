"""Edits of a few cells that are drawn as letters: what they do, and what is refused with the place and a way out."""

from dataclasses import replace

import numpy as np
import shapely

from gis.draft_records import Fresh, Outcome
from gis.plan_records import Patch
from gis.rules import deltas, drawn_edits, editing
from tests.builders import NORTH, SIDE, WEST, a_patch, drawn, square

FRESH = Fresh(-1, -1)


def _rules(outcome: Outcome) -> list[str]:
    return [finding.rule for finding in outcome.findings]


def _line(*corners: tuple[float, float]) -> shapely.LineString:
    """A line through places of the drawing, in columns and rows."""
    return shapely.LineString([(WEST + x * SIDE, NORTH - y * SIDE) for x, y in corners])


def _locked(patch: Patch, key: int) -> Patch:
    return replace(patch, grids=patch.grids | {key: replace(patch.grids[key], locked=True)})


def test_merged_grids_are_one_under_the_first() -> None:
    outcome = editing.merge(a_patch("AABC"), [2, 1])
    assert drawn(outcome.patch, 4) == "BBBC"
    assert outcome.delta.cells == ((1, 1, 2), (2, 1, 2))
    assert [(key, after and after.alive) for key, _, after in outcome.delta.grids] == [(1, False)]


def test_grids_that_do_not_hang_together_are_not_merged() -> None:
    assert _rules(editing.merge(a_patch("ABC"), [1, 3])) == ["not_neighbours"]


def test_cells_go_to_a_grid_and_change_two_grids_only() -> None:
    outcome = editing.transfer(a_patch("AABBC"), [3], to=1)
    assert (drawn(outcome.patch, 5), outcome.delta.keys) == ("AAABC", (1, 2))


def test_a_transfer_that_breaks_a_grid_apart_is_refused_with_the_place() -> None:
    outcome = editing.transfer(a_patch("ABBB"), [3], to=1)
    assert _rules(outcome) == ["not_neighbours", "splits_a_grid"]
    place = shapely.Point(outcome.findings[1].lon, outcome.findings[1].lat)
    assert any(square(column, 0).contains(place) for column in (1, 3))


def test_a_transfer_that_empties_a_grid_is_refused_and_a_merge_offered() -> None:
    refused = editing.transfer(a_patch("ABBB"), [2, 3, 4], to=1)
    assert _rules(refused) == ["empties_a_grid"]
    assert refused.findings[0].repair == {"kind": "merge", "grids": [1, 2]}


def test_a_grid_of_two_pieces_may_still_be_edited_as_long_as_it_does_not_get_worse() -> None:
    assert drawn(editing.transfer(a_patch("AAA\nBBB\nBAA"), [4], to=1).patch, 3) == "AAA\nABB\nBAA"


def test_what_would_be_cut_off_goes_along_when_asked_for() -> None:
    patch = a_patch("ABCC\nABBB\nAAAA")
    refused = editing.transfer(patch, [6], to=1)
    assert _rules(refused) == ["splits_a_grid"]
    assert refused.findings[0].repair == {"kind": "transfer", "cells": [2, 6], "to": 1}
    assert drawn(editing.transfer(patch, [6], to=1, repair=True).patch, 4) == "AACC\nAABB\nAAAA"


def test_a_locked_grid_neither_gives_nor_gets() -> None:
    for key in (1, 2):
        outcome = editing.transfer(_locked(a_patch("AABB"), key), [3], to=1)
        assert _rules(outcome) == ["locked"]


def test_no_grid_crosses_the_border_of_a_community() -> None:
    patch = a_patch("AABB")
    beyond = replace(patch, community=np.array([7, 7, 8, 8]), grids=patch.grids | {2: replace(patch.grids[2], community_id=8)})
    assert _rules(editing.transfer(beyond, [3], to=1)) == ["crosses_a_community"]


def test_a_lasso_takes_the_cells_whose_middle_it_holds() -> None:
    assert editing.lassoed(a_patch("AABB\nAABB"), square(1.4, 0, 1.4, 2), to=1) == [3, 7]


def test_a_proposal_moves_cells_makes_grids_and_ends_others() -> None:
    outcome = editing.assign(a_patch("AABBC"), {1: -5, 2: -5, 5: 2}, fresh=Fresh(-3, -1))
    assert outcome.patch.grid.tolist() == [-3, -3, 2, 2, 2]
    assert {key: after and after.alive for key, _, after in outcome.delta.grids} == {-3: True, 1: False, 3: False}


def test_a_line_splits_a_grid_along_its_cells() -> None:
    outcome = drawn_edits.split(a_patch("AAAB\nAAAB"), 1, _line((1.9, -1), (2.2, 3)), snap=True, fresh=FRESH, metric_srid=4547)
    assert drawn(outcome.patch, 4) == "AAzB\nAAzB"


def test_a_line_that_ends_inside_splits_nothing() -> None:
    outcome = drawn_edits.split(a_patch("AA\nAA"), 1, _line((1, -1), (1, 1.5)), snap=True, fresh=FRESH, metric_srid=4547)
    assert _rules(outcome) == ["line_does_not_cross"]


def test_a_split_through_cells_cuts_them_and_shares_their_people_out_exactly() -> None:
    patch = a_patch("AAB\nAAB")
    outcome = drawn_edits.split(patch, 1, _line((-1, 0.51), (1.21, 0.33), (1.4, 3)), snap=False, fresh=FRESH, metric_srid=4547)
    assert _rules(outcome) == []
    after = outcome.patch
    assert shapely.coverage_is_valid(after.shape)
    assert after.population.sum() == patch.population.sum() == 606
    assert abs(after.area_m2.sum() - patch.area_m2.sum()) < 0.01
    assert len(outcome.notices) == len([cut for cut in outcome.delta.cuts if len(cut.parts) > 1]) == 3
    assert all(cell < 0 for cell in after.cell[after.grid == -1])


def test_the_neighbour_of_a_cut_cell_shares_its_new_corners() -> None:
    patch = a_patch("AB")
    outcome = drawn_edits.split(patch, 1, _line((0.3, 0), (1, 0.43)), snap=False, fresh=FRESH, metric_srid=4547)
    assert _rules(outcome) == []
    assert [(cut.cell, len(cut.parts)) for cut in outcome.delta.cuts] == [(1, 2), (2, 1)]
    assert outcome.patch.fraction[outcome.patch.root == 2].tolist() == [1.0]


def test_a_cut_leaves_the_border_of_the_community_as_it_is() -> None:
    patch = a_patch("AA\nAA")
    outcome = drawn_edits.split(patch, 1, _line((0.9, -1), (0.9, 3)), snap=False, fresh=FRESH, metric_srid=4547)
    assert shapely.equals_exact(
        shapely.normalize(shapely.coverage_union_all(outcome.patch.shape)),
        shapely.normalize(shapely.coverage_union_all(patch.shape)),
    )


def test_a_border_takes_the_course_that_was_drawn_and_both_neighbours_follow() -> None:
    patch = a_patch("AAABBB\nAAABBB\nAAABBB")
    line = _line((3, 0.5), (4.6, 1.1), (4.4, 2.2), (3, 2.4))
    outcome = drawn_edits.reshape(patch, line, between=(1, 2), snap=True, fresh=FRESH, metric_srid=4547)
    assert drawn(outcome.patch, 6) == "AAABBB\nAAAAAB\nAAABBB"
    assert drawn_edits.neighbours_along(patch, line) == (1, 2)


def test_a_border_drawn_anew_from_end_to_end_replaces_the_old_one() -> None:
    patch = a_patch("AAABBB\nAAABBB")
    outcome = drawn_edits.reshape(patch, _line((2, -1), (2, 3)), between=(1, 2), snap=True, fresh=FRESH, metric_srid=4547)
    assert drawn(outcome.patch, 6) == "AABBBB\nAABBBB"


def test_a_new_course_through_cells_changes_only_the_ground_between_old_and_new() -> None:
    patch = a_patch("AABB\nAABB")
    line = _line((2, 0.5), (2.5, 1), (2, 1.5))
    outcome = drawn_edits.reshape(patch, line, between=(1, 2), snap=False, fresh=FRESH, metric_srid=4547)
    assert shapely.coverage_is_valid(outcome.patch.shape)
    gained = outcome.patch.area_m2[outcome.patch.of_grid(1)].sum() - patch.area_m2[patch.of_grid(1)].sum()
    assert abs(gained / patch.area_m2[0] - 0.25) < 0.01


def test_a_polygon_carves_a_grid_out_of_its_neighbours() -> None:
    patch = a_patch("AABB\nAABB\nAABB")
    outcome = drawn_edits.carve(patch, square(1.1, -1, 1.9, 1.9), snap=True, fresh=FRESH, metric_srid=4547)
    assert drawn(outcome.patch, 4) == "AzzB\nAABB\nAABB"
    assert [notice.rule for notice in outcome.notices] == ["crosses_a_community"]


def test_a_carved_grid_that_would_cut_others_apart_takes_along_what_it_cuts_off_when_asked_for() -> None:
    patch = a_patch("AAAA\nBBBB")
    middle = square(1.1, -1, 0.9, 1.9)
    refused = drawn_edits.carve(patch, middle, snap=True, fresh=FRESH, metric_srid=4547)
    assert _rules(refused) == ["splits_a_grid"]
    assert refused.findings[0].repair == {"kind": "carve", "cells": [1, 2]}
    done = drawn_edits.carve(patch, middle, snap=True, fresh=FRESH, metric_srid=4547, repair=True)
    assert drawn(done.patch, 4) == "zzAA\nBBBB"


def test_a_carved_grid_through_cells_keeps_ground_and_people() -> None:
    patch = a_patch("AABB\nAABB\nAABB")
    outcome = drawn_edits.carve(patch, square(1.37, 0.41, 1.21, 1.93), snap=False, fresh=FRESH, metric_srid=4547)
    assert _rules(outcome) == []
    assert shapely.coverage_is_valid(outcome.patch.shape)
    assert outcome.patch.population.sum() == patch.population.sum()


def test_the_difference_of_an_edit_leads_from_the_one_to_the_other() -> None:
    patch = a_patch("AAB\nAAB")
    outcome = drawn_edits.split(patch, 1, _line((-1, 0.51), (4, 0.51)), snap=False, fresh=FRESH, metric_srid=4547)
    again = deltas.applied(patch, deltas.read(deltas.written(outcome.delta)))
    assert again.cell.tolist() == outcome.patch.cell.tolist()
    assert again.grid.tolist() == outcome.patch.grid.tolist()
    assert shapely.equals_exact(again.shape, outcome.patch.shape).all()
    assert np.allclose(again.hours, outcome.patch.hours)
