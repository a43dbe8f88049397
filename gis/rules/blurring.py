"""Where the public map shows what happened at somebody's house: in the neighbourhood, always at the same place of it."""

from typing import Final

import numpy as np

from gis.records import Floats

# A square of about 250 m at the latitude of South China. The lattice is fixed to the ground: however often and however narrowly
# somebody asks, all that is told is the square.
SQUARE_DEG: Final = 0.0025


def neighbourhood(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The middles of the squares that points lie in; degrees in WGS 84. Half-open: an edge belongs to the next square."""
    return _middle(lon), _middle(lat)


def _middle(degrees: Floats) -> Floats:
    return np.round((np.floor(np.round(degrees / SQUARE_DEG, 9)) + 0.5) * SQUARE_DEG, 6)
