"""What is known of a layer before it is read, and the layer once it is."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from gis.records import Ints, Shapes


@dataclass(frozen=True)
class Limits:
    """How much of a delivered file is taken. Beyond it the file is refused, naming the place."""

    file_bytes: int = 2 << 30
    features: int = 5_000_000
    vertices_per_feature: int = 500_000
    fields: int = 500
    cells: int = 50_000_000
    zip_entries: int = 10_000
    zip_total_bytes: int = 4 << 30
    zip_ratio: float = 200.0
    zip_ratio_from_bytes: int = 10 << 20


@dataclass(frozen=True)
class Field:
    """A column: its name, what its values are (text, integer, number, date, moment, flag, bytes), and some of them."""

    name: str
    type: str
    samples: tuple[Any, ...]


@dataclass(frozen=True)
class LayerName:
    """A layer that a file holds, with the number of its features."""

    name: str
    features: int


@dataclass(frozen=True)
class LayerInfo:
    """A file as a cheap look shows it. `bbox` is west, south, east, north in the file's own coordinates.

    `features` is -1 where only reading the whole file would tell (OpenStreetMap's .pbf).
    `crs` is what the file says ("EPSG:4547", or WKT without a code), None if it says nothing. `encoding_how` says how the
    encoding was found. `notes` are sentences for the person who loads the file.
    """

    format: str
    layers: tuple[LayerName, ...]
    layer: str
    fields: tuple[Field, ...]
    geometry_type: str | None
    features: int
    crs: str | None
    crs_name: str | None
    encoding: str
    encoding_how: str
    bbox: tuple[float, float, float, float] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layer:
    """A layer as columns of equal length. `geoms` are in EPSG:4326, longitude first, without Z; None where there is none.

    `rows` are the 1-based numbers of the features in the file; of a table, the first row below the header is 1.
    """

    fields: dict[str, NDArray[Any]] = field(repr=False)
    geoms: Shapes = field(repr=False)
    rows: Ints = field(repr=False)
    info: LayerInfo


@dataclass(frozen=True)
class Source:
    """One readable thing inside a delivered file: `opened` is its path as GDAL opens it, `sidecars` what belongs to it."""

    format: str
    name: str
    opened: str
    sidecars: dict[str, bytes] = field(default_factory=dict, repr=False)
