"""Who lies beside whom."""

import numpy as np
import shapely

from gis.rules.neighbours import borders, pieces
from tests.builders import a_division, square


def test_neighbours_share_a_side_and_not_only_a_corner() -> None:
    shapes = np.array([square(0, 0), square(1, 0), square(1, 1)], dtype=object)
    in_sides = shapely.transform(shapes, lambda corners: corners / 0.01)
    a, b, length_m = borders(shapes, in_sides)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (1, 2)]
    assert np.allclose(length_m, 1)


def test_a_hole_has_a_neighbour_too() -> None:
    ring, core = shapely.difference(square(0, 0, 3, 3), square(1, 1)), square(1, 1)
    shapes = np.array([ring, core], dtype=object)
    assert borders(shapes, shapes)[0].tolist() == [0]


def test_a_grid_in_two_pieces_is_seen_as_two() -> None:
    division = a_division("ABA")
    a, b, _ = borders(division.cell_shape, division.cell_shape)
    assert len(set(pieces(division.cell_grid, a, b).tolist())) == 3
