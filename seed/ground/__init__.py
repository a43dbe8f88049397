"""The ground a made-up city stands on: an outline, or those of its districts, divided into towns, communities, grids, cells."""

from seed.ground.districts import lay_districts
from seed.ground.laying import lay_ground
from seed.ground.rings import Ground, Rings
from seed.ground.shares import CommunityShare, DistrictShare, TownShare

__all__ = ["CommunityShare", "DistrictShare", "Ground", "Rings", "TownShare", "lay_districts", "lay_ground"]
