"""Whole-number programs put together from rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.records import Flags, Floats, Ints
from gis.rules.siting_ground import Groups, Means, ends_of
from gis.rules.siting_solver import Program


@dataclass(frozen=True)
class Rows:
    """Rows of a program: row i has `value` at `column`, both `first[i]:first[i + 1]`, and lies from `lower` to `upper`."""

    first: Ints
    column: Ints
    value: Floats
    lower: Floats
    upper: Floats


def needs(groups: Groups) -> Rows:
    """As many candidates for each group as it needs."""
    g = len(groups)
    return Rows(groups.first, groups.place, np.ones(len(groups.place)), groups.need.astype(np.float64), np.full(g, np.inf))


def within_means(means: Means) -> list[Rows]:
    """No more sites, and no more money, than there is."""
    everywhere, ends = np.arange(means.places), np.array([0, means.places])
    bounds = [(np.ones(means.places), means.sites), (means.cost, means.budget)]
    return [
        Rows(ends, everywhere, each, np.array([-np.inf]), np.array([float(most)])) for each, most in bounds if most is not None
    ]


def joined(parts: list[Rows]) -> Rows:
    """All rows, in this order."""
    sizes = np.concatenate([np.diff(part.first) for part in parts])
    return Rows(
        ends_of(sizes),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("column", "value", "lower", "upper")),
    )


def program(cost: Floats, upper: Floats, rows: Rows, whole: Flags, *, whole_value: bool) -> Program:
    """The program of least cost with columns from 0 to `upper`."""
    return Program(
        cost, np.zeros(len(cost)), upper, rows.lower, rows.upper, rows.first, rows.column, rows.value, whole, whole_value
    )
