"""How many places per resident somebody can reach: the two-step floating catchment area and its graded form.

2SFCA (Luo and Wang 2003, Environment and Planning B 30): every facility divides its places by the residents within its limit;
every cell adds up what the facilities within its limit give. E2SFCA (Luo and Qi 2009, Health and Place 15) does the same with
weights that fall with distance, in three zones of a third of the limit each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gis.records import Floats, Ints
from gis.rules.cover import facility_of_pair, sums
from gis.rules.walking_network import ReachTable

GAUSSIAN: Final = (1.0, 0.68, 0.22)
"""The weights of Luo and Qi's zones, after a Gaussian that falls slowly."""


def two_step(table: ReachTable, *, places: Floats, residents: Ints | Floats) -> Floats:
    """2SFCA: places per resident for each cell, shape (n_cells,); `places` (f,) is what facilities offer.

    A facility whose places are unknown (NaN) offers none; say how many there are. What a facility offers where nobody lives
    reaches nobody. The residents' sum of the answer is the sum of the places of facilities that somebody reaches.
    """
    return _floated(table, np.ones(len(table.cell)), places=places, residents=residents)


def graded_two_step(
    table: ReachTable, *, places: Floats, residents: Ints | Floats, limit_m: float, weights: Sequence[float] = GAUSSIAN
) -> Floats:
    """E2SFCA: the same with a weight for each of as many even zones up to `limit_m`; a zone's far edge belongs to it."""
    edges = np.float32(limit_m) * np.arange(1, len(weights), dtype=np.float32) / np.float32(len(weights))
    zone = np.searchsorted(edges, table.metres, side="left")
    return _floated(table, np.asarray(weights)[zone], places=places, residents=residents)


def _floated(table: ReachTable, weight: Floats, *, places: Floats, residents: Ints | Floats) -> Floats:
    facility, n_facilities = facility_of_pair(table), len(table.first) - 1
    wanted = sums(facility, weight * residents[table.cell], count=n_facilities)
    offered = np.nan_to_num(np.asarray(places, np.float64))
    given = np.divide(offered, wanted, out=np.zeros(n_facilities), where=wanted > 0)
    return sums(table.cell, weight * given[facility], count=table.n_cells)
