"""Sums carried from the grids of one plan to those of a later one, by the shares that lineage holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gis.records import Floats, Ints


@dataclass(frozen=True)
class Succession:
    """How one plan followed another: its grids by id, ordered, and the share that `to` took over of each `source`."""

    grids: Ints
    source: Ints
    to: Ints
    share_fraction: Floats


def carry(amount: Floats, grids: Ints, *, through: Sequence[Succession]) -> tuple[Floats, Ints]:
    """Amounts of grids (ids, ordered) as amounts of the grids of the last plan; nothing is lost and nothing comes to it.

    A grid that lives on keeps what it did not give away; of one that ended everything goes, in proportion to the shares.
    """
    for step in through:
        amount, grids = _step(amount, grids, step), step.grids
    return amount, grids


def _step(amount: Floats, grids: Ints, step: Succession) -> Floats:
    at = np.searchsorted(grids, step.source)
    given = np.bincount(at, weights=step.share_fraction, minlength=len(grids))
    lives_on = np.isin(grids, step.grids)
    # What ended gives all it had, however the shares were rounded; what lives on gives at most all.
    scale = np.where(lives_on, np.minimum(given, 1), 1) / np.where(given > 0, given, 1)
    after = np.zeros(len(step.grids))
    np.add.at(after, np.searchsorted(step.grids, step.to), (amount * scale)[at] * step.share_fraction)
    kept = np.flatnonzero(lives_on)
    np.add.at(after, np.searchsorted(step.grids, grids[kept]), (amount * (1 - np.minimum(given, 1)))[kept])
    return after
