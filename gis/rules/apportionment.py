"""Whole posts in proportion to work: the methods by which seats of parliaments are apportioned.

Hamilton gives everybody the whole part of the quota and the rest by the largest remainders; it can take a post away when one is
added (the Alabama paradox). The divisor methods cannot: Sainte-Laguë (Webster) rounds at the half, Huntington-Hill, by which the
seats of the US House are apportioned, at the geometric mean of the whole numbers beside it.
Balinski and Young, Fair Representation (2001).
"""

import heapq
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gis.records import Flags, Floats, Ints

Divided = Callable[[Any], Any]
METHODS = ("sainte-lague", "huntington-hill", "hamilton")


def apportion(weights: Floats, total: int, *, method: str = "sainte-lague", least: int | Ints = 0) -> Ints:
    """How many of `total` posts each gets, in proportion to its weight and never fewer than `least`; of equals the first.

    `method` is one of METHODS. Raises ValueError when the least alone are more than the total, a weight is below zero or not
    finite, or there are posts left over and no weight at all.
    """
    weights = np.asarray(weights, np.float64)
    floor = np.broadcast_to(np.asarray(least, np.int64), weights.shape).copy()
    if floor.sum() > total:
        raise ValueError(f"{total} posts are fewer than the {floor.sum()} that are wanted at least.")
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError("Weights are finite and not below zero.")
    if floor.sum() == total:
        return floor
    if not weights.any():
        raise ValueError("There is no weight to divide posts by.")
    return _by_remainders(weights, total, floor) if method == "hamilton" else _by_divisor(weights, total, floor, method)


def quotas(weights: Floats, total: int) -> Floats:
    """What each would get if posts could be divided."""
    share: Floats = np.asarray(weights, np.float64) * (total / weights.sum())
    return share


def breaks_quota(posts: Ints, weights: Floats) -> Flags:
    """Who got a whole post more or fewer than the quota: what only the divisor methods and a wished least can do."""
    share = quotas(weights, int(posts.sum()))
    return np.asarray((posts < np.floor(share)) | (posts > np.ceil(share)), np.bool_)


def _by_remainders(weights: Floats, total: int, floor: Ints) -> Ints:
    """Largest remainders among those whose quota is above their least; the others have just that."""
    free = weights > 0
    while True:
        rest = total - int(floor[~free].sum())
        share = np.where(free, weights * (rest / weights[free].sum()), 0) if free.any() else np.zeros(len(weights))
        short = free & (share < floor)
        if not short.any():
            break
        free &= ~short
    posts = np.where(free, np.floor(share).astype(np.int64), floor)
    order = np.lexsort((np.arange(len(weights)), -(share - posts), ~free))
    posts[order[: total - int(posts.sum())]] += 1
    return posts


def _by_divisor(weights: Floats, total: int, floor: Ints, method: str) -> Ints:
    """The divisor method's posts for a divisor near the right one, then one by one those that are missing or too many."""
    divided, rounded = DIVISORS[method]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = quotas(weights, total)
        posts = np.maximum(rounded(share), 0)
        # The rounding must agree with the claims to the last bit, or the order of two equals would depend on the total.
        posts += _claims(share, posts, divided) >= 1
        posts -= (posts > 0) & (_claims(share, np.maximum(posts - 1, 0), divided) < 1)
    posts = np.maximum(posts, floor)
    _fill(share, posts, total, divided)
    _clear(share, posts, total, floor, divided)
    return posts


def _claims(share: Floats, posts: Ints, divided: Divided) -> Floats:
    """How strong each one's claim on the next post is, when it has so many."""
    with np.errstate(divide="ignore", invalid="ignore"):
        claim = np.where(share > 0, share / divided(posts), 0.0)
    return np.asarray(claim, np.float64)


def _claim(share: float, has: int, divided: Divided) -> float:
    divisor = float(divided(has))
    if not share:
        return 0.0
    return share / divisor if divisor else math.inf


def _fill(share: Floats, posts: Ints, total: int, divided: Divided) -> None:
    """Give what is missing to the strongest claims, one by one; of equals to the heavier, then to the first."""
    missing = total - int(posts.sum())
    if missing <= 0:
        return
    row = list(zip((-_claims(share, posts, divided)).tolist(), (-share).tolist(), range(len(share)), strict=True))
    heapq.heapify(row)
    for _ in range(missing):
        _, weight, at = row[0]
        posts[at] += 1
        heapq.heapreplace(row, (-_claim(-weight, int(posts[at]), divided), weight, at))


def _clear(share: Floats, posts: Ints, total: int, floor: Ints, divided: Divided) -> None:
    """Take what is too many from the weakest claims, one by one, and from nobody below the least."""
    surplus = int(posts.sum()) - total
    if surplus <= 0:
        return
    held = _claims(share, np.maximum(posts - 1, 0), divided)
    above = np.flatnonzero(posts > floor)
    row = [(float(held[at]), float(share[at]), -int(at)) for at in above]
    heapq.heapify(row)
    for _ in range(surplus):
        _, weight, back = row[0]
        posts[-back] -= 1
        if posts[-back] > floor[-back]:
            heapq.heapreplace(row, (_claim(weight, int(posts[-back]) - 1, divided), weight, back))
        else:
            heapq.heappop(row)


def _half(posts: Any) -> Any:
    return posts + 0.5


def _geometric(posts: Any) -> Any:
    return np.sqrt(posts * (posts + 1.0))


def _round_half(share: Floats) -> Ints:
    return np.floor(share + 0.5).astype(np.int64)


def _round_geometric(share: Floats) -> Ints:
    return np.where(share > 0, np.floor(0.5 + np.sqrt(0.25 + share**2)), 0).astype(np.int64)


# What the claim on the next post is divided by, and how many posts a share comes to.
DIVISORS: dict[str, tuple[Divided, Callable[[Floats], Ints]]] = {
    "sainte-lague": (_half, _round_half),
    "huntington-hill": (_geometric, _round_geometric),
}
