"""What coverage speaks in: the question of an audit, what it was asked of, runs, scenarios and sitings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from gis.records import Floats, Ints, Name, Shapes, Texts

Method = Literal["radius", "walk"]
Group = Literal["adult", "elderly", "child"]
Rule = Literal["centre", "everyone", "share"]
RunState = Literal["waiting", "running", "done", "stopped", "failed"]


@dataclass(frozen=True)
class OpenAt:
    """A moment of the week in the city's time: `weekday` from Monday = 1 to Sunday = 7 (ISO 8601), `minute` from midnight."""

    weekday: int
    minute: int


@dataclass(frozen=True)
class ReachQuestion:
    """Who reaches what, and how that is measured.

    What: facilities of any of `kinds` (none: all) that offer all of `services`, of one of `levels` (none: all), with at least
    `floor_area_m2`, open at `open_at` where that is given. How far: `metres`, or `minutes` at the speed of `group` (or
    `speed_kmh`); the one that is None follows from the other (gis.rules.reach_standards). `method` "walk" measures along the
    network in force and counts the way to and from it; "radius" measures straight lines, longer by `detour`. A resident is
    covered by `k` facilities or more. A community or grid is covered by `rule`: its centre point, everyone, or `share` of its
    residents (0 to 1). `scope` is the code of an area; its residents count, facilities beyond its border serve too.
    `by_ground` cuts cells at circles instead of asking for their points (radius only).
    """

    kinds: Sequence[str] = ()
    services: Sequence[str] = ()
    levels: Sequence[str] = ()
    floor_area_m2: float | None = None
    open_at: OpenAt | None = None
    method: Method = "walk"
    minutes: float | None = 15.0
    metres: float | None = None
    group: Group = "adult"
    speed_kmh: float | None = None
    detour: float = 1.0
    k: int = 1
    rule: Rule = "centre"
    share: float = 0.9
    scope: str | None = None
    by_ground: bool = False


@dataclass(frozen=True)
class FacilityChange:
    """One change of a scenario. `facility` is an id, or a negative number for one that the scenario opens itself.

    `what`: "open" (with lon, lat and perhaps capacity), "move" (lon, lat), "close", "resize" (capacity). EPSG:4326 degrees.
    """

    what: Literal["open", "move", "close", "resize"]
    facility: int
    lon: float | None = None
    lat: float | None = None
    capacity: int | None = None


@dataclass(frozen=True)
class StreetNetwork:
    """A walking network that was brought in. `source` is the file or what made it; `digest` tells its edges from all others."""

    id: int
    name: str
    source: str
    digest: str
    in_force: bool
    edges: int
    length_m: float
    author: str
    at: datetime
    synthetic: bool


@dataclass(frozen=True)
class StreetLines:
    """Streets that are walked, each of its `street_class`, and lines that bar the way, each of its `kind`.

    EPSG:4326, unless metres of the city's zone are asked for.
    """

    lines: Shapes
    street_class: Texts
    barriers: Shapes
    kind: Texts


@dataclass(frozen=True)
class Audit:
    """An audit with how far it is. `inputs` says which plan, network, facilities and residents it counted, `outcome` the sums."""

    id: int
    name: str
    question: Mapping[str, Any]
    area_code: str
    area_name: Name
    state: RunState
    done: int
    total: int
    stop_asked: bool
    problem: str | None
    inputs: Mapping[str, Any] | None
    outcome: Mapping[str, Any] | None
    author: str
    at: datetime
    ended_at: datetime | None
    repeats_id: int | None
    key: str | None
    statement: str | None
    published_by: str | None
    published_at: datetime | None


@dataclass(frozen=True)
class AuditRow:
    """What an audit found for one area or grid. Areas in m², `mean_m` metres to the nearest, residents' mean; None unreached."""

    level: str
    code: str
    name: Name
    parent_code: str | None
    residents: int
    covered_residents: float
    households: int
    covered_households: float
    area_m2: float
    covered_area_m2: float
    cells: int
    covered_cells: int
    covered: bool
    mean_m: float | None
    accessibility: float | None


