"""What makes a division a division."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.rules.coverage import band_of_zoom, coverage_faults, generalise, membership_faults, nesting_faults
from tests.builders import a_division, square

NAMES = ["A", "B", "C", "D"]
drawings = st.lists(st.text("ABCD", min_size=4, max_size=4), min_size=2, max_size=4).map("\n".join)


@given(drawings)
def test_the_cells_of_any_drawing_are_a_coverage(drawing: str) -> None:
    shapes = a_division(drawing).cell_shape
    assert coverage_faults(shapes, names=[str(i) for i in range(len(shapes))], kind="cell") == []


@given(st.integers(1, 400), st.sampled_from([-1, 1]))
def test_any_overlap_is_found_and_placed(nanodegrees: int, side: int) -> None:
    grown = square(1, 0)
    pushed = shapely.transform(grown, lambda xy: np.where(xy == xy[:, :1].min(), xy - nanodegrees * 1e-7, xy))
    faults = coverage_faults(np.array([square(0, 0), pushed]), names=NAMES, kind="grid")
    assert len(faults) == 2
    assert "113.7" in faults[0]


def test_an_invalid_shape_is_named_with_the_reason() -> None:
    bowtie = shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
    assert coverage_faults(np.array([bowtie, square(0, 0)]), names=NAMES, kind="grid") == ["grid A: Self-intersection[0.5 0.5]"]


def test_a_parent_that_is_not_filled_is_named() -> None:
    faults = nesting_faults(np.array([40.0, 50.0, 100.0]), np.array([0, 0, 1]), np.array([100.0, 100.0]), names=NAMES, kind="area")
    assert faults == ["area A: its parts cover 90.00 of 100.00 m²"]


def test_a_cell_without_grid_and_a_grid_without_cell_are_found() -> None:
    assert membership_faults(np.array([0, 2, -1]), 3) == ["cell 2: it belongs to no grid", "grid 1: it has no cell"]


def test_generalised_shapes_still_share_their_borders() -> None:
    metres = shapely.transform(a_division("AABB\nABBB\nACCD").grid_shape, lambda xy: xy * 100_000)
    drawn = generalise(metres, band=0)
    assert coverage_faults(drawn, names=NAMES, kind="grid") == []


def test_each_zoom_has_its_band() -> None:
    assert [band_of_zoom(zoom) for zoom in (5, 9, 10, 11, 12, 13, 14, 18)] == [0, 0, 1, 1, 2, 2, 3, 3]
