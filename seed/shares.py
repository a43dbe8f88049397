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


def share_by_group(amounts: Ints, group: Ints, weights: Floats) -> Ints:
    """Spread each group's amount over its members by weight, by largest remainder; `amounts[g]` is that of group g.

    Members of a group whose weights are all zero share evenly.
    """
    count = np.bincount(group, minlength=len(amounts))
    total = np.bincount(group, weights=weights, minlength=len(amounts))
    even = total[group] <= 0
    fraction = np.divide(np.where(even, 1.0, weights), np.where(even, count[group], total[group]))
    exact = amounts[group] * fraction
    base = np.floor(exact + 1e-9).astype(np.int64)
    missing = amounts - np.bincount(group, weights=base, minlength=len(amounts)).astype(np.int64)
    order = np.lexsort((-(exact - base), group))
    rank = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    base[order] += rank < missing[group[order]]
    return base