@dataclass(frozen=True)
class AuditGap:
    """Ground that no facility reaches, one polygon of EPSG:4326 inside one community, with who lives there."""

    shape: Any
    residents: float
    households: float
    area_m2: float
    community_code: str


@dataclass(frozen=True)
class AuditFacility:
    """A facility as an audit counted it. `off_network_m` is the way to its street, None of a radius or without a street.

    `fails` are the codes of the standards that it fails: floor_area, m2_per_resident, residents_per_place.
    """

    id: int
    kind: str
    name: Name
    lon: float
    lat: float
    floor_area_m2: float | None
    capacity: int | None
    residents_within: float
    residents_nearest: float
    off_network_m: float | None
    fails: Sequence[str] = ()


@dataclass(frozen=True)
class AuditCells:
    """What an audit found for each cell: metres to the nearest facility (infinite: none), facilities within the limit."""

    cell_id: Ints
    metres: Floats
    within: Ints
    accessibility: Floats | None


@dataclass(frozen=True)
class Scenario:
    """Changes to facilities that somebody keeps, with what they come to."""

    id: int
    name: str
    question: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    outcome: Mapping[str, Any]
    author: str
    version: int
    at: datetime
    changed_at: datetime


Aim = Literal["everyone", "most", "least_walking", "fairest"]


@dataclass(frozen=True)
class SitingWish:
    """Where to build next.

    `aim`: "everyone" (fewest sites that cover all: LSCP), "most" (most residents covered by `sites` more: MCLP), "least_walking"
    (p-median), "fairest" (p-centre). `candidates`: "cells" (generated, at most `most_candidates`, where they gain most), or points
    (lon, lat), each with a cost in `costs`. `budget` bounds the costs instead of `sites`. `keep` says that the facilities of the
    question stay and count; `capacity` residents that a new site can take. `seconds` is the time limit of the solver.
    """

    aim: Aim = "most"
    sites: int | None = 5
    budget: float | None = None
    candidates: Literal["cells"] | Sequence[tuple[float, float]] = "cells"
    costs: Sequence[float] | None = None
    most_candidates: int = 1000
    keep: bool = True
    capacity: int | None = None
    seconds: float = 20.0


@dataclass(frozen=True)
class Siting:
    """A search for sites with how far it is. `outcome`: sites, value, bound, gap, solver, seconds."""

    id: int
    question: Mapping[str, Any]
    wish: Mapping[str, Any]
    state: RunState
    done: int
    total: int
    stop_asked: bool
    problem: str | None
    outcome: Mapping[str, Any] | None
    author: str
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class ServiceRow:
    """One of the basic public services that a community's centre does; `at_station`: also an estate's service station."""

    code: str
    category: Name
    name: Name
    at_station: bool


@dataclass(frozen=True)
class FacilityStandard:
    """What a facility of a kind must have at least; `source` names the rule."""

    kind: str
    floor_area_m2: float | None
    m2_per_resident: float | None
    residents_per_place: float | None
    source: str = field(default="")


@dataclass(frozen=True)
class StandardKept:
    """A standard with how many facilities of its kind there are, have no known floor area, and have less than it asks for."""

    standard: FacilityStandard
    name: Name
    facilities: int
    unmeasured: int
    too_small: int


@dataclass(frozen=True)
class FacilitySet:
    """f facilities by id; `point` in degrees and `point_m` in metres are (f, 2). What is not known is NaN, of hours empty."""

    id: Ints
    kind: Texts
    name: Sequence[Name]
    point: Floats
    point_m: Floats
    capacity: Floats
    floor_area_m2: Floats
    level: Texts
    hours: Texts
    community: Texts

    def __len__(self) -> int:
        return len(self.id)

    def only(self, chosen: Ints) -> "FacilitySet":
        """The facilities at these positions."""
        names = [self.name[i] for i in chosen.tolist()]
        columns = {name: getattr(self, name)[chosen] for name in self.__dataclass_fields__ if name != "name"}
        return FacilitySet(name=names, **columns)


@dataclass(frozen=True)
class TooSmall:
    """A facility with less floor area than the standard of its kind asks for. EPSG:4326 degrees."""

    id: int
    kind: str
    name: Name
    community: Name
    lon: float
    lat: float
    floor_area_m2: float
    least_m2: float
