"""Whether two reports are of the same thing: near in space, in time and in matter."""

import math
from dataclasses import dataclass
from typing import Final

SAME_MATTER_M: Final = 200.0  # a phone in a street canyon is off by 50 m, and people report from across the road
SAME_CATEGORY_M: Final = 80.0  # residents name the same thing differently, but not from far away
WITHIN_D: Final = 14.0
OTHER_MATTER_COSTS: Final = 0.5  # in the units of likeness below
OFFERED_AT_MOST: Final = 20


@dataclass(frozen=True)
class Pair:
    """How far another case is from one: on the ground, between the reports, in what they are about."""

    metres: float
    minutes: float
    same_matter: bool


def could_be_one(pair: Pair) -> bool:
    """Whether the other is worth a look: inside both limits."""
    near_m = SAME_MATTER_M if pair.same_matter else SAME_CATEGORY_M
    return pair.metres <= near_m and abs(pair.minutes) <= WITHIN_D * 24 * 60


def unlikeness(pair: Pair) -> float:
    """0 for the same moment, place and matter; what is less is shown first. Time counts by its logarithm: most repeats are soon."""
    in_space = pair.metres / SAME_MATTER_M
    in_time = math.log1p(abs(pair.minutes) / 60) / math.log1p(WITHIN_D * 24)
    return in_space + in_time + (0.0 if pair.same_matter else OTHER_MATTER_COSTS)
