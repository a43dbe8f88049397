"""Units as they come made a coverage: whatever was wrong is found, what was right is left alone."""

from collections.abc import Sequence

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.rules.cleaning import Cleaned, clean, coverage_findings
from gis.rules.coverage import coverage_faults
from gis.rules.findings import RULES, Finding
from gis.rules.unit_shapes import unit_findings
from tests.builders import NORTH, SIDE, WEST, a_division, square

# A corner on the lattice moves a border of a kilometre by up to a millimetre.
SNAPPED_M2 = 5.0
Shapes = NDArray[np.object_]
drawings = st.lists(st.text("ABCDE", min_size=4, max_size=4), min_size=2, max_size=4).map("\n".join)


def metres(shapes: Shapes) -> Shapes:
    """A flat earth, on which a straight line stays one and areas add up."""
    return shapely.transform(shapes, lambda xy: xy * (102_000.0, 110_000.0))


def units(*shapes: object) -> Shapes:
    return np.array(shapes, dtype=object)


def names_of(shapes: Shapes) -> list[str]:
    return [f"U{i}" for i in range(1, len(shapes) + 1)]


def cleaned(shapes: Shapes, gap_max_m2: float | None = None) -> Cleaned:
    rows = np.arange(1, len(shapes) + 1)
    return clean(shapes, rows=rows, names=names_of(shapes), to_metres=metres, gap_max_m2=gap_max_m2)


def alone(shapes: Shapes) -> list[Finding]:
    return unit_findings(shapes, rows=np.arange(1, len(shapes) + 1), names=names_of(shapes), to_metres=metres)


def rules(findings: Sequence[Finding]) -> list[str]:
    return sorted(finding.rule for finding in findings)


def is_coverage(shapes: Shapes) -> bool:
    on_lattice = all((np.round(xy, 8) == xy).all() for xy in (shapely.get_coordinates(shape) for shape in shapes))
    return on_lattice and coverage_faults(shapes, names=names_of(shapes), kind="unit") == []


def moved(shape: object, corner: int, dx: float, dy: float) -> object:
    ring = shapely.get_coordinates(shape)[:-1].copy()
    ring[corner] = np.round(ring[corner] + (dx, dy), 8)
    return shapely.Polygon(ring)


def cross() -> Shapes:
    """Four squares around one corner in the middle of a ring of eight: no corner of the middle one is on the rim."""
    return units(*(square(x, y) for y in range(3) for x in range(3)))


@settings(deadline=None)
@given(drawings)
def test_a_valid_coverage_comes_back_to_the_bit(drawing: str) -> None:
    shapes = a_division(drawing).grid_shape
    result = cleaned(shapes, gap_max_m2=0.0)
    assert all(a is b for a, b in zip(shapes, result.shapes, strict=True))
    assert set(rules(result.findings)) <= {"gap", "unmatched_edge"}
    assert not result.changed.any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8), st.integers(0, 3), st.integers(-400, 400), st.integers(-400, 400))
def test_whatever_a_moved_corner_overlaps_or_leaves_open_is_found_and_closed(unit: int, corner: int, dx: int, dy: int) -> None:
    shapes = cross()
    shapes[unit] = moved(shapes[unit], corner, dx * 1e-5, dy * 1e-5)
    other = np.delete(np.arange(9), unit)
    over_m2 = shapely.area(metres(units(shapely.intersection(shapes[unit], shapely.union_all(shapes[other])))))[0]
    whole = shapely.get_parts(shapely.union_all(shapes))
    hole_m2 = sum(shapely.area(metres(units(shapely.Polygon(hole))))[0] for part in whole for hole in part.interiors)
    result = cleaned(shapes, gap_max_m2=1e9)
    found = {rule: sum(f.amount or 0 for f in result.findings if f.rule.endswith(rule)) for rule in ("overlap", "gap")}
    assert abs(found["overlap"] - over_m2) < SNAPPED_M2
    assert abs(found["gap"] - hole_m2) < SNAPPED_M2
    assert is_coverage(result.shapes)
    assert not shapely.is_empty(result.shapes).any()
    assert abs(result.after_m2.sum() - (result.before_m2.sum() - found["overlap"] + found["gap"])) < SNAPPED_M2
    np.testing.assert_allclose(result.after_m2, result.before_m2 + result.gained_m2 - result.lost_m2, atol=0.01)
    again = cleaned(result.shapes, gap_max_m2=1e9)
    assert all(a is b for a, b in zip(result.shapes, again.shapes, strict=True))
    assert again.findings == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-8, 1e-6, 1e-4]))
