"""What an import is asked to do, and what a check of it says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from gis.records import Name
from gis.rules.datums import Datum
from gis.rules.findings import ERROR, Finding

Tell = Callable[[str, int, int], None]
Write = Callable[[Connection, str], dict[str, int]]
KINDS = ("areas", "cells", "grids", "population", "facilities", "incidents", "places", "network")
LEVELS = ("district", "town", "community")


@dataclass(frozen=True)
class Source:
    """Where a layer is and how it is to be read. `fields` maps what is wanted to the file's columns; guessed if None.

    `filename` is what whoever sent it calls it, its own name if None.
    """

    path: Path
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    datum: Datum = Datum.WGS84
    fields: dict[str, str | None] | None = None
    filename: str | None = None

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.filename or self.path.name


@dataclass(frozen=True)
class NewCity:
    """The city to be founded when the database holds none yet; measured in `metric_srid`, or in the zone that it lies in."""

    code: str
    name: Name
    metric_srid: int | None = None


@dataclass(frozen=True)
class Options:
    """What the importer may do.

    `level` is that of the areas that come in. A gap up to `gap_max_m2` is filled (by default a quarter of the median
    unit). Where parts and whole come from different surveys the parts count, as long as a whole changes by no more than
    `fit_max_fraction` of its ground. `leave_out` brings in what is sound of a file of points with faulty rows,
    `new_kinds` makes kinds of facility or place of the words that the catalogue does not know. A network comes in force unless it
    is to stand `beside` the one that is.
    """

    level: str | None = None
    city: NewCity | None = None
    gap_max_m2: float | None = None
    fit_max_fraction: float = 0.05
    leave_out: bool = False
    new_kinds: bool = False
    since: datetime | None = None
    plan_name: Name | None = None
    decision: str = ""
    beside: bool = False


@dataclass(frozen=True)
class Request:
    """One import: a kind of thing, from a source."""

    kind: str
    source: Source
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class UnitChange:
    """How the repair changed a unit's ground, in square metres of the city's zone."""

    row: int
    name: str
    before_m2: float
    after_m2: float
    gained_m2: float
    lost_m2: float

    @property
    def fraction(self) -> float:
        """The change of the area, as a signed fraction of what it was."""
        return (self.after_m2 - self.before_m2) / self.before_m2 if self.before_m2 else 0.0


@dataclass(frozen=True)
class Checked:
    """What a check found. `counts` says what the real run writes; `write` writes it, unless an error blocks.

    `shapes` are what the map shows, in EPSG:4326, with a label and a row each.
    """

    info: Any
    fields: dict[str, str | None]
    findings: Sequence[Finding]
    counts: dict[str, int]
    write: Write
    shapes: Any
    labels: Sequence[str]
    rows: Any
    changes: Sequence[UnitChange] = ()

    @property
    def errors(self) -> list[Finding]:
        """The findings that block."""
        return [finding for finding in self.findings if finding.severity == ERROR]
