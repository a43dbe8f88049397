"""How many grids a community should have."""

from __future__ import annotations

import heapq

import numpy as np

from gis.rules.placing_kernels import Floats, Int64s


def by_hours(hours: Floats, *, n_grids: int, most: Int64s | None = None) -> Int64s:
    """Share out grids over communities in proportion to their hours, at least one each, none more than ``most``.

    Webster's method (Sainte-Laguë): the next grid goes where hours over 2k + 1 are largest; ties to the first. It favours
    neither large nor small communities. Raises ValueError when there are too few grids, or too many for ``most``.
    """
    limit = np.full(len(hours), n_grids) if most is None else most
    if not len(hours) <= n_grids <= int(limit.sum()):
        raise ValueError(f"{n_grids} grids cannot be shared out over {len(hours)} communities with room for {limit.sum()}.")
    count = np.ones(len(hours), np.int64)
    waiting = [(-float(hours[i]) / 3, i) for i in range(len(hours)) if limit[i] > 1]
    heapq.heapify(waiting)
    for _ in range(n_grids - len(hours)):
        _, i = heapq.heappop(waiting)
        count[i] += 1
        if count[i] < limit[i]:
            heapq.heappush(waiting, (-float(hours[i]) / (2 * int(count[i]) + 1), i))
    return count


def hours_by_count(cells_h: float, *, area_m2: float, fixed_h: float, spread_h_per_m: float, most: int) -> Floats:
    """Mean hours of a grid if a community had 1, 2 … ``most`` of them, shape (most,).

    Walking is reckoned for round grids of equal area, whose radius of gyration is their radius over √2.
    """
    count = np.arange(1, most + 1)
    radius_m = np.sqrt(area_m2 / count / (2 * np.pi))
    return np.asarray(cells_h / count + fixed_h + spread_h_per_m * radius_m, np.float64)
