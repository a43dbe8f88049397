"""How fair a community can be at best: cells are not cut, so the heaviest of them set a limit.

The bound is on the largest deviation from the mean hours of the community's grids, as a fraction, and holds for every plan
with that mean, contiguous or not. It comes with the cell that causes it.
"""

from __future__ import annotations

import numpy as np

from gis.rules.balance_kernels import NOBODY
from gis.rules.placing_kernels import Floats, Int64s


def largest_deviation_bound(cell_h: Floats, *, n_grids: int, fixed_h: float, mean_h: float) -> tuple[float, int]:
    """The least largest deviation of any plan, and the position of the cell that causes it (-1 when there is none).

    ``fixed_h`` is the least that a grid needs besides its cells, ``mean_h`` the mean of the grids' hours.
    """
    if n_grids < 1 or mean_h <= 0 or not len(cell_h):
        return 0.0, NOBODY
    order = np.argsort(-cell_h, kind="stable").astype(np.int64)
    heavy = cell_h[order]
    bound, cause = max((_alone(heavy, fixed_h, mean_h), int(order[0])), _crowded(heavy, order, n_grids, fixed_h, mean_h))
    bound, cause = max((bound, cause), _starved(heavy, order, n_grids, fixed_h, mean_h))
    return (bound, cause) if bound > 0 else (0.0, NOBODY)


def _alone(heavy: Floats, fixed_h: float, mean_h: float) -> float:
    """The heaviest cell with a grid to itself."""
    return float((heavy[0] + fixed_h) / mean_h - 1.0)


def _crowded(heavy: Floats, order: Int64s, n_grids: int, fixed_h: float, mean_h: float) -> tuple[float, int]:
    """Of the jk + 1 heaviest cells some grid has at least j + 1: at best the lightest of these."""
    sums = np.concatenate([[0.0], np.cumsum(heavy)])
    worst, cause = 0.0, NOBODY
    for together in range(2, (len(heavy) - 1) // n_grids + 2):
        last = (together - 1) * n_grids + 1
        bound = float((sums[last] - sums[last - together] + fixed_h) / mean_h - 1.0)
        if bound > worst:
            worst, cause = bound, int(order[last - 1])
    return worst, cause


def _starved(heavy: Floats, order: Int64s, n_grids: int, fixed_h: float, mean_h: float) -> tuple[float, int]:
    """Of the j heaviest cells either two share a grid, or each has its own and the other grids share what is left."""
    total = mean_h * n_grids
    worst, cause = 0.0, NOBODY
    for alone in range(1, min(n_grids, len(heavy) + 1)):
        left = (total - float(heavy[:alone].sum()) - alone * fixed_h) / (n_grids - alone)
        paired = (heavy[alone - 2] + heavy[alone - 1] + fixed_h) / mean_h - 1.0 if alone > 1 else np.inf
        bound = float(min(1.0 - left / mean_h, paired))
        if bound > worst:
            worst, cause = bound, int(order[alone - 1])
    return worst, cause
