"""Whether a wish for sites can be, as far as it can be said before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gis.coverage_records import SitingWish
from gis.rules.siting import faults as faults_of_means
from gis.rules.siting_ground import Means

MOST_POINTS: Final = 5_000
MOST_SITES, MOST_SECONDS, MOST_CAPACITY, MOST_COST = 1_000, 300.0, 100_000_000, 1e12


def wish_of(kept: Mapping[str, Any]) -> SitingWish:
    """A wish as it was kept."""
    points = kept["candidates"]
    return SitingWish(**{**kept, "candidates": points if points == "cells" else [(lon, lat) for lon, lat in points]})


def faults(wish: SitingWish, *, k: int) -> list[dict[str, str]]:
    """What is wrong with a wish, field by field: `field` and `message`; empty if nothing is."""
    found = [{"field": name, "message": says} for name, is_right, says in _amounts(wish) if not is_right]
    points, costs = wish.candidates, wish.costs
    if points != "cells" and not 0 < len(points) <= MOST_POINTS:
        found.append({"field": "candidates", "message": f"Between 1 and {MOST_POINTS:,} places."})
    elif costs is not None and len(costs) != (0 if points == "cells" else len(points)):
        found.append({"field": "costs", "message": "One cost for each candidate that is given by its place."})
    if found:
        return found
    return faults_of_means(wish.aim, means_of(wish, _places(wish)), k=k)


def _amounts(wish: SitingWish) -> Sequence[tuple[str, bool, str]]:
    costs = np.asarray(wish.costs if wish.costs is not None else [1.0], np.float64)
    return (
        ("sites", wish.sites is None or 1 <= wish.sites <= MOST_SITES, f"Between 1 and {MOST_SITES:,} sites."),
        ("budget", wish.budget is None or 0 < wish.budget <= MOST_COST, "More than 0."),
        ("costs", bool(np.all((costs > 0) & (costs <= MOST_COST))), "Every cost is more than 0."),
        ("capacity", wish.capacity is None or 1 <= wish.capacity <= MOST_CAPACITY, f"Between 1 and {MOST_CAPACITY:,} residents."),
        ("most_candidates", 1 <= wish.most_candidates <= MOST_POINTS, f"Between 1 and {MOST_POINTS:,} candidates."),
        ("seconds", 0 < wish.seconds <= MOST_SECONDS, f"More than 0, at most {MOST_SECONDS:g} seconds."),
    )


def _places(wish: SitingWish) -> int:
    return wish.most_candidates if wish.candidates == "cells" else len(wish.candidates)


def means_of(wish: SitingWish, places: int) -> Means:
    """What a wish gives to build with, for so many candidates; each costs 1 where no costs are given."""
    cost = np.ones(places) if wish.costs is None else np.asarray(wish.costs, np.float64)
    room = None if wish.capacity is None else np.full(places, float(wish.capacity))
    return Means(cost, wish.sites, wish.budget, room)
