"""The demo city: Dongguan, by its published figures."""

from gis.records import Name
from seed.facts import CityFacts, CommunityFacts, TownFacts, outline, table

# Figures of the 智网工程 (docs/glossary.md): grids at the end of 2017, in July 2017, and staff in four duties.
GRIDS = 2_958
GRIDS_BEFORE = 3_106
STAFF = 9_756
CELLS = 44_000
METRIC_SRID = 4547  # CGCS2000, 3-degree Gauss-Kruger zone of 114° E


def dongguan() -> CityFacts:
    """Dongguan: real outline, names, codes, town areas and census figures."""
    communities: dict[str, list[CommunityFacts]] = {}
    for row in table("dongguan_communities.csv"):
        found = CommunityFacts(row["code"], Name(row["name_zh"], row["name_en"]))
        communities.setdefault(row["code"][:9], []).append(found)
    towns = tuple(
        TownFacts(
            code=row["code"],
            name=Name(row["name_zh"], row["name_en"]),
            population=int(row["population_2020"]) if row["population_2020"] else None,
            area_km2=float(row["area_km2"]),
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            communities=tuple(communities[row["code"]]),
        )
        for row in table("dongguan_towns.csv")
    )
    return CityFacts(
        code="441900", name=Name("东莞市", "Dongguan"), outline=outline("dongguan_outline.geojson"), metric_srid=METRIC_SRID,
        towns=towns, grids=GRIDS, grids_before=GRIDS_BEFORE, cells=CELLS, staff=STAFF,
    )
