"""The facts a city is grown from, as read from tables."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from gis.coverage_records import ServiceRow
from gis.records import MatterRow, Name

FOLDER = Path(__file__).parent / "tables"
FIRST_OF_WISHES = 91


@dataclass(frozen=True)
class CommunityFacts:
    """A village or community: statistics code and name."""

    code: str
    name: Name


@dataclass(frozen=True)
class TownFacts:
    """A town, subdistrict or zone; `population` is None where the census counts it elsewhere, the point where unknown."""

    code: str
    name: Name
    population: int | None
    area_km2: float
    lon: float | None
    lat: float | None
    communities: tuple[CommunityFacts, ...]


@dataclass(frozen=True)
class DistrictFacts:
    """A district or county: its outline in EPSG:4326, a coverage with its neighbours', and its towns."""

    code: str
    name: Name
    outline: Any
    towns: tuple[TownFacts, ...]


@dataclass(frozen=True)
class CityFacts:
    """A city before it is grown: its outline in EPSG:4326 and how much of everything it shall have.

    A city with districts lists every town twice: in its district and, in the same order, among all. Unless
    `counted`, the populations of the towns are made up and never shown as official.
    """

    code: str
    name: Name
    outline: Any
    metric_srid: int
    towns: tuple[TownFacts, ...]
    grids: int
    grids_before: int
    cells: int
    staff: int
    districts: tuple[DistrictFacts, ...] = ()
    counted: bool = True


def table(name: str) -> list[dict[str, str]]:
    """The rows of a table of facts."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outline(name: str) -> Any:
    """An outline kept as GeoJSON."""
    collection = shapely.from_geojson((FOLDER / name).read_text(encoding="utf-8"))
    return shapely.get_geometry(collection, 0)


def departments() -> dict[str, Name]:
    """The ten departments, by code."""
    return {row["code"]: Name(row["name_zh"], row["name_en"]) for row in table("departments.csv")}


def matters() -> list[MatterRow]:
    """The 83 matters in 20 categories; codes number the categories and the matters inside them."""
    return _matters("matters.csv", kind="matter", first=1)


def services() -> list[ServiceRow]:
    """The 97 basic public services of a community's centre, of which 49 are done at an estate's service station too."""
    return [
        ServiceRow(
            row["code"], Name(row["category_zh"], row["category_en"]), Name(row["name_zh"], row["name_en"]),
            at_station=row["at_station"] == "yes",
        )
        for row in table("services.csv")
    ]  # fmt: skip


def wishes() -> list[MatterRow]:
    """The kinds of small wishes (微心愿); their categories are numbered from 91."""
    return _matters("wishes.csv", kind="wish", first=FIRST_OF_WISHES)


def _matters(name: str, *, kind: str, first: int) -> list[MatterRow]:
    rows, categories = list[MatterRow](), dict[str, int]()
    for row in table(name):
        number = categories.setdefault(row["category_zh"], len(categories) + first)
        inside = 1 + sum(matter.category.zh == row["category_zh"] for matter in rows)
        rows.append(
            MatterRow(
                code=f"{number:02d}{inside:02d}",
                category=Name(row["category_zh"], row["category_en"]),
                name=Name(row["name_zh"], row["name_en"]),
                department=row["department"],
                time_limit_h=float(row["time_limit_h"]),
                standard_min=int(row["standard_min"]),
                inspection_interval_d=int(row["inspection_interval_d"]) if row["inspection_interval_d"] else None,
                urgency=int(row["urgency"]),
                kind=kind,
                visibility=row["visibility"],
                icon=row["icon"],
                by_citizens=row["by_citizens"] == "yes",
            )
        )
    return rows
