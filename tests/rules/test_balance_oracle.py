"""Held against the proven optimum: the fewest cells that can change hands, as CP-SAT finds them on small communities."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from gis.rules.balance import Wish, propose
from gis.rules.balance_ground import Grids, Ground

COMMUNITIES = 20
TOLERANCE = 0.1
MOST_OVER = 1.05


def a_community(seed: int) -> tuple[Ground, Grids]:
    """Some 18 to 24 cells on a lattice, two to four stripes as grids, whole hours with a heavy tail."""
    random = np.random.default_rng(seed)
    rows, columns, k = int(random.integers(3, 5)), 6, int(random.integers(2, 5))
    row, column = (part.ravel() for part in np.mgrid[0:rows, 0:columns])
    there = np.cumsum(np.ones(rows * columns, np.int64)).reshape(rows, columns) - 1
    border = np.vstack([np.column_stack([there[:, :-1].ravel(), there[:, 1:].ravel()]),
                        np.column_stack([there[:-1].ravel(), there[1:].ravel()])])  # fmt: skip
    hours = np.ceil(random.lognormal(3.0, 0.7, rows * columns))
    ones = np.ones(rows * columns)
    home, border_m = np.zeros(len(ones), np.int64), np.full(len(border), 100.0)
    ground = Ground(hours, column * 100.0, row * 100.0, ones * 1e4, home, border, border_m)
    return ground, Grids.unlocked(np.minimum(column * k // columns, k - 1), np.zeros(k, np.int64))


@pytest.fixture(scope="module")
def contest() -> list[tuple[int | None, int, bool]]:
    """Of each community where it is proved: the fewest moves, ours, and whether ours are within the tolerance."""
    oracle = subprocess.run([sys.executable, "-m", "tests.rules.fewest_moves"], stdout=subprocess.PIPE, check=True)
    out = []
    for seed, proved in enumerate(json.loads(oracle.stdout)):
        found = propose(*a_community(seed), wish=Wish(tolerance_fraction=TOLERANCE, dial=0.0, compactness=0.0))
        if proved is not None:
            out.append((proved["fewest"], int(found.cells_moved[0]), bool(found.deviation_after[0] <= TOLERANCE + 1e-9)))
    return out


def test_what_can_be_fair_is_made_fair(contest: list[tuple[int | None, int, bool]]) -> None:
    assert [within for _, _, within in contest] == [fewest is not None for fewest, _, _ in contest]


def test_hardly_more_cells_change_hands_than_must(contest: list[tuple[int | None, int, bool]]) -> None:
    proved = [(fewest, ours) for fewest, ours, _ in contest if fewest is not None]
    assert len(proved) >= COMMUNITIES // 2
    assert all(ours >= fewest for fewest, ours in proved)
    assert sum(ours for _, ours in proved) <= MOST_OVER * sum(fewest for fewest, _ in proved)
