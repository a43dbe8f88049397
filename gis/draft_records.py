"""What editing a draft speaks in: the difference that an edit makes, what speaks against it, and the steps of a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely

from gis.plan_records import DraftGrid, Patch
from gis.records import Name

Move = tuple[int, int, int]
"""A cell with the key of its grid before and after; CUT before or after for one that does not stand by itself then."""
GridChange = tuple[int, DraftGrid | None, DraftGrid | None]
"""A key with the grid before and after; None for a grid that the draft does not know then."""


@dataclass(frozen=True)
class CellPart:
    """A part of a cell that was cut. `parent` is the cell or part it was cut from, `root` the cell of the city.

    `shape` is a polygon in EPSG:4326, `fraction` the share of the ground of `root`.
    """

    id: int
    root: int
    parent: int
    community: int
    shape: shapely.Geometry = field(repr=False)
    area_m2: float
    population: int
    households: int
    unit_type: str
    fraction: float


@dataclass(frozen=True)
class Cut:
    """A cell (or part of one) and the parts that stand in its place: one, if it only got new corners from a cut beside it."""

    cell: int
    parts: tuple[CellPart, ...]


@dataclass(frozen=True)
class Delta:
    """All that an edit changes, so that it can be undone and done again. `communities` are the ids of those it touches."""

    cells: tuple[Move, ...] = ()
    grids: tuple[GridChange, ...] = ()
    cuts: tuple[Cut, ...] = ()
    communities: tuple[int, ...] = ()

    @property
    def keys(self) -> tuple[int, ...]:
        """Every grid that the edit touches, ordered."""
        moved = {key for _, before, after in self.cells for key in (before, after)} - {0}
        return tuple(sorted(moved | {key for key, _, _ in self.grids}))

    @property
    def is_empty(self) -> bool:
        """True when the edit changes nothing."""
        return not (self.cells or self.grids or self.cuts)


@dataclass(frozen=True)
class EditFinding:
    """What speaks against an edit, or is worth knowing of it: the rule, the grids by key, and a place in EPSG:4326.

    `repair` is an edit that would do, as a body of the API; `community` the code of one that all of is meant.
    """

    rule: str
    message: str
    grids: tuple[int, ...] = ()
    lon: float | None = None
    lat: float | None = None
    severity: str = "error"
    repair: Mapping[str, Any] | None = None
    community: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The form that the API answers."""
        told = {name: getattr(self, name) for name in ("rule", "severity", "message", "lon", "lat")}
        more: dict[str, Any] = {"repair": dict(self.repair)} if self.repair else {}
        return told | {"grids": list(self.grids)} | more | ({"community": self.community} if self.community else {})


@dataclass(frozen=True)
class Outcome:
    """What an edit comes to: the patch after it, the difference, and what is to be said. With findings nothing is written."""

    patch: Patch = field(repr=False)
    delta: Delta = field(repr=False)
    findings: tuple[EditFinding, ...] = ()
    notices: tuple[EditFinding, ...] = ()


@dataclass(frozen=True)
class Fresh:
    """The first key and the first id of a part of a cell that the draft has not given yet; both go downward from -1."""

    key: int = -1
    cell: int = -1


@dataclass(frozen=True)
class Step:
    """One step of a draft: the version it made, the edit it did, undid or did again, and who took it."""

    version: int
    seq: int
    action: str
    kind: str
    author: str
    at: datetime
    delta: Delta = field(repr=False)


@dataclass(frozen=True)
class NewDraft:
    """A draft to be opened: its name, the codes of the areas it may change, and what it starts from."""

    name: Name
    scope: tuple[str, ...]
    parent_id: int | None = None
    copy_of: int | None = None
