"""What balancing speaks in: the wish of a planner, a run with its progress, and what it proposes for each community."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gis.records import Name

Mode = Literal["rebalance", "scratch", "change_k"]
FIRST_NEW_KEY = -1_000_000_000
"""New grids of a proposal have keys from here downwards, which no draft gives; one that takes them numbers them anew."""


@dataclass(frozen=True)
class BalanceWish:
    """What a planner asks the machine for.

    `scope` are codes of areas, none for the whole scope of the draft; `grids` the number of grids by code of community, or
    "by_hours"; `barriers` lines in EPSG:4326 degrees that no grid should straddle. The rest is told at gis.rules.balance.Wish.
    """

    scope: Sequence[str] = ()
    mode: Mode = "rebalance"
    grids: Mapping[str, int] | Literal["by_hours"] | None = None
    tolerance: float = 0.15
    dial: float = 0.15
    compactness: float = 0.02
    barriers: Sequence[Sequence[tuple[float, float]]] = ()
    restarts: int = 16
    seed: int = 1


@dataclass(frozen=True)
class Balancing:
    """A run: waiting, running, done, stopped (with the best that it had), or failed. `done` of `total` communities."""

    id: int
    plan_id: int
    plan_version: int
    state: str
    wish: Mapping[str, Any]
    done: int
    total: int
    stop_asked: bool
    outcome: Mapping[str, Any] | None
    problem: str | None
    author: str
    opened_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class BalancedCommunity:
    """What a run proposes for one community. Deviations and variations are fractions; `moves` are (cell, key before, after).

    `bound` is the least largest deviation of any plan, `bound_cell_id` the cell that causes it. `taken_at_seq` is the edit by
    which a draft took it.
    """

    community_id: int
    grids_before: int
    grids_after: int
    cells_moved: int
    deviation_before: float
    deviation_after: float
    variation_before: float
    variation_after: float
    bound: float
    bound_cell_id: int | None
    moves: Sequence[tuple[int, int, int]] = field(default=(), repr=False)
    code: str = ""
    name: Name | None = None
    taken_at_seq: int | None = None


@dataclass(frozen=True)
class GridsWanted:
    """How many grids a community has and should have. `curve` is the mean hours of a grid if it had 1, 2, 3 … of them."""

    code: str
    name: Name
    hours: float
    grids: int
    wanted: int
    curve: Sequence[float]