def test_shaken_units_become_a_coverage(seed: int, by_deg: float) -> None:
    random = np.random.default_rng(seed)
    shapes = units(*(square(x, y) for y in range(5) for x in range(5)))
    shaken = units(*(shapely.Polygon(shapely.get_coordinates(s)[:-1] + random.normal(0, by_deg, (4, 2))) for s in shapes))
    result = cleaned(shaken, gap_max_m2=1e9)
    assert is_coverage(result.shapes)
    assert (np.abs(result.change_fraction) < 0.2).all()
    assert not any(finding.severity == "error" for finding in result.findings)
    assert cleaned(result.shapes, gap_max_m2=1e9).findings == []


def test_an_overlap_names_both_units_the_amount_the_place_and_who_keeps_it() -> None:
    big, small = square(0, 0, width=2), square(1.9, 0)
    result = cleaned(units(big, small))
    overlap = next(finding for finding in result.findings if finding.rule == "overlap")
    assert (overlap.rows, overlap.names, overlap.severity) == ((1, 2), ("U1", "U2"), "repaired")
    assert 110_000 < (overlap.amount or 0) < 120_000
    assert "U1 (feature 1) and U2 (feature 2) overlap by 11" in overlap.message
    assert "U2 keeps it" in overlap.message
    assert shapely.equals_exact(shapely.normalize(overlap.geom), shapely.normalize(square(1.9, 0, width=0.1)), tolerance=2e-8)
    assert shapely.covers(overlap.geom, shapely.Point(overlap.lon, overlap.lat))
    assert result.gained_m2.round().tolist() == [0, 0]
    assert result.lost_m2.round()[0] == round(overlap.amount or 0)


def test_an_enclave_drawn_over_its_surroundings_stays_whole() -> None:
    around, enclave = square(0, 0, width=3, height=3), square(1, 1)
    result = cleaned(units(around, enclave))
    assert shapely.equals(result.shapes[1], enclave)
    assert shapely.equals(result.shapes[0], shapely.difference(around, enclave))
    assert is_coverage(result.shapes)


def test_a_small_gap_goes_to_the_longest_border_and_a_large_one_is_an_error() -> None:
    ring = np.delete(cross(), 4)
    left_open = cleaned(ring, gap_max_m2=1000)
    gap = next(finding for finding in left_open.findings if finding.rule == "gap")
    assert gap.severity == "error"
    assert "A unit may be missing here" in gap.message
    assert set(gap.names) == {"U2", "U4", "U5", "U7"}
    assert not left_open.changed.any()
    filled = cleaned(ring, gap_max_m2=2e6)
    assert filled.changed.sum() == 1
    assert is_coverage(filled.shapes)
    gap = next(finding for finding in filled.findings if finding.rule == "gap")
    assert f"{names_of(ring)[int(np.argmax(filled.changed))]}, with the longest border, takes it" in gap.message
    assert abs(filled.gained_m2.sum() - (gap.amount or 0)) < 1


def test_an_island_in_a_lake_is_no_gap_but_the_water_around_it_is() -> None:
    ring = np.delete(cross(), 4)
    island = square(1.25, 1.25, width=0.5, height=0.5)
    gap = next(finding for finding in cleaned(units(*ring, island), gap_max_m2=0).findings if finding.rule == "gap")
    assert shapely.equals(gap.geom, shapely.difference(square(1, 1), island))
    assert set(gap.rows) == {2, 4, 5, 7, 9}


def test_the_gap_that_is_filled_unasked_is_a_quarter_of_the_median_unit() -> None:
    shapes = cross()
    hole = shapely.box(*np.round([WEST + 1.2 * SIDE, NORTH - 1.6 * SIDE, WEST + 1.6 * SIDE, NORTH - 1.2 * SIDE], 8))
    shapes[4] = shapely.difference(shapes[4], hole)
    result = cleaned(shapes)
    assert [finding.severity for finding in result.findings if finding.rule == "gap"] == ["repaired"]
    assert shapely.equals(result.shapes[4], square(1, 1))
    shapes[4] = shapely.difference(square(1, 1), shapely.buffer(hole, 0.1 * SIDE, join_style="mitre"))
    assert [finding.severity for finding in cleaned(shapes).findings if finding.rule == "gap"] == ["error"]


