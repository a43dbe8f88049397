"""Facilities: made-up service points in plausible numbers and places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis import services
from gis.coverage_records import FacilityStandard, ServiceRow
from gis.records import FacilityRow, Name
from seed.addresses import draw_points
from seed.shares import Floats, Ints


@dataclass(frozen=True)
class Kind:
    """A kind of facility: one for so many residents (0: by place), its level, and the middle of its size."""

    name: Name
    per_residents: int
    level: str
    floor_area_m2: float | None
    capacity: int | None
    hours: str | None


KINDS = {
    "service_centre": Kind(
        Name("党群服务中心", "Community service centre"), 0, "community", 620, 120, "Mo-Fr 08:30-12:00,14:00-17:30"
    ),
    "town_centre": Kind(
        Name("政务服务中心", "Town service centre"), 0, "town", 2400, 400, "Mo-Fr 08:30-12:00,14:00-17:30; Sa-Su 09:00-12:00"
    ),
    "health_station": Kind(Name("社区卫生服务站", "Health station"), 26_000, "community", 450, 60, "Mo-Su 08:00-20:00"),
    "hospital": Kind(Name("医院", "Hospital"), 120_000, "town", 16_000, 400, "24/7"),
    "kindergarten": Kind(Name("幼儿园", "Kindergarten"), 9_000, "community", 2600, 300, "Mo-Fr 07:30-17:30"),
    "primary_school": Kind(Name("小学", "Primary school"), 22_000, "community", 9000, 1100, "Mo-Fr 07:30-17:30"),
    "secondary_school": Kind(Name("中学", "Secondary school"), 48_000, "town", 18_000, 1600, "Mo-Fr 07:00-21:30"),
    "market": Kind(Name("农贸市场", "Fresh market"), 20_000, "community", 2200, None, "Mo-Su 06:00-20:00"),
    "pharmacy": Kind(Name("药店", "Pharmacy"), 6_000, "estate", 120, None, "Mo-Su 08:00-22:00"),
    "convenience_shop": Kind(Name("便利店", "Convenience shop"), 3_500, "estate", 90, None, "24/7"),
    "elderly_care": Kind(Name("居家养老服务中心", "Elderly day care"), 40_000, "community", 480, 45, "Mo-Fr 08:30-17:30"),
    "culture_station": Kind(Name("综合文化站", "Culture station"), 50_000, "community", 800, 150, "Tu-Su 09:00-21:00"),
    "park": Kind(Name("社区公园", "Neighbourhood park"), 30_000, "community", None, None, "24/7"),
    "police_post": Kind(Name("警务室", "Police post"), 24_000, "community", 110, None, "24/7"),
    "fire_station": Kind(Name("小型消防站", "Fire station"), 70_000, "town", 650, None, "24/7"),
    # The last: what is drawn for the others stays the same.
    "service_station": Kind(Name("小区服务站", "Estate service station"), 8_000, "estate", 90, 20, "Mo-Sa 08:30-12:00,14:00-18:00"),
}
# A community's rooms too small for all services do those of a station.
STANDARDS = (
    FacilityStandard("town_centre", 1000.0, None, None, "北京市东城区：街道中心不小于1000平方米 Dongcheng: a subdistrict centre"),
    FacilityStandard("service_centre", 350.0, None, None, "北京市东城区：社区用房不小于350平方米 Dongcheng: a community's rooms"),
)


def build(
    *,
    cell_shape: NDArray[np.object_],
    cell_population: Ints,
    cell_community: Ints,
    cell_town: Ints,
    communities: Sequence[tuple[str, Name]],
    towns: Sequence[Name],
    rng: np.random.Generator,
) -> list[FacilityRow]:
    """One service centre per community, one town centre per town, and the other kinds where the residents are."""
    rows: list[FacilityRow] = []
    weight = cell_population + 1.0
    for code, kind in KINDS.items():
        cells = _sites(code, kind, weight, cell_community, cell_town, len(communities), len(towns), rng)
        lon, lat = draw_points(cell_shape, cells, rng)
        for number, (cell, x, y) in enumerate(zip(cells.tolist(), lon.tolist(), lat.tolist(), strict=True), start=1):
            community, name = communities[cell_community[cell]]
            named = _name(code, kind, name, towns[cell_town[cell]], number)
            rows.append(FacilityRow(code, community, named, kind.level, x, y, *_size(kind, rng), kind.hours, synthetic=True))
    return rows


def offer(conn: Connection, catalogue: Sequence[ServiceRow], *, by: str) -> None:
    """Establish the services and what facilities must have, and have the facilities that are there offer them.

    A town's centre does everything, a community's centre too if its rooms meet the standard; stations do their part.
    """
    every, at_station = [row.code for row in catalogue], [row.code for row in catalogue if row.at_station]
    services.establish(conn, catalogue, by=by)
    for standard in STANDARDS:
        services.set_standard(conn, standard, by=by)
    services.offer(conn, kind="town_centre", services=every, by=by)
    services.offer(conn, kind="service_centre", services=at_station, by=by)
    services.offer(conn, kind="service_centre", services=every, floor_area_m2=STANDARDS[1].floor_area_m2, by=by)
    services.offer(conn, kind="service_station", services=at_station, by=by)


def _sites(
    code: str,
    kind: Kind,
    weight: Floats,
    cell_community: Ints,
    cell_town: Ints,
    communities: int,
    towns: int,
    rng: np.random.Generator,
) -> Ints:
    if code == "service_centre":
        return _one_each(weight, cell_community, communities, rng)
    if code == "town_centre":
        return _one_each(weight, cell_town, towns, rng)
    count = max(1, round(float(weight.sum()) / kind.per_residents))
    return rng.choice(len(weight), size=count, p=weight / weight.sum()).astype(np.int64)


def _one_each(weight: Floats, group: Ints, groups: int, rng: np.random.Generator) -> Ints:
    """One cell of each group, likelier where more people live."""
    draw = rng.random(len(weight)) ** (1.0 / weight)
    order = np.lexsort((-draw, group))
    first = np.searchsorted(group[order], np.arange(groups))
    return order[first].astype(np.int64)


def _name(code: str, kind: Kind, community: Name, town: Name, number: int) -> Name:
    if code == "service_centre":
        return Name(community.zh + kind.name.zh, f"{community.en}: {kind.name.en}")
    if code == "town_centre":
        return Name(town.zh + kind.name.zh, f"{town.en}: {kind.name.en}")
    return Name(f"{community.zh}{kind.name.zh}（{number}号）", f"{community.en}: {kind.name.en} no. {number}")


def _size(kind: Kind, rng: np.random.Generator) -> tuple[float | None, int | None]:
    scale = float(rng.lognormal(0, 0.35))
    area = None if kind.floor_area_m2 is None else float(round(kind.floor_area_m2 * scale))
    return area, None if kind.capacity is None else max(1, round(kind.capacity * scale))
