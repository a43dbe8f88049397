"""What a planner asks of the demo city: how much ground each town and community gets, in how many grids and cells."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely


@dataclass(frozen=True)
class CommunityShare:
    """A community's part of its town, ``area_share`` relative to its siblings, and its numbers of grids and cells."""

    area_share: float
    grids: int
    cells: int


@dataclass(frozen=True)
class TownShare:
    """A town's area in km2 and a point (WGS 84, degrees) that should lie in it; without the point a place is chosen."""

    area_km2: float
    lon: float | None
    lat: float | None
    communities: tuple[CommunityShare, ...]

    @property
    def cells(self) -> int:
        """Cells of all communities together."""
        return sum(share.cells for share in self.communities)


@dataclass(frozen=True)
class DistrictShare:
    """A district's real outline (WGS 84, degrees; a coverage with the other districts') and the towns that share it."""

    outline: shapely.Polygon | shapely.MultiPolygon
    towns: tuple[TownShare, ...]


def check_shares(towns: Sequence[TownShare]) -> None:
    """Refuse shares that no division can fulfil. Raises ValueError naming every fault at once."""
    faults = [] if towns else ["no town"]
    faults += [fault for number, town in enumerate(towns) for fault in _town_faults(number, town)]
    if faults:
        raise ValueError("The ground cannot be laid: " + "; ".join(faults) + ".")


def _town_faults(number: int, town: TownShare) -> list[str]:
    faults = []
    if not _is_positive(town.area_km2):
        faults.append(f"town {number} has no area")
    if (town.lon is None) != (town.lat is None):
        faults.append(f"town {number} has half a point")
    if not town.communities:
        faults.append(f"town {number} has no community")
    for index, share in enumerate(town.communities):
        if not _is_positive(share.area_share):
            faults.append(f"community {index} of town {number} has no area")
        if not 1 <= share.grids <= share.cells:
            faults.append(f"community {index} of town {number} asks for {share.grids} grids and {share.cells} cells")
    return faults


def _is_positive(number: float) -> bool:
    return math.isfinite(number) and number > 0
