"""What the services of cases speak in: a case as it stands, a step that is asked for, and what was found for it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Command:
    """The area that commands a case. `path` is the codes from the root of the tree down to it, joined by dots."""

    id: int
    path: str
    level: str

    @property
    def code(self) -> str:
        """Its code."""
        return self.path.rsplit(".", 1)[-1]


@dataclass(frozen=True)
class CaseMatter:
    """What a case is about, as far as its owner and its clock need it."""

    id: int
    code: str
    department: str
    time_limit_h: float
    urgency: int
    kind: str = "matter"


@dataclass(frozen=True)
class Spot:
    """A place in WGS 84 with the grid and the community it lies in; None outside every grid. `path` is the community's."""

    lon: float
    lat: float
    grid_id: int | None = None
    community_id: int | None = None
    path: str | None = None


@dataclass(frozen=True)
class Case:
    """A case as it stands. Its owner is the command and the matter's department; `holder_id` or the department has it in hand.

    `due_at` and `warn_at` are None while it is suspended: then `left_min` is the working time that is left, and `before` the state
    it goes back to.
    """

    id: int
    number: str
    reported_at: datetime
    version: int
    state: str
    urgency: int
    matter: CaseMatter
    spot: Spot
    command: Command
    holder_id: int | None = None
    with_department: bool = False
    due_at: datetime | None = None
    warn_at: datetime | None = None
    left_min: float | None = None
    before: str | None = None
    returns: int = 0
    extensions: int = 0
    supervised: bool = False
    tier: str | None = None
    merged_into: str | None = None
    closed_at: datetime | None = None
    parties: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Asked:
    """A step as somebody asks for it: what comes with it is named by `gis.rules.case_steps.Step.needs`.

    `officer` is a number of a member of staff or "nearest", `seen_load` the cases in hand that were shown beside it; `area` the
    target of an escalation or of sending down; `lead` the number of the case that another is merged into.
    """

    action: str
    seen_version: int
    note: str | None = None
    officer: str | None = None
    department: bool = False
    seen_load: int | None = None
    until: datetime | None = None
    hours: float | None = None
    lead: str | None = None
    lon: float | None = None
    lat: float | None = None
    matter: str | None = None
    urgency: int | None = None
    parties: Sequence[str] = ()
    photos: Sequence[str] = ()
    area: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Given:
    """What a step changes a case to, found in the database and allowed."""

    staff_id: int | None = None
    command: Command | None = None
    matter: CaseMatter | None = None
    spot: Spot | None = None
    urgency: int | None = None
    hours: float = 0
    lead: str | None = None
    parties: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseQuery:
    """Which cases are asked for. Without `states` the open ones; `due` is late, soon or none; `sort` due or new."""

    area: str | None = None
    states: Sequence[str] = ()
    matter: str | None = None
    department: str | None = None
    urgency: int | None = None
    level: str | None = None
    officer: str | None = None
    due: str | None = None
    mine: bool = False
    wish: bool | None = None
    words: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    sort: str = "due"
    limit: int = 50
    after: str | None = None
