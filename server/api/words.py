"""The trade's words for coded values, as the API answers them."""

from collections.abc import Mapping
from typing import Any

from gis.rules.words import DUTIES, FACILITY_LEVELS, OFFICER_ROLES, PLAN_STATES, ROLE_NAMES, STATES, UNIT_TYPES

__all__ = ["DUTIES", "FACILITY_LEVELS", "OFFICER_ROLES", "PLAN_STATES", "ROLE_NAMES", "STATES", "UNIT_TYPES", "coded"]


def coded(words: Mapping[str, tuple[str, str]], code: str) -> dict[str, Any]:
    """A code with its name in both languages."""
    zh, en = words[code]
    return {"code": code, "name": {"zh": zh, "en": en}}
