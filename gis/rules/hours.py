"""A grid's hours, taken apart until each figure can be counted with a pencil."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gis.plan_records import MONTH_D, Patch, PlaceKind, Weights
from gis.records import Floats, Name
from gis.rules.workload import spread_m


@dataclass(frozen=True)
class MatterCount:
    """Incidents of a matter in a period, with the minutes that one takes by the catalogue."""

    code: str
    name: Name
    standard_min: float
    n: float


@dataclass(frozen=True)
class Line:
    """One line of the account: so many times a month, so many minutes each.

    `n` is how many there are: places of the kind, incidents in the whole period, residents, households. `times` is how often
    each is dealt with in a month.
    """

    code: str
    name: Name
    n: float
    times: float
    minutes: float

    @property
    def hours(self) -> float:
        """Hours a month."""
        return self.n * self.times * self.minutes / 60


@dataclass(frozen=True)
class CellHours:
    """What one cell of the grid has of its hours."""

    id: int
    inspections: float
    incidents: float
    people: float
    walking: float

    @property
    def hours(self) -> float:
        """Hours a month."""
        return self.inspections + self.incidents + self.people + self.walking


@dataclass(frozen=True)
class Account:
    """All hours a month of one grid. `radius_m` is how far its ground lies from its middle, `visits` are those of a month.

    `parts` are the hours as they were counted; `uncounted` is by how much today's lines say more, which is something only when
    something was brought in since.
    """

    parts: dict[str, float]
    inspections: list[Line]
    incidents: list[Line]
    people: list[Line]
    visits: float
    area_m2: float
    walked_m: float
    radius_m: float
    cells: list[CellHours] = field(repr=False)

    @property
    def hours(self) -> float:
        """All hours a month."""
        return sum(self.parts.values())

    @property
    def uncounted(self) -> float:
        """Hours of the lines that the parts do not have."""
        lines = sum(line.hours for lines in (self.inspections, self.incidents, self.people) for line in lines)
        return lines - sum(self.parts[part] for part in ("inspections", "incidents", "people"))


def place_lines(counts: dict[str, float], kinds: Sequence[PlaceKind], weights: Weights) -> list[Line]:
    """A line for each kind of place of which there are any, the heaviest first."""
    lines = []
    for kind in kinds:
        standard = weights.places.get(kind.code)
        if standard is not None and counts.get(kind.code):
            lines.append(Line(kind.code, kind.name, counts[kind.code], MONTH_D / standard.interval_d, standard.standard_min))
    return sorted(lines, key=lambda line: -line.hours)


def matter_lines(counts: Sequence[MatterCount], weights: Weights, *, months: float) -> list[Line]:
    """A line for each matter of which there were incidents, the heaviest first; the cells' counts come one by one."""
    total: defaultdict[tuple[str, float], float] = defaultdict(float)
    names = {count.code: count.name for count in counts}
    for count in counts:
        total[count.code, weights.matters.get(count.code, count.standard_min)] += count.n
    lines = [Line(code, names[code], n, 1 / months, minutes) for (code, minutes), n in total.items()]
    return sorted(lines, key=lambda line: (-line.hours, line.code))


def people_lines(residents: float, households: float, weights: Weights) -> list[Line]:
    """What is done for everybody who lives there."""
    return [
        Line("residents", Name("居民", "Residents"), residents, 1, weights.resident_min),
        Line("households", Name("户", "Households"), households, 1, weights.household_min),
    ]


def account(
    patch: Patch, centre_m: Floats, *, weights: Weights, inspections: list[Line], incidents: list[Line], people: list[Line]
) -> Account:
    """The account of one grid, whose cells are all of the patch; `centre_m` are their centres in metres (C, 2)."""
    radius_m = float(spread_m(np.zeros(len(patch), np.int64), 1, area_m2=patch.area_m2, centre_m=centre_m)[0])
    walking = float(patch.walking_h.sum())
    return Account(
        parts={
            "inspections": float(patch.inspections_h.sum()),
            "incidents": float(patch.incidents_h.sum()),
            "people": float(patch.people_h.sum()),
            "walking": walking,
            "spread": radius_m * weights.spread_h_per_m,
            "fixed": weights.fixed_h,
        },
        inspections=inspections,
        incidents=incidents,
        people=people,
        visits=sum(line.n * line.times for line in (*inspections, *incidents)),
        area_m2=float(patch.area_m2.sum()),
        walked_m=walking * 1000 * weights.walking_kmh,
        radius_m=radius_m,
        cells=_cells(patch),
    )


def _cells(patch: Patch) -> list[CellHours]:
    columns = (patch.cell, patch.inspections_h, patch.incidents_h, patch.people_h, patch.walking_h)
    cells = [CellHours(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    return sorted(cells, key=lambda cell: (-cell.hours, cell.id))
