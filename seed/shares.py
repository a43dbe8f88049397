"""Whole numbers in proportion: how a known total is spread over parts without losing one."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def share_out(total: int, weights: Floats, *, at_least: int = 0) -> Ints:
    """Spread `total` over the parts by weight, by largest remainder (Hamilton), each at least `at_least`.

    Raises ValueError when the total does not suffice for the least.
    """
    weights = np.asarray(weights, dtype=np.float64)
    free = total - at_least * len(weights)
    if free < 0:
        raise ValueError(f"{total} cannot be spread over {len(weights)} parts of at least {at_least}")
    if not len(weights) or weights.sum() <= 0:
        weights = np.ones(len(weights))
    quota = free * weights / weights.sum() if len(weights) else weights
    parts = np.floor(quota).astype(np.int64)
    short = free - int(parts.sum())
    parts[np.argsort(-(quota - parts), kind="stable")[:short]] += 1
    return parts + at_least
