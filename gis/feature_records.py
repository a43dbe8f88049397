"""What lists of features speak in: a question, a page of the answer, columns that are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import shapely

from gis.records import Name

Bbox = tuple[float, float, float, float]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class FeatureQuery:
    """What is asked of a listed layer.

    `bbox` is west, south, east, north in WGS 84. `area` is the code of an area: everything under it. `as_of` is the moment
    that grids, cells and postings are shown of; now if absent. `filters` holds the values wanted by the name of the filter;
    of several values one suffices, of several filters all must hold. `fields` are the properties wanted, None for all.
    `after` is the cursor that the page before ended with. `within` is any ground in WGS 84, for boxes that are none in degrees.
    `srid` is the coordinate system of the geometry that is answered, and `north_first` says that its northing or latitude
    stands first.
    """

    layer: str
    bbox: Bbox | None = None
    within: shapely.Geometry | None = None
    area: str | None = None
    as_of: date | datetime | None = None
    filters: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    fields: Sequence[str] | None = None
    geometry: bool = True
    srid: int = 4326
    north_first: bool = False
    limit: int = 100
    after: str | None = None


@dataclass(frozen=True)
class FeaturePage:
    """One page: `features` is JSON text, the features (or flat items) separated by commas, as PostGIS wrote them."""

    features: str = field(repr=False)
    number_returned: int
    number_matched: int
    matched_is_estimate: bool
    next: str | None
    as_of: datetime | None = None


@dataclass(frozen=True)
class Column:
    """A column that is written: its name, what its values are (text, integer, number, boolean, date, moment), its title."""

    name: str
    kind: str
    title: Name
    unit: str | None = None


@dataclass(frozen=True)
class FeatureBatch:
    """Some rows of a layer as columns of equal length, in the order of its properties; shapes are WKB in EPSG:4326."""

    columns: dict[str, list[Any]]
    geometry: list[bytes] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), self.geometry or []))
