"""What planning speaks in: workload models, drafts, and the cells of some communities as a plan or draft has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np

from gis.records import Flags, Floats, Ints, Name, Shapes, Texts

MONTH_D = 30.4375
COMMUNITY_DIGITS = 12
CUT = 0
"""In place of a grid's key: the cell is cut, and its parts stand in its place."""


@dataclass(frozen=True)
class PlaceStandard:
    """How long an inspection of a kind of place takes, in minutes, and after how many days it is due again."""

    standard_min: float
    interval_d: float


@dataclass(frozen=True)
class PlaceKind:
    """A kind of place that is inspected, with the standard that new workload models begin with."""

    code: str
    name: Name
    standard: PlaceStandard


@dataclass(frozen=True)
class Weights:
    """What a workload model weighs. Minutes are per month unless a field says otherwise.

    `matters` holds standard minutes by code of matter; a matter that is not named has those of the catalogue.
    `rounds` is how often a month an officer sets out from the middle of the grid; `fixed_h` are the hours a month of duties
    that every grid has; `post_h` are the hours a month that one post works in its grid.
    """

    places: Mapping[str, PlaceStandard]
    matters: Mapping[str, float] = field(default_factory=dict)
    resident_min: float = 0.6
    household_min: float = 1.5
    walking_kmh: float = 4.0
    rounds: float = 22.0
    fixed_h: float = 24.0
    post_h: float = 160.0

    @property
    def spread_h_per_m(self) -> float:
        """Hours a month of walking out to the cells and back, per metre that they lie from the middle of the grid."""
        return 2 * self.rounds / (1000 * self.walking_kmh)


@dataclass(frozen=True)
class WorkloadModel:
    """One version of how the city counts work. `until` is the first day after the period that incidents are counted in.

    `counted_at` is when the hours of the cells were counted by it.
    """

    id: int
    version: int
    name: Name
    weights: Weights
    since: date
    until: date
    note: str | None
    parent_id: int | None
    author: str
    created_at: datetime
    counted_at: datetime

    @property
    def months(self) -> float:
        """Length of the period in mean months, by which counted incidents are divided."""
        return (self.until - self.since).days / MONTH_D


@dataclass(frozen=True)
class Officer:
    """A member of staff who is posted on a grid."""

    staff_id: int
    number: str
    name: Name
    duty: str
    role: str | None
    grid_id: int


@dataclass(frozen=True)
class DraftGrid:
    """A grid of a draft. `key` is the id of the grid that it continues, or below zero for one that is new in the draft.

    `code` is that of the grid it continues, "" for a new one: codes are given when the draft is published.
    """

    key: int
    code: str
    community_id: int
    kind: str
    unit_type: str
    name_zh: str | None = None
    name_en: str | None = None
    locked: bool = False
    alive: bool = True

    @property
    def label(self) -> str:
        """What it is called on a map: the number in its code, such as 07, or +1, +2, … where it is new in the draft."""
        return self.code[COMMUNITY_DIGITS:] if self.code else f"+{-self.key}"


@dataclass(frozen=True)
class PlanHead:
    """A plan as far as its cells need it: `parent_id` is the plan that the assignments of its cells are those of.

    A draft differs from its parent by what it stores; a published plan is its own parent here. `scope` are the ids of the
    communities that it may change.
    """

    id: int
    parent_id: int
    state: str
    version: int
    model_id: int
    scope: tuple[int, ...]
    metric_srid: int


@dataclass(frozen=True)
class Patch:
    """The cells of some communities as a plan or draft has them: C cells as columns, ordered by id.

    Shapes are polygons in EPSG:4326; `grid` holds keys of grids (see DraftGrid), `community` ids of areas. Hours are per
    month, of the plan's workload model. `root` is the cell of the city that a part was cut from, `fraction` its share of
    that cell's ground; an uncut cell is its own root with the fraction 1.
    """

    cell: Ints
    shape: Shapes = field(repr=False)
    community: Ints
    grid: Ints
    area_m2: Floats
    population: Ints
    households: Ints
    unit_type: Texts = field(repr=False)
    inspections_h: Floats = field(repr=False)
    incidents_h: Floats = field(repr=False)
    people_h: Floats = field(repr=False)
    walking_h: Floats = field(repr=False)
    incidents: Floats = field(repr=False)
    root: Ints = field(repr=False)
    fraction: Floats = field(repr=False)
    grids: Mapping[int, DraftGrid] = field(repr=False)

    def __len__(self) -> int:
        """Number of cells."""
        return len(self.cell)

    @property
    def hours(self) -> Floats:
        """Hours a month of each cell, without what only a whole grid has (spread, fixed duties)."""
        total: Floats = self.inspections_h + self.incidents_h + self.people_h + self.walking_h
        return total

    def of_grid(self, key: int) -> Flags:
        """Which cells a grid has."""
        found: Flags = np.asarray(self.grid == key, np.bool_)
        return found


@dataclass(frozen=True)
class GridLoads:
    """Grids with their amounts and hours a month by part, as columns of equal length, ordered by key."""

    key: Ints
    community: Ints
    cells: Ints
    area_m2: Floats
    population: Ints
    households: Ints
    incidents: Floats
    inspections_h: Floats
    incidents_h: Floats
    people_h: Floats
    walking_h: Floats
    spread_h: Floats
    fixed_h: Floats

    @property
    def hours(self) -> Floats:
        """All hours a month of each grid."""
        parts = (self.inspections_h, self.incidents_h, self.people_h, self.walking_h, self.spread_h, self.fixed_h)
        total: Floats = np.sum(parts, axis=0)
        return total
