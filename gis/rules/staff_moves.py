"""Who changes grids when a plan changes: as few as can be, and none farther than need be.

Who works a grid that lives on stays. Who worked one that ends goes with the largest share of its ground. Of those that are
then one too many, each goes to the nearest open post of the town, and beyond it only when the town has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gis.records import Floats, Ints

NOBODY = -1


class Move(NamedTuple):
    """One member of staff from a grid to another, by their keys; `to_key` is None for one whom no post is left for."""

    staff_id: int
    from_key: int
    to_key: int | None


@dataclass(frozen=True)
class Ground:
    """The grids of the plan to come: key, number of the town, middle in metres of the city's zone, shape (G, 2)."""

    key: Ints
    town: Ints
    centre_m: Floats


def heirs(before: Ints, after: Ints, *, weight: Floats) -> dict[int, int]:
    """For each grid that ends the one that most of it goes to; of equals the lower key.

    Columns of cells: the grid before, the grid after, and what counts of the cell, such as its ground or its residents.
    """
    ended = ~np.isin(before, after)
    pairs, position = np.unique(np.column_stack([before[ended], after[ended]]), axis=0, return_inverse=True)
    share = np.bincount(position.ravel(), weights=weight[ended], minlength=len(pairs))
    order = np.lexsort((pairs[:, 1], -share, pairs[:, 0]))
    first = order[np.unique(pairs[order, 0], return_index=True)[1]]
    return dict(pairs[first].tolist())


def moves(staff: Ints, before: Ints, *, heir: Mapping[int, int], ground: Ground, posts: Ints | None = None) -> list[Move]:
    """Everybody who would change grids, in the order of `staff`.

    `staff` are numbers of people and `before` the keys of their grids, those first who should rather stay. `heir` says where
    a grid that ends goes (see `heirs`). `posts` are how many each grid of the ground has; without it everybody stays who can,
    and a grid that nobody works takes one from where there are several.
    """
    home = _homes(before, heir, ground)
    turn = _turns(home, came=ground.key[home] != before)
    have = np.bincount(home, minlength=len(ground.key))
    if posts is None:
        may_go, open_posts = np.flatnonzero(turn > 0), np.flatnonzero(have == 0)
    else:
        may_go = np.flatnonzero(turn >= posts[home])
        open_posts = np.repeat(np.arange(len(posts)), np.maximum(posts - have, 0))
    to = home.copy()
    placed = _nearest_posts(home[may_go], open_posts, ground)
    to[may_go] = np.where(placed == NOBODY, home[may_go] if posts is None else NOBODY, placed)
    after: list[int | None] = [None if at == NOBODY else int(ground.key[at]) for at in to]
    people = zip(staff.tolist(), before.tolist(), after, strict=True)
    return [Move(person, old, new) for person, old, new in people if old != new]


def _homes(before: Ints, heir: Mapping[int, int], ground: Ground) -> Ints:
    """Position of the grid that each would be on if nobody but those of grids that end went anywhere."""
    position = {key: at for at, key in enumerate(ground.key.tolist())}
    return np.array([position[key] if key in position else position[heir[key]] for key in before.tolist()], dtype=np.int64)


def _turns(home: Ints, *, came: np.ndarray) -> Ints:
    """Everybody's place in the row of those who stay on a grid, from 0: its own people before those who come to it anyway."""
    order = np.lexsort((np.arange(len(home)), came, home))
    start = np.searchsorted(home[order], home[order])
    turn = np.empty(len(home), dtype=np.int64)
    turn[order] = np.arange(len(home)) - start
    return turn


def _nearest_posts(home: Ints, open_posts: Ints, ground: Ground) -> Ints:
    """A post for each who may go, `NOBODY` for those whom none is left for; all ways together are as short as can be."""
    placed = np.full(len(home), NOBODY, dtype=np.int64)
    taken = np.zeros(len(open_posts), dtype=bool)
    for town in np.unique(ground.town[open_posts]):
        _match(np.flatnonzero(ground.town[home] == town), np.flatnonzero(ground.town[open_posts] == town), home, open_posts,
               ground, placed, taken)  # fmt: skip
    _match(np.flatnonzero(placed == NOBODY), np.flatnonzero(~taken), home, open_posts, ground, placed, taken)
    return placed


def _match(
    people: Ints, posts: Ints, home: Ints, open_posts: Ints, ground: Ground, placed: Ints, taken: np.ndarray
) -> None:  # fmt: skip
    """Give these posts to these people, and note both."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if len(people) and len(posts):
        metres = cdist(ground.centre_m[home[people]], ground.centre_m[open_posts[posts]])
        person, post = linear_sum_assignment(metres)
        placed[people[person]] = open_posts[posts[post]]
        taken[posts[post]] = True
