"""What two plans do differently: the ground that changes hands, the grids that gain and lose by it, and how fair each plan is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gis.plan_records import DraftGrid, GridLoads, Patch, Weights
from gis.records import Floats, Ints, Shapes
from gis.rules.workload import deviation_fractions, grid_loads, variation_fractions

LOADS = ("inspections_h", "incidents_h", "people_h", "walking_h", "incidents")
HOURS = slice(0, 4)
INCIDENTS = 4


@dataclass(frozen=True)
class Pieces:
    """Ground that lies in one grid of each of two plans: P pieces as columns.

    `cell` is the cell of the city that a piece is of: mostly all of it. `before` and `after` are keys of grids. `loads` holds
    the columns of LOADS, (P, 5). `shape` is a polygon in EPSG:4326, None for a whole cell; `lon`, `lat` are the centres.
    """

    cell: Ints
    community: Ints
    before: Ints
    after: Ints
    area_m2: Floats
    population: Ints
    households: Ints
    loads: Floats = field(repr=False)
    lon: Floats = field(repr=False)
    lat: Floats = field(repr=False)
    shape: Shapes = field(repr=False)

    def __len__(self) -> int:
        """Number of pieces."""
        return len(self.cell)

    def __add__(self, other: "Pieces") -> "Pieces":
        """The pieces of both."""
        return Pieces(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__dataclass_fields__))

    @property
    def moved(self) -> Ints:
        """Positions of the pieces that change hands."""
        return np.flatnonzero(self.before != self.after).astype(np.int64)

    def held(self, keys: Ints) -> Patch:
        """The pieces as the cells of one of the plans, without their shapes; `keys` is `before` or `after`."""
        blank: Shapes = np.full(len(self), None, dtype=object)
        loads: dict[str, Floats] = {name: self.loads[:, column] for column, name in enumerate(LOADS)}
        return Patch(
            cell=self.cell, shape=blank, community=self.community, grid=keys, area_m2=self.area_m2, population=self.population,
            households=self.households, unit_type=blank, root=self.cell, fraction=np.ones(len(self)), grids={}, **loads,
        )  # fmt: skip


@dataclass(frozen=True)
class Amounts:
    """What some ground holds. Hours are per month and of its cells alone, incidents of the model's period."""

    cells: int = 0
    area_m2: float = 0.0
    population: int = 0
    households: int = 0
    hours: float = 0.0
    incidents: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        """What both hold together."""
        return Amounts(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class GridState:
    """A grid in one plan. Hours are all that it has to do in a month; deviations are signed fractions of the mean."""

    amounts: Amounts
    deviation: float
    deviation_town: float
    staff: int


@dataclass(frozen=True)
class GridChange:
    """A grid that is not the same in both plans: `status` is changed, new, ended or, with the same ground, attributes."""

    key: int
    status: str
    community_id: int
    grid: DraftGrid
    former: DraftGrid | None
    before: GridState | None
    after: GridState | None
    gained: Amounts
    lost: Amounts


@dataclass(frozen=True)
class Flow:
    """Ground that goes from one grid to another."""

    before: int
    after: int
    community_id: int
    amounts: Amounts


@dataclass(frozen=True)
class Fairness:
    """How evenly an area's grids share the work in both plans, as (before, after).

    `variation` is the coefficient of variation of hours over its grids, `deviation` the largest deviation from their mean, as a
    fraction without a sign.
    """

    area_id: int
    grids: tuple[int, int]
    variation: tuple[float, float]
    deviation: tuple[float, float]
    moved: Amounts


@dataclass(frozen=True)
class Comparison:
    """All that differs between two plans, judged by one workload model. `communities` and `towns` are all, touched or not."""

    pieces: Pieces = field(repr=False)
    changes: tuple[GridChange, ...] = field(repr=False)
    flows: tuple[Flow, ...] = field(repr=False)
    communities: tuple[Fairness, ...] = field(repr=False)
    towns: tuple[Fairness, ...] = field(repr=False)


@dataclass(frozen=True)
class Side:
    """One of the plans: its living grids, their posts, and what its grids have to do."""

    grids: Mapping[int, DraftGrid]
    staff: Mapping[int, int]
    loads: GridLoads
    town: Ints
    deviation: Floats
    deviation_town: Floats
    at: Mapping[int, int]

    def state(self, key: int) -> GridState | None:
        """A grid as this plan has it, or None."""
        i = self.at.get(key)
        if i is None:
            return None
        loads = self.loads
        amounts = Amounts(
            int(loads.cells[i]), float(loads.area_m2[i]), int(loads.population[i]), int(loads.households[i]),
            float(loads.hours[i]), round(float(loads.incidents[i])),
        )  # fmt: skip
        return GridState(amounts, float(self.deviation[i]), float(self.deviation_town[i]), self.staff.get(key, 0))


def side(
    pieces: Pieces, keys: Ints, grids: Mapping[int, DraftGrid], *, centre_m: Floats, weights: Weights, staff: Mapping[int, int],
    town_of: Mapping[int, int],
) -> Side:  # fmt: skip
    """One of the plans by its pieces. `centre_m`: their centres in metres of the city's zone; `town_of` leads from communities."""
    loads = grid_loads(pieces.held(keys), centre_m, weights=weights)
    town = np.array([town_of[community] for community in loads.community.tolist()], dtype=np.int64)
    living = {key: grid for key, grid in grids.items() if grid.alive}
    return Side(
        living, staff, loads, town, deviation_fractions(loads.hours, loads.community), deviation_fractions(loads.hours, town),
        {key: i for i, key in enumerate(loads.key.tolist())},
    )  # fmt: skip


def told_apart(pieces: Pieces, after: Mapping[int, DraftGrid]) -> dict[int, int]:
    """Two drafts number their new grids alike: other keys for those of the second that are mostly other ground than the first's."""
    before, free, others = set(pieces.before.tolist()), min([0, *after, *pieces.before.tolist()]) - 1, {}
    for key in sorted({key for key in after if key < 0} & before, reverse=True):
        here, there = pieces.before == key, pieces.after == key
        least = min(pieces.area_m2[here].sum(), pieces.area_m2[there].sum())
        if pieces.area_m2[here & there].sum() * 2 <= least:
            others[key], free = free, free - 1
    return others


def renumbered(pieces: Pieces, grids: Mapping[int, DraftGrid], others: Mapping[int, int]) -> tuple[Pieces, dict[int, DraftGrid]]:
    """The pieces and grids of the second plan under other keys."""
    keys = pieces.after.copy()
    for key, other in others.items():
        keys[pieces.after == key] = other
    told = {others.get(key, key): replace(grid, key=others.get(key, key)) for key, grid in grids.items()}
    return replace(pieces, after=keys), told


def compare(pieces: Pieces, before: Side, after: Side, *, town_of: Mapping[int, int]) -> Comparison:
    """What the second plan does otherwise than the first."""
    flows = _flows(pieces)
    gained, lost = _sums(flows, "after"), _sums(flows, "before")
    keys = sorted({*gained, *lost, *_renamed(before, after)})
    changes = [_change(key, before, after, gained=gained.get(key, Amounts()), lost=lost.get(key, Amounts())) for key in keys]
    moved: dict[int, Amounts] = {}
    for flow in flows:
        for area in (flow.community_id, town_of[flow.community_id]):
            moved[area] = moved.get(area, Amounts()) + flow.amounts
    return Comparison(
        pieces, tuple(changes), flows, _fairness(before, after, before.loads.community, after.loads.community, moved),
        _fairness(before, after, before.town, after.town, moved),
    )  # fmt: skip


def _flows(pieces: Pieces) -> tuple[Flow, ...]:
    """Everything that changes hands, by the grids that it goes between."""
    at = pieces.moved
    pairs, first, flow = np.unique(
        np.column_stack([pieces.before[at], pieces.after[at]]), axis=0, return_index=True, return_inverse=True
    )
    flow = flow.reshape(-1)

    def summed(column: Floats | Ints) -> Floats:
        return np.asarray(np.bincount(flow, weights=column[at], minlength=len(pairs)), np.float64)

    columns = [
        np.bincount(flow, minlength=len(pairs)), summed(pieces.area_m2), summed(pieces.population).round(),
        summed(pieces.households).round(), summed(pieces.loads[:, HOURS].sum(axis=1)), summed(pieces.loads[:, INCIDENTS]).round(),
    ]  # fmt: skip
    kinds = (int, float, int, int, float, int)
    return tuple(
        Flow(int(one), int(other), int(pieces.community[at[i]]), Amounts(*(k(v) for k, v in zip(kinds, amounts, strict=True))))
        for (one, other), i, *amounts in zip(pairs, first, *columns, strict=True)
    )


def _sums(flows: tuple[Flow, ...], end: str) -> dict[int, Amounts]:
    found: dict[int, Amounts] = {}
    for flow in flows:
        key = getattr(flow, end)
        found[key] = found.get(key, Amounts()) + flow.amounts
    return found


def _renamed(before: Side, after: Side) -> set[int]:
    """The grids of both plans that have another kind, unit type or name."""
    return {
        key for key in before.grids.keys() & after.grids.keys() if attributes(before.grids[key]) != attributes(after.grids[key])
    }


def attributes(grid: DraftGrid) -> dict[str, str | None]:
    """What a grid is, beside its ground."""
    return {"kind": grid.kind, "unit_type": grid.unit_type, "name_zh": grid.name_zh, "name_en": grid.name_en}


def _change(key: int, before: Side, after: Side, *, gained: Amounts, lost: Amounts) -> GridChange:
    old, new = before.state(key), after.state(key)
    grid = after.grids.get(key) or before.grids[key]
    status = "new" if old is None else "ended" if new is None else "changed" if gained.cells or lost.cells else "attributes"
    return GridChange(key, status, grid.community_id, grid, before.grids.get(key), old, new, gained, lost)


def _fairness(before: Side, after: Side, home: Ints, home_after: Ints, moved: Mapping[int, Amounts]) -> tuple[Fairness, ...]:
    """Each area of a level, by the area of each grid in both plans."""
    old, new = _evenness(before.loads.hours, home), _evenness(after.loads.hours, home_after)
    none = (0, 0.0, 0.0)
    rows = [(area, old.get(area, none), new.get(area, none)) for area in sorted({*old, *new})]
    return tuple(Fairness(area, (a[0], b[0]), (a[1], b[1]), (a[2], b[2]), moved.get(area, Amounts())) for area, a, b in rows)


def _evenness(hours: Floats, home: Ints) -> dict[int, tuple[int, float, float]]:
    """By area: number of grids, coefficient of variation, largest deviation."""
    areas, variation = variation_fractions(hours, home)
    place = np.searchsorted(areas, home)
    largest = np.zeros(len(areas))
    np.maximum.at(largest, place, np.abs(deviation_fractions(hours, home)))
    count = np.bincount(place, minlength=len(areas))
    return {int(area): (int(n), float(v), float(d)) for area, n, v, d in zip(areas, count, variation, largest, strict=True)}
