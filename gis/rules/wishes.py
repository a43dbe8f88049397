"""Wishes (微心愿): small things that residents ask for, answered in three tiers."""

from typing import Final

from gis.rules.working_time import WorkCalendar

KIND: Final = "wish"
TIER_LIMIT_D: Final = {"now": 5, "soon": 20, "later": 60}  # working days
USUAL_TIER: Final = "soon"


def limit_min(tier: str, *, calendar: WorkCalendar) -> float:
    """Working minutes that a wish of a tier has."""
    return TIER_LIMIT_D[tier] * calendar.day_min