def test_a_vertex_that_only_one_side_has_is_an_unmatched_border_and_is_given_to_the_other() -> None:
    left, right = square(0, 0), square(1, 0)
    middle = np.round([WEST + SIDE, NORTH - SIDE / 2], 8)
    ring = shapely.get_coordinates(left)
    at = next(i for i in range(4) if ring[i][0] == ring[i + 1][0] == ring[:, 0].max())
    result = cleaned(units(shapely.Polygon(np.insert(ring, at + 1, middle, axis=0)), right))
    assert rules(result.findings) == ["unmatched_edge", "unmatched_edge"]
    assert [finding.amount for finding in result.findings] == [2.0, 1.0]
    assert is_coverage(result.shapes)
    assert result.changed.tolist() == [False, True]


def test_slivers_are_counted_together() -> None:
    thin = units(*(square(x, 0, height=0.02) for x in range(4)))
    for i in (1, 3):
        thin[i] = units(shapely.transform(thin[i], lambda xy: np.where(xy == xy[:, :1].min(), xy - 2e-8, xy)))[0]
    sliver = next(finding for finding in cleaned(thin).findings if finding.rule == "sliver_overlap")
    assert sliver.message.startswith("2 overlaps smaller than 1 m²")
    assert sliver.rows == (1, 2, 3, 4)


def test_one_of_two_equal_units_is_an_error() -> None:
    twins = units(square(0, 0), square(1, 0), square(1, 0))
    assert rules(alone(twins)) == ["duplicate"]
    assert alone(twins)[0].rows == (2, 3)
    result = cleaned(twins)
    assert "swallowed" in rules(result.findings)
    assert not shapely.is_empty(result.shapes).any()


def test_units_taken_alone_are_named_with_what_is_wrong() -> None:
    bowtie = shapely.from_wkt("POLYGON ((113.75 23.04, 113.76 23.05, 113.76 23.04, 113.75 23.05, 113.75 23.04))")
    swapped = shapely.transform(square(0, 0), lambda xy: xy[:, ::-1])
    nan = shapely.transform(square(0, 0), lambda xy: np.where(np.arange(5)[:, None] == 1, np.nan, xy))
    projected = shapely.transform(square(0, 0), lambda xy: xy * 20_000)
    abroad = shapely.transform(square(0, 0), lambda xy: xy - (100, 0))
    flat = shapely.from_wkt("POLYGON ((113.75 23.04, 113.76 23.04, 113.77 23.04, 113.75 23.04))")
    parts = shapely.union(square(5, 5), square(7, 7))
    nothing = (None, shapely.Polygon(), shapely.Point(113, 23))
    shapes = units(*nothing, bowtie, swapped, nan, projected, abroad, flat, parts, square(0, 3))
    found = {finding.rows[0]: finding for finding in alone(shapes)}
    assert {row: finding.rule for row, finding in found.items()} == {
        1: "missing_geometry",
        2: "missing_geometry",
        3: "not_polygon",
        4: "invalid_ring",
        5: "swapped",
        6: "not_finite",
        7: "out_of_range",
        8: "outside_china",
        9: "collapsed",
        10: "multipart",
    }
    assert "Self-intersection at 113.755" in found[4].message
    assert (found[5].lon or 0) > 100
    assert found[10].amount == 2
    assert {finding.severity for row, finding in found.items() if row not in (4, 10)} == {"error"}
    result = cleaned(shapes)
    assert shapely.is_missing(result.shapes).tolist() == [row in (1, 2, 3, 5, 6, 7, 8, 9) for row in range(1, 12)]


def test_every_finding_has_its_rule_explained_in_both_languages() -> None:
    shapes = cross()
    shapes[4] = moved(shapes[4], 0, 0.001, 0.001)
    found = coverage_findings(shapes, rows=np.arange(1, 10), names=names_of(shapes), to_metres=metres)
    assert found
    assert {finding.rule for finding in found} <= set(RULES)
    assert all(rule.name.zh and rule.name.en and rule.meaning.zh and rule.meaning.en for rule in RULES.values())


def test_nothing_at_all_is_no_fault() -> None:
    assert cleaned(np.empty(0, object)).findings == []
    assert cleaned(units(None)).shapes.tolist() == [None]
