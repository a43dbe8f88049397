"""The ground the demo city stands on: one outline divided into towns, communities, grids and cells."""

from seed.ground.laying import lay_ground
from seed.ground.rings import Ground, Rings
from seed.ground.shares import CommunityShare, TownShare

__all__ = ["CommunityShare", "Ground", "Rings", "TownShare", "lay_ground"]
