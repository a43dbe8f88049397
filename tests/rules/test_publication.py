"""Sharing what a cut cell had, and whom a plan to come puts where."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.plan_records import DraftGrid, Patch
from gis.publication_records import CommunityGround, Redrawn, Support, Turnover, Voices
from gis.rules import publication as rules
from gis.rules.cutting_amounts import share_loads, whole_parts

HOME = 7


def a_turnover(before: str, after: str) -> Turnover:
    """A row of cells of one metre: capitals continue the grid of that letter, small letters are new grids."""
    cells = np.arange(1, len(before) + 1)
    ones = np.ones(len(cells))
    key = {letter: ord(letter) if letter.isupper() else -ord(letter) for letter in set(before + after)}
    patch = Patch(
        cell=cells,
        shape=np.array([shapely.box(i * 1e-5, 0, (i + 1) * 1e-5, 1e-5) for i in range(len(cells))], dtype=object),
        community=np.full(len(cells), HOME),
        grid=np.array([key[letter] for letter in after]),
        area_m2=ones, population=cells * 10, households=cells, unit_type=np.full(len(cells), "estate", dtype=object),
        inspections_h=ones * cells, incidents_h=ones, people_h=ones, walking_h=ones, incidents=ones, root=cells, fraction=ones,
        grids={number: DraftGrid(number, letter, HOME, "basic", "estate") for letter, number in key.items()},
    )  # fmt: skip
    whole = shapely.coverage_union_all(patch.shape)
    return Turnover(
        after=patch,
        before=np.array([key[letter] for letter in before]),
        communities={HOME: CommunityGround(HOME, "441900003001", 1, whole)},
        codes={ord(letter): f"441900003001{ord(letter)}" for letter in set(before)},
        synthetic=True,
    )


def a_redrawing(turnover: Turnover) -> Redrawn:
    return rules.redraw(turnover, metric_srid=4547)


def test_a_grid_keeps_its_code_while_most_of_its_ground_is_the_same() -> None:
    redrawn = a_redrawing(a_turnover("AAABBB", "AABBBB"))
    assert redrawn.lives_on.tolist() == [ord("A"), ord("B")]
    assert a_redrawing(a_turnover("AAABBB", "ABBBBB")).lives_on.tolist() == [0, ord("B")]


def test_how_much_of_the_ground_must_be_the_same_can_be_set() -> None:
    turnover = a_turnover("AAABBB", "ABBBBB")
    assert rules.redraw(turnover, metric_srid=4547, keeps_fraction=0.3).lives_on.tolist() == [ord("A"), ord("B")]
    assert rules.redraw(turnover, metric_srid=4547, keeps_fraction=0.7).lives_on.tolist() == [0, 0]


def test_new_grids_take_codes_that_nobody_ever_had() -> None:
    turnover = a_turnover("AAABBB", "AAcBBB")
    codes = rules.number(a_redrawing(turnover), turnover, ever={"44190000300101", "44190000300102"}, scheme="cjt349")
    assert codes == ["44190000300103", "44190000300165", "44190000300166"]


cells = st.text("ABCde", min_size=6, max_size=6)


@given(st.text("ABC", min_size=6, max_size=6), cells)
def test_shares_of_every_grid_that_ends_add_up_to_all_of_it(before: str, after: str) -> None:
    turnover = a_turnover(before, after)
    redrawn = a_redrawing(turnover)
    rows = rules.lineage(turnover, redrawn)
    ended = set(turnover.before.tolist()) - set(redrawn.lives_on.tolist())
    for grid in ended:
        for shares in (rows.area_fraction, rows.resident_fraction, rows.workload_fraction):
            assert np.isclose(shares[rows.source == grid].sum(), 1)
    assert not np.any(rows.source == redrawn.lives_on[rows.to])


@given(st.text("ABC", min_size=6, max_size=6), cells)
def test_cells_in_whole_grids_that_fill_their_community_have_no_findings_but_pieces(before: str, after: str) -> None:
    turnover = a_turnover(before, after)
    named = {key: turnover.after.grids[key] for key in set(turnover.after.grid.tolist())}
    patch = replace(turnover.after, grids=named)
    assert rules.cell_findings(patch, roots=patch.root) == []
    findings = rules.ground_findings(a_redrawing(turnover), turnover.communities, metric_srid=4547)
    assert {finding.rule for finding in findings} <= {"in_pieces"}


def test_a_missing_part_a_homeless_cell_and_a_stranger_are_found_with_their_place() -> None:
    patch = a_turnover("AABB", "AABB").after
    found = rules.cell_findings(
        replace(
            patch,
            fraction=np.array([0.5, 1, 1, 1]),
            grid=np.array([ord("A"), 99, ord("B"), ord("B")]),
            community=np.array([HOME, HOME, HOME, 8]),
        ),
        roots=patch.root,
    )
    assert [finding.rule for finding in found] == ["cell_not_whole", "cell_without_grid", "crosses_a_community"]
    assert 0 < found[1].lon < 4e-5


def test_an_overlap_and_ground_that_is_missing_are_found() -> None:
    turnover = a_turnover("AABB", "AABB")
    redrawn = a_redrawing(turnover)
    grown = redrawn.shape.copy()
    grown[0] = shapely.box(0, 0, 3e-5, 1e-5)
    found = rules.ground_findings(replace(redrawn, shape=grown), turnover.communities, metric_srid=4547)
    assert [finding.rule for finding in found] == ["overlap", "overlap"]
    community = replace(turnover.communities[HOME], shape=shapely.box(0, 0, 6e-5, 1e-5))
    found = rules.ground_findings(redrawn, {HOME: community}, metric_srid=4547)
    assert [finding.rule for finding in found] == ["community_not_filled"]


def test_support_is_counted_against_what_is_needed() -> None:
    supports = [
        Support(number, needed, voices, reason, "form", date(2026, 4, 1))
        for number, needed, voices, reason in (
            (1, 0.5, Voices(1, 1), None),
            (2, 0.5, Voices(), None),
            (3, 0.6, Voices(1, 1), "Fire lanes"),
            (4, 0.55, Voices(11, 9), None),
        )
    ]
    assert [finding.rule for finding in rules.support_findings(supports, version=1)] == ["not_supported", "support_set_aside"]


shares = st.lists(st.floats(0.01, 1), min_size=1, max_size=6)


@given(st.lists(st.tuples(st.integers(0, 10_000), shares), min_size=1, max_size=4))
def test_parts_have_together_what_the_whole_had(cut: list[tuple[int, list[float]]]) -> None:
    root = np.concatenate([np.full(len(parts), i) for i, (_, parts) in enumerate(cut)])
    fraction = np.concatenate([np.array(parts) / sum(parts) for _, parts in cut])
    amount = np.array([cut[i][0] for i in root])
    given = whole_parts(amount, fraction, root)
    assert (given >= 0).all()
    assert np.bincount(root, weights=given).tolist() == [n for n, _ in cut]
    assert (np.abs(given - amount * fraction) < 1 + 1e-6).all()


@given(shares, st.floats(0, 1e4), st.integers(0, 500))
def test_the_hours_of_parts_are_the_hours_of_the_whole(parts: list[float], hours: float, incidents: int) -> None:
    patch = a_turnover("A" * len(parts), "A" * len(parts)).after
    patch = replace(patch, root=np.full(len(parts), 5), fraction=np.array(parts) / sum(parts))
    load = SimpleNamespace(
        model_id=1, cell_id=5, inspections_h=hours, incidents_h=hours / 3, people_h=0.0, walking_h=1.0, incidents=incidents
    )
    rows = share_loads([load], patch, ids=patch.cell)
    assert np.isclose(sum(row[2] for row in rows), hours, rtol=1e-12, atol=1e-12)
    assert sum(row[-1] for row in rows) == incidents
