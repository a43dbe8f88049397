"""What publishing speaks in: the ground that a plan changes, what is found at fault, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gis.plan_records import DraftGrid, Patch, PlanHead
from gis.records import Floats, Ints, Name, Shapes


@dataclass(frozen=True)
class PlanFinding:
    """One thing that stands against a plan, or should be known. `grids` are codes, or labels such as "+1" of new grids.

    `lon`, `lat` (EPSG:4326) say where; None where there is no place.
    """

    rule: str
    severity: str
    message: str
    grids: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None

    @property
    def blocks(self) -> bool:
        """Whether the plan cannot come into force with it."""
        return self.severity == "error"


@dataclass(frozen=True)
class DraftFacts:
    """What stands on the cover of a plan. `since` is None for one that is not published; paths are those of its scope."""

    head: PlanHead
    name: Name
    author: str | None
    since: datetime | None
    scope_paths: tuple[str, ...]


@dataclass(frozen=True)
class CommunityGround:
    """A community that a plan changes; `shape` in EPSG:4326, `town` is the id of the area above it."""

    id: int
    code: str
    town: int
    shape: object = field(repr=False)


@dataclass(frozen=True)
class Turnover:
    """The communities that a plan changes, cell by cell.

    `after.grid` holds keys of `after.grids`, `before` ids of grids in force.
    """

    after: Patch
    before: Ints
    communities: Mapping[int, CommunityGround]
    codes: Mapping[int, str]  # of the grids before, by id
    synthetic: bool


@dataclass(frozen=True)
class Redrawn:
    """The grids of the changed communities as they will be: G grids, ordered by key; shapes in EPSG:4326 and in metres.

    `position` is that of each cell's grid, `lives_on` the id of the grid that keeps its code, 0 for a new one.
    """

    key: Ints
    grids: tuple[DraftGrid, ...] = field(repr=False)
    shape: Shapes = field(repr=False)
    shape_m: Shapes = field(repr=False)
    position: Ints = field(repr=False)
    lives_on: Ints = field(repr=False)


@dataclass(frozen=True)
class LineageRows:
    """Where the ground, residents and work of each changed grid go.

    `source` are ids of grids before, `to` positions of grids after.
    """

    source: Ints
    to: Ints
    area_fraction: Floats
    resident_fraction: Floats
    workload_fraction: Floats


@dataclass(frozen=True)
class Post:
    """Somebody's place on a grid at the moment that a plan begins."""

    posting_id: int
    number: str
    name: Name
    grid_id: int
    role: str | None


@dataclass(frozen=True)
class PostMove:
    """A post carried over: to the grid at a position of the grids after, in a role that may be another."""

    post: Post
    to: int
    role: str | None


@dataclass(frozen=True)
class Voices:
    """How many are for and against; `hidden` are opinions that moderation took out, which count for neither."""

    support: int = 0
    against: int = 0
    hidden: int = 0

    @property
    def fraction(self) -> float | None:
        """The share of support, None before anybody spoke."""
        said = self.support + self.against
        return self.support / said if said else None


@dataclass(frozen=True)
class Support:
    """How residents answered a plan: the share needed, their voices, and why it was set aside if it was.

    `until` is the last day on which they may speak, as long as the stage is one in which they are heard;
    `heard_version` is the version of the plan that they were heard on, None where that is not on record.
    """

    proposal_id: int
    needed_fraction: float
    voices: Voices
    override_reason: str | None
    stage: str
    until: date
    heard_version: int | None = None


@dataclass(frozen=True)
class Publication:
    """What publishing a plan does, or would do. Codes are those of the grids after, in the order of `redrawn`."""

    plan_id: int
    version: int
    since: datetime
    findings: tuple[PlanFinding, ...]
    communities: tuple[str, ...] = ()
    codes_new: tuple[str, ...] = ()
    codes_ended: tuple[str, ...] = ()
    codes_kept: tuple[str, ...] = ()
    grids: int = 0
    moves: tuple[PostMove, ...] = ()
    moves_from: tuple[str, ...] = ()  # codes of the grids that the moves lead from and to
    moves_to: tuple[str, ...] = ()
    residents_moved: int = 0
    cells_cut: int = 0

    @property
    def blocked(self) -> bool:
        """Whether something stands against it."""
        return any(finding.blocks for finding in self.findings)
