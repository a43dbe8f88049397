"""How many posts of each duty a grid should have, and what an officer there has to do."""

from collections.abc import Mapping

import numpy as np

from gis.records import Floats, Ints
from gis.rules.apportionment import apportion

FIRST_DUTY = "patrol"
"""The duty of grid managers and their assistants: every grid has at least one."""


def in_turn(counts: Mapping[str, int]) -> list[str]:
    """The duties in the order in which their posts are given out: patrol first, then the larger before the smaller."""
    return sorted(counts, key=lambda duty: (duty != FIRST_DUTY, -counts[duty], duty))


def scaled(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """As many posts of each duty as there would be among `total`, in the proportions of today."""
    posts = apportion(np.array(list(counts.values()), dtype=np.float64), total, method="hamilton")
    return dict(zip(counts, posts.tolist(), strict=True))


def posts_by_duty(hours: Floats, counts: Mapping[str, int], *, method: str) -> dict[str, Ints]:
    """Posts of each duty on each grid, so many in all as `counts` says, at least one of patrol on each.

    The duties are given out in turn, and each fills up what those before it left short: so all posts of a grid together are in
    proportion to its hours too. Raises ValueError when the posts of patrol are fewer than the grids.
    """
    given = np.zeros(len(hours), np.int64)
    posts: dict[str, Ints] = {}
    for duty in in_turn(counts):
        least = np.maximum(given, 1) if duty == FIRST_DUTY else given
        filled = apportion(hours, int(given.sum()) + counts[duty], method=method, least=least)
        posts[duty], given = filled - given, filled
    return posts


def hours_per_officer(hours: Floats, posts: Ints) -> Floats:
    """Hours a month of each grid for each of its officers; NaN where it has none."""
    each: Floats = np.divide(hours, posts, out=np.full(len(hours), np.nan), where=posts > 0)
    return each
