"""What the services speak in: plain records, and columns of many rows as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Name:
    """A name in both languages of the product."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """The form that the API and the pages use."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True)
class City:
    """The city that this server holds. `metric_srid` is the projected zone that lengths and areas are measured in."""

    code: str
    name: Name
    metric_srid: int
    synthetic: bool
    timezone: str = "Asia/Shanghai"
    code_scheme: str = "cjt349"
    founded_at: datetime | None = None


@dataclass(frozen=True)
class AreaRow:
    """An administrative area to be founded; `geom` is a polygon or multipolygon in EPSG:4326."""

    code: str
    parent_code: str | None
    level: str
    name: Name
    geom: Any
    synthetic: bool
    population_official: int | None = None


@dataclass(frozen=True)
class AreaNode:
    """An administrative area as it stands; `geom` is a multipolygon in EPSG:4326."""

    id: int
    code: str
    parent_code: str | None
    level: str
    name: Name
    geom: Any
    area_m2: float


@dataclass(frozen=True)
class CellColumns:
    """The cells of the city as columns of equal length, ordered by id; shapes in EPSG:4326, `community` holds codes."""

    ids: Ints
    shape: Shapes
    community: Texts
    population: Ints
    households: Ints
    unit_type: Texts
    synthetic: Flags


@dataclass(frozen=True)
class Division:
    """A whole division of the city, as columns: G grids, C cells.

    Shapes are shapely geometries in EPSG:4326; `grid_community` holds codes; `cell_grid` is the position of each
    cell's grid (0..G-1). `keeps_code` holds the code of a grid that lives on from the plan before, "" for a new one.
    """

    grid_shape: Shapes
    grid_community: Texts
    grid_unit_type: Texts
    keeps_code: Texts
    cell_grid: Ints
    cell_shape: Shapes
    cell_population: Ints
    cell_households: Ints
    cell_unit_type: Texts
    synthetic: bool


@dataclass(frozen=True)
class PlanInForce:
    """The plan that was in force at the moment asked about. `until` is None for the plan of today."""

    id: int
    version: int
    name: Name
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Unit:
    """A grid or area by its code and name, as an answer carries it."""

    code: str
    name: Name

    def as_dict(self) -> dict[str, Any]:
        """The form that the API uses."""
        return {"code": self.code, "name": self.name.as_dict()}


@dataclass(frozen=True)
class GridUnit:
    """One grid of a plan with the areas it lies in, from its community up to the city."""

    id: int
    code: str
    community_id: int
    shape: Any
    areas: tuple[Unit, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Placement:
    """Where one point lies. `status` is inside, outside or fault."""

    status: str
    grid: GridUnit | None = None
    nearest: GridUnit | None = None
    distance_m: float | None = None
    fault: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Report:
    """A report as it comes in; coordinates in WGS 84.

    `urgency` is the matter's where it is None. `tier` is for wishes: now, soon or later. What comes with a `key` is taken in
    once, however often it is sent. `holder` is the id of the officer who has it in hand from the start: a patrol's own finding.
    """

    matter: str
    lon: float
    lat: float
    channel: str
    description: str | None = None
    reported_at: datetime | None = None
    address: str | None = None
    urgency: int | None = None
    tier: str | None = None
    key: str | None = None
    holder: int | None = None


@dataclass(frozen=True)
class IntakeFacts:
    """What a report is judged by. `matter` is None where none is admitted; `exceptions` are the days that are worked, or not."""

    city: City
    plan: PlanInForce | None
    matter: Mapping[str, Any] | None
    exceptions: Mapping[date, bool]


@dataclass(frozen=True)
class NewCase:
    """A report that was judged and placed, ready to be written. `day` is that of the report in the city."""

    report: Report
    reported_at: datetime
    day: date
    matter_id: int
    state: str
    urgency: int
    tier: str | None
    grid_id: int | None
    community_id: int | None
    due_at: datetime
    warn_at: datetime


@dataclass(frozen=True)
class IncidentColumns:
    """Many incidents at once, as columns of equal length; used to record history."""

    reported_at: NDArray[np.datetime64]
    closed_at: NDArray[np.datetime64]
    lon: Floats
    lat: Floats
    matter: Texts
    state: Texts
    channel: Texts
    synthetic: bool
    description: Texts | None = None


@dataclass(frozen=True)
class StaffRow:
    """A member of staff and the posting: on a grid, or at the command of an area."""

    number: str
    name: Name
    duty: str
    grid_code: str | None
    area_code: str | None
    role: str | None
    synthetic: bool


@dataclass(frozen=True)
class FacilityRow:
    """A service point; `lon`, `lat` in WGS 84, floor area in square metres, `opening_hours` in OSM's notation."""

    kind: str
    community_code: str
    name: Name
    level: str
    lon: float
    lat: float
    floor_area_m2: float | None
    capacity: int | None
    opening_hours: str | None
    synthetic: bool


@dataclass(frozen=True)
class MatterRow:
    """An admitted matter: time limit in working hours, standard handling minutes, inspection interval in days.

    `kind` is matter or wish; `visibility` says how the public map shows it: shown, blurred (moved to its neighbourhood) or hidden.
    """

    code: str
    category: Name
    name: Name
    department: str
    time_limit_h: float
    standard_min: int
    inspection_interval_d: int | None
    urgency: int
    kind: str = "matter"
    visibility: str = "shown"
    icon: str | None = None
    by_citizens: bool = True


@dataclass(frozen=True)
class Reach:
    """Whose incidents and staff somebody may see: all under an area, and for a department only of its matters.

    `area_path` is the codes from the root of the tree down to the area, joined by dots. Incidents outside every grid are
    for those who have the whole city.
    """

    area_path: str
    department: str | None = None

    @property
    def is_whole_city(self) -> bool:
        """True when the area is the root of the tree."""
        return "." not in self.area_path


@dataclass(frozen=True)
class Account:
    """Somebody who may log in. `area_path` is the jurisdiction: everything under that area.

    A session carries the `stamp` it was opened with and ends when the account has another one. `must_change` says that the
    password is a temporary one. `staff_id` is the member of staff that it belongs to, for an officer in the field.
    """

    id: int
    login: str
    name: str
    role: str
    area_code: str
    area_path: str
    demo: bool = False
    department: str | None = None
    stamp: int = 1
    must_change: bool = False
    staff_id: int | None = None

    @property
    def reach(self) -> Reach:
        """What this account may see. A department's account without a department sees no incident at all."""
        return Reach(self.area_path, self.department or "" if self.role == "department" else None)


@dataclass(frozen=True)
class ImportJob:
    """A file that came in, and how far it is. `source` and `options` are as `seed.importing` reads them."""

    id: int
    kind: str
    state: str
    filename: str
    bytes: int
    source: dict[str, Any]
    options: dict[str, Any]
    step: str | None
    done: int
    total: int
    cancel_asked: bool
    outcome: dict[str, Any] | None
    problem: str | None
    opened_by: str
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Figures:
    """One measure over the units of a level: values by code, and the class limits a legend needs."""

    level: str
    measure: str
    unit: Name
    as_of: datetime
    values: dict[str, float] = field(repr=False)
    breaks: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class DrawnLayers:
    """What tiles show at a moment: the plan in force, None before the first, and the version of every layer."""

    plan_id: int | None
    versions: dict[str, str]


@dataclass(frozen=True)
class DrawnTile:
    """A tile as a Mapbox vector tile, b"" where nothing is drawn, and the version of its layer that it shows."""

    data: bytes
    version: str
