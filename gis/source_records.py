"""Departments' sources as the services know them: how their records are read, and what becomes of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gis.records import Name, Report


@dataclass(frozen=True)
class SourceMapping:
    """Which field of a department's record holds what. A name with dots is a path into the record: `place.lon`.

    `matters` says which matter each value of the field stands for; without it the value is a code or a name of the catalogue.
    `matter_always` is the matter of a source that knows one only. `time_format` is as in C (`%Y/%m/%d %H:%M`), "unix" for seconds
    or milliseconds since 1970, None for any usual way of writing; `zone` holds where the record names none. `rows` is the
    path to the list of records in a document, `cursor` the field whose greatest value the next pull goes on from.
    """

    id: str
    matter: str | None = None
    matters: Mapping[str, str] = field(default_factory=dict)
    matter_always: str | None = None
    lon: str | None = None
    lat: str | None = None
    datum: str = "wgs84"
    address: str | None = None
    reported_at: str | None = None
    time_format: str | None = None
    zone: str = "Asia/Shanghai"
    description: str | None = None
    urgency: str | None = None
    urgencies: Mapping[str, int] = field(default_factory=dict)
    contact_name: str | None = None
    contact_phone: str | None = None
    rows: str | None = None
    cursor: str | None = None


@dataclass(frozen=True)
class Reason:
    """Why a record, or a mapping, cannot be taken: which field of ours, what was in it, what is expected."""

    code: str
    field: str
    message: str
    value: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The form that is kept and answered."""
        return {"code": self.code, "field": self.field, "value": self.value, "message": self.message}


@dataclass(frozen=True)
class SourceRead:
    """A record as it was read: a report, or all reasons why it is none. `key` is what the source calls it."""

    key: str | None
    report: Report | None
    reasons: tuple[Reason, ...] = ()
    contact: tuple[str | None, str | None] | None = None


@dataclass(frozen=True)
class KnownCommunity:
    """A community that an address may name, and the point at which its name stands on the map."""

    code: str
    name: str
    town: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Source:
    """A department's source. `hook_seq` is the event up to which the journal was looked through for it."""

    id: int
    code: str
    department: str
    department_name: Name
    name: Name
    mapping: dict[str, Any]
    active: bool
    opened_by: str
    opened_at: datetime
    pull_url: str | None = None
    pull_every_min: int | None = None
    pull_token: str | None = field(default=None, repr=False)
    pull_state: dict[str, Any] = field(default_factory=dict)
    hook_url: str | None = None
    hook_secret: str | None = field(default=None, repr=False)
    hook_seq: int | None = None


@dataclass(frozen=True)
class RowOutcome:
    """What became of one row of a delivery: `state` is taken, repeated or rejected. `row` counts from 1."""

    row: int
    key: str | None
    state: str
    number: str | None = None
    late: bool = False
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery, row by row."""

    delivery_id: int
    rows: tuple[RowOutcome, ...]

    def count(self, state: str) -> int:
        """How many rows are in a state."""
        return sum(row.state == state for row in self.rows)

    @property
    def late(self) -> int:
        """How many of the rows taken were reported long before."""
        return sum(row.late for row in self.rows)


@dataclass(frozen=True)
class HookCall:
    """A call to a department that is ours to make. `at` is when it was first to be made, `tries` counts this one."""

    id: int
    source_id: int
    body: dict[str, Any]
    at: datetime
    tries: int
    url: str
    secret: str = field(repr=False)
